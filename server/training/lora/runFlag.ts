/** A word that threads share: whoever runs a training says go, wait or end, and threads that compute obey between two graphs. */

const words = { go: 0, wait: 1, end: 2 } as const;

export type RunWord = keyof typeof words;

/** What crosses to another thread: one item, in shared memory. */
export type SharedRunFlag = Int32Array<SharedArrayBuffer>;

/** Thrown by `obey` after `end`. Nobody reads it: whoever said "end" knows why. */
export class EndedError extends Error {
  override readonly name = 'EndedError';
}

export class RunFlag {
  readonly shared: SharedRunFlag;

  /** @param shared of another thread's flag, to be the same one. */
  constructor(shared: SharedRunFlag = new Int32Array(new SharedArrayBuffer(4))) {
    this.shared = shared;
  }

  say(word: RunWord): void {
    Atomics.store(this.shared, 0, words[word]);
    Atomics.notify(this.shared, 0);
  }

  /** Blocks this thread while the word is "wait". @throws EndedError when it is "end". */
  obey(): void {
    while (Atomics.load(this.shared, 0) === words.wait) Atomics.wait(this.shared, 0, words.wait);
    if (Atomics.load(this.shared, 0) === words.end) throw new EndedError('The training was ended.');
  }
}
