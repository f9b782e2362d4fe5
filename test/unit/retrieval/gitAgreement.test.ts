/** Verdicts on random trees under random rule files, against what git itself says of them. */

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { seededRandom } from '../../../server/base/random.ts';
import type { Random } from '../../../server/base/random.ts';
import { createIgnoreRules } from '../../../server/retrieval/ignoreRules.ts';
import { createDiskRuleSource } from '../../../server/retrieval/ruleFiles.ts';
import { temporaryFolder } from '../../support/gitFixture.ts';

const names = [
  'a',
  'b',
  'ab',
  'aab',
  'b.c',
  'a b',
  'a ',
  'A',
  '.a',
  '#a',
  '!a',
  '[a]',
  'a*',
  '\u00e9',
  'a\\b',
  'x-y',
];
const parts = [
  ...names,
  ...[
    '*',
    '**',
    '?',
    '*.c',
    'a*',
    '*b',
    '*a*b',
    '**a',
    'a**',
    '***',
    '[ab]',
    '[!a]',
    '[^a]',
    '[a-z]',
    '[]a]',
  ],
  ...[
    '[a-',
    '[[:alpha:]]',
    '[[:upper:]x]',
    '[[:nonsense:]]',
    '[[:x]',
    '[a\\]]',
    '\\a',
    '\\*',
    '\\[a\\]',
    'a\\',
    '\\',
  ],
  ...['[\u00e9]', '??', '[z-a]', '[--a]', '[!!]', '{a,b}', '[a-]', ''],
];
const lineStarts = ['', '', '', '', '!', '!', '/', '!/', '#', '\\#', '\\!', ' ', '**/', '*/'];
const lineEnds = ['', '', '', '', '/', '/', '/**', '/*', ' ', '\\ ', '\\  ', '  ', '\t', '//', '/**/', '\r'];

function drawRules(random: Random): string {
  const pick = (from: readonly string[]) => from[random.int(from.length)] as string;
  const lines = Array.from({ length: 1 + random.int(4) }, () => {
    const nParts = random.next() < 0.6 ? 1 : 1 + random.int(3);
    return pick(lineStarts) + Array.from({ length: nParts }, () => pick(parts)).join('/') + pick(lineEnds);
  });
  const mark = random.next() < 0.2 ? '\ufeff' : '';
  return mark + lines.join(random.next() < 0.2 ? '\r\n' : '\n') + (random.next() < 0.8 ? '\n' : '');
}

function drawTree(random: Random): { files: string[]; folders: string[] } {
  const files = new Set<string>();
  const folders = new Set<string>();
  while (files.size < 150) {
    const depth = 1 + random.int(4);
    files.add(Array.from({ length: depth }, () => names[random.int(names.length)]).join('/'));
  }
  for (const file of files) {
    for (let at = dirname(file); at !== '.'; at = dirname(at)) folders.add(at);
  }
  return { files: [...files].filter((file) => !folders.has(file)), folders: ['', ...folders] };
}

/** What `git status --ignored` goes by, file by file. (`check-ignore` of many paths at once forgets rules.) */
function askGit(root: string, environment: Record<string, string>): Set<string> {
  const args = ['ls-files', '-z', '--others', '--ignored', '--exclude-standard'];
  const env = { ...process.env, ...environment, GIT_CONFIG_SYSTEM: '/dev/null' };
  return new Set(execFileSync('git', args, { cwd: root, env }).toString().split('\0'));
}

const nRounds = 20;

test('git and Idiom leave out the same files', () => {
  const random = seededRandom(20);
  const folder = temporaryFolder();
  const root = join(folder, 'tree');
  const globalExcludes = join(folder, 'excludes');
  writeFileSync(join(folder, 'config'), `[core]\n\texcludesFile = ${globalExcludes}\n`);
  try {
    execFileSync('git', ['init', '-q', root]);
    const { files, folders } = drawTree(random);
    for (const path of files) {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), '');
    }
    const ownExcludes = join(root, '.git/info/exclude');
    const excludeFiles = [ownExcludes, globalExcludes].map((path) => ({ path, name: path }));
    let nIgnored = 0;
    for (let round = 0; round < nRounds; round++) {
      const texts: Record<string, string> = {};
      for (const each of [
        ...folders.map((at) => join(root, at, '.gitignore')),
        ownExcludes,
        globalExcludes,
      ]) {
        texts[each] = random.next() < 0.7 ? '' : drawRules(random);
        writeFileSync(each, texts[each]);
      }
      const source = createDiskRuleSource({ root, excludeFiles, nowMs: () => 0 });
      const rules = createIgnoreRules({ settingGlobs: [], isCaseSensitive: true, source });
      const byGit = askGit(root, { GIT_CONFIG_GLOBAL: join(folder, 'config') });
      const differing = files.filter((path) => rules.explain(path).isIgnored !== byGit.has(path));
      assert.deepEqual(differing, [], JSON.stringify({ round, texts }, null, 1));
      nIgnored += byGit.size;
    }
    assert.ok(nIgnored > 500, `only ${nIgnored} verdicts say anything`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
