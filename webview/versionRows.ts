/** The table of versions: a page of it, each with its parent, and the line that one descends from. Pure. */

import type { AdapterVersion, VersionsResult } from '../protocol/learning.ts';
import { versionName } from '../protocol/versionName.ts';
import { aliasNames } from './learningText.ts';
import { noFigure } from './readable.ts';

export const versionsPerPage = 10;

export interface Page<T> {
  readonly rows: readonly T[];
  /** 0-based, within what there is. */
  readonly index: number;
  readonly nPages: number;
  /** "16 to 30 of 1,000" */
  readonly label: string;
}

export function pageOf<T>(rows: readonly T[], index: number, size: number): Page<T> {
  const nPages = Math.max(1, Math.ceil(rows.length / size));
  const valid = Math.min(Math.max(0, index), nPages - 1);
  const first = valid * size;
  const shown = rows.slice(first, first + size);
  const label =
    rows.length === 0
      ? '0 of 0'
      : `${(first + 1).toLocaleString('en')} to ${(first + shown.length).toLocaleString('en')} of ${rows.length.toLocaleString('en')}`;
  return { rows: shown, index: valid, nPages, label };
}

/** The page on which the version stands, or undefined when it is not in the list. */
export function pageWith(versions: readonly AdapterVersion[], digest: string): number | undefined {
  const index = versions.findIndex((version) => version.digest === digest);
  return index === -1 ? undefined : Math.floor(index / versionsPerPage);
}

/** The version, its parent, and so on, up to one that began afresh or is not kept any more; at most 50. */
export function lineageOf(versions: readonly AdapterVersion[], digest: string): string[] {
  const parents = new Map(versions.map((version) => [version.digest, version.parentDigest]));
  const line = [digest];
  for (let at = parents.get(digest); at !== undefined && line.length < 50; at = parents.get(at)) {
    if (line.includes(at)) break;
    line.push(at);
  }
  return line;
}

/** "history 120, snapshot 64", the largest first. */
export function sourcesText(sources: AdapterVersion['sources']): string {
  const entries = Object.entries(sources).sort(([, a], [, b]) => b - a);
  if (entries.length === 0) return noFigure;
  return entries.map(([source, count]) => `${source} ${count.toLocaleString('en')}`).join(', ');
}

/** What a version's name says beyond its number, for a choice: "v7, in use". */
export function choiceText(name: string, { versions, aliases }: VersionsResult): string {
  const worn = (['champion', 'previous', 'canary'] as const).filter((alias) => aliases[alias] === name);
  return [versionName(versions, name), ...worn.map((alias) => aliasNames[alias])].join(', ');
}
