/** What is learned from which outcome, with which weight; and what never becomes an example. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openGround } from '../../../../server/store/ground.ts';
import { countLearnable, learnableOutcomes } from '../../../../server/store/learnableOutcomes.ts';
import type { LearnableOutcome } from '../../../../server/store/learnableOutcomes.ts';
import type { OutcomeKind } from '../../../../server/store/outcomes.ts';
import { thumbsTable } from '../../../../server/store/thumbs.ts';
import type { Thumbs } from '../../../../server/store/thumbs.ts';
import { outcomeExamples } from '../../../../server/training/dataset/outcomeExamples.ts';

const nowMs = 1_800_000_000_000;
const dayMs = 86_400_000;

interface Given {
  readonly kind: OutcomeKind;
  readonly text?: string;
  readonly kept?: string;
  /** At the looks after 30 s, 2, 5 and 10 minutes; undefined: not known. */
  readonly left?: readonly (number | undefined)[];
  readonly thumbs?: Thumbs;
  readonly prefix?: string;
  readonly suffix?: string;
  readonly path?: string;
  readonly daysAgo?: number;
  readonly repoId?: string;
}

/** Through a real database, so that what it chooses and what is made of it agree. */
function read(given: readonly Given[]) {
  const { ground } = openGround(':memory:', { nowMs: () => nowMs });
  for (const [i, each] of given.entries()) {
    const id = `s${i}`;
    const { path = `src/a${i}.ts`, prefix = 'let total = ', suffix = '\n', text = 'foo(b);' } = each;
    ground.suggestions.add({
      ...{ id, repoId: each.repoId ?? 'here', uri: `file:///${path}`, path, languageId: 'typescript' },
      ...{ atMs: nowMs - (each.daysAgo ?? 0) * dayMs, offset: prefix.length, prefix, suffix, text },
      ...{ isMultiline: false, adapter: 'base', baseModel: 'm', route: 'local', latencyMs: {}, snippets: [] },
    });
    const ended = { acceptedChars: 0, isConfirmed: true, shownAtMs: 1, endedAtMs: 2 };
    ground.outcomes.put({ suggestionId: id, kind: each.kind, ...ended });
    ground.outcomes.keep(id, each.kept);
    for (const [k, similarity] of (each.left ?? []).entries()) {
      const value = similarity === undefined ? ({ unknown: 'late' } as const) : { similarity };
      ground.survivals.add({ suggestionId: id, afterS: ([30, 120, 300, 600] as const)[k] ?? 30, value });
    }
    if (each.thumbs !== undefined) thumbsTable(ground.db).put(id, each.thumbs, nowMs);
  }
  const outcomes = learnableOutcomes(ground.db, { repoId: 'here' }, 1000);
  assert.equal(countLearnable(ground.db, { repoId: 'here' }), outcomes.length);
  ground.dispose();
  return outcomeExamples(outcomes, { nowMs });
}

function check(name: string, given: Given | readonly Given[], ...expected: readonly string[]): void {
  test(name, () => {
    const examples = read(Array.isArray(given) ? (given as readonly Given[]) : [given as Given]);
    assert.deepEqual(
      examples.map((each) => `${each.source} ${each.weight} ${each.middle}${each.isCut ? ' ...' : ''}`),
      expected,
    );
  });
}

const accepted: Given = { kind: 'accepted', left: [1, 1, 1, 1], kept: 'foo(b);' };
const rejected: Given = { kind: 'rejected', kept: 'bar(1);' };

// Accepted.
check('accepted and kept', accepted, 'accepted 0.5 foo(b);');
check('the process ended before its texts were written', { ...accepted, text: '', kept: 'foo(b);' });
check('typed out and kept', { ...accepted, kind: 'typedOut' }, 'accepted 0.5 foo(b);');
check('typed on after it', { ...accepted, kept: 'foo(b); // why' }, 'accepted 0.5 foo(b); // why');
check('its place was lost', { kind: 'accepted', left: [1] }, 'accepted 0.5 foo(b);');
check('edited a little', { ...accepted, left: [1, 0.9], kept: 'fop(b);' }, 'accepted 0.5 fop(b);');
check('rewritten', { ...accepted, left: [1, 0.79], kept: 'baz(c);' }, 'correction 1 baz(c);');
check(
  'the last look that told something counts',
  { ...accepted, left: [0.2, 1, undefined] },
  'accepted 0.5 foo(b);',
);
check('deleted', { kind: 'accepted', left: [1, 0] });
check('nothing is known of its survival', { kind: 'accepted', left: [undefined], kept: 'foo(b);' });
check('no look yet', { kind: 'accepted', kept: 'foo(b);' });
check(
  'a part, and typed on',
  { ...accepted, kind: 'partiallyAccepted', kept: 'foo.x;' },
  'correction 1 foo.x;',
);
check('a part, the rest unknown', { kind: 'partiallyAccepted', left: [1] });

// Corrections.
check('rejected, then something kept', rejected, 'correction 1 bar(1);');
check('rejected, and written after all', { ...rejected, kept: 'foo(b);' }, 'accepted 0.5 foo(b);');
check('rejected, and nothing kept', { kind: 'rejected' });
check('ignored ones tell nothing', { kind: 'ignored', kept: 'bar(1);' });
check('shown and not decided yet', { kind: 'shown', kept: 'bar(1);' });
const block = '\n  a();\n}';
check(
  'a shorter block',
  { ...rejected, text: block, kept: '\n  barrier(1);' },
  'correction 1 \n  barrier(1);',
);
check(
  'a block that may go on',
  { ...rejected, text: block, kept: '\n  barrier();\n  baz();' },
  'correction 1 \n  barrier();\n  baz(); ...',
);

// Thumbs.
check('praised', { kind: 'accepted', thumbs: 'up' }, 'thumbs 1 foo(b);');
check('praised, though not taken', { ...rejected, thumbs: 'up' }, 'thumbs 1 foo(b);');
check('blamed, though accepted', { ...accepted, thumbs: 'down' });
check(
  'blamed, and rewritten',
  { ...accepted, left: [0.1], kept: 'baz(c);', thumbs: 'down' },
  'correction 1 baz(c);',
);

// Quality.
check('closers alone', { ...accepted, text: ');', kept: ');' });
check('a short line', { ...accepted, prefix: 'a = ', kept: 'bc;' });
check('a line nobody reads', { ...rejected, kept: `bar(${'x'.repeat(200)});` });
check(
  'CRLF',
  { ...rejected, prefix: 'one();\r\nlet total = ', text: block, kept: 'bar(1,\r\n  2);' },
  'correction 1 bar(1,\n  2);',
);

// Age and copies.
check('after 45 days, half', { ...rejected, daysAgo: 45 }, 'correction 0.5 bar(1);');
check('never less than a quarter', { ...rejected, daysAgo: 400 }, 'correction 0.25 bar(1);');
check('another repository', { ...rejected, repoId: 'elsewhere' });
const here = { path: 'src/a.ts' };
check(
  'of one line only the most telling',
  [
    { ...accepted, ...here, kept: 'foo(bar(1));' },
    { ...rejected, ...here, prefix: 'let total = foo(', kept: 'bar(1));' },
  ],
  'correction 1 bar(1));',
);
check(
  'the same in another file is another one',
  [rejected, rejected],
  'correction 1 bar(1);',
  'correction 1 bar(1);',
);
check(
  'oldest first',
  [rejected, { ...rejected, kept: 'older(2);', daysAgo: 45 }],
  'correction 0.5 older(2);',
  'correction 1 bar(1);',
);

test('neither many suggestions nor one file crowd out the rest', () => {
  const many = Array.from({ length: 900 }, (_, i): LearnableOutcome => ({
    ...{ suggestionId: `s${i}`, path: i < 600 ? 'src/busy.ts' : `src/f${i}.ts`, languageId: 'typescript' },
    ...{ atMs: nowMs - i, prefix: `let value${i} = `, suffix: '\n', text: 'x', kind: 'rejected' },
    ...{ keptText: `compute(${i});`, similarity: undefined, thumbs: undefined },
  }));
  const examples = outcomeExamples(many, { nowMs });
  assert.equal(examples.filter((each) => each.path === 'src/busy.ts').length, 80);
  assert.equal(outcomeExamples(many.slice(500), { nowMs }).length, 380);
});

test('the span is half open', () => {
  const { ground } = openGround(':memory:', { nowMs: () => nowMs });
  assert.equal(countLearnable(ground.db, { repoId: 'here', sinceMs: 5, beforeMs: 9 }), 0);
  ground.dispose();
});
