/** Runs the git program, safely on repositories that nobody has vouched for; what to ask it stands in repository.ts. */

import { spawn } from 'node:child_process';
import type { ChildProcessByStdio } from 'node:child_process';
import { existsSync } from 'node:fs';
import type { Readable, Writable } from 'node:stream';
import { onAbort } from '../base/abort.ts';
import { IdiomError } from '../base/errors.ts';
import { findProgram, plainEnvironment } from '../base/findProgram.ts';
import { gitDangers, safeArguments, safeEnvironment } from './gitDangers.ts';
import type { Danger, GitCommand } from './gitDangers.ts';

export type GitArguments = readonly [GitCommand, ...string[]];

export interface GitOptions {
  readonly cwd: string;
  readonly signal?: AbortSignal | undefined;
  /** Written to git's standard input. */
  readonly input?: string;
  /** More output than this ends git with an error; default 256 MiB. */
  readonly maxOutputBytes?: number;
  /** Git is ended after so long; default ten minutes. */
  readonly timeLimitMs?: number;
  /** Added to the environment, which has no other GIT_* variables. */
  readonly environment?: Readonly<Record<string, string>>;
  /** The user's own settings count too; without them git refuses a repository of another owner in any case. */
  readonly withUserSettings?: boolean;
  /** For tests: the rows that are heeded. */
  readonly dangers?: readonly Danger[];
}

/** Git ended with an error. `reason` is its own first line of words, without a full stop. */
export class GitFailure extends IdiomError {
  readonly exitStatus: number | null;
  readonly reason: string;

  constructor(command: string, exitStatus: number | null, reason: string) {
    super('gitFailed', `git ${command} failed: ${reason}.`);
    this.exitStatus = exitStatus;
    this.reason = reason;
  }
}

const defaultMaxOutputBytes = 256 * 2 ** 20;
const defaultTimeLimitMs = 600_000;
const maxErrorChars = 4000;

/** Untranslated messages, and nothing but what gitDangers.ts says; user's settings change answers too. */
const noUserSettings = { GIT_CONFIG_NOSYSTEM: '1', GIT_CONFIG_GLOBAL: '/dev/null', GIT_ATTR_NOSYSTEM: '1' };
/**
 * SUDO_UID tells whose repositories root may read, and the other two make git stricter: where it stops to look for a
 * repository, and that everything belongs to somebody else.
 */
const handedOn = ['SUDO_UID', 'GIT_CEILING_DIRECTORIES', 'GIT_TEST_ASSUME_DIFFERENT_OWNER'];

/**
 * Standard output of `git ARGS`, as bytes.
 * @throws GitFailure when git ends with an error, answers more than `maxOutputBytes` or takes too long; IdiomError
 *   `gitFailed` when git or the folder is missing; the signal's reason when aborted.
 */
export async function runGit(args: GitArguments, options: GitOptions): Promise<Buffer> {
  const { maxOutputBytes = defaultMaxOutputBytes } = options;
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  await streamGit(args, options, (chunk) => {
    sizeBytes += chunk.length;
    if (sizeBytes > maxOutputBytes)
      throw new GitFailure(args[0], null, `it answered more than ${maxOutputBytes} bytes`);
    chunks.push(chunk);
  });
  return Buffer.concat(chunks);
}

/** As `runGit`, handing on output as it comes. What `onChunk` throws ends git and is thrown here. */
export async function streamGit(
  args: GitArguments,
  options: GitOptions,
  onChunk: (chunk: Buffer) => void,
): Promise<void> {
  const { signal } = options;
  signal?.throwIfAborted();
  const child = start(args, options);
  let problem: unknown;
  const stop = (reason: unknown) => {
    problem ??= reason;
    child.kill('SIGKILL');
  };
  const abort = signal === undefined ? undefined : onAbort(signal, () => stop(signal.reason));
  const timeLimitMs = options.timeLimitMs ?? defaultTimeLimitMs;
  const timer = setTimeout(
    () => stop(new GitFailure(args[0], null, `it took longer than ${timeLimitMs / 1000} seconds`)),
    timeLimitMs,
  );
  timer.unref();
  let errorText = '';
  child.stdout.on('data', (chunk: Buffer) => {
    if (problem !== undefined) return;
    try {
      onChunk(chunk);
    } catch (error) {
      stop(error);
    }
  });
  child.stderr.on('data', (chunk: Buffer) => {
    if (errorText.length < maxErrorChars) errorText += chunk.toString();
  });
  child.stdin.on('error', () => undefined);
  child.stdin.end(options.input ?? '');
  const { promise, resolve, reject } = Promise.withResolvers<number | null>();
  child.on('error', reject);
  child.on('close', resolve);
  try {
    const status = await promise;
    if (problem !== undefined) throw problem as Error;
    if (status !== 0) throw new GitFailure(args[0], status, reasonIn(errorText, status));
  } finally {
    abort?.dispose();
    clearTimeout(timer);
  }
}

function start(args: GitArguments, options: GitOptions): ChildProcessByStdio<Writable, Readable, Readable> {
  const program = findGit();
  if (!existsSync(options.cwd)) throw new IdiomError('gitFailed', `There is no folder ${options.cwd}.`);
  const { dangers = gitDangers } = options;
  return spawn(program, safeArguments(args, dangers), {
    cwd: options.cwd,
    env: {
      ...plainEnvironment(handedOn),
      ...{ LC_ALL: 'C', LANGUAGE: '' },
      ...safeEnvironment(dangers),
      ...(options.withUserSettings === true ? {} : noUserSettings),
      ...options.environment,
    },
    stdio: ['pipe', 'pipe', 'pipe'],
    windowsHide: true,
  });
}

/** Path of the git program. @throws IdiomError `gitFailed` when there is none on PATH. */
export function findGit(): string {
  const program = findProgram('git');
  if (program !== undefined) return program;
  throw new IdiomError('gitFailed', 'The program git was not found.', {
    remedy: 'Install git and make sure that it is on PATH.',
  });
}

/** Git's first line that says what is wrong, without its label; warnings come before it. */
function reasonIn(errorText: string, status: number | null): string {
  const lines = errorText.split('\n').filter((line) => line.trim() !== '');
  const line = lines.find((each) => /^(fatal|error): /.test(each)) ?? lines.at(0);
  if (line === undefined) return status === null ? 'it was ended' : `it ended with code ${status}`;
  return line
    .replace(/^(fatal|error): /, '')
    .trim()
    .replace(/\.$/, '');
}
