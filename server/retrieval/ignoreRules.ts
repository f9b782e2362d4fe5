/**
 * Which files may be read into a prompt, indexed, recorded or learned from, judged by path alone; contentRules.ts judges
 * what is in them. The sources add up: what any of them excludes is excluded, and a negated pattern lifts only
 * patterns of its own source, or the built-in list of vendored and generated files.
 */

import { isAbsolute } from 'node:path';
import { systemClock } from '../base/clock.ts';
import type { Clock } from '../base/clock.ts';
import { buildFolders, liftablePatterns, secretPatterns, versionControlPatterns } from './builtInRules.ts';
import type { IgnoreReason } from './builtInRules.ts';
import { findExcludeFiles } from './excludeFiles.ts';
import type { ExcludeFiles } from './excludeFiles.ts';
import { toBytes } from './gitPattern.ts';
import { createIgnoreList } from './ignoreList.ts';
import type { IgnoreList } from './ignoreList.ts';
import { createDiskRuleSource, isStill, stampOf } from './ruleFiles.ts';
import type { RuleSource, RuleText } from './ruleFiles.ts';

export interface IgnoreVerdict {
  readonly isIgnored: boolean;
  readonly reason?: IgnoreReason;
  /** The pattern that decided, with the file it stands in: `src/.gitignore: *.log`. */
  readonly rule?: string;
}

export interface IgnoreRules {
  /** Verdict on a file; `path` is relative to the root with forward slashes. */
  explain(path: string): IgnoreVerdict;
  /** Verdict on a folder; everything in an ignored folder is ignored. */
  explainFolder(path: string): IgnoreVerdict;
  /** Whether a change of this file changes verdicts; then call `invalidate`. */
  isRuleFile(path: string): boolean;
  /** Forgets what was read, so that the next question reads the rule files again. */
  invalidate(): void;
}

/** Rules of a working tree, which notice by themselves when a rule file has changed. */
export interface LiveIgnoreRules extends IgnoreRules {
  /** Whether what decides about the path is as it was read; asks the disk, some microseconds for each folder above. */
  isCurrent(path: string): boolean;
  /** Of the files outside the tree, see RuleSource. */
  excludes(): readonly RuleText[];
  /** Asks git anew which files outside the tree count, if its settings have changed since. */
  refresh(): Promise<void>;
}

export interface RuleOptions {
  /** `.gitignore` patterns relative to the root, from the setting `idiom.ignore`. */
  readonly settingGlobs: readonly string[];
  /** Default: as the platform's disks usually are. */
  readonly isCaseSensitive?: boolean;
}

const allowed: IgnoreVerdict = { isIgnored: false };

/** For these reasons a file must not even be read into a prompt; for others it is only not indexed, recorded or learned. */
const reasonsNotToRead: ReadonlySet<string | undefined> = new Set<IgnoreReason>([
  'secret',
  'idiomignore',
  'setting',
  'versionControl',
]);

export function mayBeRead(verdict: IgnoreVerdict): boolean {
  return !(verdict.isIgnored && reasonsNotToRead.has(verdict.reason));
}

/** @param options.root absolute path of the working tree. @param options.clock default: the system's. */
export async function openIgnoreRules(
  options: RuleOptions & { readonly root: string; readonly clock?: Pick<Clock, 'nowMs'> },
): Promise<LiveIgnoreRules> {
  const { root, clock = systemClock } = options;
  let found: ExcludeFiles = { files: [], saidBy: [] };
  let source = createDiskRuleSource({ root, excludeFiles: [], nowMs: () => clock.nowMs() });
  let stamps: string[] = [];
  const rules = createIgnoreRules({
    ...options,
    source: {
      read: (path) => source.read(path),
      exists: (path) => source.exists(path),
      excludes: () => source.excludes(),
    },
  });
  function invalidate(): void {
    source = createDiskRuleSource({ root, excludeFiles: found.files, nowMs: () => clock.nowMs() });
    rules.invalidate();
  }
  async function refresh(): Promise<void> {
    const nowMs = clock.nowMs();
    if (stamps.length > 0 && found.saidBy.every((file, i) => isStill(file, stamps[i] ?? '', nowMs))) return;
    found = await findExcludeFiles(root);
    stamps = found.saidBy.map((file) => stampOf(file, nowMs));
    invalidate();
  }
  await refresh();
  return {
    ...rules,
    invalidate,
    refresh,
    isCurrent: (path) => source.isCurrent(path),
    excludes: () => source.excludes(),
  };
}

/** Rules over files that stay as they are while they are asked. */
export function createIgnoreRules(options: RuleOptions & { readonly source: RuleSource }): IgnoreRules {
  const { source, settingGlobs } = options;
  const isCaseSensitive = options.isCaseSensitive ?? !['darwin', 'win32'].includes(process.platform);
  const folders = new Map<string, Folder>();
  const layers = createLayers(settingGlobs, source, isCaseSensitive);

  function folderAt(path: string): Folder {
    const found = folders.get(path);
    if (found !== undefined) return found;
    const folder = makeFolder(path);
    folders.set(path, folder);
    return folder;
  }
  function makeFolder(path: string): Folder {
    if (path === '') return { verdict: allowed, levels: layers.read('', []) };
    const parent = folderAt(parentOf(path));
    if (!mayBeRead(parent.verdict)) return parent;
    const own = layers.judge(path, true, parent.levels);
    const verdict = stronger(parent.verdict, own.isIgnored ? own : buildVerdict(path, source));
    return { verdict, levels: layers.read(path, parent.levels) };
  }
  return {
    explain(path) {
      if (!isInside(path)) return { isIgnored: true, reason: 'outside' };
      const folder = folderAt(parentOf(path));
      if (!mayBeRead(folder.verdict)) return folder.verdict;
      return stronger(folder.verdict, layers.judge(path, false, folder.levels));
    },
    explainFolder(path) {
      if (path === '') return allowed;
      if (!isInside(path)) return { isIgnored: true, reason: 'outside' };
      return folderAt(path).verdict;
    },
    isRuleFile: (path) => /(^|\/)\.(git|idiom)ignore$/.test(path) || path === '.git/info/exclude',
    invalidate: () => folders.clear(),
  };
}

/** What is ignored stays so; that it must not be read is told although a folder above is ignored for less. */
function stronger(above: IgnoreVerdict, own: IgnoreVerdict): IgnoreVerdict {
  return above.isIgnored && mayBeRead(own) ? above : own;
}

interface Folder {
  readonly verdict: IgnoreVerdict;
  /** Rule files from the root down to this folder. */
  readonly levels: readonly Level[];
}

interface Level {
  /** Folder of the rule files, with a slash at the end unless it is the root. */
  readonly prefix: string;
  /** The one that decides first comes first. */
  readonly git: readonly NamedList[];
  readonly idiom: readonly NamedList[];
}

interface NamedList {
  /** Of the file, for a person. */
  readonly name: string;
  readonly list: IgnoreList;
}

interface Layers {
  read(folder: string, above: readonly Level[]): readonly Level[];
  judge(path: string, isFolder: boolean, levels: readonly Level[]): IgnoreVerdict;
}

function createLayers(settingGlobs: readonly string[], source: RuleSource, isCaseSensitive: boolean): Layers {
  const listOf = (patterns: readonly string[], ignoresCase = !isCaseSensitive) =>
    createIgnoreList(patterns.map(toBytes).join('\n'), ignoresCase);
  const named = ({ name, text }: RuleText) => ({ name, list: createIgnoreList(text, !isCaseSensitive) });
  const secrets = listOf(secretPatterns, true);
  const versionControl = listOf(versionControlPatterns, true);
  // A line break in a setting is part of no pattern.
  const settings = listOf(settingGlobs.flatMap((glob) => glob.split('\n')));
  const liftable = liftablePatterns.map(({ reason, patterns }) => ({ reason, list: listOf(patterns) }));

  function read(folder: string, above: readonly Level[]): readonly Level[] {
    const prefix = folder === '' ? '' : `${folder}/`;
    const gitText = source.read(`${prefix}.gitignore`);
    const idiomText = source.read(`${prefix}.idiomignore`);
    const git = [...(gitText === undefined ? [] : [gitText]), ...(folder === '' ? source.excludes() : [])];
    if (git.length === 0 && idiomText === undefined) return above;
    const idiom = idiomText === undefined ? [] : [named(idiomText)];
    return [...above, { prefix, git: git.map(named), idiom }];
  }
  function judge(path: string, isFolder: boolean, levels: readonly Level[]): IgnoreVerdict {
    for (const [reason, list] of [
      ['versionControl', versionControl],
      ['secret', secrets],
    ] as const) {
      const found = list.find(path, isFolder);
      if (found !== undefined) return { isIgnored: true, reason, rule: found.text };
    }
    const idiom = nearest(levels, path, isFolder, (level) => level.idiom);
    if (idiom?.isIgnored === true) return { isIgnored: true, reason: 'idiomignore', rule: idiom.rule };
    const setting = settings.find(path, isFolder);
    if (setting?.isNegated === false)
      return { isIgnored: true, reason: 'setting', rule: `idiom.ignore: ${setting.text}` };
    const git = nearest(levels, path, isFolder, (level) => level.git);
    if (git?.isIgnored === true) return { isIgnored: true, reason: 'gitignore', rule: git.rule };
    if (idiom !== undefined || setting !== undefined) return allowed;
    for (const { reason, list } of liftable) {
      const found = list.find(path, isFolder);
      if (found !== undefined) return { isIgnored: true, reason, rule: found.text };
    }
    return allowed;
  }
  return { read, judge };
}

/** The rule file nearest to the path decides (https://git-scm.com/docs/gitignore, "Description"). */
function nearest(
  levels: readonly Level[],
  path: string,
  isFolder: boolean,
  pick: (level: Level) => readonly NamedList[],
): { readonly isIgnored: boolean; readonly rule: string } | undefined {
  for (let i = levels.length - 1; i >= 0; i--) {
    const level = levels[i] as Level;
    for (const { name, list } of pick(level)) {
      const found = list.find(path.slice(level.prefix.length), isFolder);
      if (found !== undefined) return { isIgnored: !found.isNegated, rule: `${name}: ${found.text}` };
    }
  }
  return undefined;
}

function buildVerdict(folder: string, source: RuleSource): IgnoreVerdict {
  const parent = parentOf(folder);
  const name = parent === '' ? folder : folder.slice(parent.length + 1);
  if (!Object.hasOwn(buildFolders, name)) return allowed;
  const marker = buildFolders[name]?.find((file) =>
    source.exists(parent === '' ? file : `${parent}/${file}`),
  );
  if (marker === undefined) return allowed;
  return { isIgnored: true, reason: 'generated', rule: `${name}/ beside ${marker}` };
}

function isInside(path: string): boolean {
  const parts = path.split(process.platform === 'win32' ? /[/\\]/ : '/');
  return !isAbsolute(path) && !parts.some((part) => part === '' || part === '.' || part === '..');
}

function parentOf(path: string): string {
  const slash = path.lastIndexOf('/');
  return slash < 0 ? '' : path.slice(0, slash);
}
