/** What the doctor finds in healthy and broken homes. */

import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { IdiomError } from '../../../server/base/errors.ts';
import { homeFolders } from '../../../server/base/homeFolders.ts';
import { examine } from '../../../server/doctor/examine.ts';
import type { Check } from '../../../server/doctor/examine.ts';
import { openDatabase } from '../../../server/store/database.ts';
import { temporaryFolder } from '../../support/gitFixture.ts';

const model: Check = { name: 'base model', verdict: 'ok', detail: 'There.' };

/** Prepares a home, examines it, and expects every check to be ok but the named one. */
function check(
  name: string,
  prepare: (home: string) => void,
  wrong: string | undefined,
  detail = /./,
  baseModel: () => Promise<Check> = () => Promise.resolve(model),
): void {
  test(name, async () => {
    const home = temporaryFolder();
    try {
      prepare(home);
      const folders = homeFolders({ IDIOM_HOME: home });
      const checks = await examine({ folders, groundPath: join(home, 'idiom.sqlite'), baseModel });
      const found = checks.filter((one) => one.verdict === 'error');
      assert.deepEqual(
        found.map((one) => one.name),
        wrong === undefined ? [] : [wrong],
      );
      for (const one of found) assert.match(`${one.detail} ${one.remedy ?? ''}`, detail);
    } finally {
      rmSync(home, { recursive: true, force: true });
    }
  });
}

check('a new home', () => undefined, undefined);
check('a sound database', (home) => openDatabase({ path: join(home, 'idiom.sqlite') }).dispose(), undefined);
check(
  'a database that is none',
  (home) => writeFileSync(join(home, 'idiom.sqlite'), 'x'.repeat(5000)),
  'database',
  /can't be used/,
);
check(
  'a file where a folder should be',
  (home) => writeFileSync(join(home, 'logs'), ''),
  'log folder',
  /IDIOM_HOME/,
);
check(
  'a base model that is missing',
  () => undefined,
  'base model',
  /not here.*Get it/,
  () => Promise.reject(new IdiomError('modelMissing', 'It is not here.', { remedy: 'Get it.' })),
);
check(
  'a folder with a strange mode',
  (home) => {
    mkdirSync(join(home, 'models'));
    chmodSync(join(home, 'models'), 0o755);
  },
  undefined,
);
