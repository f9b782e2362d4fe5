/** Reads what the newest commits added, as scrubbed texts with the added lines; decides nothing about their use. */

import { isAbort } from '../../base/errors.ts';
import { isWorthAsking } from '../../cursors/casesOfFile.ts';
import type { ChangedFile } from '../../cursors/casesOfFile.ts';
import type { AddedFile } from '../../git/readDiff.ts';
import type { Commit, Repository } from '../../git/repository.ts';
import type { DatasetSettings } from './datasetSettings.ts';
import { randomOf } from './ownRandom.ts';
import type { Tally } from './tally.ts';
import type { TextFilter } from './textFilter.ts';

export interface HistoryCommit {
  readonly commit: Commit;
  /** What it added in files that may be read; each has at least one line that is worth asking for. */
  readonly files: readonly ChangedFile[];
}

export interface ReadHistoryProps {
  readonly repository: Repository;
  readonly filter: TextFilter;
  readonly settings: Pick<DatasetSettings, 'maxCommits' | 'maxDiffBytes' | 'maxFilesPerCommit'>;
  readonly seed: number;
  readonly dropped: Tally;
  readonly onProgress: (nDone: number, nAll: number) => void;
  readonly signal: AbortSignal;
}

/** Commits whose git questions run at the same time. */
const nAtOnce = 3;

/**
 * Newest first, at most `maxCommits` along first parents. A merge counts as one change, what it brought into the main
 * line; a commit without a parent is left out: it adds everything at once, and there is no state before it.
 */
export async function readHistory(props: ReadHistoryProps, from: string): Promise<HistoryCommit[]> {
  const { repository, settings, signal } = props;
  const commits = await repository.commits({ from, max: settings.maxCommits });
  const history: HistoryCommit[] = [];
  for (let at = 0; at < commits.length; at += nAtOnce) {
    signal.throwIfAborted();
    const part = await Promise.all(
      commits.slice(at, at + nAtOnce).map((commit) => readCommit(props, commit)),
    );
    history.push(...part.filter((each) => each.files.length > 0));
    props.onProgress(Math.min(commits.length, at + nAtOnce), commits.length);
  }
  return history;
}

async function readCommit(props: ReadHistoryProps, commit: Commit): Promise<HistoryCommit> {
  const { repository, filter, settings, signal, dropped } = props;
  if (commit.firstParent === undefined) {
    dropped.add('commit: no parent');
    return { commit, files: [] };
  }
  const added = await addedBy(props, commit);
  const readable = added.filter((file) => filter.isReadable(file.path));
  const drawn = randomOf(props.seed, commit.id).shuffle(readable).slice(0, settings.maxFilesPerCommit);
  dropped.add('file: one of too many in its commit', readable.length - drawn.length);
  const contents = await repository.filesAt(
    commit.id,
    drawn.map((file) => file.path),
    signal,
  );
  const files: ChangedFile[] = [];
  for (const [i, file] of drawn.entries()) {
    const text = await filter.read(file.path, contents[i]);
    const changed = text === undefined ? undefined : changedFile(commit, file, text);
    if (changed !== undefined) files.push(changed);
  }
  return { commit, files };
}

/** Names of what is counted, as the manifests of datasets have them. */
export const lackReasons = {
  missing: { commit: 'commit: contents not on this machine', file: 'file: not on this machine' },
  tooLarge: { commit: 'commit: diff too large or unreadable', file: 'file: added too much at once' },
} as const;

async function addedBy(
  { repository, settings, signal, dropped }: ReadHistoryProps,
  commit: Commit,
): Promise<readonly AddedFile[]> {
  try {
    const change = await repository.changeOf(commit, { signal, maxChars: settings.maxDiffBytes });
    if (change.lack !== undefined) dropped.add(lackReasons[change.lack].commit);
    for (const { reason } of change.leftOut) dropped.add(lackReasons[reason].file);
    return change.files;
  } catch (error) {
    if (signal.aborted || isAbort(error)) throw error;
    dropped.add(lackReasons.tooLarge.commit);
    return [];
  }
}

/** The blocks' lines are taken from the scrubbed text, which has the same line numbers. */
function changedFile(commit: Commit, file: AddedFile, text: string): ChangedFile | undefined {
  const lines = text.split('\n');
  const blocks = file.blocks.map(({ startLine, lines: { length } }) => ({
    startLine,
    lines: lines.slice(startLine - 1, startLine - 1 + length),
  }));
  if (!blocks.some((block) => block.lines.some(isWorthAsking))) return undefined;
  return { commit: commit.id, parent: commit.firstParent, path: file.path, text, blocks };
}
