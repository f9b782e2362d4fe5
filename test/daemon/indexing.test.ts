/** The index of a real daemon as its editors see it: told, stopped, begun again, its child killed, its disk full. */

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { messageNames } from '../../protocol/messages.ts';
import type { DoctorReport, FolderIndex } from '../../protocol/messages.ts';
import { createGitFixture, temporaryFolder } from '../support/gitFixture.ts';
import type { GitFixture } from '../support/gitFixture.ts';
import type { LspClient } from '../support/lspClient.ts';
import { childrenOf, testModel, withDaemonFixture } from './daemonFixture.ts';

const code = 'export const total = ';
const cursor = { line: 0, character: code.length };

/** A repository without commits, of `nFiles` files and the one that the editor opens. */
function makeRepository(nFiles: number): GitFixture {
  const repository = createGitFixture();
  for (let i = 0; i < nFiles; i++) {
    const folder = join(repository.root, `part${i % 20}`);
    mkdirSync(folder, { recursive: true });
    const lines = Array.from(
      { length: 20 },
      (_, line) => `export const zebra${i}x${line} = stripes(${line});\n`,
    );
    writeFileSync(join(folder, `file${i}.ts`), lines.join(''));
  }
  writeFileSync(join(repository.root, 'open.ts'), code);
  return repository;
}

async function openIn(client: LspClient, { root }: GitFixture): Promise<string> {
  const uri = pathToFileURL(join(root, 'open.ts')).href;
  await client.initialize({ folders: [pathToFileURL(root).href] });
  await client.open(uri, code);
  return uri;
}

function untilIndex(
  client: LspClient,
  state: FolderIndex['state'],
  isRight: (folder: FolderIndex) => boolean = () => true,
): Promise<void> {
  return client.until(() => {
    const folder = client.indexes.at(-1)?.[0];
    return folder?.state === state && isRight(folder);
  }, `an index that is ${state}`);
}

const wish = (client: LspClient, what: 'stop' | 'again') =>
  client.connection.sendRequest(messageNames.indexing, { wish: what });

test('a first walk is told, stopped, and begun again; the doctor knows the end of it', () =>
  withDaemonFixture(async (fixture) => {
    await fixture.startDaemon();
    const client = await fixture.connect();
    const repository = makeRepository(3000);
    try {
      const uri = await openIn(client, repository);
      await untilIndex(client, 'indexing', ({ nFilesSoFar = 0 }) => nFilesSoFar > 0);
      await wish(client, 'stop');
      await untilIndex(client, 'stopped');
      const held = client.indexes.at(-1)?.[0]?.numbers;
      assert.ok(held !== undefined && held.completeAtMs === undefined);
      assert.ok(held.nFiles < 3001, `${held.nFiles} files`);
      await client.untilState('ready');
      assert.deepEqual((await client.complete(uri, cursor)).length, 1);
      await wish(client, 'again');
      await untilIndex(client, 'ready');
      const { numbers } = client.indexes.at(-1)?.[0] ?? {};
      assert.equal(numbers?.nFiles, 3001);
      assert.ok(numbers.completeAtMs !== undefined);
      const { checks } = await client.connection.sendRequest<DoctorReport>(messageNames.doctor);
      const check = checks.find(({ name }) => name === 'index');
      assert.match(check?.detail ?? '', /^Index of .*: 3,001 files in [\d,]+ chunks, .* complete less than/);
    } finally {
      repository.dispose();
    }
  }));

test('when the child that indexes is killed, that is told, and another goes on', () =>
  withDaemonFixture(async (fixture) => {
    const daemon = await fixture.startDaemon();
    const client = await fixture.connect();
    const repository = makeRepository(3000);
    try {
      await openIn(client, repository);
      await untilIndex(client, 'indexing', ({ nFilesSoFar = 0 }) => nFilesSoFar > 0);
      const victim = childrenOf(daemon.pid ?? 0).find((pid) => /indexChild/.test(commandLine(pid)));
      assert.ok(victim !== undefined);
      process.kill(victim, 'SIGKILL');
      await untilIndex(client, 'trouble', ({ reason }) => /SIGKILL.*starts again/.test(reason ?? ''));
      await untilIndex(client, 'ready', ({ numbers }) => numbers?.nFiles === 3001);
    } finally {
      repository.dispose();
    }
  }));

test('a full disk is told, completion goes on, and so does indexing once there is room', async () => {
  const disk = temporaryFolder();
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=3m', 'tmpfs', disk]);
  const repository = makeRepository(3000);
  try {
    await withDaemonFixture(
      async (fixture) => {
        await fixture.startDaemon();
        const client = await fixture.connect();
        const uri = await openIn(client, repository);
        await untilIndex(client, 'trouble', ({ reason }) =>
          /^The disk is full.*Free some space/.test(reason ?? ''),
        );
        await client.untilState('ready');
        assert.equal((await client.complete(uri, cursor)).length, 1);
        execFileSync('mount', ['-o', 'remount,size=64m', disk]);
        await wish(client, 'again');
        await untilIndex(client, 'ready', ({ numbers }) => numbers?.nFiles === 3001);
      },
      { IDIOM_HOME: disk },
    );
  } finally {
    repository.dispose();
    execFileSync('umount', ['-l', disk]);
    rmSync(disk, { recursive: true, force: true });
  }
});

test('on a full disk, idiom index says so, and idiom complete goes on without', async () => {
  const disk = temporaryFolder();
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=400k', 'tmpfs', disk]);
  const repository = makeRepository(300);
  try {
    await withDaemonFixture(
      async ({ run }) => {
        const at = ['--repo', repository.root];
        const told = await run(['index', ...at]);
        assert.match(told.stderr, /The disk is full.*Free some space/s);
        assert.notEqual(told.code, 0);
        const request = `${JSON.stringify({ path: 'open.ts', prefix: code, suffix: '' })}\n`;
        const answered = await run(
          ['complete', '--batch', '--max-tokens', '4', '--base-model', testModel, ...at],
          request,
        );
        assert.equal(answered.code, 0, answered.stderr);
        assert.match(answered.stderr, /The disk is full.*Going on/s);
        assert.match((JSON.parse(answered.stdout) as { route: string }).route, /^local/);
      },
      { IDIOM_HOME: disk },
    );
  } finally {
    repository.dispose();
    execFileSync('umount', ['-l', disk]);
    rmSync(disk, { recursive: true, force: true });
  }
});

function commandLine(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return '';
  }
}
