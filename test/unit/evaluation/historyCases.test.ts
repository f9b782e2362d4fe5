/** What a case drawn from history may and may not see. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { neverAborts } from '../../../server/base/abort.ts';
import { seededRandom } from '../../../server/base/random.ts';
import { casesOfFile } from '../../../server/cursors/casesOfFile.ts';
import { historyCases } from '../../../server/evaluation/historyCases.ts';
import { openRepository } from '../../../server/git/repository.ts';
import { createGitFixture } from '../../support/gitFixture.ts';

/** `text` as the commit left it, with `+` before each added line; expected: prefix`|`middle`|`suffix of every case. */
function check(text: string, expected: string[], seed = 1): void {
  const marked = text.split('\n');
  const blocks: { startLine: number; lines: string[] }[] = [];
  marked.forEach((line, index) => {
    if (!line.startsWith('+')) return;
    const last = blocks.at(-1);
    if (last !== undefined && last.startLine + last.lines.length === index + 1)
      last.lines.push(line.slice(1));
    else blocks.push({ startLine: index + 1, lines: [line.slice(1)] });
  });
  const file = {
    commit: 'c'.repeat(40),
    parent: undefined,
    path: 'a.ts',
    text: marked.map((line) => line.slice(1)).join('\n'),
    blocks,
  };
  const found = casesOfFile(file, 9, seededRandom(seed))
    .sort((a, b) => a.line - b.line)
    .map((one) => `${one.prefix}|${one.middle}|${one.suffix}`);
  assert.deepEqual(found, expected);
}

test('the rest of its own block is not there yet, the block above is', () => {
  check(
    ' top\n+  alphabet\n+  betatron\n end',
    ['top\n  |alphabet|\nend', 'top\n  alphabet\n  |betatron|\nend'],
    3,
  );
});
test('a cursor inside a line stands at the start of a word', () => {
  check('+const total = compute(values);', ['const total = |compute(values);|'], 8);
});
test('closers, blanks and very long lines are not asked for', () => {
  check(`+}\n+\n+// --\n+${'x'.repeat(200)}`, []);
});

test('newest commits first, a merge as what it brought in, binary and left-out files never, at most so many a commit', async () => {
  const fixture = createGitFixture();
  try {
    const first = fixture.commit({ 'old.ts': 'const oldest = 1;\n' });
    const second = fixture.commit({ 'b.ts': 'const second1 = 1;\nconst second2 = 2;\nconst second3 = 3;\n' });
    const third = fixture.commit({
      'c.ts': 'const newest = 1;\n',
      'c.bin': new Uint8Array([0, 1, 2, 3]),
      'latin1.ts': new Uint8Array([0x63, 0x6f, 0x6e, 0x73, 0x74, 0x20, 0xe4, 0xe4, 0xe4, 0xe4]),
      'out/generated.ts': 'const generated = 1;\n',
    });
    fixture.git('checkout', '-q', '-b', 'side');
    fixture.commit({ 'd.ts': 'const merged = 1;\n' });
    fixture.git('checkout', '-q', 'main');
    fixture.git('merge', '-q', '--no-ff', '-m', 'merge', 'side');
    const repository = await openRepository(fixture.root);
    assert(repository !== undefined);
    const cases = await historyCases(repository, {
      maxCases: 4,
      maxCommits: 10,
      maxPerCommit: 2,
      maxPerFile: 2,
      random: seededRandom(1),
      signal: neverAborts,
      isLeftOut: (path) => path.startsWith('out/'),
    });
    assert.deepEqual(
      cases.map((one) => [one.commit, one.parent, one.path]),
      [
        [fixture.git('rev-parse', 'HEAD'), third, 'd.ts'],
        [third, second, 'c.ts'],
        [second, first, 'b.ts'],
        [second, first, 'b.ts'],
      ],
    );
  } finally {
    fixture.dispose();
  }
});
