/** Where git looks for ignore rules outside of `.gitignore`: the clone's own file and the user's (gitignore(5), "Description"). */

import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { readRegularFile } from '../base/readRegularFile.ts';
import { runGit } from '../git/runGit.ts';

export interface ExcludeFile {
  /** Absolute. */
  readonly path: string;
  /** As a person knows it. */
  readonly name: string;
}

export interface ExcludeFiles {
  /** The one that decides first comes first; they need not exist. */
  readonly files: readonly ExcludeFile[];
  /** Absolute paths of the configuration files that say so; some may not exist. */
  readonly saidBy: readonly string[];
}

const maxPointerBytes = 8192;
/** Reading settings takes milliseconds; a request waits for it where they have changed. */
const timeLimitMs = 3000;

/** The clone's own, which all its worktrees share; the folder need not be in git. */
export function ownExcludeFile(root: string): ExcludeFile {
  return { path: join(commonFolder(root), 'info', 'exclude'), name: '.git/info/exclude' };
}

/**
 * With the user's: core.excludesFile of the user or the system, and one that the clone's own settings name beside it.
 * Git takes only the nearest of the two; leaving out what both name can't show anything that git hides.
 * Where git can't be asked, the user's default place counts.
 */
export async function findExcludeFiles(root: string): Promise<ExcludeFiles> {
  const settings = await listSettings(root);
  const valueIn = (...scopes: readonly string[]) =>
    settings.findLast(({ scope, key }) => key === 'core.excludesfile' && scopes.includes(scope))?.value;
  const configFolder = join(process.env['XDG_CONFIG_HOME'] || join(homedir(), '.config'), 'git');
  const named = [
    valueIn('local', 'worktree'),
    valueIn('global', 'system') ?? join(configFolder, 'ignore'),
  ].filter((path) => path !== undefined && path !== '');
  return {
    files: [
      ownExcludeFile(root),
      ...named.map((path) => ({ path: expandHome(root, path as string), name: path as string })),
    ],
    saidBy: [
      ...new Set([
        process.env['GIT_CONFIG_GLOBAL'] || join(homedir(), '.gitconfig'),
        join(configFolder, 'config'),
        join(commonFolder(root), 'config'),
        ...settings.map(({ file }) => resolve(root, file)),
      ]),
    ],
  };
}

interface Setting {
  readonly scope: string;
  /** Relative to the root for the clone's own. */
  readonly file: string;
  /** Lower case. */
  readonly key: string;
  readonly value: string;
}

/** With -z: scope, origin, and `key\nvalue`, each ended by a zero byte (git-config(1)). */
async function listSettings(root: string): Promise<Setting[]> {
  let answer: string;
  try {
    const flags = ['--list', '--includes', '--show-scope', '--show-origin', '-z'];
    const named = process.env['GIT_CONFIG_GLOBAL'];
    const environment = named === undefined ? {} : { GIT_CONFIG_GLOBAL: named };
    const options = { cwd: root, environment, withUserSettings: true, timeLimitMs };
    answer = (await runGit(['config', ...flags], options)).toString();
  } catch {
    return [];
  }
  const parts = answer.split('\0');
  const settings: Setting[] = [];
  for (let i = 0; i + 2 < parts.length; i += 3) {
    const [scope = '', origin = '', setting = ''] = parts.slice(i, i + 3);
    if (!origin.startsWith('file:')) continue;
    const lineEnd = setting.indexOf('\n');
    const [key, value] =
      lineEnd < 0 ? [setting, ''] : [setting.slice(0, lineEnd), setting.slice(lineEnd + 1)];
    settings.push({ scope, file: origin.slice('file:'.length), key, value });
  }
  return settings;
}

function expandHome(root: string, path: string): string {
  return /^~[/\\]/.test(path) ? join(homedir(), path.slice(2)) : resolve(root, path);
}

/** Of a worktree or a submodule `.git` is a file that names its folder (gitrepository-layout(5)). */
function commonFolder(root: string): string {
  const pointer = join(root, '.git');
  const named = /^gitdir: (.+)$/m.exec(readText(pointer))?.[1];
  if (named === undefined) return pointer;
  const gitDir = resolve(root, named);
  const common = readText(join(gitDir, 'commondir')).trim();
  return common === '' ? gitDir : resolve(gitDir, common);
}

function readText(path: string): string {
  try {
    return readRegularFile(path, { maxBytes: maxPointerBytes }).toString();
  } catch {
    return '';
  }
}
