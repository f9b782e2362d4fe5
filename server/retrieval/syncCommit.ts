/** Makes a view of the repository as it was in a commit, from git alone; contents the index already has are not read. */

import { setImmediate } from 'node:timers/promises';
import type { Repository, TreeFile } from '../git/repository.ts';
import type { IgnoreReason } from './builtInRules.ts';
import { commitRules } from './commitRules.ts';
import { maxFileBytes } from './contentRules.ts';
import type { IgnoreRules } from './ignoreRules.ts';
import { grammarsOf, storeContent } from './indexFile.ts';
import type { TreeContext } from './indexFile.ts';
import type { Entry, IndexWriter } from './indexWriter.ts';

export interface CommitContext extends Pick<TreeContext, 'writer' | 'syntax' | 'nowMs'> {
  readonly repository: Repository;
  readonly settingGlobs: readonly string[];
  /** See CommitRulesOptions. */
  readonly knownTexts?: Map<string, string>;
}

/** Views of commits that are kept; the least recently used ones go first. */
const maxViews = 4;
const batchBytes = 4 * 2 ** 20;

/** Number of the commit's view, which is complete on return. @param commit full id of a commit. */
export async function syncCommit(
  context: CommitContext,
  commit: string,
  signal: AbortSignal,
): Promise<number> {
  const { writer, repository } = context;
  const { view, isComplete } = claimView(writer, commit, context.nowMs());
  if (isComplete) return view;
  const tree = await repository.listTree(commit, signal);
  const rules = await commitRules({ ...context, tree }, signal);
  await context.syntax?.prepare(grammarsOf(tree.map((file) => file.path)));
  // One transaction: an entry each, of which most commits have thousands, is quick to write but not to commit.
  const unread = writer.db.transaction(() =>
    tree.filter((file) => !setWithoutReading(writer, view, rules, file)),
  );
  let batch: TreeFile[] = [];
  let sizeBytes = 0;
  for (const file of unread) {
    batch.push(file);
    sizeBytes += file.sizeBytes;
    if (sizeBytes < batchBytes) continue;
    await readBatch(context, view, batch, signal);
    batch = [];
    sizeBytes = 0;
  }
  await readBatch(context, view, batch, signal);
  writer.db.run('UPDATE views SET isComplete = 1 WHERE id = ?', view);
  return view;
}

/** The entries of an ignored, huge or already known file; false when its bytes must be read. */
function setWithoutReading(writer: IndexWriter, view: number, rules: IgnoreRules, file: TreeFile): boolean {
  const verdict = rules.explain(file.path);
  const reason = verdict.isIgnored ? verdict.reason : unreadReason(file);
  const contentId = reason === undefined ? writer.findContent(Buffer.from(file.blobId, 'hex')) : undefined;
  if (reason === undefined && contentId === undefined) return false;
  writer.setEntry(view, file.path, entryOf(file, { contentId: contentId ?? null, reason: reason ?? null }));
  return true;
}

function unreadReason({ isMissing, sizeBytes }: TreeFile): IgnoreReason | undefined {
  if (isMissing === true) return 'missing';
  return sizeBytes > maxFileBytes ? 'huge' : undefined;
}

async function readBatch(
  context: CommitContext,
  view: number,
  files: readonly TreeFile[],
  signal: AbortSignal,
): Promise<void> {
  const blobs = await context.repository.readBlobs(
    files.map((file) => file.blobId),
    signal,
  );
  context.writer.db.transaction(() => {
    for (const [i, file] of files.entries()) {
      const bytes = blobs[i];
      const content =
        bytes === undefined
          ? ({ contentId: null, reason: 'missing' } as const)
          : storeContent(context, file.path, bytes, Buffer.from(file.blobId, 'hex'));
      context.writer.setEntry(view, file.path, entryOf(file, content));
    }
  });
  await setImmediate();
  signal.throwIfAborted();
}

function entryOf(file: TreeFile, content: Pick<Entry, 'contentId' | 'reason'>): Entry {
  return { ...content, sizeBytes: file.sizeBytes, mtimeMs: 0 };
}

function claimView(
  writer: IndexWriter,
  commit: string,
  nowMs: number,
): { view: number; isComplete: boolean } {
  const { db } = writer;
  return db.transaction(() => {
    const found = db.get<{ id: number; isComplete: number }>(
      'SELECT id, isComplete FROM views WHERE commitId = ?',
      commit,
    );
    if (found !== undefined) {
      db.run('UPDATE views SET usedAtMs = ? WHERE id = ?', nowMs, found.id);
      return { view: found.id, isComplete: found.isComplete === 1 };
    }
    const view = db.run(
      'INSERT INTO views (commitId, isComplete, usedAtMs) VALUES (?, 0, ?)',
      commit,
      nowMs,
    ).lastId;
    dropOldViews(writer);
    return { view, isComplete: false };
  });
}

function dropOldViews({ db }: IndexWriter): void {
  const old = db.all<{ id: number }>(
    'SELECT id FROM views WHERE commitId IS NOT NULL ORDER BY usedAtMs DESC, id DESC LIMIT -1 OFFSET ?',
    maxViews,
  );
  for (const { id } of old) {
    db.run('DELETE FROM entries WHERE view = ?', id);
    db.run('DELETE FROM views WHERE id = ?', id);
  }
}
