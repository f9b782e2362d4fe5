/** Keeps one repository's index file right: first walk, changed files, branch switches, regular walks, recovery. Writes alone. */

import { watch } from 'node:fs';
import type { Clock } from '../base/clock.ts';
import { DisposableStore, toDisposable } from '../base/disposable.ts';
import type { Disposable } from '../base/disposable.ts';
import { describeError, isAbort } from '../base/errors.ts';
import { OpQueue } from '../base/opQueue.ts';
import { createIgnoreRules } from './ignoreRules.ts';
import type { IgnoreRules } from './ignoreRules.ts';
import { grammarsOf, indexFile } from './indexFile.ts';
import type { TreeContext } from './indexFile.ts';
import type { FromIndexer } from './indexMessages.ts';
import { isCorruption, deleteIndex, openIndex } from './indexSchema.ts';
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
  #writer: IndexWriter;
  #rules: IgnoreRules;
  #abort = new AbortController();
  #timer: Disposable | undefined;

  /** @throws IdiomError `diskFull` or `notPermitted` when there can be no index file. */
  constructor(options: RepositoryIndexerOptions) {
    this.#options = options;
    this.#rules = createIgnoreRules(options);
    this.#queue = new OpQueue((error) => this.#recover(error));
    this.#writer = this.#open();
    this.#disposables.add(toDisposable(() => this.#writer.db.dispose()));
    this.#disposables.add(toDisposable(() => this.#timer?.dispose()));
    this.#disposables.add(toDisposable(() => this.#abort.abort()));
    this.#watchGit();
  }

  /** Asks for a walk over the whole tree; one that waits already is enough. */
  sync(cause: string): void {
    this.#timer?.dispose();
    this.#queue.request({ cause, run: () => this.#walk(cause) });
  }

  /** Ends a running walk; what it has stored stays. */
  cancel(): void {
    this.#abort.abort();
    this.#abort = new AbortController();
  }

  /** Resolves when no walk runs or waits. */
  idle(): Promise<void> {
    return this.#queue.idle();
  }

  setSettingGlobs(settingGlobs: readonly string[]): void {
    this.#rules = createIgnoreRules({ root: this.#options.root, settingGlobs });
    this.sync('settings');
  }

  /** Brings single files up to date at once, also while a walk runs. */
  async update(paths: readonly string[]): Promise<void> {
    if (paths.some((path) => this.#rules.isRuleFile(path))) {
      this.#rules.invalidate();
      return this.sync('ignore rules');
    }
    if (paths.length > maxUpdatePaths) return this.sync('many files');
    const { clock, key, notify, syntax } = this.#options;
    const startMs = clock.monotonicMs();
    try {
      await syntax?.prepare(grammarsOf(paths));
      const nChangedFiles = this.#updateNow(paths);
      notify({ type: 'updated', key, nChangedFiles, durationMs: clock.monotonicMs() - startMs });
    } catch (error) {
      this.#recover(error);
    }
  }

  dispose(): void {
    this.#disposables.dispose();
  }

  #updateNow(paths: readonly string[]): number {
    const context = this.#context();
    const { db } = this.#writer;
    return db.transaction(() => {
      let nChanged = 0;
      for (const path of paths) {
        nChanged += this.#writer.removeFolder(liveView, path);
        if (indexFile(context, path, this.#writer.entryAt(liveView, path))) nChanged++;
      }
      return nChanged;
    });
  }

  #open(): IndexWriter {
    const { db, rebuiltBecause } = openIndex(this.#options.indexPath);
    const { key } = this.#options;
    this.#options.notify({
      type: 'opened',
      key,
      ...(rebuiltBecause === undefined ? {} : { rebuiltBecause }),
    });
    return createIndexWriter(db);
  }

  #context(): TreeContext {
    const { root, syntax, clock } = this.#options;
    return { root, writer: this.#writer, rules: this.#rules, syntax, nowMs: () => clock.nowMs() };
  }

  async #walk(cause: string): Promise<void> {
    const { clock, key, notify } = this.#options;
    const { signal } = this.#abort;
    const startMs = clock.monotonicMs();
    this.#rules.invalidate();
    const progress = await syncTree(
      this.#context(),
      {
        onProgress: ({ nFiles, nChangedFiles, folder }) =>
          notify({ type: 'progress', key, nFiles, nChangedFiles, folder }),
      },
      signal,
    );
    tidyIndex(this.#writer, progress.nChangedFiles, clock.nowMs());
    const durationMs = clock.monotonicMs() - startMs;
    const { nFiles, nChangedFiles, nUnreadable } = progress;
    notify({ type: 'synced', key, cause, nFiles, nChangedFiles, nUnreadable, durationMs });
    this.#timer = clock.setTimer(Math.max(minWalkPauseMs, durationMs * walkPauseFactor), () =>
      this.sync('regular'),
    );
  }

  /** A broken file is made again; any other trouble is told, and the next walk tries once more. */
  #recover(error: unknown): void {
    if (isAbort(error) || this.#disposables.isDisposed) return;
    const { key, notify, clock, indexPath } = this.#options;
    notify({ type: 'trouble', key, reason: describeError(error) });
    this.#timer?.dispose();
    if (!isCorruption(error)) {
      this.#timer = clock.setTimer(minWalkPauseMs, () => this.sync('after trouble'));
      return;
    }
    try {
      this.#writer.db.dispose();
      deleteIndex(indexPath);
      this.#writer = this.#open();
      this.#timer = clock.setTimer(0, () => this.sync('rebuild'));
    } catch (second) {
      notify({ type: 'trouble', key, reason: describeError(second) });
    }
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
