/** Feeds one editor window's events to the inference of outcomes, and writes what it finds to the ground. */

import { fileURLToPath } from 'node:url';
import type { Clock } from '../base/clock.ts';
import { toDisposable } from '../base/disposable.ts';
import type { Disposable } from '../base/disposable.ts';
import { describeError, IdiomError, systemCode } from '../base/errors.ts';
import type { Logger } from '../base/logger.ts';
import { readRegularFile } from '../base/readRegularFile.ts';
import { scrubberVersion } from '../secrets/scrubberVersion.ts';
import { scrubParts } from '../secrets/scrubParts.ts';
import type { Ground } from '../store/ground.ts';
import type { SnippetPlace, StoredSuggestion } from '../store/suggestions.ts';
import type { Thumbs } from '../store/thumbs.ts';
import { ActivityCounter } from './activityCounter.ts';
import type { EditorEvent, FileContent, ReportedEvent, TextChange } from './editorEvent.ts';
import { nextDueMs } from './passTime.ts';
import { reduceSignals } from './reduceSignals.ts';
import { initialSignalState } from './signalState.ts';
import { keptWithoutSecrets } from './keptWithoutSecrets.ts';
import type { SignalEffect, SignalState } from './signalState.ts';
import type { TextWriter } from './textWriter.ts';

/** Whether something may be stored about a document. Asked again at each write, so that an opt-out holds at once. */
export type StoragePolicy = (
  uri: string,
) =>
  | { readonly isStored: true; readonly repoId: string; readonly path: string }
  | { readonly isStored: false; readonly reason: string };

export interface ReturnedSuggestion {
  readonly id: string;
  readonly uri: string;
  readonly languageId: string;
  /** Of the cursor, in UTF-16 units. */
  readonly offset: number;
  readonly text: string;
  /** Characters after the cursor that `text` takes the place of. */
  readonly replaceLength: number;
  readonly isMultiline: boolean;
  /** Digest of the adapter, or "base". */
  readonly adapter: string;
  readonly route: string;
  readonly latencyMs: Readonly<Record<string, number>>;
  readonly snippets: readonly SnippetPlace[];
}

export interface SignalRecorderProps {
  /** Undefined where there is no usable database: nothing is recorded then. */
  readonly ground: Ground | undefined;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly policy: StoragePolicy;
  readonly baseModelDigest: () => string;
  /** Facts are written at once, code text by this one, without secrets. */
  readonly texts: TextWriter;
  /** Reads a file that is not open in the editor; the default reads the disk. */
  readonly readFile?: (uri: string) => Promise<FileContent>;
}

/**
 * One for each connected editor window, since the cursor is in one place of one window.
 * No method but `thumbed` throws: a broken write costs that record, never the request, and is logged once.
 */
export class SignalRecorder implements Disposable {
  readonly #props: SignalRecorderProps;
  #state: SignalState = initialSignalState;
  #timer: Disposable = toDisposable(() => undefined);
  #isDisposed = false;
  #hasFailed = false;
  #lastMs = 0;

  readonly #activity: ActivityCounter;

  constructor(props: SignalRecorderProps) {
    this.#props = props;
    const { clock, policy, ground } = props;
    const onError = (error: unknown) => this.#note(error);
    this.#activity = new ActivityCounter({ clock, policy, onError, table: ground?.activityCounts });
  }

  documentOpened(uri: string, text: string): void {
    this.#feed({ kind: 'opened', atMs: this.#now(), uri, text });
  }

  /** Each change in offsets of the text that the one before left. */
  documentChanged(uri: string, version: number, changes: readonly TextChange[]): void {
    this.#activity.changed(uri, changes);
    this.#feed({ kind: 'changed', atMs: this.#now(), uri, version, changes });
  }

  documentClosed(uri: string): void {
    this.#feed({ kind: 'closed', atMs: this.#now(), uri });
  }

  documentSaved(uri: string): void {
    this.#feed({ kind: 'saved', atMs: this.#now(), uri });
  }

  documentRenamed(oldUri: string, newUri: string): void {
    this.#feed({ kind: 'renamed', atMs: this.#now(), oldUri, newUri });
  }

  /** A completion request came; it tells where the cursor is. */
  requested(uri: string, offset: number): void {
    this.#feed({ kind: 'requested', atMs: this.#now(), uri, offset });
  }

  /** The suggestion went to the editor. Not for one that was computed ahead and is not to be seen yet. */
  returned(suggestion: ReturnedSuggestion): void {
    const { id, uri, offset, text, replaceLength } = suggestion;
    const atMs = this.#now();
    // Of documents about which nothing is stored, only where the cursor is counts.
    if (!this.#props.policy(uri).isStored) return this.#feed({ kind: 'requested', atMs, uri, offset });
    this.#feed({ kind: 'returned', atMs, suggestion: { id, uri, offset, text, replaceLength } }, suggestion);
  }

  /** A request brought no suggestion. `reason`: as NoneReason names it; `waitedMs`: since the request. */
  gaveNothing(uri: string, reason: string, waitedMs: number): void {
    this.#activity.gaveNothing(uri, reason, waitedMs);
  }

  reported(suggestionId: string, event: ReportedEvent): void {
    this.#feed({ kind: 'reported', atMs: this.#now(), suggestionId, event });
  }

  /**
   * A person's word on a suggestion, which waits for an answer.
   * @throws IdiomError `wrongUse` when nothing is stored of it, or the word cannot be stored.
   */
  thumbed(suggestionId: string, thumbs: Thumbs): void {
    const { ground, policy } = this.#props;
    const id = this.#state.aliases.get(suggestionId) ?? suggestionId;
    const suggestion = ground?.suggestions.get(id);
    if (ground === undefined || suggestion === undefined || !policy(suggestion.uri).isStored) {
      throw new IdiomError(
        'wrongUse',
        'Nothing is recorded of this suggestion, so nothing can be learned of it.',
        {
          remedy: 'Switch learning on for this folder with the setting idiom.learning.enabled.',
        },
      );
    }
    ground.thumbs.put(id, thumbs, this.#now());
  }

  /** Git moved HEAD of the working tree at `rootUri`. */
  checkout(rootUri: string): void {
    this.#feed({ kind: 'checkout', atMs: this.#now(), rootUri });
  }

  /** What is stored of the newest suggestion of a document. */
  async explainLatest(uri: string): Promise<StoredSuggestion | undefined> {
    await this.#props.texts.written();
    return this.#attempt(() => this.#props.ground?.suggestions.latestOf(uri));
  }

  /** Ends what is open: nothing more will be known of it. */
  dispose(): void {
    if (this.#isDisposed) return;
    this.#feed({ kind: 'ended', atMs: this.#now() });
    this.#activity.dispose();
    this.#isDisposed = true;
    this.#timer.dispose();
  }

  /** Wall-clock time that never goes back, as the inference expects. */
  #now(): number {
    this.#lastMs = Math.max(this.#lastMs, this.#props.clock.nowMs());
    return this.#lastMs;
  }

  #feed(event: EditorEvent, suggestion?: ReturnedSuggestion): void {
    if (this.#isDisposed || this.#props.ground === undefined) return;
    const { ground } = this.#props;
    this.#attempt(() => {
      const step = reduceSignals(this.#state, event);
      this.#state = step.state;
      this.#setTimer();
      for (const effect of step.effects) {
        this.#attempt(() => this.#carryOut(ground, effect, event.atMs, suggestion));
      }
    });
  }

  #setTimer(): void {
    this.#timer.dispose();
    const dueMs = nextDueMs(this.#state);
    if (dueMs === undefined) return;
    this.#timer = this.#props.clock.setTimer(Math.max(1, dueMs - this.#now()), () =>
      this.#feed({ kind: 'tick', atMs: this.#now() }),
    );
  }

  #carryOut(
    ground: Ground,
    effect: SignalEffect,
    atMs: number,
    suggestion: ReturnedSuggestion | undefined,
  ): void {
    switch (effect.kind) {
      case 'begun':
        if (suggestion !== undefined) this.#begin(ground, suggestion, effect, atMs);
        return;
      case 'outcome': {
        const { outcome } = effect;
        if (!this.#isStored(ground, effect.uri, outcome.suggestionId)) return;
        ground.outcomes.put(outcome);
        // Nothing can be learned from what nobody saw, so the text around it is not kept.
        const isUnseen = outcome.kind === 'ignored' && outcome.shownAtMs === undefined;
        if (isUnseen) this.#dropTexts(ground, outcome.suggestionId);
        return;
      }
      case 'kept':
        this.#keep(ground, effect);
        return;
      case 'survival':
        if (this.#isStored(ground, effect.uri, effect.survival.suggestionId)) {
          ground.survivals.add(effect.survival);
        }
        return;
      case 'readFile':
        this.#read(effect.uri);
        return;
    }
  }

  #begin(
    ground: Ground,
    suggestion: ReturnedSuggestion,
    context: { readonly prefix: string; readonly suffix: string },
    atMs: number,
  ): void {
    const place = this.#props.policy(suggestion.uri);
    if (!place.isStored) return;
    const { replaceLength: _notStored, ...facts } = suggestion;
    const { repoId, path } = place;
    const baseModel = this.#props.baseModelDigest();
    const nothingYet = { acceptedChars: 0, isConfirmed: false };
    ground.db.transaction(() => {
      ground.suggestions.add({ ...facts, ...noTexts, repoId, path, atMs, baseModel });
      ground.outcomes.put({ suggestionId: suggestion.id, kind: 'returned', ...nothingYet });
    });
    this.#write(async () => {
      const parts = [context.prefix, suggestion.text, context.suffix] as const;
      const [prefix, text, suffix] = await scrubParts(parts, path);
      if (!this.#isStored(ground, suggestion.uri, suggestion.id)) return;
      ground.suggestions.putTexts(suggestion.id, { prefix, text, suffix }, scrubberVersion);
    });
  }

  #write(body: () => Promise<void>): void {
    this.#props.texts.add(() => body().catch((error: unknown) => this.#note(error)));
  }

  /** After its texts were written, or they would come back. */
  #dropTexts(ground: Ground, suggestionId: string): void {
    this.#write(async () => {
      ground.suggestions.dropContext(suggestionId);
      ground.outcomes.keep(suggestionId, undefined);
    });
  }

  #keep(ground: Ground, { uri, suggestionId, text }: Extract<SignalEffect, { kind: 'kept' }>): void {
    this.#write(async () => {
      const stored = ground.suggestions.get(suggestionId);
      if (stored === undefined || !this.#isStored(ground, uri, suggestionId)) return;
      if (text === undefined) return ground.outcomes.keep(suggestionId, undefined);
      const { prefix, suffix, keptText } = await keptWithoutSecrets(stored, text);
      if (!this.#isStored(ground, uri, suggestionId)) return;
      ground.db.transaction(() => {
        ground.suggestions.putTexts(suggestionId, { prefix, text: stored.text, suffix }, scrubberVersion);
        ground.outcomes.keep(suggestionId, keptText);
      });
    });
  }

  /** False after an opt-out, and when the suggestion was deleted or never written. */
  #isStored(ground: Ground, uri: string, suggestionId: string): boolean {
    return this.#props.policy(uri).isStored && ground.suggestions.has(suggestionId);
  }

  #read(uri: string): void {
    const read = this.#props.readFile ?? readFromDisk;
    read(uri)
      .catch((): FileContent => ({ problem: 'unreadable' }))
      .then((content) => this.#feed({ kind: 'fileRead', atMs: this.#now(), uri, content }))
      .catch((error: unknown) => this.#note(error));
  }

  #attempt<T>(body: () => T): T | undefined {
    try {
      const result = body();
      return result;
    } catch (error) {
      this.#note(error);
      return undefined;
    }
  }

  #note(error: unknown): void {
    const level = this.#hasFailed ? 'debug' : 'error';
    this.#hasFailed = true;
    this.#props.logger[level]('signals', 'not recorded', { error: describeError(error) });
  }
}

const noTexts = { prefix: '', suffix: '', text: '' };

/** Read on the thread that answers keystrokes: two milliseconds. */
const maxFileBytes = 4_000_000;

async function readFromDisk(uri: string): Promise<FileContent> {
  if (!uri.startsWith('file:')) return { problem: 'unreadable' };
  try {
    const bytes = readRegularFile(fileURLToPath(uri), { maxBytes: maxFileBytes, followsLinks: true });
    return { text: bytes.toString('utf8').replace(/^\ufeff/, '') };
  } catch (error) {
    return { problem: systemCode(error) === 'ENOENT' ? 'fileGone' : 'unreadable' };
  }
}
