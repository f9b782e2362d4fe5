/** Lines worth learning since the last training, over growing, rewritten and merged histories. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openRepository } from '../../../server/git/repository.ts';
import { createLineCounter } from '../../../server/learning/countNewLines.ts';
import { createGitFixture } from '../../support/gitFixture.ts';
import type { GitFixture } from '../../support/gitFixture.ts';

const lines = (from: number, n: number): string =>
  Array.from({ length: n }, (_, i) => `const value${from + i} = ${i};\n`).join('');

function check(name: string, build: (git: GitFixture) => string | undefined, expected: number): void {
  test(name, async () => {
    const git = createGitFixture();
    try {
      const learned = build(git);
      const repository = await openRepository(git.root);
      assert(repository !== undefined);
      const count = createLineCounter(repository);
      const head = git.git('rev-parse', 'HEAD');
      assert.equal(await count(learned, head), expected);
      assert.equal(await count(learned, head), expected, 'a second time');
    } finally {
      git.dispose();
    }
  });
}

check(
  'never trained: all lines count',
  (git) => {
    git.commit({ 'a.ts': lines(0, 3) });
    git.commit({ 'a.ts': lines(0, 5) });
    return undefined;
  },
  5,
);
check(
  'only what came after the last training counts',
  (git) => {
    const learned = git.commit({ 'a.ts': lines(0, 3) });
    git.commit({ 'a.ts': lines(0, 5) });
    return learned;
  },
  2,
);
check('nothing came', (git) => git.commit({ 'a.ts': lines(0, 3) }), 0);
check(
  'closers and blanks do not count',
  (git) => {
    git.commit({ 'a.ts': '}\n\n  });\nconst value = 1;\n' });
    return undefined;
  },
  1,
);
check(
  'an import counts as three hundred lines',
  (git) => {
    git.commit({ 'a.ts': lines(0, 900) });
    return undefined;
  },
  300,
);
check(
  'a history that was rewritten counts as new',
  (git) => {
    git.commit({ 'a.ts': lines(0, 3) });
    return '0'.repeat(40);
  },
  3,
);
check(
  'what a merge brought in counts once',
  (git) => {
    const learned = git.commit({ 'a.ts': lines(0, 3) });
    git.git('checkout', '-q', '-b', 'side');
    git.commit({ 'b.ts': lines(0, 2) });
    git.commit({ 'b.ts': lines(0, 4) });
    git.git('checkout', '-q', 'main');
    git.git('merge', '-q', '--no-ff', '-m', 'merge', 'side');
    return learned;
  },
  4,
);
