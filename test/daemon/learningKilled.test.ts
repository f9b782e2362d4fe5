/** The learning loop of a real daemon with the real model: it goes on wherever it is killed, and what it made serves. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DashboardResult, VersionsResult } from '../../protocol/learning.ts';
import { messageNames } from '../../protocol/messages.ts';
import type { ExplainResult } from '../../protocol/messages.ts';
import type { LspClient } from '../support/lspClient.ts';
import { gone, withDaemonFixture } from './daemonFixture.ts';
import { ask, newest, prepareLearning, untilLearning } from './learningFixture.ts';

const code = `export function addNumbers(first: number, second: number): number {
  return first + second;
}

export function subtractNumbers(first: number, second: number): number {
  `;
const cursor = { line: 5, character: 2 };

/** Which adapter answers when somebody asks; on a busy machine an answer may come too late, and is asked for again. */
async function servedTo(client: LspClient, uri: string): Promise<string> {
  for (let line = 0; line < 8; line++) {
    await client.insert(uri, { line: 0, character: 0 }, `// ${line}\n`);
    await client.complete(uri, { line: cursor.line + line + 1, character: cursor.character });
    const { suggestionId } = client.returned.at(-1) ?? {};
    if (suggestionId === undefined) continue;
    const told = await client.connection.sendRequest<ExplainResult | null>(messageNames.explain, { uri });
    if (told?.suggestionId === suggestionId) return told.adapter;
  }
  throw new Error(`no suggestion came: ${JSON.stringify(client.returned.at(-1))}`);
}

test('killed in every state, one training goes on to a version that serves, and a roll back takes it away at once', () =>
  withDaemonFixture(async (fixture) => {
    const { open, uri, repository } = await prepareLearning(fixture);
    try {
      let daemon = await fixture.startDaemon();
      let client = await open();
      async function kill(): Promise<void> {
        daemon.kill('SIGKILL');
        await gone(daemon);
        daemon = await fixture.startDaemon();
        client = await open();
      }
      await ask(client, 'train', { uri });
      await untilLearning(client, 'building');
      await kill();
      await untilLearning(client, 'building', 'training');
      await client.until(() => (newest(client)?.progress?.step ?? 0) >= 1, 'the first step', 150_000);
      assert.equal(newest(client)?.state, 'training');
      await kill();
      await untilLearning(client, 'training', 'evaluating');
      await untilLearning(client, 'evaluating');
      await kill();
      await untilLearning(client, 'evaluating', 'canary');
      await client.until(
        () => newest(client)?.awaitsApproval !== undefined,
        'the wish for approval',
        150_000,
      );
      await kill();
      const { awaitsApproval: digest = '' } = await untilLearning(client, 'canary');
      await ask(client, 'pause', { uri, isPaused: true });
      await kill();
      await untilLearning(client, 'paused');
      await ask(client, 'pause', { uri, isPaused: false });
      await untilLearning(client, 'canary');

      const promoted = await ask<VersionsResult>(client, 'promote', { uri, digest });
      assert.deepEqual(promoted.aliases, { champion: digest });
      assert.deepEqual(
        promoted.versions.map((version) => [version.digest, version.verdict]),
        [[digest, 'pass']],
      );
      await client.open(uri, code);
      assert.equal(await servedTo(client, uri), digest);

      const { aliases } = await ask<VersionsResult>(client, 'rollback', { uri, reason: 'It was a test.' });
      assert.deepEqual(aliases, {});
      await client.close(uri);
      await client.open(uri, code);
      assert.notEqual(await servedTo(client, uri), digest);

      const { audit } = await ask<DashboardResult>(client, 'dashboard', { uri });
      const told = audit.map(({ what, why }) => (what === 'stateChanged' ? why : what)).reverse();
      assert.deepEqual(told, [
        'From idle to building.',
        'From building to training.',
        'trained',
        'From training to evaluating.',
        'canaryStarted',
        'From evaluating to canary.',
        'From canary to paused.',
        'A person paused learning.',
        'From paused to canary.',
        'A person resumed learning.',
        'promoted',
        'From canary to idle.',
        'rolledBack',
      ]);
    } finally {
      repository.dispose();
    }
  }));
