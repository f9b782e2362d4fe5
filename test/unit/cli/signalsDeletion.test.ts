/** `idiom signals`: which records a path names, and what is asked before they are deleted. */

import assert from 'node:assert/strict';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { Command } from 'commander';
import { registerSignals } from '../../../server/cli/signals.ts';
import { openGround } from '../../../server/store/ground.ts';
import { temporaryFolder } from '../../support/gitFixture.ts';

const recorded = [
  'src/[id]/page.py',
  'src/d/page.py',
  'src/d/page.py',
  'src/*.py',
  'src/a.py',
  'lib/[id]',
] as const;

interface Given {
  /** Undefined: nobody can be asked. */
  readonly answer?: boolean;
  readonly onDisk?: readonly string[];
}

/** Runs `signals ARGS` where the files above are recorded; answers what was said and which are left. */
async function run(args: readonly string[], given: Given): Promise<{ said: string[]; left: string[] }> {
  const root = temporaryFolder();
  const { ground } = openGround(join(root, 'idiom.sqlite'), { nowMs: () => 0 });
  recorded.forEach((path, i) =>
    ground.suggestions.add({
      ...{ id: String(i), repoId: 'here', uri: 'file:///x', path, languageId: 'python', offset: 0 },
      ...{ atMs: 1, prefix: 'p', suffix: '', text: 't', isMultiline: false },
      ...{ adapter: 'base', baseModel: 'm', route: 'local', latencyMs: {}, snippets: [] },
    }),
  );
  for (const path of given.onDisk ?? []) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), '');
  }
  const said: string[] = [];
  const program = new Command('idiom').exitOverride().configureOutput({ writeErr: () => undefined });
  registerSignals(program, {
    groundPath: ground.db.path,
    write: (line) => said.push(line),
    remark: (line) => said.push(`! ${line}`),
    confirm: (question) => (said.push(`? ${question}`), Promise.resolve(given.answer)),
    nowMs: () => 10,
    repo: () => Promise.resolve({ repoId: 'here', root }),
  });
  try {
    await program
      .parseAsync(['signals', ...args], { from: 'user' })
      .catch((error: unknown) => said.push((error as Error).message));
    const left = ground.db.all('SELECT path FROM suggestions ORDER BY id').map((row) => String(row['path']));
    return { said, left };
  } finally {
    ground.dispose();
    rmSync(root, { recursive: true });
  }
}

/** What `--delete --path PATH` takes. */
function checkDeleted(path: string, gone: readonly string[], onDisk: readonly string[] = []): void {
  test(`--path ${path} takes ${gone.join(', ') || 'nothing'}`, async () => {
    const { left } = await run(['--delete', '--yes', '--path', path], { onDisk });
    assert.deepEqual(
      left,
      recorded.filter((each) => !gone.includes(each)),
    );
  });
}

checkDeleted('src/[id]/page.py', ['src/[id]/page.py']);
checkDeleted('./src/[id]', ['src/[id]/page.py']);
checkDeleted('src/*.py', ['src/*.py']);
checkDeleted('src/d', ['src/d/page.py']);
checkDeleted('src/[d]/page.py', ['src/d/page.py']);
checkDeleted('src/[d]/page.py', [], ['src/[d]/page.py']);
checkDeleted('src/?.py', ['src/*.py', 'src/a.py']);
checkDeleted('l*', ['lib/[id]']);
checkDeleted('src/nothing.py', []);

test('a person is shown what goes, file by file, and asked', async () => {
  const args = ['--delete', '--path', 'src/*/page.py'];
  const question = [
    '? This deletes 3 suggestions:',
    '  src/d/page.py: 2',
    '  src/[id]/page.py: 1',
    'Delete them? This cannot be undone.',
  ].join('\n');
  const gone = ['Deleted 3 suggestions.', '  src/d/page.py: 2', '  src/[id]/page.py: 1'];
  const no = await run(args, { answer: false });
  assert.deepEqual(no, { said: [question, 'Nothing was deleted.'], left: recorded });
  assert.deepEqual((await run(args, { answer: true })).said, [question, ...gone]);
  // A script has nobody to ask.
  assert.deepEqual((await run(args, {})).said, [question, ...gone]);
  assert.deepEqual((await run([...args, '--yes'], { answer: false })).said, gone);
});

test('nothing is asked where nothing matches', async () =>
  assert.deepEqual((await run(['--delete', '--path', 'other'], {})).said, ['Deleted 0 suggestions.']));

test('a path outside of the repository is refused', async () =>
  assert.match((await run(['--delete', '--path', '../x'], {})).said[0] ?? '', /no file or folder inside/));
