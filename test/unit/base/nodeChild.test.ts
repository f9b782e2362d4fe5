/** What a process of our own picks up from the folder and the environment of whoever started it: nothing. */

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { daemonEnvironment } from '../../../protocol/daemonEnvironment.ts';
import { nodeChild } from '../../../server/base/nodeChild.ts';
import { temporaryFolder } from '../../support/gitFixture.ts';

/** A repository's own module, which NODE_OPTIONS names. @param start options for the process that is started there. */
function check(name: string, start: (env: NodeJS.ProcessEnv) => object, isRun: boolean): void {
  test(name, () => {
    const folder = temporaryFolder();
    try {
      writeFileSync(
        join(folder, 'stranger.cjs'),
        `require('fs').writeFileSync(${JSON.stringify(join(folder, 'mark'))}, '')`,
      );
      const env = { ...process.env, NODE_OPTIONS: '--require=./stranger.cjs', NODE_PATH: folder };
      spawnSync(process.execPath, ['-e', ''], { cwd: folder, ...start(env) });
      assert.equal(existsSync(join(folder, 'mark')), isRun);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
}
check('as it is, the module runs', (env) => ({ env }), true);
check('not in a child', (env) => nodeChild(env), false);
check('not in a daemon', (env) => ({ env: daemonEnvironment(env) }), false);

test('a child is in no folder that others write to', () => assert.notEqual(nodeChild().cwd, process.cwd()));

test("a daemon keeps what a user's network needs", () => {
  const NODE_OPTIONS = '--use-system-ca --inspect=0 --require ./x.js --max-old-space-size=100';
  assert.deepEqual(daemonEnvironment({ HTTPS_PROXY: 'p', NODE_OPTIONS, NODE_PATH: 'x' }), {
    ...{ HTTPS_PROXY: 'p', ELECTRON_RUN_AS_NODE: '1' },
    NODE_OPTIONS: '--use-system-ca --max-old-space-size=100',
  });
});
