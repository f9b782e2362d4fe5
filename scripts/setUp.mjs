// Installs what is missing and says so; plain JavaScript, since it runs on whatever Node 20 or newer is there.
// Exports the Node 24 that everything else runs under.

import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = dirname(dirname(fileURLToPath(import.meta.url)));
const minSystemMajor = 24;

/** Installs locked dependencies unless they are there already; returns the path of a Node 24 or newer. */
export function setUp() {
  const [major = 0] = process.versions.node.split('.').map(Number);
  if (major < 20) fail(`Node ${process.versions.node} is too old.`, 'Install Node 20 or newer.');
  const stampPath = join(root, 'node_modules', '.idiom-lock-digest');
  const digest = createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex');
  const isInstalled = existsSync(stampPath) && readFileSync(stampPath, 'utf8') === digest;
  if (!isInstalled) {
    const startedAt = Date.now();
    process.stderr.write(
      'Installing the locked dependencies (about 250 MB, under a minute on most lines) ...\n',
    );
    const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
    const result = spawnSync(npm, ['ci', '--loglevel=error'], {
      cwd: root,
      stdio: ['ignore', 2, 2],
      shell: process.platform === 'win32',
    });
    if (result.status !== 0)
      fail('npm ci failed; its message is above.', 'Mend that, then run the command again.');
    mkdirSync(dirname(stampPath), { recursive: true });
    writeFileSync(stampPath, digest);
    process.stderr.write(`Installed in ${Math.round((Date.now() - startedAt) / 1000)} s.\n`);
  }
  return findNode();
}

function findNode() {
  const platform = process.platform === 'win32' ? 'win' : process.platform;
  const file = process.platform === 'win32' ? 'node.exe' : 'node';
  const packaged = join(root, 'node_modules', `node-${platform}-${process.arch}`, 'bin', file);
  if (existsSync(packaged)) return packaged;
  if (Number(process.versions.node.split('.')[0]) >= minSystemMajor) return process.execPath;
  return fail(
    `There is no packaged Node ${minSystemMajor} for ${process.platform}-${process.arch}.`,
    `Install Node ${minSystemMajor} or newer and run the command again.`,
  );
}

/** Runs a script of this project under Node 24, passes signals on, and ends with its exit code. */
export function runUnder(node, args, env = {}) {
  void run(node, args, env).then(({ code }) => process.exit(code));
}

/** As runUnder, but goes on: `code` is the exit code, `isEnded` says that a signal ended it. */
export function run(node, args, env = {}) {
  const child = spawn(node, ['--disable-warning=ExperimentalWarning', ...args], {
    cwd: process.cwd(),
    stdio: 'inherit',
    env: {
      ...process.env,
      PATH: `${dirname(node)}${process.platform === 'win32' ? ';' : ':'}${process.env.PATH ?? ''}`,
      ...env,
    },
  });
  let isEnded = false;
  const pass = (signal) => {
    isEnded = true;
    child.kill(signal);
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, pass);
  return new Promise((resolve) => {
    child.on('exit', (code, signal) => {
      for (const each of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.off(each, pass);
      resolve({ code: signal === null ? (code ?? 1) : 1, isEnded: isEnded || signal !== null });
    });
  });
}

function fail(what, remedy) {
  process.stderr.write(`${what} ${remedy}\n`);
  return process.exit(4);
}
