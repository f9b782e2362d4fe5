/** Finds programs on PATH and starts them nowhere else: never one that lies in the folder that happens to be the current one. */

import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, isAbsolute, join } from 'node:path';

/**
 * Absolute path of a program, or undefined. Entries of PATH that are empty or relative mean the current folder, which
 * may be a repository of strangers, so they don't count; on Windows a bare name would look there first.
 */
export function findProgram(name: string, env: NodeJS.ProcessEnv = process.env): string | undefined {
  if (isAbsolute(name)) return isProgram(name) ? name : undefined;
  if (/[/\\]/.test(name)) return undefined;
  const file = process.platform === 'win32' && !/\.(exe|com)$/i.test(name) ? `${name}.exe` : name;
  return absoluteFolders(env)
    .map((folder) => join(folder, file))
    .find(isProgram);
}

/** What the system and its usual tools need to know; whatever could make a program run another one is not among them. */
const plainNames: ReadonlySet<string> = new Set([
  ...[
    'HOME',
    'USER',
    'LOGNAME',
    'LANG',
    'TZ',
    'TMPDIR',
    'XDG_CONFIG_HOME',
    'XDG_CACHE_HOME',
    'XDG_DATA_HOME',
  ],
  // Where modules of a shared computer and Nix keep libraries; macOS's git and python start through Xcode's.
  ...['LD_LIBRARY_PATH', 'DYLD_LIBRARY_PATH', 'DEVELOPER_DIR'],
  ...['SYSTEMROOT', 'SYSTEMDRIVE', 'WINDIR', 'COMSPEC', 'PATHEXT', 'TEMP', 'TMP', 'USERPROFILE', 'USERNAME'],
  ...['HOMEDRIVE', 'HOMEPATH', 'APPDATA', 'LOCALAPPDATA', 'PROGRAMDATA', 'PROGRAMFILES', 'PROGRAMFILES(X86)'],
]);

/**
 * An environment for a program that Idiom starts: a fixed list of variables, those that `names` adds, and a PATH
 * without the current folder.
 */
export function plainEnvironment(
  names: readonly string[] = [],
  env: NodeJS.ProcessEnv = process.env,
): Record<string, string> {
  const result: Record<string, string> = {};
  for (const [name, value] of Object.entries(env)) {
    const isWanted = plainNames.has(process.platform === 'win32' ? name.toUpperCase() : name);
    if (value !== undefined && (isWanted || names.includes(name))) result[name] = value;
  }
  result['PATH'] = absoluteFolders(env).join(delimiter);
  // Windows looks for a bare name in the current folder first, unless this is set.
  if (process.platform === 'win32') result['NoDefaultCurrentDirectoryInExePath'] = '1';
  return result;
}

function absoluteFolders(env: NodeJS.ProcessEnv): string[] {
  const path = env['PATH'] ?? env['Path'] ?? '';
  return path.split(delimiter).filter((folder) => isAbsolute(folder));
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
