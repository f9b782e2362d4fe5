/** A log sink that appends to a private file and keeps a bounded number of older ones. */

import { appendFileSync, mkdirSync, renameSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import type { LogLevel, LogSink } from './logger.ts';

export interface LogFileOptions {
  readonly path: string;
  readonly maxSizeBytes: number;
  /** Older files kept as `path.1` (newest) to `path.N`. */
  readonly nOlder: number;
}

/**
 * Appends lines to `path` (mode 0600) and rotates at `maxSizeBytes`.
 * A log that cannot be written must not take the daemon down: lines are then dropped.
 */
export class LogFile implements LogSink {
  readonly #options: LogFileOptions;
  #sizeBytes = 0;

  constructor(options: LogFileOptions) {
    this.#options = options;
    try {
      mkdirSync(dirname(options.path), { recursive: true, mode: 0o700 });
      this.#sizeBytes = statSync(options.path, { throwIfNoEntry: false })?.size ?? 0;
    } catch {
      this.#sizeBytes = 0;
    }
  }

  write(_level: LogLevel, line: string): void {
    const text = `${line}\n`;
    try {
      if (this.#sizeBytes + text.length > this.#options.maxSizeBytes) this.#rotate();
      appendFileSync(this.#options.path, text, { mode: 0o600 });
      this.#sizeBytes += Buffer.byteLength(text);
    } catch {
      // Dropped: see the class comment.
    }
  }

  #rotate(): void {
    const { path, nOlder } = this.#options;
    for (let i = nOlder - 1; i >= 0; i--) {
      const from = i === 0 ? path : `${path}.${i}`;
      if (statSync(from, { throwIfNoEntry: false }) !== undefined) renameSync(from, `${path}.${i + 1}`);
    }
    this.#sizeBytes = 0;
  }
}
