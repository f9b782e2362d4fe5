/** Retrieval for a command of its own, without a daemon: from the working tree, or as of any commit. */

import type { Disposable } from '../base/disposable.ts';
import type { Logger } from '../base/logger.ts';
import type { Repository } from '../git/repository.ts';
import type { Database } from '../store/database.ts';
import { mayBeRead, openIgnoreRules } from './ignoreRules.ts';
import type { IgnoreRules } from './ignoreRules.ts';
import { indexOnce } from './indexOnce.ts';
import { createIndexReader } from './indexReader.ts';
import type { IndexReader } from './indexReader.ts';
import { openIndex, openIndexForReading } from './indexSchema.ts';
import { createIndexWriter } from './indexWriter.ts';
import { createOpenTexts } from './openTexts.ts';
import { defaultRankOptions } from './rankOptions.ts';
import { createRetriever } from './retriever.ts';
import { noRetrieval } from './snippet.ts';
import type { RetrievalQuery, Retriever, Snippet } from './snippet.ts';
import { syncCommit } from './syncCommit.ts';
import { createSyntaxReader } from './syntax.ts';
import type { SyntaxReader } from './syntax.ts';
import { createDiskSource, createGitSource } from './textSource.ts';
import type { Kept, TextSource } from './textSource.ts';

export interface OwnRetrieverOptions {
  readonly root: string;
  /** Needed for commits. */
  readonly repository: Repository | undefined;
  readonly indexPath: string;
  readonly settingGlobs: readonly string[];
  readonly logger: Logger;
  nowMs(): number;
  onProgress(nFiles: number): void;
}

/** Sees nothing until it is told what to see. */
export class OwnRetriever implements Retriever, Disposable {
  readonly #options: OwnRetrieverOptions;
  #db: Database | undefined;
  #current: Retriever = noRetrieval;
  #texts: TextSource | undefined;
  #commit: string | undefined;
  #rules: Promise<IgnoreRules> | undefined;
  /** Grammars take long to load, so they stay for the next commit. */
  #syntax: Promise<SyntaxReader | undefined> | undefined;
  /** From one commit to the next most files stay. */
  readonly #keptTexts = new Map<string, Kept>();
  readonly #ruleTexts = new Map<string, string>();

  constructor(options: OwnRetrieverOptions) {
    this.#options = options;
  }

  /** Without what must not be read by the rules of now: a commit's view may be older than they are. */
  async retrieve(query: RetrievalQuery, signal: AbortSignal): Promise<readonly Snippet[]> {
    const { root, settingGlobs } = this.#options;
    const rules = await (this.#rules ??= openIgnoreRules({ root, settingGlobs }));
    const snippets = await this.#current.retrieve(query, signal);
    return snippets.filter(({ path }) => mayBeRead(rules.explain(path)));
  }

  /**
   * Brings the index up to date with the files on disk first.
   * @throws IdiomError as indexOnce; what is indexed already is seen even so.
   */
  async seeWorkingTree(signal: AbortSignal): Promise<void> {
    const { root, indexPath, settingGlobs, onProgress } = this.#options;
    this.#commit = undefined;
    try {
      await indexOnce({
        root,
        indexPath,
        settingGlobs,
        nowMs: () => this.#options.nowMs(),
        onProgress: ({ nFiles }) => onProgress(nFiles),
        signal,
      });
    } finally {
      const db = this.#openOrRead();
      const reader = db === undefined ? undefined : createIndexReader(db);
      if (reader === undefined) this.#current = noRetrieval;
      else this.#see(reader, createDiskSource(root, reader));
    }
  }

  /** Nothing that is newer than `commit` (a full id) can be found afterwards; the working tree is not touched. */
  async seeCommit(commit: string, signal: AbortSignal): Promise<void> {
    const { repository, settingGlobs } = this.#options;
    if (repository === undefined || commit === this.#commit) return;
    const db = this.#open();
    this.#syntax ??= createSyntaxReader().catch(() => undefined);
    const syntax = await this.#syntax;
    const writer = createIndexWriter(db);
    const shared = { settingGlobs, knownTexts: this.#ruleTexts, nowMs: () => this.#options.nowMs() };
    const context = { repository, writer, syntax, ...shared };
    const view = await syncCommit(context, commit, signal);
    const reader = createIndexReader(db, view);
    this.#see(reader, createGitSource(repository, reader, this.#keptTexts));
    this.#commit = commit;
  }

  /** Of a file that a snippet came from, as it is seen now; undefined when it is not at hand. */
  lines(path: string): readonly string[] | undefined {
    return this.#texts?.lines(path);
  }

  dispose(): void {
    this.#current = noRetrieval;
    this.#texts = undefined;
    this.#db?.dispose();
    this.#db = undefined;
  }

  #open(): Database {
    this.#db ??= openIndex(this.#options.indexPath).db;
    return this.#db;
  }

  #openOrRead(): Database | undefined {
    try {
      return this.#open();
    } catch {
      return (this.#db = openIndexForReading(this.#options.indexPath));
    }
  }

  /** A new retriever each time: what was stable before may not exist in what is seen now. */
  #see(reader: IndexReader, texts: TextSource): void {
    this.#texts = texts;
    this.#current = createRetriever({
      reader: () => reader,
      texts: () => texts,
      openTexts: createOpenTexts(),
      options: defaultRankOptions,
      logger: this.#options.logger,
      onBroken: () => undefined,
    });
  }
}
