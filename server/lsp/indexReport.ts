/** Tells one client of its indexes, a few times a second at most, and the doctor of all; it changes nothing. */

import { indexSentence } from '../../protocol/indexSentence.ts';
import type { FolderIndex, IndexNumbers, IndexParams } from '../../protocol/messages.ts';
import type { Clock } from '../base/clock.ts';
import { DisposableStore, toDisposable } from '../base/disposable.ts';
import type { Disposable } from '../base/disposable.ts';
import type { Check } from '../doctor/examine.ts';
import { reasonTexts } from '../retrieval/builtInRules.ts';
import type { IgnoreReason } from '../retrieval/builtInRules.ts';
import type { IndexStatus } from '../retrieval/indexStatus.ts';
import type { LiveIndexState } from '../retrieval/liveIndex.ts';

/** A folder's index as far as it is told. */
export interface ToldIndex {
  readonly root: string;
  readonly name: string;
  readonly index: { readonly state: LiveIndexState; status(): IndexStatus | undefined };
}

export interface IndexReportOptions {
  readonly clock: Clock;
  indexes(): readonly ToldIndex[];
  /** Whenever one of them is in another state, or has come or gone. */
  onChange(listener: () => void): Disposable;
  send(params: IndexParams): void;
}

/** What changes within this time is told at once, so that a walk that finds nothing does not flicker. */
const tellEveryMs = 250;

/** Dispose when the client leaves. */
export function reportIndexes(options: IndexReportOptions): Disposable {
  const { clock, send } = options;
  const disposables = new DisposableStore();
  let timer: Disposable | undefined;
  let told = '';
  function tell(): void {
    timer = undefined;
    const params: IndexParams = { folders: options.indexes().map(describeIndex) };
    const text = JSON.stringify(params);
    if (text === told) return;
    told = text;
    send(params);
  }
  disposables.add(options.onChange(() => (timer ??= clock.setTimer(tellEveryMs, tell))));
  disposables.add(toDisposable(() => timer?.dispose()));
  return disposables;
}

export function describeIndex({ root, name, index }: ToldIndex): FolderIndex {
  const { state } = index;
  const status = index.status();
  const numbers = status === undefined ? {} : { numbers: numbersOf(status) };
  switch (state.kind) {
    case 'starting':
      return { root, name, state: 'indexing', nFilesSoFar: 0, ...numbers };
    case 'indexing':
      return { root, name, state: 'indexing', nFilesSoFar: state.nFiles, ...numbers };
    case 'trouble':
      return { root, name, state: 'trouble', reason: state.reason, ...numbers };
    case 'ready':
    case 'stopped':
      return { root, name, state: state.kind, ...numbers };
  }
}

export function numbersOf(status: IndexStatus): IndexNumbers {
  const { nFiles, nLines, nChunks, nSymbols, sourceBytes, indexBytes, completeAtMs } = status;
  const skipped = Object.entries(status.skipped)
    .map(([reason, count]) => ({ count, reason, because: reasonTexts[reason as IgnoreReason] }))
    .sort((a, b) => b.count - a.count);
  const numbers = { nFiles, nLines, nChunks, nDefinitions: nSymbols, sourceBytes, indexBytes, skipped };
  return completeAtMs === undefined ? numbers : { ...numbers, completeAtMs };
}

/** The indexes as the doctor tells them, one check each. */
export function checkIndexes(indexes: readonly ToldIndex[], nowMs: number): Check[] {
  return indexes.map((told) => {
    const folder = describeIndex(told);
    const verdict = folder.state === 'trouble' ? 'warning' : 'ok';
    return { name: 'index', verdict, detail: indexSentence(folder, false, nowMs) };
  });
}
