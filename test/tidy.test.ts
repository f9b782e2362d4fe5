/** Rules of the house that no linter knows: first lines, names, folders, links in documents. */

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const files = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
  cwd: root,
})
  .toString()
  .split('\0')
  .filter((file) => file !== '' && existsSync(join(root, file)));
const sources = files.filter((file) => file.endsWith('.ts') && !file.startsWith('test/fixtures/'));
const read = (file: string) => readFileSync(join(root, file), 'utf8');

function check(rule: string, checked: readonly string[], isBroken: (file: string) => boolean): void {
  test(rule, () => {
    assert(checked.length > 0, 'nothing was checked');
    assert.deepEqual(checked.filter(isBroken), []);
  });
}

check(
  'every file says on its first line what it is for',
  sources,
  (file) => !/^\/\*\*\s+\S/.test(read(file)),
);
check(
  'file names are camelCase',
  sources,
  (file) => !/^[a-z][A-Za-z0-9]*(\.test)?\.ts$/.test(basename(file)),
);
check('no file is named after nothing', sources, (file) =>
  /(utils|helpers|manager|misc|common)\b/i.test(basename(file)),
);
check(
  'nothing is left undone',
  sources,
  (file) => !file.endsWith('tidy.test.ts') && /\b(TODO|FIXME|XXX)\b/.test(read(file)),
);
check(
  'no test is skipped or singled out',
  sources.filter((file) => file.startsWith('test/') && !file.endsWith('tidy.test.ts')),
  (file) => /\b(test|it|describe|suite)\.(skip|only|todo)\b|\b(skip|only|todo): true/.test(read(file)),
);
check(
  'unit tests do not sleep',
  sources.filter((file) => file.startsWith('test/unit/')),
  (file) => /setTimeout\((resolve|done|r)\b|timers\/promises/.test(read(file)),
);
check(
  'documents link to files that are there',
  files.filter((file) => file.endsWith('.md')),
  (file) =>
    [...read(file).matchAll(/\]\((?!https?:|#|mailto:|command:)([^)#\s]+)/g)].some(
      ([, target = '']) => !existsSync(join(root, dirname(file), target)),
    ),
);

test('the folders of server/ are those that the lint rules know', async () => {
  const config = (await import(new URL('../eslint.config.mjs', import.meta.url).href)) as {
    folderNumbers: Record<string, number>;
  };
  const folders = readdirSync(join(root, 'server'), { withFileTypes: true }).filter((entry) =>
    entry.isDirectory(),
  );
  const withFiles = folders.filter((entry) =>
    sources.some((file) => file.startsWith(`server/${entry.name}/`)),
  );
  assert.deepEqual(
    withFiles.map((entry) => entry.name).filter((name) => !(name in config.folderNumbers)),
    [],
  );
});
