/** `idiom forget`: what it asks, says and refuses; by itself, and through a daemon that runs. */

import assert from 'node:assert/strict';
import { existsSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import type { Server } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { Command } from 'commander';
import { neverAborts } from '../../../server/base/abort.ts';
import { systemClock } from '../../../server/base/clock.ts';
import { registerForget } from '../../../server/cli/forget.ts';
import { decodeFrame, encodeFrame } from '../../../protocol/messageFrame.ts';
import { openGround } from '../../../server/store/ground.ts';
import { temporaryFolder } from '../../support/gitFixture.ts';

const nowMs = Date.UTC(2026, 2, 10, 12);
const hourMs = 3_600_000;

interface Given {
  /** Undefined: nobody can be asked. */
  readonly answer?: boolean;
  /** Answers of a daemon, by question; undefined: none runs. */
  readonly daemon?: (question: { method: string; params: object }) => object;
  readonly isEmpty?: boolean;
  /** The older record stands under an id that the repository had before. */
  readonly isLinked?: boolean;
}

interface Run {
  readonly said: string[];
  readonly left: string[];
}

async function run(args: readonly string[], given: Given = {}): Promise<Run> {
  const folder = temporaryFolder();
  const groundPath = join(folder, 'idiom.sqlite');
  const socketPath = join(folder, 'd.sock');
  const daemon = given.daemon === undefined ? undefined : await serve(socketPath, given.daemon);
  const said: string[] = [];
  try {
    if (given.isEmpty !== true) fill(groundPath, given.isLinked === true);
    const program = new Command('idiom').exitOverride().configureOutput({ writeErr: () => undefined });
    registerForget(program, {
      ...{ groundPath, socketPath, mediaDir: folder, signal: neverAborts, clock: systemClock },
      processPath: join(folder, 'daemon.json'),
      folders: { data: folder, cache: join(folder, 'cache'), models: folder, logs: folder },
      write: (line) => said.push(line),
      remark: (line) => said.push(`! ${line}`),
      nowMs: () => nowMs,
      confirm: (question) => (said.push(`? ${question}`), Promise.resolve(given.answer)),
      repo: () => Promise.resolve({ repoId: 'here', root: '/home/me/here' }),
    });
    await program.parseAsync(['forget', ...args], { from: 'user' });
    return { said, left: left(groundPath) };
  } catch (error) {
    throw Object.assign(error as Error, { said, left: left(groundPath) });
  } finally {
    daemon?.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

function fill(path: string, isLinked: boolean): void {
  const { ground } = openGround(path, { nowMs: () => nowMs });
  for (const [id, file, hoursAgo] of [
    ['new', 'src/a.ts', 1],
    ['old', 'src/b.ts', 48],
  ] as const) {
    ground.suggestions.add({
      ...{
        id,
        repoId: isLinked && id === 'old' ? 'before' : 'here',
        uri: 'file:///x',
        path: file,
        languageId: 'typescript',
        offset: 0,
      },
      ...{ atMs: nowMs - hoursAgo * hourMs, prefix: 'p', suffix: '', text: 't', isMultiline: false },
      ...{ adapter: 'base', baseModel: 'm', route: 'local', latencyMs: {}, snippets: [] },
    });
    ground.outcomes.put({ suggestionId: id, kind: 'accepted', acceptedChars: 1, isConfirmed: true });
  }
  if (isLinked) ground.db.transaction(() => ground.repositoryKeys.link('before', 'here', nowMs));
  ground.dispose();
}

function left(path: string): string[] {
  if (!existsSync(path)) return [];
  const { ground } = openGround(path, { nowMs: () => nowMs });
  const ids = ground.db.all('SELECT id FROM suggestions ORDER BY id').map((row) => row['id'] as string);
  ground.dispose();
  return ids;
}

/** A daemon that knows one question; it answers in two pieces, after a notification. */
function serve(path: string, reply: NonNullable<Given['daemon']>): Promise<Server> {
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    const send = (message: object) => {
      const framed = encodeFrame({ jsonrpc: '2.0', ...message });
      socket.write(framed.subarray(0, 30));
      socket.write(framed.subarray(30));
    };
    let heard = Buffer.alloc(0);
    socket.on('data', (data: Buffer) => {
      heard = Buffer.concat([heard, data]);
      for (let frame = decodeFrame(heard); frame !== undefined; frame = decodeFrame(heard)) {
        heard = heard.subarray(frame.lengthBytes);
        const question = JSON.parse(frame.body) as { id: unknown; method: string; params: object };
        if (question.id !== 1) {
          send({ method: 'idiom/status', params: { state: 'ready' } });
          send({ id: question.id, result: {} });
          continue;
        }
        const answer = reply(question);
        if ('hangUp' in answer) socket.end();
        else send({ id: 1, ...answer });
      }
    });
  });
  return new Promise((resolve) => server.listen(path, () => resolve(server)));
}

async function check(
  args: readonly string[],
  given: Given,
  said: readonly string[],
  rest: readonly string[],
): Promise<void> {
  assert.deepEqual(await run(args, given), { said, left: rest });
}

async function checkRefused(
  args: readonly string[],
  given: Given,
  message: RegExp,
  rest = ['new', 'old'],
): Promise<void> {
  await assert.rejects(run(args, given), (error: Error & Partial<Run>) => {
    assert.match(error.message, message);
    assert.deepEqual(error.left, rest);
    return true;
  });
}

const numbers = (n: number) => [
  `  ${n} suggestion${n === 1 ? '' : 's'}, ${n} outcome${n === 1 ? '' : 's'}`,
  '  0 examples in 0 datasets',
  '  0 adapters that learned from them',
];
const stays = 'Git has src still; a line in .idiomignore keeps it from being learned again.';

test('a folder, asked for', () =>
  check(
    ['--path', './src/'],
    { answer: true },
    [
      '! Would be forgotten: what is known of src.',
      ...numbers(2).map((line) => `! ${line}`),
      `! ${stays}`,
      '? Forget that? It cannot be undone.',
      'Forgotten: what is known of src.',
      ...numbers(2),
      stays,
    ],
    [],
  ));
test('a span of time, without a question', () =>
  check(
    ['--since', '2h', '--yes'],
    {},
    ['Forgotten: what was recorded since 2026-03-10 10:00.', ...numbers(1)],
    ['old'],
  ));
test('until a date', () =>
  check(
    ['--until', '2026-03-09', '--yes'],
    {},
    ['Forgotten: what was recorded until 2026-03-09 00:00.', ...numbers(1)],
    ['new'],
  ));
test('everything', () => check(['--yes'], {}, ['Forgotten: everything.', ...numbers(2)], []));
test('only counted', () =>
  check(['--dry-run'], {}, ['Would be forgotten: everything.', ...numbers(2)], ['new', 'old']));
test('nothing there', () =>
  check(
    ['--path', 'lib', '--yes'],
    {},
    ['There is nothing to forget: what is known of lib.'],
    ['new', 'old'],
  ));
test('nothing there, so nothing is asked', () =>
  check(['--path', 'lib'], {}, ['! There is nothing to forget: what is known of lib.'], ['new', 'old']));
test('no record at all', () =>
  check(['--yes'], { isEmpty: true }, ['There is nothing to forget: everything.'], []));
test('as JSON', () =>
  check(
    ['--yes', '--json'],
    {},
    ['{"nSuggestions":2,"nOutcomes":2,"nExamples":0,"nDatasets":0,"adapters":[],"isRetraining":false}'],
    [],
  ));

test('nothing is forgotten without a yes', async () => {
  await checkRefused([], { answer: false }, /Nothing was forgotten\./);
  await checkRefused([], {}, /as nobody could be asked/);
});
test('a path outside of the repository', async () => {
  for (const path of ['../other', '/etc/passwd', '', '.', 'src/../..']) {
    await checkRefused(['--path', path, '--yes'], {}, /is no file or folder inside/);
  }
});
test('what was recorded under an earlier id goes too', async () => {
  assert.deepEqual((await run(['--yes'], { isLinked: true })).left, []);
  assert.deepEqual((await run(['--path', 'src/b.ts', '--yes'], { isLinked: true })).left, ['new']);
});
test('an absolute path inside of it', async () =>
  assert.deepEqual((await run(['--path', '/home/me/here/src/a.ts', '--yes'])).left, ['old']));
test('times the wrong way round', () =>
  checkRefused(['--since', '1h', '--until', '2h', '--yes'], {}, /lies behind/));
test('no time at all', () => checkRefused(['--since', 'yesterday', '--yes'], {}, /must be a date/));

const result = { nSuggestions: 3, nOutcomes: 3, nExamples: 1, nDatasets: 1, adapters: ['a'.repeat(64)] };
test('a daemon that runs does it, and its loop learns again', async () => {
  const asked: object[] = [];
  const daemon: Given['daemon'] = (question) => {
    asked.push(question);
    return { result: { ...result, rolledBackTo: 'task', isRetraining: true } };
  };
  await check(
    ['--path', 'src', '--since', '2h', '--yes'],
    { daemon },
    [
      'Forgotten: what is known of src since 2026-03-10 10:00.',
      '  3 suggestions, 3 outcomes',
      '  1 example in 1 dataset',
      '  1 adapter that learned from them:',
      '    aaaaaaaaaaaa',
      'The champion was one of them; the task adapter is in use now.',
      'A new training has begun.',
      stays,
    ],
    ['new', 'old'],
  );
  const params = { uri: 'file:///home/me/here', path: 'src', sinceMs: nowMs - 2 * hourMs, isDryRun: false };
  assert.deepEqual(asked, [{ jsonrpc: '2.0', id: 1, method: 'idiom/forget', params }]);
});
test('one that is too old to know is passed over', async () => {
  const daemon = () => ({ error: { code: -32601, message: 'Unhandled method idiom/forget' } });
  assert.deepEqual((await run(['--yes'], { daemon })).left, []);
});
test('its refusal is told', () =>
  checkRefused(
    ['--yes'],
    { daemon: () => ({ error: { code: -32803, message: 'The disk is full.' } }) },
    /^The disk is full\.$/,
  ));
test('its end is told', () =>
  checkRefused(['--yes'], { daemon: () => ({ hangUp: true }) }, /ended before it had answered/));
