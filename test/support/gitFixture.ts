/** Makes throw-away git repositories for tests, with fixed names and times. */

import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

const environment = {
  GIT_AUTHOR_NAME: 'Test',
  GIT_AUTHOR_EMAIL: 'test@example.invalid',
  GIT_COMMITTER_NAME: 'Test',
  GIT_COMMITTER_EMAIL: 'test@example.invalid',
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_CONFIG_SYSTEM: '/dev/null',
};

export interface GitFixture {
  readonly root: string;
  git(...args: string[]): string;
  /** Writes files and commits them; the n-th commit has the time n * 1000 s. */
  commit(files: Readonly<Record<string, string | Uint8Array | null>>): string;
  dispose(): void;
}

export function temporaryFolder(): string {
  return realpathSync(mkdtempSync(join(tmpdir(), 'idiom-test-')));
}

/** @param root made where it is not there; default a folder of its own. */
export function createGitFixture(root = temporaryFolder()): GitFixture {
  mkdirSync(root, { recursive: true });
  let nCommits = 0;
  function git(...args: string[]): string {
    const time = `@${(nCommits + 1) * 1000} +0000`;
    const env = { ...process.env, ...environment, GIT_AUTHOR_DATE: time, GIT_COMMITTER_DATE: time };
    return execFileSync('git', args, {
      cwd: root,
      env,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    }).trim();
  }
  git('init', '-q', '-b', 'main');
  return {
    root,
    git,
    commit(files) {
      for (const [path, content] of Object.entries(files)) {
        const full = join(root, path);
        if (content === null) rmSync(full);
        else {
          mkdirSync(dirname(full), { recursive: true });
          writeFileSync(full, content);
        }
      }
      git('add', '-A');
      git('commit', '-q', '--allow-empty', '-m', `commit ${nCommits + 1}`);
      nCommits++;
      return git('rev-parse', 'HEAD');
    },
    dispose: () => rmSync(root, { recursive: true, force: true }),
  };
}
