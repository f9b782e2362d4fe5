// `npm test`: sets up what is missing and runs every check and test; `npm test -- NAME ...` runs only those steps.

import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { root, setUp } from './setUp.mjs';

const node = setUp();
const require = createRequire(join(root, 'package.json'));
const env = {
  ...process.env,
  PATH: `${dirname(node)}${process.platform === 'win32' ? ';' : ':'}${process.env.PATH ?? ''}`,
};

/** Runs under Node 24; returns what it printed on standard output when `isCaptured`. */
function run(args, { isCaptured = false } = {}) {
  const stdio = ['ignore', isCaptured ? 'pipe' : 'inherit', 'inherit'];
  const result = spawnSync(node, ['--disable-warning=ExperimentalWarning', ...args], {
    cwd: root,
    env,
    stdio,
    encoding: 'utf8',
  });
  return { isOk: result.status === 0, output: result.stdout ?? '' };
}

function binary(name, file) {
  return join(dirname(require.resolve(`${name}/package.json`)), file);
}

/** Test files below these folders, `test/` itself without its folders. */
function testFiles(...folders) {
  const files = folders.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: folder !== 'test' })
      .filter((name) => name.endsWith('.test.ts'))
      .map((name) => join(folder, name)),
  );
  if (files.length === 0) throw new Error(`There are no test files in ${folders.join(', ')}.`);
  return files.sort();
}

/** The real model for the tests that compute; downloaded once, then found. */
function needModel() {
  if (env.IDIOM_TEST_MODEL === undefined) {
    const { isOk, output } = run(['server/main.ts', 'model', 'get', 'embedded', '--json'], {
      isCaptured: true,
    });
    if (!isOk) return false;
    env.IDIOM_TEST_MODEL = JSON.parse(output).path;
  }
  return true;
}

const oneAtATime = ['--test', '--test-concurrency=1', '--test-timeout=300000'];
const steps = {
  format: () => run([binary('prettier', 'bin/prettier.cjs'), '--check', '--log-level', 'warn', '.']).isOk,
  lint: () => run([binary('eslint', 'bin/eslint.js'), '--max-warnings', '0', '.']).isOk,
  types: () =>
    ['tsconfig.json', 'webview/tsconfig.json'].every(
      (project) => run([binary('typescript', 'bin/tsc'), '--noEmit', '-p', project]).isOk,
    ),
  unit: () => run(['--test', ...testFiles('test', 'test/unit')]).isOk,
  protocol: () => run(['--test', ...testFiles('test/protocol')]).isOk,
  engine: () => needModel() && run([...oneAtATime, ...testFiles('test/engine')]).isOk,
  trainer: () => needModel() && run([...oneAtATime, ...testFiles('test/trainer')]).isOk,
  build: () => run(['scripts/build.ts']).isOk,
  daemon: () => needModel() && run([...oneAtATime, ...testFiles('test/daemon')]).isOk,
  extension: () => needModel() && run([...oneAtATime, ...testFiles('test/extension')]).isOk,
};

const names = process.argv.slice(2);
const unknown = names.filter((name) => !(name in steps));
if (unknown.length > 0) {
  process.stderr.write(
    `There is no step ${unknown.join(', ')}; the steps are ${Object.keys(steps).join(', ')}.\n`,
  );
  process.exit(2);
}
const failed = [];
for (const name of names.length > 0 ? names : Object.keys(steps)) {
  process.stdout.write(`\n== ${name}\n`);
  const startedAt = Date.now();
  if (!steps[name]()) failed.push(name);
  process.stdout.write(
    `== ${name}: ${failed.includes(name) ? 'FAILED' : 'ok'} in ${Math.round((Date.now() - startedAt) / 1000)} s\n`,
  );
}
const version = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).version;
process.stdout.write(
  failed.length === 0
    ? `\nIdiom ${version}: everything passed.\n`
    : `\nIdiom ${version}: failed: ${failed.join(', ')}.\n`,
);
process.exit(failed.length === 0 ? 0 : 1);
