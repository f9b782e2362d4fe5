/** Keeps one repository's index file right: first walk, changed files, branch switches, regular walks, recovery. Writes alone. */

import { statSync, watch } from 'node:fs';
import type { Clock } from '../base/clock.ts';
import { DisposableStore, toDisposable } from '../base/disposable.ts';
import type { Disposable } from '../base/disposable.ts';
import { describeError, IdiomError, isAbort } from '../base/errors.ts';
import { OpQueue } from '../base/opQueue.ts';
import { explainDatabaseError } from '../store/database.ts';
import { foreignAbove } from './foreignFolder.ts';
import { openIgnoreRules } from './ignoreRules.ts';
import type { IgnoreRules, LiveIgnoreRules } from './ignoreRules.ts';
import { grammarsOf, indexFile } from './indexFile.ts';
import type { TreeContext } from './indexFile.ts';
import type { FromIndexer } from './indexMessages.ts';
import { deleteIndex, isCorruption, openIndex } from './indexSchema.ts';
import { indexStatus } from './indexStatus.ts';
import { createIndexWriter, liveView } from './indexWriter.ts';
import type { IndexWriter } from './indexWriter.ts';
import { syncTree } from './syncTree.ts';
import type { SyntaxReader } from './syntax.ts';
import { tidyIndex } from './tidyIndex.ts';

export interface RepositoryIndexerOptions {
  readonly key: string;
  readonly indexPath: string;
  readonly root: string;
  readonly gitDir: string | undefined;
  readonly settingGlobs: readonly string[];
  readonly syntax: SyntaxReader | undefined;
  readonly clock: Clock;
  readonly notify: (message: FromIndexer) => void;
}

/** More changed files than this at once (a branch switch) are found by a walk, which can be interrupted. */
const maxUpdatePaths = 200;
/** Without an editor that watches, changes are found by walking again: often while that is cheap, seldom where it is not. */
const minWalkPauseMs = 20_000;
const walkPauseFactor = 50;
const gitSettleMs = 300;

export class RepositoryIndexer implements Disposable {
  readonly #options: RepositoryIndexerOptions;
  readonly #queue: OpQueue;
  readonly #disposables = new DisposableStore();
  /** Undefined while there can be no index file; the next walk tries again. */
  #writer: IndexWriter | undefined;
  /** A file that was deleted or replaced while it is open goes on as if nothing were, for nobody else to see. */
  #fileId: number | undefined;
  #rules: Promise<LiveIgnoreRules>;
  #abort = new AbortController();
  #timer: Disposable | undefined;

  constructor(options: RepositoryIndexerOptions) {
    this.#options = options;
    this.#rules = openIgnoreRules(options);
    this.#queue = new OpQueue((error) => this.#recover(error));
    this.#disposables.add(toDisposable(() => this.#writer?.db.dispose()));
    this.#disposables.add(toDisposable(() => this.#timer?.dispose()));
    this.#disposables.add(toDisposable(() => this.#abort.abort()));
    this.#watchGit();
  }

  /** Asks for a walk over the whole tree; one that waits already is enough. */
  sync(cause: string): void {
    this.#timer?.dispose();
    const { signal } = this.#abort;
    this.#queue.request({ cause, run: () => this.#walk(cause, signal) });
  }

  /** Ends the running walk and the one that waits; what is stored stays. */
  cancel(): void {
    this.#abort.abort();
    this.#abort = new AbortController();
  }

  /** Resolves when no walk runs or waits. */
  idle(): Promise<void> {
    return this.#queue.idle();
  }

  setSettingGlobs(settingGlobs: readonly string[]): void {
    const { root, clock } = this.#options;
    this.#rules = openIgnoreRules({ root, clock, settingGlobs });
    this.sync('settings');
  }

  /** Brings single files up to date at once, also while a walk runs. */
  async update(paths: readonly string[]): Promise<void> {
    if (paths.length > maxUpdatePaths) return this.sync('many files');
    const rules = await this.#rules;
    if (paths.some((path) => rules.isRuleFile(path) || !rules.isCurrent(path)))
      return this.sync('ignore rules');
    const { clock, key, notify, syntax } = this.#options;
    const startMs = clock.monotonicMs();
    try {
      await syntax?.prepare(grammarsOf(paths));
      const nChangedFiles = this.#updateNow(this.#context(this.#writer ?? this.#open(), rules), paths);
      notify({ type: 'updated', key, nChangedFiles, durationMs: clock.monotonicMs() - startMs });
    } catch (error) {
      this.#recover(error);
    }
  }

  dispose(): void {
    this.#disposables.dispose();
  }

  #updateNow(context: TreeContext, paths: readonly string[]): number {
    const { writer } = context;
    return writer.db.transaction(() => {
      let nChanged = 0;
      for (const path of paths) {
        nChanged += writer.removeFolder(liveView, path);
        if (updateFile(context, path)) nChanged++;
      }
      return nChanged;
    });
  }

  /** @throws IdiomError `diskFull` or `notPermitted` when there can be no index file. */
  #open(): IndexWriter {
    const { indexPath, key, notify } = this.#options;
    const { db, rebuiltBecause } = openIndex(indexPath);
    this.#writer = createIndexWriter(db);
    this.#fileId = idOf(indexPath);
    const reason = rebuiltBecause === undefined ? {} : { rebuiltBecause };
    notify({ type: 'opened', key, status: indexStatus(db), ...reason });
    return this.#writer;
  }

  #closeWriter(): void {
    this.#writer?.db.dispose();
    this.#writer = undefined;
  }

  #context(writer: IndexWriter, rules: IgnoreRules): TreeContext {
    const { root, syntax, clock } = this.#options;
    return { root, writer, rules, syntax, nowMs: () => clock.nowMs() };
  }

  async #walk(cause: string, signal: AbortSignal): Promise<void> {
    const { clock, key, notify } = this.#options;
    const startMs = clock.monotonicMs();
    if (idOf(this.#options.indexPath) !== this.#fileId) this.#closeWriter();
    const writer = this.#writer ?? this.#open();
    signal.throwIfAborted();
    const rules = await this.#rules;
    await rules.refresh();
    rules.invalidate();
    const progress = await syncTree(
      this.#context(writer, rules),
      {
        onProgress: ({ nFiles, nChangedFiles, folder }) =>
          notify({ type: 'progress', key, nFiles, nChangedFiles, folder }),
      },
      signal,
    );
    tidyIndex(writer, progress.nChangedFiles, clock.nowMs());
    const durationMs = clock.monotonicMs() - startMs;
    const { nFiles, nChangedFiles, nUnreadable } = progress;
    const status = indexStatus(writer.db);
    notify({ type: 'synced', key, cause, nFiles, nChangedFiles, nUnreadable, durationMs, status });
    this.#timer = clock.setTimer(Math.max(minWalkPauseMs, durationMs * walkPauseFactor), () =>
      this.sync('regular'),
    );
  }

  /** A broken file is made again; any other trouble is told, and a walk in a while tries once more. */
  #recover(error: unknown): void {
    if (this.#disposables.isDisposed) return;
    if (isAbort(error)) return this.#tellStopped();
    const { key, notify, clock, indexPath } = this.#options;
    notify({ type: 'trouble', key, reason: sentenceOf(error, indexPath) });
    this.#timer?.dispose();
    if (!isCorruption(error)) {
      this.#timer = clock.setTimer(minWalkPauseMs, () => this.sync('after trouble'));
      return;
    }
    this.#closeWriter();
    try {
      deleteIndex(indexPath);
    } catch {
      // The next walk can't open it and tells why.
    }
    this.#timer = clock.setTimer(0, () => this.sync('rebuild'));
  }

  #tellStopped(): void {
    const { key, notify } = this.#options;
    if (this.#writer !== undefined) notify({ type: 'stopped', key, status: indexStatus(this.#writer.db) });
  }

  /** HEAD and the git index change with every checkout, also from a terminal. */
  #watchGit(): void {
    const { gitDir, clock } = this.#options;
    if (gitDir === undefined) return;
    try {
      let settle: Disposable | undefined;
      const watcher = watch(gitDir, { persistent: false }, (_event, name) => {
        if (name !== 'HEAD' && name !== 'index') return;
        settle?.dispose();
        settle = clock.setTimer(gitSettleMs, () => this.sync('git'));
      });
      watcher.on('error', () => watcher.close());
      this.#disposables.add(toDisposable(() => watcher.close()));
      this.#disposables.add(toDisposable(() => settle?.dispose()));
    } catch {
      // No watches are left on this machine; the regular walk finds the change.
    }
  }
}

/** What tells a file from another one at the same path; undefined when there is none. */
function idOf(path: string): number | undefined {
  return statSync(path, { throwIfNoEntry: false })?.ino;
}

/** Whether anything changed. A file that a walk does not come to is forgotten. */
function updateFile(context: TreeContext, path: string): boolean {
  const { writer, root } = context;
  const known = writer.entryAt(liveView, path);
  if (foreignAbove(root, path) === undefined) return indexFile(context, path, known);
  if (known !== undefined) writer.removeEntry(liveView, path);
  return known !== undefined;
}

/** One or two sentences for a person. */
function sentenceOf(error: unknown, indexPath: string): string {
  const explained = explainDatabaseError(error, indexPath);
  return explained instanceof IdiomError
    ? explained.sentence
    : `Indexing failed: ${describeError(explained)}.`;
}
