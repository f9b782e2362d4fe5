/** The few questions that Idiom asks git about one repository; all of them read, none writes. */

import { existsSync } from 'node:fs';
import { realpath } from 'node:fs/promises';
import { resolve } from 'node:path';
import { digestOf } from '../base/digest.ts';
import { IdiomError } from '../base/errors.ts';
import { parseAddedLines } from './parseDiff.ts';
import type { AddedFile } from './parseDiff.ts';
import { runGit } from './runGit.ts';

export interface Commit {
  readonly id: string;
  /** Author time, milliseconds since 1970. */
  readonly timeMs: number;
  readonly isMerge: boolean;
  /** Undefined for the first commit, and at the edge of a shallow clone. */
  readonly firstParent: string | undefined;
}

export interface TreeFile {
  /** Relative to the root, forward slashes, exactly as git stores it. */
  readonly path: string;
  /** Git's object id of the content. */
  readonly blobId: string;
  readonly sizeBytes: number;
}

interface RepositoryPlace {
  /** Top folder of the working tree, without symbolic links. */
  readonly root: string;
  /** Folder name, or the last part of the remote's address. */
  readonly name: string;
  /** Root commit and normalised remote as one digest, so that clones and worktrees agree. */
  readonly repoId: string;
  /** Folder with HEAD; a worktree's own. */
  readonly gitDir: string;
  /** Folder that worktrees have in common, without symbolic links. */
  readonly commonDir: string;
  /** Of HEAD; undefined before the first commit. */
  readonly rootCommit: string | undefined;
  /** Address of `origin`, or of the first remote, normalised. */
  readonly remote: string | undefined;
}

export interface Repository extends RepositoryPlace {
  /** Undefined before the first commit. */
  head(): Promise<string | undefined>;
  /** Full id of a commit-ish. @throws IdiomError `wrongUse` when there is none of that name. */
  resolveCommit(name: string): Promise<string>;
  /** Newest first, following first parents. */
  commits(options: { readonly from?: string; readonly max: number }): Promise<Commit[]>;
  /**
   * Lines that a commit added against its first parent; binary files are left out.
   * @param maxDiffBytes default 256 MiB. @throws IdiomError `gitFailed` when the diff is larger.
   */
  addedLines(commit: string, signal?: AbortSignal, maxDiffBytes?: number): Promise<AddedFile[]>;
  /** All regular files of a commit's tree. */
  listTree(commit: string, signal?: AbortSignal): Promise<TreeFile[]>;
  /** Contents in the order asked; undefined for an object that is missing, as in a shallow or partial clone. */
  readBlobs(blobIds: readonly string[], signal?: AbortSignal): Promise<(Buffer | undefined)[]>;
  /** One file as it was in a commit; undefined when it was not there. */
  fileAt(commit: string, path: string): Promise<Buffer | undefined>;
  /** Many files of one commit in the order asked, as `fileAt` but in one question. */
  filesAt(commit: string, paths: readonly string[], signal?: AbortSignal): Promise<(Buffer | undefined)[]>;
  /** Whether history was cut off when the repository was cloned. */
  isShallow(): Promise<boolean>;
}

/** The repository that `folder` is in, or undefined when it is in none or has no working tree. */
export async function openRepository(folder: string): Promise<Repository | undefined> {
  if (!existsSync(folder)) throw new IdiomError('wrongUse', `There is no folder ${folder}.`);
  let answer: string;
  try {
    answer = (
      await runGit(['rev-parse', '--show-toplevel', '--absolute-git-dir', '--git-common-dir'], {
        cwd: folder,
      })
    ).toString();
  } catch (error) {
    if (error instanceof IdiomError && error.remedy === undefined) return undefined;
    throw error;
  }
  const [top, gitDir, common] = answer.split('\n');
  if (top === undefined || gitDir === undefined || common === undefined || top === '') return undefined;
  const root = await realpath(resolve(top));
  const remote = await firstRemote(root);
  const rootCommit = await firstCommit(root);
  const name = nameOf(remote ?? root);
  const repoId = rootCommit === undefined ? folderId(root) : idOf(rootCommit, remote);
  const commonDir = await realpath(resolve(folder, common));
  return { root, name, repoId, gitDir, commonDir, rootCommit, remote, ...questions(root) };
}

/** Identity of a repository by itself. What it was known by before may say otherwise: registry/identifyRepository.ts. */
export function idOf(rootCommit: string, remote: string | undefined): string {
  return digestOf(`${rootCommit}\n${remote ?? ''}`).slice(0, 16);
}

/** Identity of a folder that is in no repository. */
export function folderId(root: string): string {
  return digestOf(`folder\n${root}`).slice(0, 16);
}

/** Host and path alone: protocol, user, port, `.git` and case of the host do not count. */
export function normaliseRemote(url: string): string {
  const scp = /^(?:[^@/]+@)?([^:/]+):(?!\/\/)(.+)$/.exec(url);
  const full = /^[a-z+]+:\/\/(?:[^@/]+@)?([^:/]+)(?::\d+)?\/(.+)$/i.exec(url);
  const [, host, path] = full ?? scp ?? [undefined, '', url];
  return `${(host ?? '').toLowerCase()}/${path ?? ''}`
    .replace(/\/+$/, '')
    .replace(/\.git$/, '')
    .replace(/^\/+/, '');
}

function questions(root: string): Omit<Repository, keyof RepositoryPlace> {
  const git = (args: readonly string[], signal?: AbortSignal, maxOutputBytes?: number) =>
    runGit(args, {
      cwd: root,
      ...(signal === undefined ? {} : { signal }),
      ...(maxOutputBytes === undefined ? {} : { maxOutputBytes }),
    });
  return {
    head: () => quietly(git(['rev-parse', '--verify', '--quiet', 'HEAD'])),
    async resolveCommit(name) {
      const id = await quietly(
        git(['rev-parse', '--verify', '--quiet', '--end-of-options', `${name}^{commit}`]),
      );
      if (id === undefined) throw new IdiomError('wrongUse', `There is no commit ${name} in ${root}.`);
      return id;
    },
    async commits({ from = 'HEAD', max }) {
      const format = '--format=%H %at %P';
      const text = await quietly(git(['log', '--first-parent', `--max-count=${max}`, format, from, '--']));
      return (text ?? '').split('\n').filter(Boolean).map(parseCommit);
    },
    async addedLines(commit, signal, maxDiffBytes) {
      const flags = [
        '--unified=0',
        '--no-color',
        '--no-ext-diff',
        '--no-textconv',
        '--no-renames',
        '--format=',
      ];
      const args = ['show', '--first-parent', '-m', ...flags, commit, '--'];
      return parseAddedLines((await git(args, signal, maxDiffBytes)).toString());
    },
    async listTree(commit, signal) {
      return parseTree((await git(['ls-tree', '-r', '-z', '-l', '--full-tree', commit], signal)).toString());
    },
    readBlobs: (blobIds, signal) => readBlobs(root, blobIds, signal),
    async fileAt(commit, path) {
      try {
        return await git(['cat-file', 'blob', `${commit}:${path}`]);
      } catch {
        return undefined;
      }
    },
    async filesAt(commit, paths, signal) {
      // A line is a question, so a name with a line break cannot be asked for.
      const askable = paths.filter((path) => !path.includes('\n'));
      const blobs = await readBlobs(
        root,
        askable.map((path) => `${commit}:${path}`),
        signal,
      );
      const byPath = new Map(askable.map((path, i) => [path, blobs[i]]));
      return paths.map((path) => byPath.get(path));
    },
    isShallow: async () => (await quietly(git(['rev-parse', '--is-shallow-repository']))) === 'true',
  };
}

async function readBlobs(
  root: string,
  blobIds: readonly string[],
  signal?: AbortSignal,
): Promise<(Buffer | undefined)[]> {
  if (blobIds.length === 0) return [];
  const options = { cwd: root, input: `${blobIds.join('\n')}\n`, maxOutputBytes: 2 ** 30 };
  const answer = await runGit(
    ['cat-file', '--batch'],
    signal === undefined ? options : { ...options, signal },
  );
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

function parseCommit(line: string): Commit {
  const [id = '', time = '0', ...parents] = line.split(' ');
  return {
    id,
    timeMs: Number(time) * 1000,
    isMerge: parents.filter(Boolean).length > 1,
    firstParent: parents.at(0) || undefined,
  };
}

/** Lines of `ls-tree -z -l`: mode, type, id, size, tab, path. Submodules and symbolic links are no files of ours. */
function parseTree(text: string): TreeFile[] {
  const files: TreeFile[] = [];
  for (const entry of text.split('\0')) {
    const match = /^(100644|100755) blob ([0-9a-f]+) +(\d+)\t(.+)$/s.exec(entry);
    if (match === null) continue;
    const [, , blobId = '', size = '0', path = ''] = match;
    files.push({ path, blobId, sizeBytes: Number(size) });
  }
  return files;
}

async function firstRemote(root: string): Promise<string | undefined> {
  const names = await quietly(runGit(['remote'], { cwd: root }));
  const all = (names ?? '').split('\n').filter(Boolean);
  const name = all.includes('origin') ? 'origin' : all.at(0);
  if (name === undefined) return undefined;
  const url = await quietly(runGit(['config', '--get', `remote.${name}.url`], { cwd: root }));
  return url === undefined ? undefined : normaliseRemote(url);
}

async function firstCommit(root: string): Promise<string | undefined> {
  const text = await quietly(runGit(['rev-list', '--max-parents=0', 'HEAD'], { cwd: root }));
  return text?.split('\n').filter(Boolean).sort().at(0);
}

/** Trimmed output, or undefined when git says no or says nothing. */
async function quietly(answer: Promise<Buffer>): Promise<string | undefined> {
  try {
    const text = (await answer).toString().trim();
    return text === '' ? undefined : text;
  } catch (error) {
    if (error instanceof IdiomError && error.remedy === undefined) return undefined;
    throw error;
  }
}

function nameOf(remoteOrPath: string): string {
  return remoteOrPath.split(/[/\\]/).filter(Boolean).at(-1) ?? 'repository';
}
