/** A repository's retrieval in the daemon: reads the index that the child writes, and knows the texts in editors. */

import type { Disposable } from '../base/disposable.ts';
import { DisposableStore } from '../base/disposable.ts';
import { Emitter } from '../base/emitter.ts';
import { describeError } from '../base/errors.ts';
import type { Logger } from '../base/logger.ts';
import type { Database } from '../store/database.ts';
import type { FromIndexer } from './indexMessages.ts';
import type { IndexProcess } from './indexProcess.ts';
import { createIndexReader } from './indexReader.ts';
import type { IndexReader } from './indexReader.ts';
import { openIndexForReading } from './indexSchema.ts';
import type { IndexStatus } from './indexStatus.ts';
import { createOpenTexts } from './openTexts.ts';
import type { OpenTexts } from './openTexts.ts';
import { defaultRankOptions } from './rankOptions.ts';
import type { RankOptions } from './rankOptions.ts';
import { createRetriever } from './retriever.ts';
import type { Retriever } from './snippet.ts';
import { createDiskSource } from './textSource.ts';
import type { TextSource } from './textSource.ts';

export interface LiveIndexOptions {
  /** Distinguishes working trees, also of the same repository: its root will do. */
  readonly key: string;
  readonly root: string;
  readonly gitDir: string | undefined;
  /** `repos/<repoId>/index-<digest of root>.sqlite` in the folder of derived state. */
  readonly indexPath: string;
  readonly settingGlobs: readonly string[];
  readonly process: IndexProcess;
  readonly logger: Logger;
  readonly rank?: RankOptions;
}

export type LiveIndexState =
  | { readonly kind: 'starting' }
  | {
      readonly kind: 'indexing';
      readonly nFiles: number;
      readonly nChangedFiles: number;
      readonly folder: string;
    }
  | { readonly kind: 'ready' }
  /** A walk was cancelled; changed files are still brought up to date. */
  | { readonly kind: 'stopped' }
  /** Retrieval goes on with what there is; `reason` is one or two sentences. */
  | { readonly kind: 'trouble'; readonly reason: string };

export class LiveIndex implements Disposable {
  readonly retriever: Retriever;
  /** To be fed with every document that editors have open. */
  readonly openTexts: OpenTexts = createOpenTexts();
  readonly #options: LiveIndexOptions;
  readonly #states = new Emitter<LiveIndexState>();
  readonly #updates = new Emitter<number>();
  readonly #disposables = new DisposableStore();
  #state: LiveIndexState = { kind: 'starting' };
  #status: IndexStatus | undefined;
  #settingGlobs: readonly string[];
  #db: Database | undefined;
  #reader: IndexReader | undefined;
  #texts: TextSource | undefined;

  constructor(options: LiveIndexOptions) {
    this.#options = options;
    this.#settingGlobs = options.settingGlobs;
    this.retriever = createRetriever({
      reader: () => this.#read(),
      texts: () => this.#texts,
      openTexts: this.openTexts,
      options: options.rank ?? defaultRankOptions,
      logger: options.logger,
      onBroken: () => this.#closeReader(),
    });
    const { key, root, gitDir, indexPath } = options;
    const settingGlobs = [...options.settingGlobs];
    const message = { type: 'open', key, root, indexPath, settingGlobs } as const;
    this.#disposables.add(
      options.process.open(gitDir === undefined ? message : { ...message, gitDir }, (from) => this.#on(from)),
    );
  }

  get state(): LiveIndexState {
    return this.#state;
  }

  /** Fires for each new state, and when the numbers have changed. */
  onState(listener: (state: LiveIndexState) => void): Disposable {
    return this.#states.on(listener);
  }

  /** Fires when changed files are in the index; the value is the child's own time in milliseconds. */
  onUpdated(listener: (durationMs: number) => void): Disposable {
    return this.#updates.on(listener);
  }

  /** Files were saved, created, deleted or renamed, as an editor or a watcher tells; relative paths. */
  filesChanged(paths: readonly string[]): void {
    this.#options.process.send({ type: 'update', key: this.#options.key, paths: [...paths] });
  }

  setSettingGlobs(globs: readonly string[]): void {
    if (globs.join('\0') === this.#settingGlobs.join('\0')) return;
    this.#settingGlobs = globs;
    this.#options.process.send({ type: 'settings', key: this.#options.key, settingGlobs: [...globs] });
  }

  /** Walks the whole tree again. */
  sync(cause: string): void {
    this.#options.process.send({ type: 'sync', key: this.#options.key, cause });
  }

  /** Ends a walk; what it has stored stays, and the next change or walk goes on. */
  cancel(): void {
    this.#options.process.send({ type: 'cancel', key: this.#options.key });
  }

  /** As the child counted when the last walk ended or was stopped; undefined before it has opened the index. */
  status(): IndexStatus | undefined {
    return this.#status;
  }

  dispose(): void {
    this.#disposables.dispose();
    this.#closeReader();
  }

  #on(message: FromIndexer): void {
    const { logger, key } = this.#options;
    switch (message.type) {
      case 'opened':
        this.#closeReader();
        this.#status = message.status;
        if (message.rebuiltBecause !== undefined) {
          logger.warn('retrieval', 'index made again', { key, reason: message.rebuiltBecause });
        }
        return this.#setState(this.#state);
      case 'progress': {
        const { nFiles, nChangedFiles, folder } = message;
        return this.#setState({ kind: 'indexing', nFiles, nChangedFiles, folder });
      }
      case 'synced':
        logger.info('retrieval', 'indexed', {
          key,
          cause: message.cause,
          files: message.nFiles,
          changed: message.nChangedFiles,
          unreadable: message.nUnreadable,
          durationMs: Math.round(message.durationMs),
        });
        this.#status = message.status;
        return this.#setState({ kind: 'ready' });
      case 'stopped':
        this.#status = message.status;
        return this.#setState({ kind: 'stopped' });
      case 'updated':
        logger.debug('retrieval', 'updated', { key, durationMs: Math.round(message.durationMs) });
        return this.#updates.fire(message.durationMs);
      case 'trouble':
        logger.warn('retrieval', 'indexing failed', { key, reason: message.reason });
        return this.#setState({ kind: 'trouble', reason: message.reason });
    }
  }

  #setState(state: LiveIndexState): void {
    this.#state = state;
    this.#states.fire(state);
  }

  #read(): IndexReader | undefined {
    if (this.#reader !== undefined) return this.#reader;
    if (this.#state.kind === 'starting' && this.#disposables.isDisposed) return undefined;
    this.#db = openIndexForReading(this.#options.indexPath);
    if (this.#db === undefined) return undefined;
    this.#reader = createIndexReader(this.#db);
    this.#texts = createDiskSource(this.#options.root, this.#reader);
    return this.#reader;
  }

  #closeReader(): void {
    try {
      this.#db?.dispose();
    } catch (error) {
      this.#options.logger.debug('retrieval', 'closing failed', { error: describeError(error) });
    }
    this.#db = undefined;
    this.#reader = undefined;
    this.#texts = undefined;
  }
}
