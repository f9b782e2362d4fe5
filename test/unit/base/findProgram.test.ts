/** Where programs are found, and what they are told of the environment. */

import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { after, test } from 'node:test';
import { findProgram, plainEnvironment } from '../../../server/base/findProgram.ts';
import { temporaryFolder } from '../../support/gitFixture.ts';

const folder = temporaryFolder();
after(() => rmSync(folder, { recursive: true }));
const ending = process.platform === 'win32' ? '.exe' : '';
const place = (path: string, mode: number) => {
  mkdirSync(join(folder, path, '..'), { recursive: true });
  writeFileSync(join(folder, path), '', { mode });
};
place(`here/tool${ending}`, 0o755);
place(`later/tool${ending}`, 0o755);
place(`plain/tool${ending}`, 0o644);
mkdirSync(join(folder, 'folder', `tool${ending}`), { recursive: true });

/** @param path entries of PATH; `~/` stands for the folder. @param expected the entry in which it is found. */
function check(name: string, path: readonly string[], expected: string | undefined, program = 'tool'): void {
  test(name, () => {
    const PATH = path.map((entry) => entry.replace(/^~/, folder)).join(delimiter);
    const cwd = process.cwd();
    process.chdir(join(folder, 'here'));
    try {
      const found = findProgram(program.replace(/^~/, folder), { PATH });
      assert.equal(found, expected === undefined ? undefined : join(folder, expected, `tool${ending}`));
    } finally {
      process.chdir(cwd);
    }
  });
}
check('the first folder that has it', ['~/none', '~/later', '~/here'], 'later');
check('never the current folder', ['', '.', '../here', 'here'], undefined);
check('a folder of that name is no program', ['~/folder', '~/later'], 'later');
check('a whole path is itself', [], 'later', `~/later/tool${ending}`);
check('a path within the current folder is none', ['~/here'], undefined, './tool');
if (process.platform !== 'win32') check('what may not be run is no program', ['~/plain', '~/later'], 'later');

test('the environment is a list, and PATH is without the current folder', () => {
  const env = {
    HOME: '/h',
    PYTHONPATH: 'x',
    LD_PRELOAD: 'x',
    GIT_DIR: 'x',
    WANTED: 'y',
    PATH: `.${delimiter}`,
  };
  const { NoDefaultCurrentDirectoryInExePath: _set, ...rest } = plainEnvironment(['WANTED'], env);
  assert.deepEqual(rest, { HOME: '/h', WANTED: 'y', PATH: '' });
});

/** Each sets the folder and the environment that a started program gets. */
const careful = /\b(nodeChild|plainEnvironment|daemonEnvironment)\(/;
test('every file that starts a program says what the program gets', () => {
  const root = join(import.meta.dirname, '..', '..', '..');
  const files = ['server', 'extension', 'protocol']
    .flatMap((top) =>
      readdirSync(join(root, top), { recursive: true, encoding: 'utf8' }).map((name) => join(top, name)),
    )
    .filter((name) => name.endsWith('.ts'));
  const starting = files.filter((name) =>
    /import \{[^}]*\b(spawn|spawnSync|fork|exec|execSync|execFile|execFileSync)\b[^}]*\} from 'node:child_process'/.test(
      readFileSync(join(root, name), 'utf8'),
    ),
  );
  assert(starting.length >= 8, String(starting));
  assert.deepEqual(
    starting.filter((name) => !careful.test(readFileSync(join(root, name), 'utf8'))),
    [],
  );
});
