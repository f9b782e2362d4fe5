/**
 * Which files may be read into a prompt, indexed, recorded or learned from, judged by path alone; contentRules.ts judges
 * what is in them. The sources add up: what any of them excludes is excluded, and a negated pattern lifts only
 * patterns of its own source, or the built-in list of vendored and generated files.
 */

import { join } from 'node:path';
import ignore from 'ignore';
import type { Ignore } from 'ignore';
import { readRegularFile } from '../base/readRegularFile.ts';
import { buildFolders, liftablePatterns, secretPatterns, versionControlPatterns } from './builtInRules.ts';
import type { IgnoreReason } from './builtInRules.ts';

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

export interface IgnoreRulesOptions {
  /** Absolute path of the repository. */
  readonly root: string;
  /** `.gitignore` patterns relative to the root, from the setting `idiom.ignore`. */
  readonly settingGlobs: readonly string[];
  /** Text of a file given relative to the root, undefined when there is none. Default: reads the disk. */
  readonly readFile?: (path: string) => string | undefined;
  /** Default: as the platform's disks usually are. */
  readonly isCaseSensitive?: boolean;
}

const allowed: IgnoreVerdict = { isIgnored: false };
/** The pattern package remembers every path it was asked about; past this many questions all of it is dropped. */
const maxQuestions = 50_000;
const maxRuleFileBytes = 1_000_000;

export function createIgnoreRules(options: IgnoreRulesOptions): IgnoreRules {
  const readFile = options.readFile ?? ((path: string) => readFromDisk(options.root, path));
  const isCaseSensitive = options.isCaseSensitive ?? !['darwin', 'win32'].includes(process.platform);
  const folders = new Map<string, Folder>();
  const create = () => createLayers(options.settingGlobs, readFile, isCaseSensitive);
  let layers = create();
  let nQuestions = 0;

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
    if (parent.verdict.isIgnored) return parent;
    const verdict = buildVerdict(path, readFile) ?? layers.judge(`${path}/`, parent.levels);
    if (verdict.isIgnored) return { verdict, levels: [] };
    return { verdict, levels: layers.read(path, parent.levels) };
  }
  function invalidate(): void {
    folders.clear();
    layers = create();
    nQuestions = 0;
  }
  function count(): void {
    if (++nQuestions > maxQuestions) invalidate();
  }
  return {
    explain(path) {
      if (!isInside(path)) return { isIgnored: true, reason: 'outside' };
      count();
      const folder = folderAt(parentOf(path));
      return folder.verdict.isIgnored ? folder.verdict : layers.judge(path, folder.levels);
    },
    explainFolder(path) {
      if (path === '') return allowed;
      if (!isInside(path)) return { isIgnored: true, reason: 'outside' };
      count();
      return folderAt(path).verdict;
    },
    isRuleFile: (path) => /(^|\/)\.(git|idiom)ignore$/.test(path) || path === '.git/info/exclude',
    invalidate,
  };
}

interface Folder {
  readonly verdict: IgnoreVerdict;
  /** Rule files from the root down to this folder. */
  readonly levels: readonly Level[];
}

interface Level {
  /** Folder of the rule files, with a slash at the end unless it is the root. */
  readonly prefix: string;
  readonly git: Ignore | undefined;
  readonly gitFile: string;
  readonly idiom: Ignore | undefined;
}

interface Layers {
  read(folder: string, above: readonly Level[]): readonly Level[];
  judge(path: string, levels: readonly Level[]): IgnoreVerdict;
}

function createLayers(
  settingGlobs: readonly string[],
  readFile: (path: string) => string | undefined,
  isCaseSensitive: boolean,
): Layers {
  const options = { ignorecase: !isCaseSensitive, allowRelativePaths: false };
  const secrets = ignore({ ignorecase: true }).add(secretPatterns);
  const versionControl = ignore({ ignorecase: true }).add(versionControlPatterns);
  const settings = ignore(options).add(settingGlobs);
  const liftable = ignore(options);
  for (const { reason, patterns } of liftablePatterns) {
    liftable.add(patterns.map((pattern) => ({ pattern, mark: reason })));
  }

  function read(folder: string, above: readonly Level[]): readonly Level[] {
    const prefix = folder === '' ? '' : `${folder}/`;
    const gitText = readFile(`${prefix}.gitignore`);
    const excludeText = folder === '' ? readFile('.git/info/exclude') : undefined;
    const idiomText = readFile(`${prefix}.idiomignore`);
    if (gitText === undefined && idiomText === undefined && excludeText === undefined) return above;
    const git = [excludeText, gitText].filter((text) => text !== undefined);
    const level: Level = {
      prefix,
      git: git.length === 0 ? undefined : ignore(options).add(git.join('\n')),
      gitFile: gitText === undefined ? '.git/info/exclude' : `${prefix}.gitignore`,
      idiom: idiomText === undefined ? undefined : ignore(options).add(idiomText),
    };
    return [...above, level];
  }
  function judge(path: string, levels: readonly Level[]): IgnoreVerdict {
    const own = matchOf(versionControl, path);
    if (own?.isIgnored === true) return verdictOf('versionControl', own);
    const secret = matchOf(secrets, path);
    if (secret?.isIgnored === true) return verdictOf('secret', secret);
    const git = nearest(levels, path, (level) => level.git);
    if (git?.isIgnored === true) return verdictOf('gitignore', git, git.level?.gitFile);
    const idiom = nearest(levels, path, (level) => level.idiom);
    if (idiom?.isIgnored === true) {
      return verdictOf('idiomignore', idiom, `${idiom.level?.prefix ?? ''}.idiomignore`);
    }
    const setting = matchOf(settings, path);
    if (setting?.isIgnored === true) return verdictOf('setting', setting, 'idiom.ignore');
    if (idiom?.isIgnored === false || setting?.isIgnored === false) return allowed;
    const builtIn = matchOf(liftable, path);
    if (builtIn?.isIgnored !== true) return allowed;
    return verdictOf(builtIn.mark === 'vendored' ? 'vendored' : 'generated', builtIn);
  }
  return { read, judge };
}

interface Match {
  readonly isIgnored: boolean;
  readonly pattern: string | undefined;
  readonly mark: string | undefined;
  readonly level?: Level;
}

/** What the patterns say about this very path, not about a folder above it: those were judged on the way down. */
function matchOf(rules: Ignore, path: string): Match | undefined {
  const found = rules.test(path);
  if (found.unignored) return { isIgnored: false, pattern: undefined, mark: undefined };
  if (!found.ignored) return undefined;
  const parent = parentOf(path.endsWith('/') ? path.slice(0, -1) : path);
  if (parent !== '' && rules.test(`${parent}/`).ignored) return undefined;
  return { isIgnored: true, pattern: found.rule?.pattern, mark: found.rule?.mark };
}

/** The rule file nearest to the path decides (https://git-scm.com/docs/gitignore, "Description"). */
function nearest(
  levels: readonly Level[],
  path: string,
  pick: (level: Level) => Ignore | undefined,
): Match | undefined {
  for (let i = levels.length - 1; i >= 0; i--) {
    const level = levels[i] as Level;
    const rules = pick(level);
    const match = rules === undefined ? undefined : matchOf(rules, path.slice(level.prefix.length));
    if (match !== undefined) return { ...match, level };
  }
  return undefined;
}

function verdictOf(reason: IgnoreReason, match: Match, file?: string): IgnoreVerdict {
  const pattern = match.pattern ?? '';
  return { isIgnored: true, reason, rule: file === undefined ? pattern : `${file}: ${pattern}` };
}

function buildVerdict(
  folder: string,
  readFile: (path: string) => string | undefined,
): IgnoreVerdict | undefined {
  const parent = parentOf(folder);
  const name = parent === '' ? folder : folder.slice(parent.length + 1);
  if (!Object.hasOwn(buildFolders, name)) return undefined;
  const marker = buildFolders[name]?.find(
    (file) => readFile(parent === '' ? file : `${parent}/${file}`) !== undefined,
  );
  if (marker === undefined) return undefined;
  return { isIgnored: true, reason: 'generated', rule: `${name}/ beside ${marker}` };
}

function isInside(path: string): boolean {
  return ignore.isPathValid(path) && !path.includes('\\..') && !path.split('/').includes('..');
}

function parentOf(path: string): string {
  const slash = path.lastIndexOf('/');
  return slash < 0 ? '' : path.slice(0, slash);
}

function readFromDisk(root: string, path: string): string | undefined {
  try {
    return readRegularFile(join(root, path), { maxBytes: maxRuleFileBytes }).toString();
  } catch {
    return undefined;
  }
}
