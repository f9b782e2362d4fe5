/** Counts what an editor's record of suggestions lacks: characters that a person typed, and requests that brought nothing. No text is kept. */

import type { Clock } from '../base/clock.ts';
import type { Disposable } from '../base/disposable.ts';
import type { ActivityCountsTable, ActivityKind } from '../store/activityCounts.ts';
import type { StoragePolicy } from './signalRecorder.ts';
import type { TextChange } from './editorEvent.ts';

export interface ActivityCounterProps {
  readonly table: ActivityCountsTable | undefined;
  readonly clock: Clock;
  readonly policy: StoragePolicy;
  onError(error: unknown): void;
}

/** Counts wait in memory for so long, so that no keystroke waits for the disk. */
const writeEveryMs = 20_000;
/** What goes in at once and is longer was pasted, formatted or accepted: some editors send a few keys together. */
const maxTypedChars = 10;
/** A request that was given up sooner was in the way of typing; nobody waited for it. */
const pauseMs = 1000;
/** No suggestion was wanted there: by a setting, or by the place of the cursor. */
const notWanted = new Set([
  'disabled',
  'languageDisabled',
  'ignoredFile',
  'emptyContext',
  'insideWord',
  'longSuffixOnLine',
  'lineComplete',
]);

export class ActivityCounter implements Disposable {
  readonly #props: ActivityCounterProps;
  readonly #counts = new Map<string, Map<ActivityKind, number>>();
  #timer: Disposable | undefined;

  constructor(props: ActivityCounterProps) {
    this.#props = props;
  }

  changed(uri: string, changes: readonly TextChange[]): void {
    const typed = changes.reduce((sum, { text }) => sum + countTyped(text), 0);
    if (typed > 0) this.#count(uri, 'typedChars', typed);
  }

  /** `reason`: as NoneReason names it. `waitedMs`: since the request. */
  gaveNothing(uri: string, reason: string, waitedMs: number): void {
    const isGivenUp = reason === 'aborted' || reason === 'superseded';
    if (notWanted.has(reason) || (isGivenUp && waitedMs < pauseMs)) return;
    this.#count(uri, `none:${reason}`, 1);
  }

  dispose(): void {
    this.#write();
  }

  #count(uri: string, kind: ActivityKind, count: number): void {
    const { table, clock } = this.#props;
    if (table === undefined) return;
    const counts = this.#counts.get(uri) ?? new Map<ActivityKind, number>();
    this.#counts.set(uri, counts.set(kind, (counts.get(kind) ?? 0) + count));
    this.#timer ??= clock.setTimer(writeEveryMs, () => this.#write());
  }

  #write(): void {
    const { table, clock, policy, onError } = this.#props;
    this.#timer?.dispose();
    this.#timer = undefined;
    const waiting = [...this.#counts];
    this.#counts.clear();
    try {
      for (const [uri, counts] of waiting) {
        const place = policy(uri);
        if (!place.isStored) continue;
        for (const [kind, count] of counts) table?.add(place.repoId, clock.nowMs(), kind, count);
      }
    } catch (error) {
      onError(error);
    }
  }
}

/** A key that makes blanks alone, as Enter with the indentation after it, is one character. */
function countTyped(text: string): number {
  if (text === '') return 0;
  const visible = text.trim();
  return visible.length > maxTypedChars || visible.includes('\n') ? 0 : Math.max(1, visible.length);
}
