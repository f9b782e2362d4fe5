/** Starts code-server on loopback with folders of its own, and ends it with all it started. Opens no browser. */

import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
  rmSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { IdiomError } from '../../server/base/errors.ts';

/** Where one code-server keeps its things; nothing of the user's own editor is read or written. */
export interface EditorFolders {
  readonly userData: string;
  readonly extensions: string;
  readonly config: string;
  readonly log: string;
}

export interface CodeServer {
  /** `http://127.0.0.1:PORT` */
  readonly url: string;
  /** `vscode-remote://127.0.0.1:PORT`, before an absolute path in the address of a file. */
  readonly fileScheme: string;
  /** Resolves when it ended, by itself or by stop(). */
  readonly ended: Promise<void>;
  stop(): Promise<void>;
}

export interface StartOptions {
  readonly entryPath: string;
  readonly folders: EditorFolders;
  readonly env: Readonly<NodeJS.ProcessEnv>;
  readonly args?: readonly string[];
  /** 0: any free one. */
  readonly port?: number;
}

const startDeadlineMs = 60_000;
const stopDeadlineMs = 5_000;

/** Makes the folders under `root`; `settings` are written unless an earlier run left some, which someone may have edited. */
export function makeEditorFolders(root: string, settings: Readonly<Record<string, unknown>>): EditorFolders {
  const folders = {
    userData: join(root, 'data'),
    extensions: join(root, 'extensions'),
    config: join(root, 'config.yaml'),
    log: join(root, 'code-server.log'),
  };
  mkdirSync(folders.extensions, { recursive: true });
  writeFileSync(folders.config, 'auth: none\n');
  if (!existsSync(join(folders.userData, 'User', 'settings.json'))) writeSettings(folders, settings);
  return folders;
}

/**
 * Replaces the settings; windows opened afterwards use them. They go to the user's and to the machine's file, since
 * code-server counts as a remote machine, where settings of scope `machine` are read from the latter alone.
 */
export function writeSettings(folders: EditorFolders, settings: Readonly<Record<string, unknown>>): void {
  for (const name of ['User', 'Machine']) {
    const folder = join(folders.userData, name);
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'settings.json'), `${JSON.stringify(settings, undefined, 2)}\n`);
  }
}

/** Makes the extension in `checkout` an installed one by a link: what is built there is what runs. */
export function linkExtension(folders: EditorFolders, checkout: string): void {
  const { publisher, name, version } = JSON.parse(readFileSync(join(checkout, 'package.json'), 'utf8')) as {
    publisher: string;
    name: string;
    version: string;
  };
  const link = join(folders.extensions, `${publisher}.${name}-${version}`);
  rmSync(link, { recursive: true, force: true });
  symlinkSync(checkout, link);
}

/**
 * Resolves when the server answers.
 * @throws IdiomError `internal` when it ends or stays silent; nothing of it is left running then.
 */
export async function startCodeServer(options: StartOptions): Promise<CodeServer> {
  const { folders } = options;
  const log = openSync(folders.log, 'w', 0o600);
  const child = spawn(
    process.execPath,
    [
      join(import.meta.dirname, 'guard.ts'),
      ...[options.entryPath, ...commonArgs(folders), '--bind-addr', `127.0.0.1:${options.port ?? 0}`],
      ...['--auth', 'none', '--disable-update-check', '--disable-getting-started-override'],
      ...(options.args ?? []),
    ],
    // The guard ends the whole group as soon as its standard input ends, that is, when this process does.
    { env: { ...options.env }, stdio: ['pipe', log, log], detached: true },
  );
  closeSync(log);
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  try {
    const url = await untilListening(child, folders.log);
    const fileScheme = url.replace('http:', 'vscode-remote:');
    return { url, fileScheme, ended, stop: () => stop(child, ended) };
  } catch (error) {
    await stop(child, ended);
    throw error;
  }
}

/** Runs code-server's command line (`--install-extension` and the like); resolves to its exit code and output. */
export async function runCodeServer(options: StartOptions): Promise<{ code: number | null; output: string }> {
  const child = spawn(
    process.execPath,
    [options.entryPath, ...commonArgs(options.folders), ...(options.args ?? [])],
    { env: { ...options.env }, stdio: ['ignore', 'pipe', 'pipe'] },
  );
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => (output += text));
  }
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  return { code, output };
}

function commonArgs(folders: EditorFolders): string[] {
  return [
    ...['--config', folders.config, '--user-data-dir', folders.userData],
    ...['--extensions-dir', folders.extensions, '--disable-telemetry'],
  ];
}

async function untilListening(child: ChildProcess, logPath: string): Promise<string> {
  const end = Date.now() + startDeadlineMs;
  while (child.exitCode === null && child.signalCode === null && Date.now() < end) {
    const url = /listening on (http:\/\/127\.0\.0\.1:\d+)/.exec(readFileSync(logPath, 'utf8'))?.[1];
    if (url !== undefined && (await isHealthy(url))) return url;
    await wait(50);
  }
  const lastLines = readFileSync(logPath, 'utf8').trimEnd().split('\n').slice(-5).join('\n');
  throw new IdiomError('internal', `code-server did not start. The end of its log:\n${lastLines}\n`, {
    remedy: `The whole log is ${logPath}.`,
  });
}

async function isHealthy(url: string): Promise<boolean> {
  try {
    return (await fetch(`${url}/healthz`)).ok;
  } catch {
    return false;
  }
}

async function stop(child: ChildProcess, ended: Promise<void>): Promise<void> {
  signalGroup(child, 'SIGTERM');
  await Promise.race([ended, wait(stopDeadlineMs, undefined, { ref: false })]);
  signalGroup(child, 'SIGKILL');
}

function signalGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, signal);
  } catch {
    // The group is gone already.
  }
}
