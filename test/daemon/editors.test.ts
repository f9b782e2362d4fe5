/** Editors at a real daemon with a real model: sharing, recovery, standard input and output, and full disks. */

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { messageNames } from '../../protocol/messages.ts';
import { createLspClient } from '../support/lspClient.ts';
import type { LspClient } from '../support/lspClient.ts';
import { createGitFixture, temporaryFolder } from '../support/gitFixture.ts';
import { childrenOf, gone, testModel, withDaemonFixture } from './daemonFixture.ts';
import type { DaemonFixture } from './daemonFixture.ts';

const code = `export function addNumbers(first: number, second: number): number {
  return first + second;
}

export function subtractNumbers(first: number, second: number): number {
  `;
const cursor = { line: 5, character: 2 };

assert.notEqual(testModel, '', 'IDIOM_TEST_MODEL names the base model of the tests');

/** A repository with one file open in the client. */
async function openFile(client: LspClient, name = 'numbers.ts'): Promise<{ uri: string; dispose(): void }> {
  const repository = createGitFixture();
  repository.commit({ [name]: code });
  const uri = pathToFileURL(join(repository.root, name)).href;
  await client.initialize({ folders: [pathToFileURL(repository.root).href] });
  await client.open(uri, code);
  return { uri, dispose: () => repository.dispose() };
}

/** Asks until there is a suggestion, and accepts it as an editor does. */
async function accept(client: LspClient, uri: string): Promise<string> {
  await client.untilState('ready');
  const [item] = await client.complete(uri, cursor);
  assert(item !== undefined, `no suggestion: ${JSON.stringify(client.returned.at(-1))}`);
  const [id = ''] = item.command.arguments;
  await client.insert(uri, cursor, item.insertText);
  await client.connection.sendNotification(messageNames.outcome, { suggestionId: id, event: 'accepted' });
  return id;
}

interface ListedSignal {
  readonly id: string;
  readonly outcome?: { readonly kind: string };
}

async function listSignals(fixture: DaemonFixture, root: string): Promise<ListedSignal[]> {
  const { stdout, stderr, code: exitCode } = await fixture.run(['signals', '--json', '--repo', root]);
  assert.equal(exitCode, 0, stderr);
  return (JSON.parse(stdout) as { signals: ListedSignal[] }).signals;
}

test('two editors on two repositories share one loaded model', () =>
  withDaemonFixture(async (fixture) => {
    const daemon = await fixture.startDaemon();
    const [one, two] = [await fixture.connect(), await fixture.connect()];
    const files = [await openFile(one), await openFile(two, 'other.ts')];
    try {
      await Promise.all([one.untilState('ready'), two.untilState('ready')]);
      assert.notDeepEqual(await one.complete(files[0]?.uri ?? '', cursor), []);
      assert.notDeepEqual(await two.complete(files[1]?.uri ?? '', cursor), []);
      const engines = childrenOf(daemon.pid ?? 0).filter((pid) => /engineChild/.test(commandLine(pid)));
      assert.equal(engines.length, 1);
    } finally {
      for (const file of files) file.dispose();
    }
  }));

test('a killed engine comes back by itself, and the status says so meanwhile', () =>
  withDaemonFixture(async (fixture) => {
    const daemon = await fixture.startDaemon();
    const client = await fixture.connect();
    const file = await openFile(client);
    try {
      await client.untilState('ready');
      for (const pid of childrenOf(daemon.pid ?? 0)) {
        if (/engineChild/.test(commandLine(pid))) process.kill(pid, 'SIGKILL');
      }
      await client.untilState('recovering');
      await client.untilState('ready');
      assert.notDeepEqual(await client.complete(file.uri, cursor), []);
    } finally {
      file.dispose();
    }
  }));

test('what was accepted is in the record, also after the daemon is killed', () =>
  withDaemonFixture(async (fixture) => {
    const daemon = await fixture.startDaemon();
    const client = await fixture.connect();
    const file = await openFile(client);
    try {
      const id = await accept(client, file.uri);
      await client.connection.sendRequest(messageNames.doctor);
      daemon.kill('SIGKILL');
      await gone(daemon);
      const root = new URL('.', file.uri).pathname;
      const found = (await listSignals(fixture, root)).find((signal) => signal.id === id);
      assert.equal(found?.outcome?.kind, 'accepted');
    } finally {
      file.dispose();
    }
  }));

test('after a kill the model is not read whole before it serves, and a request waits for it', () =>
  withDaemonFixture(async (fixture) => {
    let daemon = await fixture.startDaemon();
    const first = await fixture.connect();
    const file = await openFile(first);
    try {
      await first.untilState('ready');
      daemon.kill('SIGKILL');
      await gone(daemon);
      daemon = await fixture.startDaemon();
      const client = await fixture.connect();
      await client.initialize({ folders: [new URL('.', file.uri).href] });
      await client.open(file.uri, code);
      await client.until(() => client.statuses.some(({ progress }) => progress !== undefined), 'loading');
      assert.notEqual(client.statuses.at(-1)?.state, 'ready');
      assert.notDeepEqual(await client.complete(file.uri, cursor), []);
      const said = fixture.log();
      assert.deepEqual(
        [...said.matchAll(/\[engine\] ready .*digestFrom=(\w+)/g)].map(([, from]) => from),
        ['file', 'record'],
      );
      assert.doesNotMatch(said, /model file read/);
      const details = client.statuses.map(({ detail }) => detail);
      assert.ok(details.some((detail) => /^(Starting|Loading)/.test(detail)));
      assert.ok(details.some((detail) => /^Reading the open file/.test(detail)));
    } finally {
      file.dispose();
    }
  }));

test('a plain LSP client gets suggestions and outcomes over standard input and output', () =>
  withDaemonFixture(async (fixture) => {
    const bridge = fixture.start('--stdio');
    assert(bridge.stdin !== null && bridge.stdout !== null);
    const client = createLspClient(bridge.stdout, bridge.stdin);
    const file = await openFile(client);
    try {
      const id = await accept(client, file.uri);
      await client.connection.sendRequest(messageNames.doctor);
      const root = new URL('.', file.uri).pathname;
      const found = (await listSignals(fixture, root)).find((signal) => signal.id === id);
      assert.equal(found?.outcome?.kind, 'accepted');
    } finally {
      client.dispose();
      await gone(bridge);
      await fixture.run(['daemon', 'stop']);
      file.dispose();
    }
  }));

test('nothing is stored of an untrusted workspace, an ignored file or a folder that opted out', () =>
  withDaemonFixture(async (fixture) => {
    await fixture.startDaemon();
    const repository = createGitFixture();
    try {
      repository.commit({ 'numbers.ts': code, '.gitignore': 'ignored.ts\n', 'ignored.ts': code });
      const root = pathToFileURL(repository.root).href;
      for (const [name, wish] of [
        ['numbers.ts', { isTrusted: false }],
        ['ignored.ts', {}],
        ['numbers.ts', { settings: { learning: { enabled: false } } }],
      ] as const) {
        const client = await fixture.connect();
        await client.initialize({ folders: [root], ...wish });
        await client.open(`${root}/${name}`, code);
        await accept(client, `${root}/${name}`);
        await client.connection.sendRequest(messageNames.doctor);
        client.dispose();
      }
      assert.deepEqual(await listSignals(fixture, repository.root), []);
    } finally {
      repository.dispose();
    }
  }));

test('a suggestion names the pieces of other files that it drew on', () =>
  withDaemonFixture(async (fixture) => {
    await fixture.startDaemon();
    const client = await fixture.connect();
    const repository = createGitFixture();
    try {
      const shop =
        'export function priceOfBasket(basketItems: number[], discountPercent: number): number {\n  return 0;\n}\n';
      repository.commit({ 'src/shop.ts': shop, 'src/order.ts': '' });
      const root = pathToFileURL(repository.root).href;
      const uri = `${root}/src/order.ts`;
      await client.initialize({ folders: [root] });
      await client.open(uri, '');
      await client.untilState('ready');
      let paths: string[] = [];
      const lengthOf = (line: number) => `const total${line} = priceOf`.length;
      // Indexing goes on in the background; each line is a new question.
      for (let line = 0; line < 40 && paths.length === 0; line++) {
        const text = `${line === 0 ? '' : 'Basket(basketItems, discountPercent);\n'}const total${line} = priceOf`;
        const end = line === 0 ? { line, character: 0 } : { line: line - 1, character: lengthOf(line - 1) };
        await client.insert(uri, end, text);
        await client.complete(uri, { line, character: lengthOf(line) });
        const answer = await client.connection.sendRequest<{ snippets: { path: string }[] } | null>(
          'idiom/explain',
          {
            uri,
          },
        );
        paths = (answer?.snippets ?? []).map((snippet) => snippet.path);
      }
      assert.deepEqual(paths, ['src/shop.ts']);
    } finally {
      repository.dispose();
    }
  }));

test('where the database may not be written, suggestions go on and the status says why', () =>
  withDaemonFixture(async (fixture) => {
    // A folder in the database's place can't be written by anyone, the superuser included.
    mkdirSync(join(fixture.home, 'idiom.sqlite'));
    await fixture.startDaemon();
    const client = await fixture.connect();
    const file = await openFile(client);
    try {
      await client.untilState('ready');
      assert.notDeepEqual(await client.complete(file.uri, cursor), []);
      assert.match(client.statuses.at(-1)?.detail ?? '', /Nothing is recorded/);
    } finally {
      file.dispose();
    }
  }));

test('a full disk costs the record and the log, not the suggestion', async () => {
  const disk = temporaryFolder();
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', disk]);
  try {
    await withDaemonFixture(
      async (fixture) => {
        writeFileSync(join(disk, 'filler'), Buffer.alloc(700_000));
        await fixture.startDaemon();
        const client = await fixture.connect();
        const file = await openFile(client);
        try {
          await client.untilState('ready');
          fillUp(disk);
          const items = await client.complete(file.uri, cursor);
          assert.equal(items.length, 1, JSON.stringify(client.returned.at(-1)));
        } finally {
          file.dispose();
        }
      },
      { IDIOM_HOME: disk },
    );
  } finally {
    execFileSync('umount', ['-l', disk]);
    rmSync(disk, { recursive: true, force: true });
  }
});

function fillUp(folder: string): void {
  for (let sizeBytes = 1 << 18; sizeBytes >= 512; sizeBytes >>= 1) {
    try {
      writeFileSync(join(folder, `fill${sizeBytes}`), Buffer.alloc(sizeBytes));
    } catch {
      // As full as this size allows; a smaller one may still fit.
    }
  }
}

function commandLine(pid: number): string {
  try {
    return execFileSync('cat', [`/proc/${pid}/cmdline`]).toString();
  } catch {
    return '';
  }
}

test('a home that can be neither written nor made is a clear error', () =>
  withDaemonFixture(
    async (fixture) => {
      const { code: exitCode, stderr } = await fixture.run(['daemon', 'run']);
      assert.equal(exitCode, 4);
      assert.match(stderr, /IDIOM_HOME/);
    },
    { IDIOM_HOME: '/dev/null/idiom' },
  ));
