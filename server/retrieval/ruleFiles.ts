/** Reads rule files from the disk, and notices when what was read is no longer what is there. */

import { existsSync, statSync } from 'node:fs';
import type { BigIntStats } from 'node:fs';
import { join } from 'node:path';
import { systemCode } from '../base/errors.ts';
import { NotReadable, readRegularFile } from '../base/readRegularFile.ts';
import type { ByteText } from './gitPattern.ts';

/** Where ignore rules get their texts from: the disk, a commit, or a test. */
export interface RuleSource {
  /** Undefined when there is none. @param path relative to the root. */
  read(path: string): RuleText | undefined;
  exists(path: string): boolean;
  /** Of the files outside the tree; the one that decides first comes first. */
  excludes(): readonly RuleText[];
}

export interface RuleText {
  /** For a person. */
  readonly name: string;
  readonly text: ByteText;
}

/** Where nobody has written a rule. */
export const noRuleFiles: RuleSource = { read: () => undefined, exists: () => false, excludes: () => [] };

export interface DiskRuleSource extends RuleSource {
  /** Whether all that was read and that bears on the path (relative to the root) is still as it was. */
  isCurrent(path: string): boolean;
}

/** Git reads up to 100 MB; so many rules would take minutes of each walk. */
const maxRuleFileBytes = 2 ** 20;
/** A file changed this shortly before it was read may change again without a new time stamp. */
const racyMs = 50;

/** Rules that are too many to obey may be about a secret, so all that they may be about is left out. */
export function ruleText(name: string, text: ByteText | undefined): RuleText {
  return text === undefined || text.length > maxRuleFileBytes
    ? { name: `${name} is larger than 1 MB`, text: '*' }
    : { name, text };
}

export interface DiskRuleOptions {
  readonly root: string;
  readonly excludeFiles: readonly { readonly path: string; readonly name: string }[];
  /** Milliseconds since 1970. */
  nowMs(): number;
}

export function createDiskRuleSource({ root, excludeFiles, nowMs }: DiskRuleOptions): DiskRuleSource {
  /** By folder, path of each file that was looked for and what it was then. */
  const looked = new Map<string, Map<string, string>>();

  function note(folder: string, file: string, stamp: string): void {
    const files = looked.get(folder) ?? new Map<string, string>();
    looked.set(folder, files.set(file, stamp));
  }
  function readNoted(
    folder: string,
    name: string,
    file: string,
    followsLinks: boolean,
  ): RuleText | undefined {
    note(folder, file, stampOf(file, nowMs()));
    try {
      const bytes = readRegularFile(file, { maxBytes: maxRuleFileBytes, followsLinks });
      return ruleText(name, bytes.toString('latin1'));
    } catch (error) {
      const isTooLarge = error instanceof NotReadable && error.why === 'tooLarge';
      return isTooLarge ? ruleText(name, undefined) : undefined;
    }
  }
  return {
    // As git, which takes no .gitignore that is a link; an .idiomignore may be one for all of a user's repositories.
    read: (path) => readNoted(folderOf(path), path, join(root, path), path.endsWith('.idiomignore')),
    exists(path) {
      const file = join(root, path);
      const isThere = existsSync(file);
      note(folderOf(path), file, isThere ? thereStamp : goneStamp);
      return isThere;
    },
    excludes: () => excludeFiles.flatMap(({ name, path }) => readNoted(outside, name, path, true) ?? []),
    isCurrent(path) {
      return [outside, ...foldersAbove(path)].every((folder) =>
        [...(looked.get(folder) ?? [])].every(([file, stamp]) => isStill(file, stamp, nowMs())),
      );
    },
  };
}

/** In the place of a folder of the tree. */
const outside = '..';
const goneStamp = 'gone';
const racyStamp = 'racy';
/** Of a file of which only its being there counts. */
const thereStamp = 'there';

/** What changes when the file does. Links are followed: what they lead to is what is read. */
export function stampOf(file: string, nowMs: number): string {
  const stats = look(file);
  if (typeof stats === 'string') return stats;
  const isRacy = Math.abs(nowMs - Number(stats.ctimeMs)) < racyMs;
  return isRacy ? racyStamp : `${stats.ino} ${stats.size} ${stats.mtimeNs} ${stats.ctimeNs}`;
}

export function isStill(file: string, stamp: string, nowMs: number): boolean {
  const now = stampOf(file, nowMs);
  if (stamp === thereStamp) return now !== goneStamp;
  return now === stamp && now !== racyStamp;
}

/** Or what the system says against it. */
function look(file: string): BigIntStats | string {
  try {
    return statSync(file, { throwIfNoEntry: false, bigint: true }) ?? goneStamp;
  } catch (error) {
    return systemCode(error) ?? 'unreadable';
  }
}

function folderOf(path: string): string {
  const slash = path.lastIndexOf('/');
  return slash < 0 ? '' : path.slice(0, slash);
}

function foldersAbove(path: string): string[] {
  const folders = [];
  for (let at = folderOf(path); at !== ''; at = folderOf(at)) folders.push(at);
  return [...folders, ''];
}
