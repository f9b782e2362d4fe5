/** Helpers around AbortSignal: cancellation is a value that is passed down, and no error to log. */

import { toDisposable } from './disposable.ts';
import type { Disposable } from './disposable.ts';

/** Runs `callback` when the signal aborts, at once if it already has; disposing forgets it. */
export function onAbort(signal: AbortSignal, callback: () => void): Disposable {
  if (signal.aborted) {
    callback();
    return toDisposable(() => undefined);
  }
  signal.addEventListener('abort', callback, { once: true });
  return toDisposable(() => signal.removeEventListener('abort', callback));
}

/** A signal that never aborts, for callers without a cancel button. */
export const neverAborts: AbortSignal = new AbortController().signal;
