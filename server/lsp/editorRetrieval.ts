/** One editor's share in the indexes: which folder answers for a document, and what the editor has open that the disk has not. */

import { isAbsolute, relative, sep } from 'node:path';
import { DisposableStore } from '../base/disposable.ts';
import type { Disposable } from '../base/disposable.ts';
import { Emitter } from '../base/emitter.ts';
import { mayBeRead } from '../retrieval/ignoreRules.ts';
import type { IgnoreVerdict } from '../retrieval/ignoreRules.ts';
import type { LiveIndex } from '../retrieval/liveIndex.ts';
import type { RetrievalQuery, Retriever, Snippet } from '../retrieval/snippet.ts';
import type { IndexedFolder, LiveIndexes, OpenIndex } from './liveIndexes.ts';
import { fileOf } from './workspaceFolders.ts';
import type { DocumentPlace } from './workspaceFolders.ts';

export class EditorRetrieval implements Retriever, Disposable {
  readonly #disposables = new DisposableStore();
  readonly #indexes: LiveIndexes;
  readonly #explain: (uri: string, path: string) => IgnoreVerdict;
  readonly #changes = new Emitter<undefined>();
  readonly #byRoot = new Map<string, OpenIndex>();
  readonly #rootOf = new Map<string, { root: string; path: string }>();

  /** @param explain what the rules say now of a path in the folder of an open document. */
  constructor(indexes: LiveIndexes, explain: (uri: string, path: string) => IgnoreVerdict) {
    this.#indexes = indexes;
    this.#explain = explain;
  }

  /** Those that this editor's documents lie in. */
  get indexes(): readonly OpenIndex[] {
    return [...this.#byRoot.values()];
  }

  /** Fires when one of the indexes is in another state, or there is one more. */
  onChange(listener: () => void): Disposable {
    return this.#changes.on(listener);
  }

  /**
   * The document's uri travels in the query, since two folders may have the same path. What a rule leaves out since the
   * last walk, and what another window still has open, is dropped here.
   */
  async retrieve(query: RetrievalQuery, signal: AbortSignal): Promise<readonly Snippet[]> {
    const { uri } = query;
    const { index } = this.#find(uri ?? '');
    if (uri === undefined || index === undefined) return [];
    const snippets = await index.retriever.retrieve(query, signal);
    return snippets.filter(({ path }) => {
      const verdict = this.#explain(uri, path);
      return !verdict.isIgnored || (mayBeRead(verdict) && index.openTexts.get(path) !== undefined);
    });
  }

  /** The document may be read into prompts; from now on its folder is indexed and its text is known. */
  know(uri: string, place: DocumentPlace, text: string, settingGlobs: readonly string[]): void {
    const { root } = place.home;
    if (root === undefined) return;
    const index = this.#byRoot.get(root)?.index ?? this.#use({ ...place.home, root }, settingGlobs);
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
    for (const { root, index } of this.indexes) {
      const paths = uris.flatMap((uri) => {
        const file = fileOf(uri);
        const path = file === undefined ? '..' : relative(root, file);
        return path === '' || path.startsWith('..') || isAbsolute(path) ? [] : [path.split(sep).join('/')];
      });
      if (paths.length > 0) index.filesChanged(paths);
    }
  }

  /** A rule file of this folder has changed, though nobody may have seen it. */
  rulesChanged(root: string | undefined): void {
    this.indexes.find((each) => each.root === root)?.index.sync('ignore rules');
  }

  setSettingGlobs(globs: readonly string[]): void {
    for (const { index } of this.indexes) index.setSettingGlobs(globs);
  }

  /** Ends the walks in all folders of this editor, or starts them. */
  wishIndexing(wish: 'stop' | 'again'): void {
    for (const { index } of this.indexes) {
      if (wish === 'stop') index.cancel();
      else index.sync('asked');
    }
  }

  dispose(): void {
    for (const uri of [...this.#rootOf.keys()]) this.closed(uri);
    this.#disposables.dispose();
    this.#byRoot.clear();
  }

  #use(folder: IndexedFolder, settingGlobs: readonly string[]): LiveIndex {
    const { root, name } = folder;
    const { index } = this.#disposables.add(this.#indexes.use(folder, settingGlobs));
    this.#disposables.add(index.onState(() => this.#changes.fire(undefined)));
    this.#byRoot.set(root, { root, name, index });
    this.#changes.fire(undefined);
    return index;
  }

  #find(uri: string): { index: LiveIndex | undefined; path: string } {
    const place = this.#rootOf.get(uri);
    return {
      index: place === undefined ? undefined : this.#byRoot.get(place.root)?.index,
      path: place?.path ?? '',
    };
  }
}
