/** The daemon's side of the indexing child: starts it, starts it again when it dies, and tells each repository its messages. */

import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { nodeChild } from '../base/nodeChild.ts';
import type { Clock } from '../base/clock.ts';
import type { Disposable } from '../base/disposable.ts';
import { toDisposable } from '../base/disposable.ts';
import type { Logger } from '../base/logger.ts';
import { fromIndexerSchema } from './indexMessages.ts';
import type { FromIndexer, ToIndexer } from './indexMessages.ts';

export interface IndexProcessOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  /** Folder of the grammar files; default: the installed package. */
  readonly grammarFolder?: string;
}

export type OpenMessage = Extract<ToIndexer, { type: 'open' }>;

const minBackOffMs = 500;
const maxBackOffMs = 60_000;
/** V8's heap; the rest of the budget of 300 MB goes to SQLite's pages, grammars and the file being read. */
const maxHeapMb = 160;

export class IndexProcess implements Disposable {
  readonly #options: IndexProcessOptions;
  readonly #open = new Map<string, { message: OpenMessage; listener: (message: FromIndexer) => void }>();
  #child: ChildProcess | undefined;
  #timer: Disposable | undefined;
  #backOffMs = minBackOffMs;
  #isDisposed = false;

  constructor(options: IndexProcessOptions) {
    this.#options = options;
  }

  /** Process id of the child, for diagnosis and tests. */
  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** Opens a repository's index and walks it; disposing closes it. The child starts with the first one. */
  open(message: OpenMessage, listener: (message: FromIndexer) => void): Disposable {
    this.#open.set(message.key, { message, listener });
    if (this.#child === undefined) this.#start();
    else this.send(message);
    return toDisposable(() => {
      this.#open.delete(message.key);
      this.send({ type: 'close', key: message.key });
      if (this.#open.size === 0) this.#stop();
    });
  }

  /** Messages to a dead child are dropped: its successor walks the whole tree anyway. */
  send(message: ToIndexer): void {
    if (message.type === 'settings') this.#remember(message.key, message.settingGlobs);
    if (this.#child?.connected === true) this.#child.send(message, () => undefined);
  }

  dispose(): void {
    this.#isDisposed = true;
    this.#timer?.dispose();
    this.#stop();
  }

  #remember(key: string, settingGlobs: string[]): void {
    const known = this.#open.get(key);
    if (known !== undefined) this.#open.set(key, { ...known, message: { ...known.message, settingGlobs } });
  }

  #stop(): void {
    const child = this.#child;
    this.#child = undefined;
    child?.kill('SIGKILL');
  }

  #start(): void {
    const { grammarFolder } = this.#options;
    const isBundled = !import.meta.url.endsWith('.ts');
    const path = fileURLToPath(new URL(isBundled ? './indexChild.mjs' : './indexChild.ts', import.meta.url));
    const child = fork(path, grammarFolder === undefined ? [] : [grammarFolder], {
      ...nodeChild(),
      execArgv: [
        `--max-old-space-size=${maxHeapMb}`,
        '--max-semi-space-size=4',
        '--disable-warning=ExperimentalWarning',
      ],
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    });
    this.#child = child;
    child.on('message', (value) => this.#receive(value));
    child.on('error', (error) => this.#onEnd(child, error.message));
    child.on('close', (code, signal) => this.#onEnd(child, signal ?? `code ${code ?? 0}`));
    for (const { message } of this.#open.values()) this.send(message);
  }

  #receive(value: unknown): void {
    const parsed = fromIndexerSchema.safeParse(value);
    if (!parsed.success) return;
    if (parsed.data.type === 'synced') this.#backOffMs = minBackOffMs;
    this.#open.get(parsed.data.key)?.listener(parsed.data);
  }

  #onEnd(child: ChildProcess, reason: string): void {
    if (child !== this.#child || this.#isDisposed) return;
    this.#child = undefined;
    const { logger, clock } = this.#options;
    logger.warn('retrieval', 'the indexing child ended', { reason, retryInMs: this.#backOffMs });
    const sentence = `The process that indexes ended (${reason}) and starts again by itself.`;
    for (const [key, { listener }] of this.#open) listener({ type: 'trouble', key, reason: sentence });
    this.#timer?.dispose();
    this.#timer = clock.setTimer(this.#backOffMs, () => {
      if (this.#open.size > 0 && this.#child === undefined) this.#start();
    });
    this.#backOffMs = Math.min(maxBackOffMs, this.#backOffMs * 2);
  }
}
