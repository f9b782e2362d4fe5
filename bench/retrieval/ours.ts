/** Idiom's own retrieval as a method of the bench: the index as of the split, and one set of options. */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Disposable } from '../../server/base/disposable.ts';
import type { Repository } from '../../server/git/repository.ts';
import { openIndex } from '../../server/retrieval/indexSchema.ts';
import { createIndexReader } from '../../server/retrieval/indexReader.ts';
import { createIndexWriter } from '../../server/retrieval/indexWriter.ts';
import { createOpenTexts } from '../../server/retrieval/openTexts.ts';
import type { RankOptions } from '../../server/retrieval/rankOptions.ts';
import { retrieveSnippets } from '../../server/retrieval/retrieveSnippets.ts';
import type { Retrieved } from '../../server/retrieval/retrieveSnippets.ts';
import { syncCommit } from '../../server/retrieval/syncCommit.ts';
import { createSyntaxReader } from '../../server/retrieval/syntax.ts';
import { createGitSource } from '../../server/retrieval/textSource.ts';
import type { Method } from './baselines.ts';
import type { RetrievalCase } from './cases.ts';

export interface Ours extends Disposable {
  retrieve(each: RetrievalCase, options: RankOptions): Promise<Retrieved>;
  method(options: RankOptions): Method;
}

export interface IndexVariant {
  /** False: everything is cut by lines, and there are no definitions. */
  readonly hasSyntax?: boolean;
  /** Left out of the index. */
  readonly settingGlobs?: readonly string[];
}

export async function openOurs(
  repository: Repository,
  split: string,
  { hasSyntax = true, settingGlobs = [] }: IndexVariant = {},
): Promise<Ours> {
  const folder = mkdtempSync(join(tmpdir(), 'idiom-bench-'));
  const { db } = openIndex(join(folder, 'index.sqlite'));
  const signal = new AbortController().signal;
  const syntax = hasSyntax ? await createSyntaxReader() : undefined;
  const context = { repository, writer: createIndexWriter(db), syntax, settingGlobs, nowMs: Date.now };
  const view = await syncCommit(context, split, signal);
  const reader = createIndexReader(db, view);
  const texts = createGitSource(repository, reader);
  function retrieve(each: RetrievalCase, options: RankOptions): Promise<Retrieved> {
    const openTexts = createOpenTexts();
    for (const path of [...each.recentPaths].reverse()) openTexts.touch(path);
    const query = { path: each.path, languageId: '', prefix: each.prefix, suffix: each.suffix };
    return retrieveSnippets({ reader, texts, openTexts, options }, query, signal);
  }
  return {
    retrieve,
    method: (options) => async (each) => (await retrieve(each, options)).snippets,
    dispose() {
      db.dispose();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
