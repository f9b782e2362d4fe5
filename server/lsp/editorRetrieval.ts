/** One editor's share in the indexes: which folder answers for a document, and what the editor has open that the disk has not. */

import { isAbsolute, relative, sep } from 'node:path';
import { DisposableStore } from '../base/disposable.ts';
import type { Disposable } from '../base/disposable.ts';
import type { LiveIndex } from '../retrieval/liveIndex.ts';
import type { RetrievalQuery, Retriever, Snippet } from '../retrieval/snippet.ts';
import type { LiveIndexes } from './liveIndexes.ts';
import { fileOf } from './workspaceFolders.ts';
import type { DocumentPlace } from './workspaceFolders.ts';

export class EditorRetrieval implements Retriever, Disposable {
  readonly #disposables = new DisposableStore();
  readonly #indexes: LiveIndexes;
  readonly #byRoot = new Map<string, LiveIndex>();
  readonly #rootOf = new Map<string, { root: string; path: string }>();

  constructor(indexes: LiveIndexes) {
    this.#indexes = indexes;
  }

  /** The document's uri travels in the query, since two folders may have the same path. */
  retrieve(query: RetrievalQuery, signal: AbortSignal): Promise<readonly Snippet[]> {
    const place = query.uri === undefined ? undefined : this.#rootOf.get(query.uri);
    const index = place === undefined ? undefined : this.#byRoot.get(place.root);
    return index === undefined ? Promise.resolve([]) : index.retriever.retrieve(query, signal);
  }

  /** The document may be read into prompts; from now on its folder is indexed and its text is known. */
  know(uri: string, place: DocumentPlace, text: string, settingGlobs: readonly string[]): void {
    const { root, repoId, gitDir } = place.home;
    if (root === undefined) return;
    let index = this.#byRoot.get(root);
    if (index === undefined) {
      const shared = this.#disposables.add(this.#indexes.use({ root, repoId, gitDir }, settingGlobs));
      index = shared.index;
      this.#byRoot.set(root, index);
    }
    this.#rootOf.set(uri, { root, path: place.path });
    index.openTexts.set(place.path, text);
    index.openTexts.touch(place.path);
  }

  changed(uri: string, text: string): void {
    const { index, path } = this.#find(uri);
    index?.openTexts.set(path, text);
    index?.openTexts.touch(path);
  }

  saved(uri: string): void {
    const { index, path } = this.#find(uri);
    index?.filesChanged([path]);
  }

  closed(uri: string): void {
    const { index, path } = this.#find(uri);
    index?.openTexts.close(path);
    this.#rootOf.delete(uri);
  }

  /** Files that the editor saw change on the disk. */
  filesChanged(uris: readonly string[]): void {
    for (const [root, index] of this.#byRoot) {
      const paths = uris.flatMap((uri) => {
        const file = fileOf(uri);
        const path = file === undefined ? '..' : relative(root, file);
        return path === '' || path.startsWith('..') || isAbsolute(path) ? [] : [path.split(sep).join('/')];
      });
      if (paths.length > 0) index.filesChanged(paths);
    }
  }

  setSettingGlobs(globs: readonly string[]): void {
    for (const index of this.#byRoot.values()) index.setSettingGlobs(globs);
  }

  dispose(): void {
    for (const uri of [...this.#rootOf.keys()]) this.closed(uri);
    this.#disposables.dispose();
    this.#byRoot.clear();
  }

  #find(uri: string): { index: LiveIndex | undefined; path: string } {
    const place = this.#rootOf.get(uri);
    return { index: place === undefined ? undefined : this.#byRoot.get(place.root), path: place?.path ?? '' };
  }
}
