/** Starts the engine child and carries its messages; knows nothing of models or requests. */

import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { nodeChild } from '../base/nodeChild.ts';
import type { Disposable } from '../base/disposable.ts';
import { fromEngineSchema } from './engineMessages.ts';
import type { FromEngine, ToEngine } from './engineMessages.ts';
import { lastWords } from './nativeMessage.ts';

/** One child. After `onExit` nothing comes any more; `dispose` kills it, and then `onExit` stays silent. */
export interface EngineChannel extends Disposable {
  readonly pid: number | undefined;
  /** Messages to a dead child are dropped; `onExit` tells of its death. */
  send(message: ToEngine): void;
}

export interface EngineChannelEvents {
  onMessage(message: FromEngine): void;
  /**
   * `reason` is a clause for people, for example "it was ended by SIGKILL". `isFault`: it died of what it computed, such as
   * a failed assertion; nobody ended it and it did not lack memory.
   */
  onExit(reason: string, isFault: boolean): void;
}

export type StartEngineChannel = (events: EngineChannelEvents) => EngineChannel;

const maxStderrChars = 2000;

/** Forks engineChild beside this module, under this very Node (or VS Code's Electron as Node). */
export const startEngineChild: StartEngineChannel = (events) => {
  const isBundled = !import.meta.url.endsWith('.ts');
  const path = fileURLToPath(new URL(isBundled ? './engineChild.mjs' : './engineChild.ts', import.meta.url));
  const child = fork(path, [], {
    ...nodeChild(),
    execArgv: isBundled ? [] : ['--disable-warning=ExperimentalWarning'],
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  let isOver = false;
  let stderr = '';
  function end(reason: string, isFault: boolean): void {
    if (isOver) return;
    isOver = true;
    events.onExit(reason, isFault);
  }
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr = (stderr + text).slice(-maxStderrChars);
  });
  child.on('message', (value) => {
    if (isOver) return;
    const parsed = fromEngineSchema.safeParse(value);
    if (parsed.success) events.onMessage(parsed.data);
    else events.onMessage({ type: 'log', level: 'error', message: 'A message of the engine is malformed.' });
  });
  child.on('error', (error) => end(`it could not be started: ${error.message}`, false));
  child.on('close', (code, signal) => end(describeExit(code, signal, stderr), isFault(code, signal)));
  return {
    pid: child.pid,
    send(message) {
      // The callback takes the error of a pipe that breaks while the child is dying.
      if (child.connected) child.send(message, () => undefined);
    },
    dispose() {
      isOver = true;
      child.kill('SIGKILL');
    },
  };
};

function describeExit(code: number | null, signal: string | null, stderr: string): string {
  const how = signal === null ? `it ended with code ${code ?? 0}` : `it was ended by ${signal}`;
  const why = lastWords(stderr);
  return why === '' ? how : `${how} (${why})`;
}

const faultSignals: readonly (string | null)[] = ['SIGABRT', 'SIGSEGV', 'SIGBUS', 'SIGFPE', 'SIGTRAP'];

/** On Windows `abort` ends with code 3, and a breach of memory with an NTSTATUS of an error (0xC0000000 and up). */
function isFault(code: number | null, signal: string | null): boolean {
  const isWindowsFault = process.platform === 'win32' && code !== null && (code === 3 || code >>> 30 === 3);
  return faultSignals.includes(signal) || isWindowsFault;
}
