/** Looks at what Idiom depends on and says in words what is wrong; it mends nothing and uses no network. */

import { accessSync, constants, existsSync, mkdirSync, statfsSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { describeError, IdiomError } from '../base/errors.ts';
import type { HomeFolders } from '../base/homeFolders.ts';
import { gitVersion } from '../git/gitVersion.ts';
import { openDatabase } from '../store/database.ts';

export interface Check {
  readonly name: string;
  readonly verdict: 'ok' | 'warning' | 'error';
  /** A full sentence. */
  readonly detail: string;
  readonly remedy?: string;
}

export interface ExamineOptions {
  readonly folders: HomeFolders;
  readonly groundPath: string;
  /** Whether a daemon answers, and which; undefined where it need not be asked. */
  readonly daemon?: () => Promise<Check>;
  readonly baseModel: () => Promise<Check>;
  /** The repository at hand; undefined where there is no folder at hand. */
  readonly repository?: () => Promise<Check>;
  /** The index of the repository at hand; undefined where there is none at hand. */
  readonly index?: () => Promise<Check>;
}

/** Every check runs, whatever the others find. */
export async function examine(options: ExamineOptions): Promise<Check[]> {
  const checks: [string, () => Check | Promise<Check>][] = [
    ['runtime', checkRuntime],
    ['git', checkGit],
    ['data folder', () => checkFolder('data folder', options.folders.data)],
    ['models folder', () => checkFolder('models folder', options.folders.models)],
    ['log folder', () => checkFolder('log folder', options.folders.logs)],
    ['disk', () => checkDisk(options.folders.models)],
    ['database', () => checkDatabase(options.groundPath)],
    ['base model', options.baseModel],
  ];
  if (options.repository !== undefined) checks.push(['repository', options.repository]);
  if (options.index !== undefined) checks.push(['index', options.index]);
  if (options.daemon !== undefined) checks.push(['daemon', options.daemon]);
  const results: Check[] = [];
  for (const [name, check] of checks) {
    try {
      results.push(await check());
    } catch (error) {
      results.push(failed(name, error));
    }
  }
  return results;
}

/** A check that threw, as a finding. */
export function failed(name: string, error: unknown): Check {
  const isExpected = error instanceof IdiomError;
  const detail = isExpected ? error.message : `It could not be checked: ${describeError(error)}.`;
  return isExpected && error.remedy !== undefined
    ? { name, verdict: 'error', detail, remedy: error.remedy }
    : { name, verdict: 'error', detail };
}

function checkRuntime(): Check {
  const { node, electron } = process.versions;
  const where = electron === undefined ? `Node ${node}` : `Node ${node} inside Electron ${electron}`;
  const [major = 0, minor = 0] = node.split('.').map(Number);
  if (major > 22 || (major === 22 && minor >= 16)) {
    return { name: 'runtime', verdict: 'ok', detail: `${where} on ${process.platform}-${process.arch}.` };
  }
  return {
    name: 'runtime',
    verdict: 'error',
    detail: `${where} is too old.`,
    remedy: 'Update the editor, or run Idiom with Node 24.',
  };
}

async function checkGit(): Promise<Check> {
  return { name: 'git', verdict: 'ok', detail: `git ${await gitVersion()}.` };
}

function checkFolder(name: string, path: string): Check {
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 });
    accessSync(path, constants.W_OK);
    return { name, verdict: 'ok', detail: `${path} can be written.` };
  } catch (error) {
    return {
      name,
      verdict: 'error',
      detail: `${path} can't be written: ${describeError(error)}.`,
      remedy: 'Make it writable, or set IDIOM_HOME to a folder that is.',
    };
  }
}

const enoughFreeBytes = 3e9;

function checkDisk(path: string): Check {
  let existing = path;
  while (!existsSync(existing) && dirname(existing) !== existing) existing = dirname(existing);
  const { bavail, bsize } = statfsSync(existing);
  const freeBytes = bavail * bsize;
  const detail = `${(freeBytes / 1e9).toFixed(1)} GB are free where models are kept.`;
  if (freeBytes >= enoughFreeBytes) return { name: 'disk', verdict: 'ok', detail };
  return {
    name: 'disk',
    verdict: 'warning',
    detail,
    remedy: 'A larger base model needs up to 2 GB; free some space first.',
  };
}

function checkDatabase(path: string): Check {
  if (!existsSync(path)) {
    return {
      name: 'database',
      verdict: 'ok',
      detail: `${path} is not there yet; it is made when it is needed.`,
    };
  }
  const database = openDatabase({ path, isReadOnly: true });
  try {
    const result = database.get<{ quick_check: string }>('PRAGMA quick_check(1)')?.quick_check;
    if (result !== 'ok')
      throw new IdiomError('storeUnusable', `The database ${path} is damaged: ${result ?? 'no answer'}.`);
    const sizeMegabytes = (statSync(path).size / 1e6).toFixed(1);
    return { name: 'database', verdict: 'ok', detail: `${path} is sound, ${sizeMegabytes} MB.` };
  } finally {
    database.dispose();
  }
}
