/** Commands of the CLI as a user or a script runs them, with the real model. */

import assert from 'node:assert/strict';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { createGitFixture, temporaryFolder } from '../support/gitFixture.ts';
import { testModel, withDaemonFixture } from './daemonFixture.ts';
import type { Finished } from './daemonFixture.ts';

const source = `export function addNumbers(first: number, second: number): number {
  return first + second;
}
`;

/** Runs `idiom ARGS` in a repository of two commits, the second of which added a line. */
async function check(
  args: readonly string[],
  expected: (finished: Finished) => void | Promise<void>,
  input?: string,
): Promise<void> {
  const repository = createGitFixture();
  try {
    repository.commit({ 'numbers.ts': source });
    repository.commit({ 'numbers.ts': `${source}\nexport const total = addNumbers(1, 2);\n` });
    await withDaemonFixture(async ({ run }) => {
      await expected(await run([...args, '--repo', repository.root], input));
    });
  } finally {
    repository.dispose();
  }
}

const model = ['--base-model', testModel];
const { digest: taskAdapterDigest } = JSON.parse(
  readFileSync(join(import.meta.dirname, '../../media/taskAdapter/lineage.json'), 'utf8'),
) as { digest: string };

test('complete --adapter base leaves the task adapter out', () =>
  check(
    ['complete', '--batch', '--adapter', 'base', '--max-tokens', '8', ...model],
    ({ code, stdout, stderr }) => {
      assert.equal(code, 0, stderr);
      assert.equal((JSON.parse(stdout) as Record<string, unknown>)['adapter'], 'base');
    },
    `${JSON.stringify({ path: 'numbers.ts', prefix: `${source}\nconst sum = add`, suffix: '\n' })}\n`,
  ));

test('complete --batch answers a line each, in order, in the fields of its contract', () =>
  check(
    ['complete', '--batch', '--max-tokens', '12', ...model],
    ({ code, stdout, stderr }) => {
      assert.equal(code, 0, stderr);
      const answers = stdout
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as Record<string, unknown>);
      assert.equal(answers.length, 2);
      for (const answer of answers) {
        assert.deepEqual(
          ['text', 'replaceLength', 'adapter', 'snippets', 'route', 'latencyMs'].filter(
            (field) => !(field in answer),
          ),
          [],
        );
      }
      assert.equal(answers[0]?.['adapter'], taskAdapterDigest);
      assert.notEqual(answers[0]?.['text'], '');
      assert.equal(typeof answers[1]?.['none'], 'string');
    },
    [
      { path: 'numbers.ts', prefix: `${source}\nconst sum = add`, suffix: '\n' },
      { path: 'empty.ts', prefix: '', suffix: '' },
    ]
      .map((line) => `${JSON.stringify(line)}\n`)
      .join(''),
  ));

test('a broken line of a batch is answered as such, the rest goes on, and the exit code says so', () =>
  check(
    ['complete', '--batch', ...model],
    ({ code, stdout, stderr }) => {
      assert.equal(code, 2);
      assert.match(stderr, /1 lines were not of the form/);
      const answers = stdout
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as { none?: string });
      assert.equal(answers[0]?.none, 'badRequest');
      assert.equal(answers.length, 2);
    },
    `{"path": 1}\n${JSON.stringify({ path: 'numbers.ts', prefix: source, suffix: '' })}\n`,
  ));

test('replay draws the lines that commits added, and sums up', () =>
  check(['replay', '--cases', '3', '--json', ...model], ({ code, stdout, stderr }) => {
    assert.equal(code, 0, stderr);
    const lines = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    const { totals } = lines.at(-1) as { totals: { nCases: number; exactMatchRate: number } };
    assert.equal(totals.nCases, lines.length - 1);
    const first = lines[0] as { case: { prefix: string; middle: string }; answer: { text: string } };
    assert(first.case.prefix.startsWith(source));
    assert.match(first.case.prefix + first.case.middle, /export const total = addNumbers\(1, 2\);$/);
  }));

for (const [args, code, message] of [
  [['complete'], 2, /FILE:LINE:COLUMN or --batch/],
  [['complete', 'numbers.ts:99:1', ...model], 2, /there is no line 99/],
  [['complete', 'absent.ts:1:1', ...model], 2, /can't be read/],
  [['complete', 'numbers.ts:1:1', '--as-of', 'nowhere', ...model], 2, /There is no commit nowhere/],
  [['complete', 'numbers.ts:1:1', '--adapter', 'champion', ...model], 2, /has no champion/],
  [['complete', 'numbers.ts:1:1', '--max-tokens', 'many', ...model], 2, /whole number/],
  [['complete', 'numbers.ts:1:1', '--base-model', '/nowhere/model.gguf'], 4, /There is no file/],
  [['complete', 'numbers.ts:1:1', '--base-model', 'embedded'], 4, /idiom model get embedded/],
  [['nonsense'], 2, /unknown command/],
] as const) {
  test(`idiom ${args.slice(0, 4).join(' ')}: exit code ${code} and a sentence`, () =>
    check(args, (finished) => {
      assert.match(finished.stderr, message);
      assert.equal(finished.code, code);
      assert.equal(finished.stdout, '');
    }));
}

test('replay outside of any repository says what it needs', () =>
  withDaemonFixture(async ({ run }) => {
    const folder = temporaryFolder();
    try {
      const { code, stderr } = await run(['replay', '--repo', folder, ...model]);
      assert.match(stderr, /in no git repository.*--repo/);
      assert.equal(code, 2);
    } finally {
      rmSync(folder, { recursive: true });
    }
  }));

test('the doctor finds nothing wrong in a new home with a model', () =>
  check(['doctor', ...model], ({ code, stdout }) => {
    assert.match(stdout, /Nothing is wrong/);
    assert.match(stdout, /index +There is none of \S+ yet/);
    assert.equal(code, 0);
  }));

test('the doctor tells of the index that a command made', () =>
  withDaemonFixture(async ({ run }) => {
    const repository = createGitFixture();
    try {
      repository.commit({ 'numbers.ts': source });
      await run(['index', '--repo', repository.root]);
      const { stdout } = await run(['doctor', '--repo', repository.root, ...model]);
      assert.match(stdout, /index +\S+: 1 files, 3 lines, 1 chunks, 1 definitions, complete \d+ s ago\./);
    } finally {
      repository.dispose();
    }
  }));

test('a reader that goes away, as head does, is no failure to tell of', async () => {
  const repository = createGitFixture();
  try {
    repository.commit({ 'numbers.ts': source });
    await withDaemonFixture(async ({ start }) => {
      const child = start('doctor', '--repo', repository.root);
      child.stdout?.destroy();
      let stderr = '';
      child.stderr?.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
      await new Promise((resolve) => child.once('close', resolve));
      assert.equal(stderr, '');
    });
  } finally {
    repository.dispose();
  }
});
