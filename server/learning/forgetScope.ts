/** What a person wants forgotten, and whether something is part of it. Pure. */

import type { Example } from '../training/dataset/example.ts';

/** All conditions hold together; none at all means everything of the repository. */
export interface ForgetScope {
  readonly repoId: string;
  /** Relative to the repository with forward slashes; a folder counts with all that is in it. */
  readonly path?: string | undefined;
  /** Milliseconds since 1970, both included. */
  readonly sinceMs?: number | undefined;
  readonly untilMs?: number | undefined;
}

export function isEverything({ path, sinceMs, untilMs }: ForgetScope): boolean {
  return path === undefined && sinceMs === undefined && untilMs === undefined;
}

export function isWithinPath(scope: Pick<ForgetScope, 'path'>, path: string): boolean {
  return scope.path === undefined || path === scope.path || path.startsWith(`${scope.path}/`);
}

/**
 * Whether an example holds something of it. What git has is text of a path, not of a time: a span of time by itself is
 * about what was recorded of suggestions then. The generic set is nobody's.
 */
export function holds(scope: ForgetScope, example: Example): boolean {
  const { source, path, timeMs } = example;
  if (source === 'replay') return false;
  if (isEverything(scope)) return true;
  const isRecorded = source === 'accepted' || source === 'correction' || source === 'thumbs';
  if (scope.path === undefined && !isRecorded) return false;
  if (timeMs < (scope.sinceMs ?? -Infinity) || timeMs > (scope.untilMs ?? Infinity)) return false;
  const paths =
    example.kind === 'fillIn' ? [path, ...example.parts.snippets.map((each) => each.path)] : [path];
  return paths.some((each) => isWithinPath(scope, each));
}

/** Whether lines of a file that were held out to measure on belong to it: those of a path do, and everything does. */
export function holdsFile(scope: ForgetScope, path: string): boolean {
  return isEverything(scope) || (scope.path !== undefined && isWithinPath(scope, path));
}

/** As a person would say it, after "forgotten:". */
export function describeScope({ path, sinceMs, untilMs }: ForgetScope): string {
  const day = (atMs: number) => new Date(atMs).toISOString().slice(0, 16).replace('T', ' ');
  const parts = [
    path === undefined ? 'what was recorded' : `what is known of ${path}`,
    ...(sinceMs === undefined ? [] : [`since ${day(sinceMs)}`]),
    ...(untilMs === undefined ? [] : [`until ${day(untilMs)}`]),
  ];
  return isEverything({ repoId: '', path, sinceMs, untilMs }) ? 'everything' : parts.join(' ');
}
