/** A git repository with one commit for each version of a package, so that packages are read as repositories are. */

import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { devNull } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { isBuilt, withoutLicence } from './readSources.ts';

/** Nobody types a file of this size, and no prompt is drawn from one. */
const maxFileBytes = 400_000;
const isText = /\.(?:[cm]?[jt]sx?|py|go|rs|java|md|rst|txt|ya?ml|toml|json|cfg|ini|html|css|vue|svelte|sh)$/;
/** Written by compilers, though beside sources. */
const isDeclaration = /\.d\.[cm]?ts$/;

/**
 * The same versions give the same commits, since what is drawn from a commit depends on its id.
 * @param folders one for each version, oldest first. Whatever was in `target` goes.
 */
export function makeHistory(folders: readonly string[], target: string): void {
  rmSync(target, { recursive: true, force: true });
  mkdirSync(target, { recursive: true });
  const git = (dateMs: number, ...args: string[]) =>
    execFileSync('git', args, { cwd: target, env: environmentOf(dateMs) });
  git(firstDayMs, 'init', '--quiet', '--initial-branch=main');
  for (const [i, folder] of folders.entries()) {
    for (const name of readdirSync(target))
      if (name !== '.git') rmSync(join(target, name), { recursive: true });
    copySources(folder, target);
    const dateMs = firstDayMs + i * dayMs;
    git(dateMs, 'add', '--all', '--force');
    git(dateMs, 'commit', '--quiet', '--allow-empty', '-m', `version ${i + 1}`);
  }
}

function copySources(folder: string, target: string): void {
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    const below = relative(folder, path).replaceAll('\\', '/');
    if (!entry.isFile() || !isText.test(below) || isBuilt.test(below) || isDeclaration.test(below)) continue;
    if (statSync(path).size > maxFileBytes) continue;
    mkdirSync(dirname(join(target, below)), { recursive: true });
    writeFileSync(join(target, below), withoutLicence(readFileSync(path, 'utf8')));
  }
}

const dayMs = 86_400_000;
const firstDayMs = Date.UTC(2020, 0, 1);

/** Nobody's own configuration, name or clock: see git(1). */
function environmentOf(dateMs: number): NodeJS.ProcessEnv {
  const date = new Date(dateMs).toISOString();
  return {
    ...process.env,
    GIT_CONFIG_GLOBAL: devNull,
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_AUTHOR_NAME: 'Idiom',
    GIT_AUTHOR_EMAIL: 'idiom@localhost',
    GIT_AUTHOR_DATE: date,
    GIT_COMMITTER_NAME: 'Idiom',
    GIT_COMMITTER_EMAIL: 'idiom@localhost',
    GIT_COMMITTER_DATE: date,
  };
}
