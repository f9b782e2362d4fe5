/** The retrieval indexes of the folders that editors are in: one a folder, shared by all windows, closed after the last. */

import { toDisposable } from '../base/disposable.ts';
import type { Disposable } from '../base/disposable.ts';
import type { Logger } from '../base/logger.ts';
import type { IndexProcess } from '../retrieval/indexProcess.ts';
import { LiveIndex } from '../retrieval/liveIndex.ts';

export interface LiveIndexesOptions {
  readonly process: IndexProcess;
  readonly logger: Logger;
  indexPath(repoId: string, root: string): string;
}

/** A folder to be indexed. */
export interface IndexedFolder {
  readonly root: string;
  /** For a person. */
  readonly name: string;
  readonly repoId: string;
  readonly gitDir: string | undefined;
}

export interface OpenIndex {
  readonly root: string;
  readonly name: string;
  readonly index: LiveIndex;
}

export interface SharedIndex extends Disposable {
  readonly index: LiveIndex;
}

export class LiveIndexes implements Disposable {
  readonly #options: LiveIndexesOptions;
  readonly #open = new Map<string, OpenIndex & { nUsers: number }>();

  constructor(options: LiveIndexesOptions) {
    this.#options = options;
  }

  /** Of all editors. */
  get all(): readonly OpenIndex[] {
    return [...this.#open.values()];
  }

  /** Opens the folder's index, or joins the users of it; dispose when it is needed no more. */
  use(folder: IndexedFolder, settingGlobs: readonly string[]): SharedIndex {
    const { root, name, repoId, gitDir } = folder;
    const { process, logger } = this.#options;
    const known = this.#open.get(root);
    const entry = known ?? {
      root,
      name,
      index: new LiveIndex({
        key: root,
        root,
        gitDir,
        indexPath: this.#options.indexPath(repoId, root),
        settingGlobs,
        process,
        logger,
      }),
      nUsers: 0,
    };
    entry.nUsers++;
    this.#open.set(root, entry);
    const release = toDisposable(() => this.#leave(root, entry));
    return { index: entry.index, dispose: () => release.dispose() };
  }

  dispose(): void {
    for (const { index } of this.#open.values()) index.dispose();
    this.#open.clear();
  }

  #leave(root: string, entry: OpenIndex & { nUsers: number }): void {
    entry.nUsers--;
    if (entry.nUsers > 0 || this.#open.get(root) !== entry) return;
    this.#open.delete(root);
    entry.index.dispose();
  }
}
