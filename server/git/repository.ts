/** The few questions that Idiom asks git about one repository; all of them read, none writes. */

import { existsSync } from 'node:fs';
import { readFile, realpath, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { digestOf } from '../base/digest.ts';
import { IdiomError } from '../base/errors.ts';
import { gitVersion } from './gitVersion.ts';
import { askRepository, openHistory } from './history.ts';
import type { ObjectPlace } from './objectPlace.ts';
import type { Change, ReadChangeOptions } from './readChange.ts';
import { GitFailure, runGit } from './runGit.ts';

export interface Commit {
  readonly id: string;
  /** Author time, milliseconds since 1970. */
  readonly timeMs: number;
  /** What the commit changed is told against this one, of merges too. Undefined for the first commit, and at the edge of a shallow clone. */
  readonly firstParent: string | undefined;
}

export interface TreeFile {
  /** Relative to the root, forward slashes, exactly as git stores it. */
  readonly path: string;
  /** Git's object id of the content. */
  readonly blobId: string;
  readonly sizeBytes: number;
  /** The content is not on this machine; its size is not known then and told as 0. */
  readonly isMissing?: true;
}

export interface RepositoryPlace {
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
  /**
   * The main line, newest first: first parents, where a merge counts as one change, what it brought in.
   * A lost commit ends it.
   */
  commits(options: { readonly from?: string; readonly max: number }): Promise<Commit[]>;
  /** What one of them changed against its first parent; binary files, links and submodules are left out. */
  changeOf(commit: Pick<Commit, 'id' | 'firstParent'>, options?: ReadChangeOptions): Promise<Change>;
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
  /** Whether contents were left out when the repository was cloned, to be fetched when they are asked for. Idiom never does. */
  isPartial(): Promise<boolean>;
}

/**
 * The repository that `folder` is in, or undefined when it is in none or has no working tree.
 * @throws IdiomError `wrongUse` when there is no such folder; `gitFailed` with git's reason when there is no usable git,
 *   or there is a repository that git or Idiom refuses: another owner's, a damaged one, one whose files are elsewhere.
 */
export async function openRepository(
  folder: string,
  { timeLimitMs = maxOpenMs }: { readonly timeLimitMs?: number } = {},
): Promise<Repository | undefined> {
  if (!existsSync(folder)) throw new IdiomError('wrongUse', `There is no folder ${folder}.`);
  await gitVersion();
  let answer: Buffer;
  try {
    // Whether a repository of another owner may be read stands in the user's own settings.
    const options = { cwd: folder, withUserSettings: true, timeLimitMs };
    answer = await runGit(['rev-parse', ...placeQuestions], options);
  } catch (error) {
    if (error instanceof GitFailure && isNoRepository(error.reason)) return undefined;
    throw error instanceof GitFailure ? explainRefusal(error, folder) : error;
  }
  const [format, top = '', gitDir = '', common = '', objects = '', shallow = ''] = answer
    .toString()
    .split('\n');
  const root = await realpath(resolve(folder, top));
  await checkWorkTree(root, gitDir);
  const place: ObjectPlace = {
    root,
    objects: resolve(folder, objects),
    shallow: resolve(folder, shallow),
    format: format === 'sha256' ? 'sha256' : 'sha1',
  };
  const ask: Ask = (args) => quietly(askRepository(place, gitDir, args, { timeLimitMs }));
  const remote = await firstRemote(ask);
  // A pipe in place of a file of .git never ends: this reads all that rev-list does, which may take longer, below.
  const head = await ask(['rev-parse', '--verify', '--quiet', '--end-of-options', 'HEAD^{commit}']);
  const rootCommit = head === undefined ? undefined : await firstCommit(place, gitDir, head);
  const name = nameOf(remote ?? root);
  const repoId = rootCommit === undefined ? folderId(root) : idOf(rootCommit, remote);
  const commonDir = await realpath(resolve(folder, common));
  return { root, name, repoId, gitDir, commonDir, rootCommit, remote, ...openHistory(place, gitDir) };
}

/** For those who go on with the folder alone where its repository can't be used; `refusal` says why. Other errors are thrown. */
export async function tryRepository(
  folder: string,
): Promise<{ readonly repository?: Repository | undefined; readonly refusal?: IdiomError }> {
  try {
    return { repository: await openRepository(folder) };
  } catch (error) {
    if (error instanceof IdiomError && error.code === 'gitFailed') return { refusal: error };
    throw error;
  }
}

const maxOpenMs = 20_000;
const placeQuestions = [
  ...['--show-object-format', '--show-toplevel', '--absolute-git-dir', '--git-common-dir'],
  ...['--git-path', 'objects', '--git-path', 'shallow'],
];

/** The last one is what git says in a folder that only looks like a repository, or in a .git folder. */
function isNoRepository(reason: string): boolean {
  return /^not a git repository \(or any|must be run in a work tree|cannot use bare repository/.test(reason);
}

function explainRefusal(failure: GitFailure, folder: string): IdiomError {
  const owned = /dubious ownership in repository at '(.*)'|unsafe repository \('(.*)' is owned/.exec(
    failure.reason,
  );
  if (owned === null)
    return new IdiomError('gitFailed', `git can't read the repository in ${folder}: ${failure.reason}.`, {
      remedy: `Run git status there, and mend what it says.`,
      cause: failure,
    });
  const root = owned[1] ?? owned[2] ?? folder;
  return new IdiomError(
    'gitFailed',
    `git doesn't read the repository ${root}, because it belongs to another user.`,
    {
      remedy: `If you trust it, run: git config --global --add safe.directory ${root}`,
      cause: failure,
    },
  );
}

/**
 * A configuration can say that the files are in any other folder (core.worktree), so they have to be where the
 * repository is: its folder, or a file that names it as worktrees and submodules have one, is called .git there.
 */
async function checkWorkTree(root: string, gitDir: string): Promise<void> {
  const link = join(root, '.git');
  try {
    const isFile = (await stat(link)).isFile();
    const target = isFile ? /^gitdir: (.+)$/m.exec(await readFile(link, 'utf8'))?.[1]?.trim() : link;
    if (target !== undefined && (await realpath(resolve(root, target))) === (await realpath(gitDir))) return;
  } catch {
    // There is none.
  }
  throw new IdiomError(
    'gitFailed',
    `The repository ${gitDir} says that its files are in ${root}, which has no .git.`,
    {
      remedy: 'Remove core.worktree from its configuration.',
    },
  );
}

/** Identity of a repository by itself. What it was known by before may say otherwise: registry/identifyRepository.ts. */
export function idOf(rootCommit: string, remote: string | undefined): string {
  return digestOf(`${rootCommit}\n${remote ?? ''}`).slice(0, 16);
}

/** Identity of a folder that is in no repository. */
export function folderId(root: string): string {
  return digestOf(`folder\n${root}`).slice(0, 16);
}

/** No server takes longer ones. */
const maxAddressChars = 4096;

/** Host and path alone: protocol, user, port, `.git` and case of the host do not count. */
export function normaliseRemote(address: string): string {
  const url = address.slice(0, maxAddressChars);
  const scp = /^(?:[^@/]+@)?([^:/]+):(?!\/\/)(.+)$/.exec(url);
  const full = /^[a-z+]+:\/\/(?:[^@/]+@)?([^:/]+)(?::\d+)?\/(.+)$/i.exec(url);
  const [, host, path] = full ?? scp ?? [undefined, '', url];
  return `${(host ?? '').toLowerCase()}/${path ?? ''}`
    .replace(/\/+$/, '')
    .replace(/\.git$/, '')
    .replace(/^\/+/, '');
}

type Ask = (args: Parameters<typeof runGit>[0]) => Promise<string | undefined>;

async function firstRemote(ask: Ask): Promise<string | undefined> {
  const all = ((await ask(['remote'])) ?? '').split('\n').filter(Boolean);
  const name = all.includes('origin') ? 'origin' : all.at(0);
  if (name === undefined) return undefined;
  const url = await ask(['config', '--get', `remote.${name}.url`]);
  return url === undefined ? undefined : normaliseRemote(url);
}

async function firstCommit(place: ObjectPlace, gitDir: string, head: string): Promise<string | undefined> {
  const text = await quietly(askRepository(place, gitDir, ['rev-list', '--max-parents=0', head, '--']));
  return text?.split('\n').filter(Boolean).sort().at(0);
}

/** Undefined when git fails: an identity does without what can't be read. That git had to be ended is thrown. */
async function quietly(answer: Promise<string | undefined>): Promise<string | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof GitFailure && error.exitStatus !== null) return undefined;
    throw error;
  }
}

function nameOf(remoteOrPath: string): string {
  return remoteOrPath.split(/[/\\]/).filter(Boolean).at(-1) ?? 'repository';
}
