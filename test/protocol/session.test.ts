/** What one client can ask of the daemon, over streams in memory; the engine writes what the test says. */

import assert from 'node:assert/strict';
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { duplexPair } from 'node:stream';
import type { Duplex } from 'node:stream';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { learningMessages } from '../../protocol/learning.ts';
import { acceptedCommand, messageNames, protocolVersion } from '../../protocol/messages.ts';
import { systemClock } from '../../server/base/clock.ts';
import { DisposableStore, toDisposable } from '../../server/base/disposable.ts';
import { silentLogger } from '../../server/base/logger.ts';
import { Completer } from '../../server/completion/completer.ts';
import { fixedRouter } from '../../server/completion/route.ts';
import { serveClient } from '../../server/lsp/clientSession.ts';
import { maxDocumentChars } from '../../server/lsp/openDocuments.ts';
import { openRecord } from '../../server/lsp/openRecord.ts';
import { LiveIndexes } from '../../server/lsp/liveIndexes.ts';
import { IndexProcess } from '../../server/retrieval/indexProcess.ts';
import { createGitFixture, temporaryFolder } from '../support/gitFixture.ts';
import { createLspClient } from '../support/lspClient.ts';
import type { LspClient } from '../support/lspClient.ts';
import { until } from '../support/vscode/until.ts';
import { FakeEngine } from '../unit/completion/fakeEngine.ts';

const uri = 'file:///nowhere/idiom-test/a.ts';
const text = 'const first = 1;\nconst total = ';
const end = { line: 1, character: 14 };

interface Served {
  readonly client: LspClient;
  /** The client's raw end of the stream. */
  readonly raw: Duplex;
  readonly ends: string[];
  readonly engine: FakeEngine;
  isRecorded(uri: string): boolean;
}

async function check(
  writes: string,
  body: (served: Served) => Promise<void>,
  nOtherClients = 0,
): Promise<void> {
  const disposables = new DisposableStore();
  const ends: string[] = [];
  const record = disposables.add(openRecord({ path: ':memory:', clock: systemClock, logger: silentLogger }));
  const engine = new FakeEngine();
  engine.answer = writes;
  const [near, far] = duplexPair();
  const daemon = {
    nClients: 1 + nOtherClients,
    ended: Promise.resolve(),
    endWhenIdle: () => ends.push('whenIdle'),
    end: (cause: string) => ends.push(cause),
  };
  const indexFolder = temporaryFolder();
  const indexProcess = disposables.add(new IndexProcess({ clock: systemClock, logger: silentLogger }));
  const indexes = new LiveIndexes({
    process: indexProcess,
    logger: silentLogger,
    indexPath: () => join(indexFolder, 'index.sqlite'),
  });
  let nIds = 0;
  disposables.add(
    serveClient(far, daemon, {
      version: '1.0.0',
      logger: silentLogger,
      clock: systemClock,
      status: {
        status: { state: 'ready', detail: 'Scripted.' },
        onChange: () => toDisposable(() => undefined),
        think: () => toDisposable(() => undefined),
      },
      learning: 'Nothing is learned in this test.',
      noteActivity: () => undefined,
      folders: { data: indexFolder, cache: indexFolder, models: indexFolder },
      createRecorder: (policy) => record.createRecorder(policy, () => 'scripted'),
      indexes,
      createCompleter: (retriever) =>
        new Completer({
          engine,
          retriever,
          router: fixedRouter(() => undefined),
          clock: systemClock,
          logger: silentLogger,
          newId: () => `s${++nIds}`,
        }),
      useSettings: () => undefined,
      answerConsent: (ref, answer) => ends.push(`${answer} ${ref}`),
      reloadBaseModel: () => ends.push('reload'),
      choices: record.choices,
      identify: (sighting) => sighting.computedId,
      examine: () => Promise.resolve({ checks: [] }),
    }),
  );
  const client = createLspClient(near, near);
  try {
    const isRecorded = (of: string) => record.ground?.suggestions.latestOf(of) !== undefined;
    await body({ client, raw: near, ends, engine, isRecorded });
  } finally {
    client.dispose();
    disposables.dispose();
    rmSync(indexFolder, { recursive: true, force: true });
  }
}

test('an inline item starts at the cursor and carries its id in the command', () =>
  check('first + 1;', async ({ client }) => {
    const { capabilities } = await client.initialize();
    assert('inlineCompletionProvider' in capabilities);
    await client.open(uri, text);
    assert.deepEqual(await client.complete(uri, end), [
      {
        insertText: 'first + 1;',
        range: { start: end, end },
        command: { title: 'Idiom', command: acceptedCommand, arguments: ['s1'] },
      },
    ]);
    await client.until(() => client.returned.length === 1, 'idiom/returned');
    assert.equal(client.returned[0]?.suggestionId, 's1');
  }));

test('where the cursor rests the prompt is read, and a place that is not there does no harm', () =>
  check('x', async ({ client, engine }) => {
    await client.initialize();
    await client.open(uri, text);
    const rest = (line: number, of = uri) =>
      client.connection.sendNotification(messageNames.cursor, { uri: of, position: { line, character: 14 } });
    await rest(99);
    await rest(1, 'file:///nowhere/else.ts');
    await rest(1);
    await until('the prompt to be read', () => engine.reads.length > 0);
    const read = engine.reads.map(({ tokens }) => engine.tokenizer.read(tokens, {}));
    assert.equal(read.length, 1);
    assert.match(read[0] ?? '', /const total =$/);
  }));

test('a position below the last line gets nothing and a reason', () =>
  check('x', async ({ client }) => {
    await client.initialize();
    await client.open(uri, text);
    assert.deepEqual(await client.complete(uri, { line: 99, character: 0 }), []);
    assert.equal(client.returned[0]?.none, 'positionOutsideDocument');
  }));

test('a document that was never opened gets nothing, and edits to it do no harm', () =>
  check('x', async ({ client }) => {
    await client.initialize();
    await client.insert(uri, end, 'x');
    assert.deepEqual(await client.complete(uri, end), []);
  }));

test('the document follows incremental and whole changes, also with CRLF and surrogate pairs', () =>
  check('first;', async ({ client }) => {
    await client.initialize();
    await client.open(uri, 'const first = "\u{1f600}";\r\nlet x = ');
    await client.insert(uri, { line: 1, character: 8 }, 'fi');
    const [item] = await client.complete(uri, { line: 1, character: 10 });
    assert.deepEqual(item?.range.start, { line: 1, character: 10 });
    await client.change(uri, [{ text: 'const total = ' }]);
    assert.equal((await client.complete(uri, { line: 0, character: 14 }))[0]?.insertText, 'first;');
  }));

test('switched off by a setting', () =>
  check('x', async ({ client }) => {
    await client.initialize({ settings: { enabled: false } });
    await client.open(uri, text);
    assert.deepEqual(await client.complete(uri, end), []);
    assert.equal(client.returned[0]?.none, 'disabled');
  }));

test('settings of the wrong type fall back to their defaults', () =>
  check('first + 1;', async ({ client }) => {
    await client.initialize({ settings: { enabled: 'yes', maxNewTokens: -5, ignore: [1] } });
    await client.open(uri, text);
    assert.equal((await client.complete(uri, end)).length, 1);
  }));

for (const [version, others, decision, consequence] of [
  ['1.0.0', 0, 'serve', []],
  ['1.1.0', 0, 'retry', ['whenIdle']],
  ['1.1.0', 1, 'later', ['whenIdle']],
] as const) {
  test(`hello from ${version} with ${others} other clients: ${decision}`, () =>
    check(
      '',
      async ({ client, ends }) => {
        const answer = await client.connection.sendRequest<{ decision: string; pid: number }>(
          messageNames.hello,
          {
            protocolVersion,
            version,
          },
        );
        assert.equal(answer.decision, decision);
        assert.equal(answer.pid, process.pid);
        await client.connection.sendRequest(messageNames.doctor);
        assert.deepEqual(ends, consequence);
      },
      others,
    ));
}

for (const [name, params] of [
  [messageNames.hello, { protocolVersion: 'one' }],
  [messageNames.consent, { ref: 1, answer: 'maybe' }],
  [messageNames.explain, null],
  [messageNames.indexing, { wish: 'sometimes' }],
  [learningMessages.thumbs, { suggestionId: 's1', thumbs: 'sideways' }],
  ['idiom/unknown', {}],
] as const) {
  test(`${name} with ${JSON.stringify(params)} is an error, and the next request is served`, () =>
    check('', async ({ client }) => {
      await client.initialize();
      await assert.rejects(client.connection.sendRequest(name, params));
      assert.deepEqual(await client.connection.sendRequest(messageNames.doctor), { checks: [] });
    }));
}

test('thumbs are kept with the suggestion; of what is not recorded, a sentence says so', () =>
  check('first + 1;', async ({ client }) => {
    await client.initialize();
    await client.open(uri, text);
    await client.complete(uri, end);
    const ask = (suggestionId: string) =>
      client.connection.sendRequest(learningMessages.thumbs, { suggestionId, thumbs: 'up' });
    assert.equal(await ask('s1'), null);
    await assert.rejects(
      ask('other'),
      /^Error: Nothing is recorded of this suggestion.*idiom\.learning\.enabled\.$/,
    );
  }));

test('consent and reload reach the daemon', () =>
  check('', async ({ client, ends }) => {
    await client.initialize();
    await client.connection.sendRequest(messageNames.consent, { ref: 'embedded', answer: 'allow' });
    await client.connection.sendRequest(messageNames.reload);
    assert.deepEqual(ends, ['allow embedded', 'reload']);
  }));

test('the index of a folder is told in numbers, stopped and begun again', async () => {
  const repository = createGitFixture();
  repository.commit({
    'a.ts': text,
    'b.ts': 'const other = 2;\n',
    '.env': 'KEY=1\n',
    'image.png': 'PNG\0\0',
  });
  const root = pathToFileURL(repository.root).href;
  try {
    await check('', async ({ client }) => {
      const latest = () => client.indexes.at(-1)?.[0];
      await client.initialize({ folders: [root] });
      await client.open(`${root}/a.ts`, text);
      await client.until(() => latest()?.state === 'ready', 'a whole index');
      const { numbers, name, ...rest } = latest() ?? {};
      assert.deepEqual(rest, { root: repository.root, state: 'ready' });
      assert.equal(name, basename(repository.root));
      assert.equal(numbers?.nFiles, 2);
      assert.ok(numbers.nChunks >= 2 && numbers.indexBytes > 0 && numbers.sourceBytes > 0);
      assert.ok(numbers.completeAtMs !== undefined);
      assert.deepEqual(numbers.skipped.map(({ reason, count }) => `${reason} ${count}`).sort(), [
        'binary 1',
        'secret 1',
      ]);
      await client.connection.sendRequest(messageNames.indexing, { wish: 'stop' });
      const nTold = client.indexes.length;
      writeFileSync(join(repository.root, 'c.ts'), 'const third = 3;\n');
      await client.connection.sendRequest(messageNames.indexing, { wish: 'again' });
      await client.until(() => latest()?.numbers?.nFiles === 3, 'the new file in the index');
      assert.ok(client.indexes.length > nTold);
    });
  } finally {
    repository.dispose();
  }
});

test('a message that is no JSON is passed over', () =>
  check('', async ({ client, raw }) => {
    await client.initialize();
    raw.write('Content-Length: 5\r\n\r\n{"a":');
    assert.deepEqual(await client.connection.sendRequest(messageNames.doctor), { checks: [] });
  }));

/** Runs in a repository whose index is complete, with `src/main.ts` open. */
async function checkRepository(
  files: Readonly<Record<string, string>>,
  body: (served: Served, root: string, folder: string) => Promise<void>,
): Promise<void> {
  const repository = createGitFixture();
  repository.commit({ 'src/main.ts': '', ...files });
  const folder = pathToFileURL(repository.root).href;
  try {
    await check('first + 1;', async (served) => {
      await served.client.initialize({ folders: [folder] });
      await served.client.open(`${folder}/src/main.ts`, usesPlan);
      await served.client.until(() => served.client.indexes.at(-1)?.[0]?.state === 'ready', 'a whole index');
      await body(served, repository.root, folder);
    });
  } finally {
    repository.dispose();
  }
}

const usesPlan = 'const first = secretPlan;\nconst total = ';
const plan = 'export const secretPlan = 7;\n';

for (const [file, rule, none] of [
  ['.idiomignore', 'private/', 'ignoredFile'],
  ['private/.idiomignore', 'a.ts', 'ignoredFile'],
  ['.gitignore', 'private/', undefined],
  ['.git/info/exclude', 'private/', undefined],
] as const) {
  test(`a rule in ${file} holds from the next request on, with nobody telling of it`, () =>
    checkRepository({ 'private/a.ts': plan }, async ({ client, engine, isRecorded }, root, folder) => {
      const [main, secret] = [`${folder}/src/main.ts`, `${folder}/private/a.ts`];
      await client.complete(main, end);
      assert.match(engine.prompts.at(-1) ?? '', /secretPlan = 7/);
      writeFileSync(join(root, file), `${rule}\n`);

      await client.insert(main, { line: 0, character: 0 }, '//\n');
      await client.complete(main, { line: 2, character: 14 });
      assert.doesNotMatch(engine.prompts.at(-1) ?? '', /secretPlan = 7/);
      await client.open(secret, `${plan}const more = `);
      await client.complete(secret, { line: 1, character: 13 });
      assert.equal(client.returned.at(-1)?.none, none);
      assert.equal(isRecorded(secret), false);
      assert.equal(isRecorded(main), true);
      const skipped = () => client.indexes.at(-1)?.[0]?.numbers?.skipped ?? [];
      await client.until(() => skipped().length > 0, 'the rule in the index');

      rmSync(join(root, file));
      await client.complete(secret, { line: 1, character: 13 });
      assert.equal(isRecorded(secret), true);
      await client.until(() => skipped().length === 0, 'the file in the index again');
    }));
}

test('the text of an open document that a rule comes to leave out goes into no other prompt', () =>
  checkRepository({ 'private/a.ts': '' }, async ({ client, engine }, root, folder) => {
    const [main, secret] = [`${folder}/src/main.ts`, `${folder}/private/a.ts`];
    await client.open(secret, plan);
    await client.complete(secret, { line: 1, character: 0 });
    await client.complete(main, end);
    assert.match(engine.prompts.at(-1) ?? '', /secretPlan = 7/);
    writeFileSync(join(root, '.idiomignore'), 'private/\n');
    await client.insert(main, { line: 0, character: 0 }, '//\n');
    await client.complete(main, { line: 2, character: 14 });
    assert.doesNotMatch(engine.prompts.at(-1) ?? '', /secretPlan = 7/);
  }));

for (const authority of ['', '//']) {
  test(`a cell of vscode-notebook-cell:${authority}/... has its notebook's snippets, record and rules`, () =>
    checkRepository({ 'a.ipynb': '{}', 'plan.ts': plan }, async ({ client, engine, isRecorded }, root) => {
      const cell = `vscode-notebook-cell:${authority}${pathToFileURL(root).pathname}/a.ipynb#W0sZmlsZQ%3D%3D`;
      await client.open(cell, usesPlan);
      await client.complete(cell, end);
      assert.match(engine.prompts.at(-1) ?? '', /secretPlan = 7/);
      assert.equal(isRecorded(cell), true);
      writeFileSync(join(root, '.idiomignore'), '*.ipynb\n');
      await client.complete(cell, end);
      assert.equal(client.returned.at(-1)?.none, 'ignoredFile');
    }));
}

test('a document that is too long costs its suggestions, not the client', () =>
  check('first + 1;', async ({ client }) => {
    await client.initialize();
    await client.open(uri, text);
    const large = 'file:///nowhere/idiom-test/log.txt';
    await client.open(large, 'a line of a log, many times\n'.repeat(700_000));
    assert.deepEqual(await client.complete(large, { line: 1, character: 0 }), []);
    assert.equal(client.returned.at(-1)?.none, 'fileTooLarge');
    assert.equal((await client.complete(uri, end)).length, 1);
    await client.close(large);
    await client.open(large, text);
    assert.equal((await client.complete(large, end)).length, 1);
  }));

test('a request that is too long is answered with an error', () =>
  check('', async ({ client }) => {
    await client.initialize();
    const asked = client.connection.sendRequest('idiom/explain', { uri: 'u'.repeat(17 * 2 ** 20) });
    await assert.rejects(asked, /A message of 17 MB is too long; at most 16 MB are read\./);
  }));

test('a document that is or becomes too large gets a reason, and none of its text is kept', () =>
  check('first + 1;', async ({ client }) => {
    const almost = `${'x'.repeat(maxDocumentChars - 1)}\n`;
    const noneAfter = async (of = uri) => {
      const start = { line: 0, character: 0 };
      await client.complete(of, start);
      return client.returned.at(-1)?.none;
    };
    await client.initialize();
    await client.open(uri, `${almost}y`);
    assert.equal(await noneAfter(), 'fileTooLarge');
    await client.insert(uri, { line: 0, character: 0 }, 'x');
    assert.equal(await noneAfter(), 'fileTooLarge');
    await client.close(uri);
    await client.open(uri, text);
    assert.equal((await client.complete(uri, end))[0]?.insertText, 'first + 1;');

    const other = uri.replace('a.ts', 'b.ts');
    await client.open(other, almost);
    assert.notEqual(await noneAfter(other), 'fileTooLarge');
    await client.insert(other, { line: 1, character: 0 }, 'y');
    assert.equal(await noneAfter(other), 'fileTooLarge');
    assert.notEqual(await noneAfter(), 'fileTooLarge');
  }));

test('what a person switches off for a repository holds at once, and no file of it tells of it', () =>
  checkRepository({}, async ({ client, isRecorded }, root, folder) => {
    const main = `${folder}/src/main.ts`;
    const told: unknown[] = [];
    client.connection.onNotification(messageNames.switches, (params) => void told.push(params));
    const turn = (what: string, isOff: boolean) =>
      client.connection.sendRequest(messageNames.switch, { uri: folder, what, isOff });
    await turn('learning', true);
    await client.complete(main, end);
    assert.equal(isRecorded(main), false);
    await turn('suggestions', true);
    assert.deepEqual(await client.complete(main, end), []);
    assert.equal(client.returned.at(-1)?.none, 'disabled');
    await turn('suggestions', false);
    await turn('learning', false);
    assert.equal((await client.complete(main, end)).length, 1);
    assert.equal(isRecorded(main), true);
    const learning = { root, what: 'learning' };
    assert.deepEqual(told, [
      { off: [learning] },
      { off: [{ root, what: 'suggestions' }, learning] },
      { off: [learning] },
      { off: [] },
    ]);
    assert.equal(existsSync(join(root, '.vscode')), false);
  }));
