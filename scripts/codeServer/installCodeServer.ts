/** Installs code-server, a VS Code that runs in a browser, into .cache; never touches the project's own dependencies. */

import { spawn } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { Disposable } from '../../server/base/disposable.ts';
import { IdiomError } from '../../server/base/errors.ts';
import { acquireLock } from '../../server/store/lock.ts';
import { restoreProposedApiGate } from './proposedApiGate.ts';

const root = join(import.meta.dirname, '..', '..');

/** Its minor version is that of the VS Code inside: 4.139.1 holds VS Code 1.139.1. */
export const codeServerVersion = '4.139.1';

export interface CodeServerInstall {
  /** The script to run under Node 24. */
  readonly entryPath: string;
  /** False when no C++ compiler was there: then every output channel of the editor stays empty. */
  readonly hasOutputChannels: boolean;
}

/**
 * Returns the installed code-server and installs it first when it is missing: about a minute and 0.6 GB.
 * A second run waits for the first; one that was killed leaves nothing but a folder that the next removes.
 * @throws IdiomError `downloadFailed` when npm fails.
 */
export async function installCodeServer(say: (line: string) => void): Promise<CodeServerInstall> {
  const cache = join(root, '.cache');
  const folder = join(cache, `code-server-${codeServerVersion}`);
  mkdirSync(cache, { recursive: true });
  if (!existsSync(folder)) {
    const lock = await waitForLock(`${folder}.lock`, say);
    try {
      if (!existsSync(folder)) await installInto(folder, say);
    } finally {
      lock.dispose();
    }
  }
  const packageFolder = join(folder, 'node_modules', 'code-server');
  return {
    entryPath: join(packageFolder, 'out', 'node', 'entry.js'),
    hasOutputChannels: existsSync(spdlogPath(packageFolder)),
  };
}

async function waitForLock(path: string, say: (line: string) => void): Promise<Disposable> {
  for (let tries = 0; ; tries++) {
    const lock = acquireLock(path);
    if (lock !== undefined) return lock;
    if (tries === 0) say('Another run is installing code-server; waiting for it ...');
    await wait(500);
  }
}

/** Everything happens in a folder beside the real one, which appears by a rename once all of it is there. */
async function installInto(folder: string, say: (line: string) => void): Promise<void> {
  const startedAt = Date.now();
  removeLeftovers(folder);
  const partial = mkdtempSync(`${folder}.partial-`);
  writeFileSync(join(partial, 'package.json'), '{"private":true}\n');
  const packageFolder = join(partial, 'node_modules', 'code-server');
  const vscodeFolder = join(packageFolder, 'lib', 'vscode');

  say(`Installing code-server ${codeServerVersion} (0.6 GB on disk, about a minute) ...`);
  await npm(partial, ['install', '--save-exact', `code-server@${codeServerVersion}`]);
  say('  1 of 4: the server is there; its VS Code parts follow ...');
  // `npm ci` refuses here: the published shrinkwrap does not match the published package.json.
  await npm(vscodeFolder, ['install', '--omit=dev']);
  say('  2 of 4: VS Code parts are there; its built-in extensions follow ...');
  await npm(join(vscodeFolder, 'extensions'), ['install', '--omit=dev']);
  say('  3 of 4: built-in extensions are there; two native modules are compiled ...');
  await compileNativeModules(vscodeFolder, say);
  linkCommands(vscodeFolder);
  restoreProposedApiGate(packageFolder);
  renameSync(partial, folder);
  say(`  4 of 4: code-server is ready (${Math.round((Date.now() - startedAt) / 1000)} s).`);
}

/** A killed run's npm may go on for a while in that run's folder; what can't be removed now goes with the next install. */
function removeLeftovers(folder: string): void {
  const cache = dirname(folder);
  for (const name of readdirSync(cache)) {
    if (!name.startsWith(`${basename(folder)}.partial-`)) continue;
    try {
      rmSync(join(cache, name), { recursive: true, force: true });
    } catch {
      // Still being written.
    }
  }
}

/** spdlog writes logs and output channels; without native-watchdog only a clean stop is noticed. Both can be missed. */
async function compileNativeModules(vscodeFolder: string, say: (line: string) => void): Promise<void> {
  try {
    await npm(
      vscodeFolder,
      ['rebuild', '@vscode/spdlog', '@vscode/native-watchdog', '--ignore-scripts=false'],
      'quiet',
    );
  } catch {
    say('  A C++ compiler and python3 are needed for these; going on without: output channels stay empty.');
  }
}

/** The two links that code-server's own install step makes; install steps are switched off here. */
function linkCommands(vscodeFolder: string): void {
  const system = process.platform === 'darwin' ? 'darwin' : 'linux';
  for (const [folder, target, name] of [
    ['remote-cli', `code-${system}.sh`, 'code-server'],
    ['helpers', `browser-${system}.sh`, 'browser.sh'],
  ] as const) {
    const link = join(vscodeFolder, 'bin', folder, name);
    rmSync(link, { force: true });
    symlinkSync(target, link);
  }
}

function spdlogPath(packageFolder: string): string {
  const modules = join(packageFolder, 'lib', 'vscode', 'node_modules');
  return join(modules, '@vscode', 'spdlog', 'build', 'Release', 'spdlog.node');
}

/** Runs npm under this Node, without the settings that an outer npm hands down by environment. */
async function npm(cwd: string, args: readonly string[], output: 'shown' | 'quiet' = 'shown'): Promise<void> {
  const inherited = Object.entries(process.env).filter(
    ([name]) => !/^npm_(lifecycle|package|command|execpath|node_execpath)|^INIT_CWD$/i.test(name),
  );
  const nodeFolder = dirname(dirname(process.execPath));
  const child = spawn(
    'npm',
    ['--no-audit', '--no-fund', '--loglevel=error', '--ignore-scripts=true', ...args],
    {
      cwd,
      stdio: ['ignore', 'ignore', output === 'shown' ? 'inherit' : 'ignore'],
      env: {
        ...Object.fromEntries(inherited.filter(([name]) => !/^npm_config_(local_)?prefix$/i.test(name))),
        PATH: `${dirname(process.execPath)}:${process.env['PATH'] ?? ''}`,
        ...(hasHeaders(nodeFolder) ? { npm_config_nodedir: nodeFolder } : {}),
      },
    },
  );
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', resolve);
  });
  if (code === 0) return;
  throw new IdiomError(
    'downloadFailed',
    `npm ${args[0] ?? ''} failed in ${cwd} with exit code ${code ?? -1}.`,
    {
      remedy: 'Its message is above; check the connection to the npm registry and run the command again.',
    },
  );
}

function hasHeaders(nodeFolder: string): boolean {
  const include = join(nodeFolder, 'include', 'node');
  return existsSync(include) && readdirSync(include).includes('node.h');
}
