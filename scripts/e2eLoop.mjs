// `npm run e2e:loop -- DIR`: the whole loop in a real VS Code on a repository's later commits; it takes an hour.
// IDIOM_E2E_COMMITS, IDIOM_E2E_PLACES and IDIOM_E2E_MINUTES say how many commits are kept back, how many places are typed,
// and how long a training may compute. Default: this repository, 20, 40 and 10.

import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { root, setUp } from './setUp.mjs';

const node = setUp();
const repository = resolve(process.argv[2] ?? root);
if (!existsSync(join(repository, '.git'))) {
  process.stderr.write(`${repository} is no git repository; name one: npm run e2e:loop -- DIR\n`);
  process.exit(2);
}
const separator = process.platform === 'win32' ? ';' : ':';
const env = {
  ...process.env,
  PATH: `${dirname(node)}${separator}${process.env.PATH ?? ''}`,
  IDIOM_E2E_REPO: repository,
};
run(['scripts/build.ts'], 'inherit');
if (env.IDIOM_TEST_MODEL === undefined) {
  const output = run(['server/main.ts', 'model', 'get', 'embedded', '--json'], 'pipe');
  env.IDIOM_TEST_MODEL = JSON.parse(output).path;
}
run(['--test', '--test-timeout=7200000', 'test/e2e/longLoop.test.ts'], 'inherit');

/** Under Node 24, in the checkout; ends this process where it fails. */
function run(args, stdout) {
  const options = { cwd: root, env, encoding: 'utf8', stdio: ['ignore', stdout, 'inherit'] };
  const result = spawnSync(node, ['--disable-warning=ExperimentalWarning', ...args], options);
  if (result.status !== 0) process.exit(result.status ?? 1);
  return result.stdout;
}
