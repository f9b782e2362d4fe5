/** What pip is told, and where it runs, as a stand-in for pip tells. */

import assert from 'node:assert/strict';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { neverAborts } from '../../../server/base/abort.ts';
import { systemClock } from '../../../server/base/clock.ts';
import { downloadWithPip } from '../../../server/llama/pipDownload.ts';
import { temporaryFolder } from '../../support/gitFixture.ts';

const teller = `
require('fs').writeFileSync('told.json', JSON.stringify({ args: process.argv.slice(1), cwd: process.cwd(), env: process.env }));
require('fs').writeFileSync('x.whl', '');`;

test('pip runs in its own folder, builds nothing, and knows the registry and the proxy but no other settings', async () => {
  const folder = temporaryFolder();
  const repository = temporaryFolder();
  const cwd = process.cwd();
  const given = {
    PIP_INDEX_URL: 'https://host.invalid',
    HTTPS_PROXY: 'p',
    PYTHONPATH: '.',
    PIP_TARGET: 'x',
    PIP_REQUIRE: 'x',
  };
  Object.assign(process.env, given);
  process.chdir(repository);
  try {
    await downloadWithPip({
      ...{ packageSpec: 'x==1', folder, sizeBytes: 1, clock: systemClock, signal: neverAborts },
      onProgress: () => undefined,
      pips: [[process.execPath, '-e', teller, '--']],
    });
    const told = JSON.parse(readFileSync(join(folder, 'told.json'), 'utf8')) as {
      readonly args: readonly string[];
      readonly cwd: string;
      readonly env: Readonly<Record<string, string>>;
    };
    assert.equal(told.cwd, folder);
    assert(told.args.includes('--only-binary=:all:'));
    const kept = Object.keys(given).filter((name) => name in told.env);
    assert.deepEqual(kept, ['PIP_INDEX_URL', 'HTTPS_PROXY']);
  } finally {
    process.chdir(cwd);
    for (const name of Object.keys(given)) Reflect.deleteProperty(process.env, name);
    rmSync(folder, { recursive: true });
    rmSync(repository, { recursive: true });
  }
});
