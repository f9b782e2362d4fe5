/** Runs the git program, safely on repositories that nobody has vouched for; what to ask it stands in repository.ts. */

import { spawn } from 'node:child_process';
import { onAbort } from '../base/abort.ts';
import { IdiomError, systemCode } from '../base/errors.ts';

export interface GitOptions {
  readonly cwd: string;
  readonly signal?: AbortSignal;
  /** Written to git's standard input. */
  readonly input?: string;
  /** More output than this ends git with an error. */
  readonly maxOutputBytes?: number;
}

const defaultMaxOutputBytes = 256 * 2 ** 20;

/**
 * A repository's own configuration may name programs to run (fsmonitor, hooks, external diffs; see git-config(1)),
 * so those are switched off. No prompt, no lock on the index, no translated messages.
 */
const safeConfig = [
  '-c',
  'core.fsmonitor=false',
  '-c',
  'core.hooksPath=/dev/null',
  '-c',
  'core.quotePath=false',
];
const safeEnvironment = { GIT_OPTIONAL_LOCKS: '0', GIT_TERMINAL_PROMPT: '0', LC_ALL: 'C', GIT_PAGER: 'cat' };

/**
 * Standard output of `git ARGS`, as bytes.
 * @throws IdiomError `gitFailed` when git is missing, ends with an error, or answers more than `maxOutputBytes`;
 *   the signal's reason when aborted.
 */
export function runGit(args: readonly string[], options: GitOptions): Promise<Buffer> {
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
  options.signal?.throwIfAborted();
  const child = spawn('git', [...safeConfig, ...args], {
    cwd: options.cwd,
    env: { ...process.env, ...safeEnvironment },
    stdio: ['pipe', 'pipe', 'pipe'],
    windowsHide: true,
  });
  const abort = options.signal === undefined ? undefined : onAbort(options.signal, () => child.kill());
  const { maxOutputBytes = defaultMaxOutputBytes } = options;
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  let errorText = '';
  child.stdout.on('data', (chunk: Buffer) => {
    sizeBytes += chunk.length;
    if (sizeBytes > maxOutputBytes) child.kill();
    else chunks.push(chunk);
  });
  child.stderr.on('data', (chunk: Buffer) => {
    if (errorText.length < 2000) errorText += chunk.toString();
  });
  child.stdin.on('error', () => undefined);
  child.stdin.end(options.input ?? '');
  child.on('error', (error) => {
    abort?.dispose();
    reject(explainSpawnError(error));
  });
  child.on('close', (code) => {
    abort?.dispose();
    if (options.signal?.aborted === true) reject(options.signal.reason as Error);
    // Git may have been done before it could be ended.
    else if (code === 0 && sizeBytes <= maxOutputBytes) resolve(Buffer.concat(chunks));
    else reject(failed(args, errorText, sizeBytes));
  });
  return promise;
}

function explainSpawnError(error: Error): Error {
  if (systemCode(error) !== 'ENOENT') return error;
  return new IdiomError('gitFailed', 'The program git was not found.', {
    remedy: 'Install git and make sure that it is on PATH.',
    cause: error,
  });
}

function failed(args: readonly string[], errorText: string, sizeBytes: number): IdiomError {
  const reason = errorText.trim().split('\n').at(0) ?? '';
  const detail = reason === '' ? `it was ended after ${sizeBytes} bytes of output` : reason;
  return new IdiomError('gitFailed', `git ${args[0] ?? ''} failed: ${detail}.`);
}
