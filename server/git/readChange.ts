/** Reads what a commit changed: the lines that it added to files, and which files could not be read. */

import { askObjects, streamObjects } from './objectPlace.ts';
import type { ObjectPlace } from './objectPlace.ts';
import { DiffReader } from './readDiff.ts';
import type { AddedFile } from './readDiff.ts';
import { GitFailure } from './runGit.ts';
import type { GitArguments } from './runGit.ts';

/** `missing`: not on this machine, as in a partial clone or a damaged one. */
export type LackReason = 'missing' | 'tooLarge';

export interface Change {
  readonly files: readonly AddedFile[];
  /** Files that could not be read. */
  readonly leftOut: readonly { readonly path: string; readonly reason: LackReason }[];
  /** Why the commit as a whole could not be read; there are no files then. */
  readonly lack: LackReason | undefined;
}

export interface ReadChangeOptions {
  readonly signal?: AbortSignal | undefined;
  /** Added text of all files together, in characters; more makes the commit too large. Default 256 Mi. */
  readonly maxChars?: number | undefined;
  /** Of one file; more leaves it out. Default 16 Mi. */
  readonly maxFileChars?: number | undefined;
}

const defaultMaxChars = 2 ** 28;
const defaultMaxFileChars = 2 ** 24;

/**
 * The form of the answer, so that no setting has a say in it: settings are not read (objectPlace.ts), and what has a
 * default is given all the same.
 */
const common = [
  ...['-r', '--root', '--no-commit-id', '--no-renames', '--no-relative', '--no-abbrev', '-O/dev/null'],
  '--ignore-submodules=all',
];
const patch = [
  ...['-p', '--no-color', '--full-index', '--unified=0', '--inter-hunk-context=0', '--diff-algorithm=myers'],
  ...['--indent-heuristic', '--src-prefix=a/', '--dst-prefix=b/', '--submodule=short'],
];
/** Command lines hold 32,767 characters on Windows. */
const maxPathChars = 20_000;

/**
 * @param parent undefined for a commit without one, which adds everything.
 * @throws GitFailure for what is neither missing nor too large; the signal's reason.
 */
export async function readChange(
  place: ObjectPlace,
  { id, parent }: { readonly id: string; readonly parent: string | undefined },
  options: ReadChangeOptions = {},
): Promise<Change> {
  const trees = parent === undefined ? [id] : [parent, id];
  try {
    return await readPart(place, [...trees, '--'], options);
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
  return readAroundMissing(place, trees, options);
}

async function readPart(
  place: ObjectPlace,
  args: readonly string[],
  options: ReadChangeOptions,
): Promise<Change> {
  const { signal, maxChars = defaultMaxChars, maxFileChars = defaultMaxFileChars } = options;
  const reader = new DiffReader({ maxChars, maxFileChars: Math.min(maxFileChars, maxChars) });
  const isFull = new Error();
  try {
    await streamObjects(place, ['diff-tree', ...common, ...patch, ...args], { signal }, (chunk) => {
      reader.push(chunk);
      if (reader.isFull) throw isFull;
    });
  } catch (error) {
    if (error !== isFull) throw error;
    return { files: [], leftOut: [], lack: 'tooLarge' };
  }
  const leftOut = reader.tooLarge.map((path) => ({ path, reason: 'tooLarge' as const }));
  return { files: reader.files, leftOut, lack: undefined };
}

/** Git's diff ends at the first content that is not there, so those files are found first and the rest asked for. */
async function readAroundMissing(
  place: ObjectPlace,
  trees: readonly string[],
  options: ReadChangeOptions,
): Promise<Change> {
  let changed: readonly ChangedPath[];
  try {
    const raw: GitArguments = ['diff-tree', '--raw', '-z', ...common, ...trees, '--'];
    changed = parseRaw((await askObjects(place, raw, { signal: options.signal })).toString());
  } catch (error) {
    if (!isMissing(error)) throw error;
    return { files: [], leftOut: [], lack: 'missing' };
  }
  const missing = await missingOf(
    place,
    changed.flatMap((each) => each.blobIds),
    options.signal,
  );
  const isLost = ({ blobIds }: ChangedPath) => blobIds.some((blobId) => missing.has(blobId));
  const lost = changed.filter(isLost).map(({ path }) => ({ path, reason: 'missing' as const }));
  const rest = changed.filter((each) => !isLost(each)).map(({ path }) => path);
  if (rest.length === 0) return { files: [], leftOut: [], lack: 'missing' };
  const parts: Change[] = [];
  for (const paths of slices(rest))
    parts.push(
      await readPart(place, [...trees, '--', ...paths.map((path) => `:(literal,top)${path}`)], options),
    );
  return {
    files: parts.flatMap((part) => part.files),
    leftOut: [...lost, ...parts.flatMap((part) => part.leftOut)],
    lack: parts.find((part) => part.lack !== undefined)?.lack,
  };
}

interface ChangedPath {
  readonly path: string;
  /** Contents before and after, where there are any. */
  readonly blobIds: readonly string[];
}

/** `:MODE MODE ID ID STATUS NUL PATH NUL` for each file. */
function parseRaw(text: string): ChangedPath[] {
  return [...text.matchAll(/:\d{6} (\d{6}) ([0-9a-f]+) ([0-9a-f]+) \w+\0([^\0]+)\0/g)]
    .filter(([, mode]) => mode?.startsWith('100'))
    .map(([, , before = '', after = '', path = '']) => ({
      path,
      blobIds: [before, after].filter((blobId) => !/^0+$/.test(blobId)),
    }));
}

/** Which of these objects are not on this machine. */
export async function missingOf(
  place: ObjectPlace,
  ids: readonly string[],
  signal?: AbortSignal,
): Promise<Set<string>> {
  if (ids.length === 0) return new Set();
  const input = `${ids.join('\n')}\n`;
  const answer = await askObjects(place, ['cat-file', '--batch-check'], { signal, input });
  return new Set([...answer.toString().matchAll(/^([0-9a-f]+) missing$/gm)].map(([, id = '']) => id));
}

function* slices(paths: readonly string[]): Generator<string[]> {
  let slice: string[] = [];
  let nChars = 0;
  for (const path of paths) {
    slice.push(path);
    nChars += path.length + 20;
    if (nChars < maxPathChars) continue;
    yield slice;
    slice = [];
    nChars = 0;
  }
  if (slice.length > 0) yield slice;
}

/** Whether git says that an object is not there, or not whole. */
export function isMissing(error: unknown): boolean {
  return (
    error instanceof GitFailure &&
    /unable to read|bad object|unable to find|not a tree object|could not (get object|read|parse)|failed to traverse|loose object .* is corrupt/i.test(
      error.reason,
    )
  );
}
