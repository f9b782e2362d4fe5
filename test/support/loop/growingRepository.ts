/** A repository with a history to learn from: this project's own files, which grow block by block over many commits. */

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createGitFixture } from '../gitFixture.ts';
import type { GitFixture } from '../gitFixture.ts';
import { checkout } from '../vscode/runFolder.ts';

export interface GrowingRepository {
  readonly fixture: GitFixture;
  /** What is checked out. */
  readonly base: string;
  /** A commit after it, which nobody has seen yet. */
  readonly later: string;
}

/** Each commit lets every file grow by a part of this size. */
const nCommits = 30;

export function createGrowingRepository(): GrowingRepository {
  const sources = ['base', 'store', 'signals'].flatMap((folder) =>
    readSources(join('server', folder), `src/${folder}`),
  );
  const fixture = createGitFixture();
  for (let commit = 1; commit <= nCommits; commit++) {
    // A third of the files in each, so that commits differ in what they touch.
    const touched = sources.filter(
      (_, index) => commit <= 3 || index % 3 === commit % 3 || commit === nCommits,
    );
    fixture.commit(
      Object.fromEntries(touched.map(({ path, blocks }) => [path, grown(blocks, commit / nCommits)])),
    );
  }
  const later = fixture.git('rev-parse', 'HEAD');
  fixture.git('checkout', '-q', '-b', 'work', 'HEAD~1');
  return { fixture, base: fixture.git('rev-parse', 'HEAD'), later };
}

interface Source {
  readonly path: string;
  readonly blocks: readonly string[];
}

function readSources(folder: string, target: string): Source[] {
  return readdirSync(join(checkout, folder))
    .filter((name) => name.endsWith('.ts'))
    .map((name) => ({
      path: `${target}/${name}`,
      blocks: readFileSync(join(checkout, folder, name), 'utf8')
        .trimEnd()
        .split('\n\n'),
    }));
}

const grown = (blocks: readonly string[], share: number): string =>
  `${blocks.slice(0, Math.max(1, Math.ceil(blocks.length * share))).join('\n\n')}\n`;
