/** How long to wait after a keystroke before the model is asked. Pure; times in milliseconds. */

export interface DebounceFacts {
  readonly trigger: 'automatic' | 'manual';
  /** The setting; negative means adaptive. */
  readonly fixedMs: number;
  /** The user's usual time between keystrokes, or undefined while too few were seen. */
  readonly typingIntervalMs: number | undefined;
  /** Median time the model took lately, or undefined before the first answer. */
  readonly modelMs: number | undefined;
  readonly linePrefix: string;
  readonly lineSuffix: string;
}

const defaultIntervalMs = 160;
const maxDebounceMs = 400;

/**
 * Half to one and a half typing intervals, less half of what the model itself takes: a request costs little while the
 * model would be cancelled anyway (what it has read stays in the KV cache), and a slow model should start early.
 * The place decides the number of intervals: within a word the next key is near (1.5), after a blank or an operator
 * a thought begins (1), on an empty line or at an opened block the user most likely waits (0.5).
 */
export function debounceMs(facts: DebounceFacts): number {
  if (facts.trigger === 'manual') return 0;
  if (facts.fixedMs >= 0) return facts.fixedMs;
  const interval = Math.min(300, Math.max(60, facts.typingIntervalMs ?? defaultIntervalMs));
  const wait = interval * placeFactor(facts) - (facts.modelMs ?? 0) / 2;
  return Math.round(Math.min(maxDebounceMs, Math.max(interval / 4, wait)));
}

function placeFactor({ linePrefix, lineSuffix }: DebounceFacts): number {
  const isLineEnd = lineSuffix.trim() === '';
  if (isLineEnd && (linePrefix.trim() === '' || /[{([:,=>]\s*$/.test(linePrefix))) return 0.5;
  if (/[\p{L}\p{N}_]$/u.test(linePrefix)) return isLineEnd ? 1.25 : 1.5;
  return isLineEnd ? 0.75 : 1;
}
