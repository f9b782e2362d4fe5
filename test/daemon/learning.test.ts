/** What a real daemon says when nothing can be learned, and why. */

import assert from 'node:assert/strict';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { createGitFixture, temporaryFolder } from '../support/gitFixture.ts';
import type { LspClient } from '../support/lspClient.ts';
import { withDaemonFixture } from './daemonFixture.ts';
import { ask, newest, versionsOf } from './learningFixture.ts';

const code = `export function addNumbers(first: number, second: number): number {
  return first + second;
}

export function subtractNumbers(first: number, second: number): number {
  `;

test('what can not be done is refused with a sentence that says why', () =>
  withDaemonFixture(async (fixture) => {
    await fixture.startDaemon();
    const repository = createGitFixture();
    const bare = temporaryFolder();
    try {
      repository.commit({ 'numbers.ts': code });
      const uri = pathToFileURL(join(repository.root, 'numbers.ts')).href;
      const check = async (
        client: LspClient,
        message: 'train' | 'promote' | 'rollback',
        why: RegExp,
        params = {},
      ) => assert.rejects(ask(client, message, { uri, ...params }), why);
      const off = await fixture.connect();
      await off.initialize({
        folders: [pathToFileURL(repository.root).href],
        settings: { learning: { enabled: false } },
      });
      await check(off, 'train', /Learning is switched off.*idiom\.learning\.enabled/);
      const untrusted = await fixture.connect();
      await untrusted.initialize({ folders: [pathToFileURL(repository.root).href], isTrusted: false });
      await check(untrusted, 'train', /not trusted/);
      const client = await fixture.connect();
      await client.initialize({ folders: [pathToFileURL(repository.root).href] });
      await client.untilState('ready');
      await check(client, 'train', /in no git repository/, { uri: pathToFileURL(bare).href });
      await check(client, 'promote', /no adapter version 0123456789ab/, { digest: '0123456789ab' });
      await check(client, 'rollback', /no earlier version yet/);
      assert.deepEqual(
        [off, untrusted].map((each) => each.learnings.at(-1) ?? []),
        [[], []],
      );
      assert.equal(newest(client)?.root, repository.root);
      await ask(client, 'train', { uri });
      await client.until(
        () => /history|commit/.test(newest(client)?.detail ?? ''),
        `the reasons of the dataset instead of ${JSON.stringify(client.learnings)}`,
      );
      assert.deepEqual((await versionsOf(client, uri)).versions, []);
    } finally {
      repository.dispose();
      rmSync(bare, { recursive: true, force: true });
    }
  }));

test('where the database may not be written, learning says why', () =>
  withDaemonFixture(async (fixture) => {
    mkdirSync(join(fixture.home, 'idiom.sqlite'));
    await fixture.startDaemon();
    const repository = createGitFixture();
    try {
      repository.commit({ 'numbers.ts': code });
      const client = await fixture.connect();
      const uri = pathToFileURL(join(repository.root, 'numbers.ts')).href;
      await client.initialize({ folders: [pathToFileURL(repository.root).href] });
      await client.open(uri, code);
      await client.until(() => newest(client)?.state === 'failed', 'the reason');
      assert.match(newest(client)?.detail ?? '', /Nothing is recorded/);
      await assert.rejects(ask(client, 'train', { uri }), /Nothing is recorded/);
    } finally {
      repository.dispose();
    }
  }));
