/** The questions about a repository's commits, trees and contents; all of them by object id. */

import { IdiomError } from '../base/errors.ts';
import { askObjects, streamObjects } from './objectPlace.ts';
import type { ObjectPlace } from './objectPlace.ts';
import { isMissing, readChange } from './readChange.ts';
import type { Commit, Repository, RepositoryPlace, TreeFile } from './repository.ts';
import { GitFailure, runGit } from './runGit.ts';
import type { GitOptions } from './runGit.ts';

export type History = Omit<Repository, keyof RepositoryPlace>;

/** @param gitDir where names of commits are looked up; nothing else of it is read. */
export function openHistory(place: ObjectPlace, gitDir: string): History {
  const rev = (name: string) => lookUp(place, gitDir, name);
  const head = () => rev('HEAD');
  async function commits({ from, max }: { readonly from?: string; readonly max: number }) {
    const isId = from !== undefined && /^[0-9a-f]{40,64}$/.test(from);
    const id = isId ? from : await rev(`${from ?? 'HEAD'}^{commit}`);
    return id === undefined ? [] : listCommits(place, id, max);
  }
  return {
    head,
    async resolveCommit(name) {
      const id = await rev(`${name}^{commit}`);
      if (id === undefined) throw new IdiomError('wrongUse', `There is no commit ${name} in ${place.root}.`);
      return id;
    },
    commits,
    changeOf: ({ id, firstParent }, options) => readChange(place, { id, parent: firstParent }, options),
    async listTree(commit, signal) {
      const args = ['-r', '-z', '-l', '--full-tree', commit];
      return parseTree((await askObjects(place, ['ls-tree', ...args], { signal })).toString());
    },
    readBlobs: (blobIds, signal) => readBlobs(place, blobIds, signal),
    async fileAt(commit, path) {
      return (await filesAt(place, commit, [path]))[0];
    },
    filesAt: (commit, paths, signal) => filesAt(place, commit, paths, signal),
    isShallow: async () =>
      (await askRepository(place, gitDir, ['rev-parse', '--is-shallow-repository'])) === 'true',
    isPartial: async () => (await askRepository(place, gitDir, partialClone)) !== undefined,
  };
}

const partialClone = [
  'config',
  '--get-regexp',
  '^(extensions\\.partialclone|remote\\..*\\.promisor)$',
] as const;

/** Full id of a commit-ish; undefined when there is none of that name. */
async function lookUp(place: ObjectPlace, gitDir: string, name: string): Promise<string | undefined> {
  return askRepository(place, gitDir, ['rev-parse', '--verify', '--quiet', '--end-of-options', name]);
}

/**
 * Trimmed answer of a command that has to see the repository's own files; undefined when git says no without a reason,
 * or says nothing. @throws GitFailure with the reason, where git gives one.
 */
export async function askRepository(
  { root }: Pick<ObjectPlace, 'root'>,
  gitDir: string,
  args: Parameters<typeof runGit>[0],
  options: Pick<GitOptions, 'timeLimitMs'> = {},
): Promise<string | undefined> {
  try {
    const answer = await runGit(args, { ...options, cwd: root, environment: { GIT_DIR: gitDir } });
    const text = answer.toString().trim();
    return text === '' ? undefined : text;
  } catch (error) {
    if (error instanceof GitFailure && error.exitStatus === 1) return undefined;
    throw error;
  }
}

/** Where a commit is lost, the history ends there: git prints what came before it and then fails. */
async function listCommits(place: ObjectPlace, id: string, max: number): Promise<Commit[]> {
  const args = ['--first-parent', `--max-count=${max}`, '--format=%H %at %P', id, '--'];
  const chunks: Buffer[] = [];
  try {
    await streamObjects(place, ['rev-list', ...args], {}, (chunk) => chunks.push(chunk));
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
  return Buffer.concat(chunks)
    .toString()
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('commit '))
    .map(parseCommit);
}

function parseCommit(line: string): Commit {
  const [id = '', time = '0', firstParent] = line.split(' ');
  return { id, timeMs: Number(time) * 1000, firstParent: firstParent || undefined };
}

/**
 * Lines of `ls-tree -z -l`: mode, type, id, size or BAD, tab, path. Submodules and symbolic links are no files of ours.
 */
function parseTree(text: string): TreeFile[] {
  const files: TreeFile[] = [];
  for (const entry of text.split('\0')) {
    const match = /^(100644|100755) blob ([0-9a-f]+) +(\d+|BAD)\t(.+)$/s.exec(entry);
    if (match === null) continue;
    const [, , blobId = '', size = '0', path = ''] = match;
    files.push(
      size === 'BAD'
        ? { path, blobId, sizeBytes: 0, isMissing: true }
        : { path, blobId, sizeBytes: Number(size) },
    );
  }
  return files;
}

/** A line is a question, so a name with a line break cannot be asked for. */
async function filesAt(
  place: ObjectPlace,
  commit: string,
  paths: readonly string[],
  signal?: AbortSignal,
): Promise<(Buffer | undefined)[]> {
  const askable = paths.filter((path) => !path.includes('\n'));
  const blobs = await readBlobs(
    place,
    askable.map((path) => `${commit}:${path}`),
    signal,
  );
  const byPath = new Map(askable.map((path, i) => [path, blobs[i]]));
  return paths.map((path) => byPath.get(path));
}

const maxBatchBytes = 2 ** 30;

async function readBlobs(
  place: ObjectPlace,
  blobIds: readonly string[],
  signal?: AbortSignal,
): Promise<(Buffer | undefined)[]> {
  if (blobIds.length === 0) return [];
  const input = `${blobIds.join('\n')}\n`;
  const options = { signal, input, maxOutputBytes: maxBatchBytes };
  const answer = await askObjects(place, ['cat-file', '--batch'], options);
  const blobs: (Buffer | undefined)[] = [];
  for (let at = 0; at < answer.length;) {
    const lineEnd = answer.indexOf(10, at);
    const header = answer.toString('utf8', at, lineEnd);
    at = lineEnd + 1;
    // `ID KIND SIZE` and then so many bytes, or the question itself and why there is no answer.
    const [, kind, size] = /^[0-9a-f]{40,64} (blob|tree|commit|tag) (\d+)$/.exec(header) ?? [];
    blobs.push(kind === 'blob' ? answer.subarray(at, at + Number(size)) : undefined);
    if (size !== undefined) at += Number(size) + 1;
  }
  return blobs;
}
