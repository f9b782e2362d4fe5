/** Memory of the daemon as users run it, without a base model and with one, and of its engine process. */

import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { createMessageConnection, StreamMessageReader, StreamMessageWriter } from 'vscode-jsonrpc/node';
import type { MessageConnection } from 'vscode-jsonrpc/node';
import { messageNames } from '../protocol/messages.ts';
import type { StatusParams } from '../protocol/messages.ts';
import { socketPath } from '../protocol/socketPath.ts';
import { buildBundles } from '../scripts/build.ts';
import { IdiomError } from '../server/base/errors.ts';
import type { Benchmark, BenchContext, BenchmarkResult } from './benchmark.ts';
import { drawCases } from './cases.ts';

const budgetMb = 150;
/** Garbage of the start is collected by then. */
const settleMs = 3_000;
const timeoutMs = 60_000;

export const memory: Benchmark = {
  name: 'memory',
  question: 'How much memory do the daemon and its engine process take, without and with a base model?',
  run,
};

async function run(context: BenchContext): Promise<BenchmarkResult> {
  if (process.platform !== 'linux')
    throw new IdiomError('wrongUse', 'This benchmark reads /proc and runs on Linux only.');
  const daemonFile = await buildDaemon(context);
  const without = await measureDaemon(context, daemonFile, 'none', join(context.workFolder, 'none.gguf'));
  const withModel = await measureDaemon(context, daemonFile, 'model', context.modelPath);
  const modelMb = readFileSync(context.modelPath).length / 2 ** 20;
  return {
    figures: [
      {
        name: 'daemon, no base model',
        measured: without.daemonMb,
        unit: 'MB',
        budget: { of: 'measured', atMost: budgetMb },
      },
      { name: 'daemon, base model loaded', measured: withModel.daemonMb, unit: 'MB' },
      {
        name: 'engine process',
        measured: withModel.engineMb,
        reference: modelMb,
        unit: 'MB',
        ratio: withModel.engineMb / modelMb,
      },
    ],
    remarks: [
      'Resident set size (VmRSS of /proc), a few seconds after an editor connected, opened a document and asked for 5 suggestions.',
      'The reference of the engine process is the size of the model file; its KV caches are of the default settings.',
    ],
    input: { modelMb: Math.round(modelMb) },
  };
}

/** The release bundle, in a folder like that of the installed extension. */
async function buildDaemon(context: BenchContext): Promise<string> {
  const folder = join(context.root, '.cache', 'bench-daemon');
  await buildBundles(join(folder, 'dist'), true);
  const link = join(folder, 'package.json');
  if (!existsSync(link)) symlinkSync(join(context.root, 'package.json'), link);
  return join(folder, 'dist', 'idiom.mjs');
}

interface Usage {
  readonly daemonMb: number;
  /** 0 when there is no engine process. */
  readonly engineMb: number;
}

async function measureDaemon(
  context: BenchContext,
  daemonFile: string,
  name: string,
  modelPath: string,
): Promise<Usage> {
  const home = join(context.workFolder, name);
  mkdirSync(home, { mode: 0o700 });
  const env = { ...process.env, IDIOM_HOME: home, IDIOM_BASE_MODEL: modelPath };
  const daemon = spawn(process.execPath, [daemonFile, 'daemon', 'run'], { env, stdio: 'ignore' });
  try {
    const path = socketPath({
      env,
      platform: process.platform,
      uid: process.getuid?.(),
      tmpDir: tmpdir(),
      homeDir: homedir(),
    });
    const socket = await connectTo(path, daemon);
    const connection = createMessageConnection(
      new StreamMessageReader(socket),
      new StreamMessageWriter(socket),
    );
    await useAsEditor(connection, context, name === 'none' ? 'error' : 'ready');
    await wait(settleMs);
    const pid = daemon.pid ?? 0;
    const usage = { daemonMb: memoryMb(pid), engineMb: sum(childrenOf(pid).map(memoryMb)) };
    connection.dispose();
    socket.destroy();
    return usage;
  } finally {
    daemon.kill('SIGTERM');
    await new Promise((resolve) => (daemon.exitCode === null ? daemon.once('exit', resolve) : resolve(null)));
  }
}

async function connectTo(path: string, daemon: ChildProcess): Promise<Socket> {
  const deadlineMs = performance.now() + timeoutMs;
  while (performance.now() < deadlineMs && daemon.exitCode === null) {
    const socket = connect(path);
    const isConnected = await new Promise<boolean>((resolve) => {
      socket.once('connect', () => resolve(true));
      socket.once('error', () => resolve(false));
    });
    if (isConnected) return socket;
    await wait(50);
  }
  throw new IdiomError('daemonUnreachable', 'The daemon of the benchmark did not start.');
}

/** Connects as an editor does, waits for `state`, opens a document and asks for suggestions in it. */
async function useAsEditor(
  connection: MessageConnection,
  context: BenchContext,
  state: StatusParams['state'],
): Promise<void> {
  const seen: string[] = [];
  const reached = Promise.withResolvers<true>();
  connection.onNotification(messageNames.status, (status: StatusParams) => {
    seen.push(status.state);
    if (status.state === state) reached.resolve(true);
  });
  connection.onRequest('workspace/configuration', ({ items }: { items: unknown[] }) => items.map(() => ({})));
  connection.onUnhandledNotification(() => undefined);
  connection.listen();
  const folder = pathToFileURL(context.root).href;
  await connection.sendRequest('initialize', {
    processId: process.pid,
    rootUri: folder,
    workspaceFolders: [{ uri: folder, name: 'bench' }],
    capabilities: {},
    initializationOptions: { settings: {} },
  });
  await connection.sendNotification('initialized', {});
  const isReached = await Promise.race([reached.promise, wait(timeoutMs, false, { ref: false })]);
  if (!isReached)
    throw new IdiomError(
      'daemonUnreachable',
      `The daemon did not say "${state}" in time, but "${seen.join('", "')}".`,
    );
  for (const { path, prefix, suffix, line } of drawCases(context.root, 5, 4)) {
    const textDocument = { uri: `${folder}/${path}` };
    await connection.sendNotification('textDocument/didOpen', {
      textDocument: { ...textDocument, languageId: 'typescript', version: 1, text: prefix + suffix },
    });
    const character = prefix.length - prefix.lastIndexOf('\n') - 1;
    await connection.sendRequest('textDocument/inlineCompletion', {
      textDocument,
      position: { line: line - 1, character },
      context: { triggerKind: 1 },
    });
  }
}

function childrenOf(pid: number): number[] {
  return readdirSync(`/proc/${pid}/task`).flatMap((task) =>
    readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8').trim().split(' ').filter(Boolean).map(Number),
  );
}

/** Resident set size: what the processes share, such as Node's code, counts for each. */
function memoryMb(pid: number): number {
  const rss = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
  return Number(rss?.[1] ?? NaN) / 1024;
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
