/** A generation that several requests may wait for, one after the other, while the user types what it writes. */

import type { Clock } from '../base/clock.ts';
import type { Disposable } from '../base/disposable.ts';
import { Gate } from './gate.ts';
import type { CacheScope } from './suggestionCache.ts';
import type { PromptContext } from './readContext.ts';

export type GenerationEnd<T> =
  | { readonly kind: 'done'; readonly value: T }
  | { readonly kind: 'failed'; readonly error: unknown }
  /** The waiting request was aborted; the generation itself may go on. */
  | { readonly kind: 'left' };

export interface GenerationProps<T> {
  readonly clock: Clock;
  readonly scope: CacheScope;
  readonly context: PromptContext;
  readonly priority: 'foreground' | 'background';
  /** How long a generation nobody waits for is kept for a next request that agrees with it. */
  readonly graceMs: number;
  run(
    generation: {
      readonly onText: (text: string) => 'continue' | 'stop';
      /** Opens when text may be written. */
      readonly mayWrite: Gate;
    },
    signal: AbortSignal,
  ): Promise<T>;
}

export class RunningGeneration<T> {
  readonly #props: GenerationProps<T>;
  readonly #controller = new AbortController();
  readonly #end: Promise<GenerationEnd<T>>;
  readonly #mayWrite = new Gate();
  #textSoFar = '';
  #expected = '';
  #nWaiting = 0;
  #grace: Disposable | undefined;
  #isOver = false;

  constructor(props: GenerationProps<T>) {
    this.#props = props;
    this.#end = this.#run();
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  get priority(): 'foreground' | 'background' {
    return this.#props.priority;
  }

  /** Somebody waits for its end. */
  get isWanted(): boolean {
    return this.#nWaiting > 0;
  }

  /** Some text is there; before that it only reads, and what it has read serves whoever asks next. */
  get isWriting(): boolean {
    return this.#textSoFar !== '';
  }

  /** From now on it may write, not only read its prompt. */
  letWrite(): void {
    this.#mayWrite.open(this.#props.clock);
  }

  /**
   * What has been typed since the generation began, with `\n` line ends, if the document is otherwise the same and the
   * output so far does not contradict it; else undefined.
   */
  typedSince(scope: CacheScope, context: PromptContext): string | undefined {
    const own = this.#props;
    const nTyped = context.offset - own.context.offset;
    if (this.#isOver || JSON.stringify(scope) !== JSON.stringify(own.scope)) return undefined;
    if (nTyped < 0 || context.windowStart !== own.context.windowStart) return undefined;
    const before = context.rawPrefix.slice(0, context.rawPrefix.length - nTyped);
    if (before !== own.context.rawPrefix || !isSameSuffix(context.rawSuffix, own.context.rawSuffix))
      return undefined;
    const typed = context.rawPrefix.slice(before.length).replaceAll('\r\n', '\n');
    return agree(this.#textSoFar, typed) ? typed : undefined;
  }

  /** Waits for the end, or until `signal` aborts. @param typed what the request's document has beyond this one's. */
  async join(typed: string, signal: AbortSignal): Promise<GenerationEnd<T>> {
    this.#expected = typed;
    this.#grace?.dispose();
    this.#nWaiting++;
    try {
      return await Promise.race([this.#end, leaves(signal)]);
    } finally {
      this.#nWaiting--;
      if (this.#nWaiting === 0 && !this.#isOver) {
        this.#grace = this.#props.clock.setTimer(this.#props.graceMs, () => this.cancel());
      }
    }
  }

  /** Resolves when it is over, however it ended. */
  async settled(): Promise<void> {
    await this.#end;
  }

  /** Stops computing at once. */
  cancel(): void {
    this.#grace?.dispose();
    this.#controller.abort();
  }

  async #run(): Promise<GenerationEnd<T>> {
    try {
      const given = { onText: (text: string) => this.#note(text), mayWrite: this.#mayWrite };
      const value = await this.#props.run(given, this.#controller.signal);
      return { kind: 'done', value };
    } catch (error) {
      return { kind: 'failed', error };
    } finally {
      this.#isOver = true;
      this.#grace?.dispose();
    }
  }

  #note(text: string): 'continue' | 'stop' {
    this.#textSoFar = text;
    return agree(text, this.#expected) ? 'continue' : 'stop';
  }
}

const agree = (a: string, b: string): boolean => a.startsWith(b) || b.startsWith(a);

/** The same text after the cursor, as far as both windows reach. */
function isSameSuffix(a: string, b: string): boolean {
  const n = Math.min(a.length, b.length);
  return a.length === b.length ? a === b : n > 4096 && a.slice(0, n) === b.slice(0, n);
}

function leaves(signal: AbortSignal): Promise<{ kind: 'left' }> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve({ kind: 'left' });
    else signal.addEventListener('abort', () => resolve({ kind: 'left' }), { once: true });
  });
}
