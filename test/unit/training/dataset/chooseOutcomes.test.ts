/** Examples from outcomes on their way into a dataset: what is left out, cut off and merged. */

import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { createIgnoreRules } from '../../../../server/retrieval/ignoreRules.ts';
import { noRuleFiles } from '../../../../server/retrieval/ruleFiles.ts';
import { chooseOutcomes, mergeWithHistory } from '../../../../server/training/dataset/chooseOutcomes.ts';
import type { Dataset } from '../../../../server/training/dataset/dataset.ts';
import type { HeldOutCase } from '../../../../server/training/dataset/evaluationCases.ts';
import type { FillInExample } from '../../../../server/training/dataset/example.ts';
import { createDefaultScrubber } from '../../../../server/secrets/defaultScrubber.ts';
import type { DrawnExample } from '../../../../server/training/dataset/historyExamples.ts';
import type { OutcomeExample } from '../../../../server/training/dataset/outcomeExamples.ts';
import { isHeldOutFile } from '../../../../server/training/dataset/splitHistory.ts';
import { createTally } from '../../../../server/training/dataset/tally.ts';
import { createTextFilter } from '../../../../server/training/dataset/textFilter.ts';
import { build, createHistory, growingHistory, recordingRetriever, smallSettings } from './historyFixture.ts';

const [openPath = '', heldOutPath = ''] = [false, true].map((isOut) =>
  Array.from({ length: 99 }, (_, i) => `lib/f${i}.ts`).find(
    (path) => isHeldOutFile(path, 1, smallSettings) === isOut,
  ),
);

const outcome = (over: Partial<OutcomeExample> = {}): OutcomeExample => ({
  ...{ source: 'correction', suggestionId: 's1', path: openPath, timeMs: 1_700_500_000_000, weight: 1 },
  ...{ prefix: 'import { x } from "x";\nconst answer = ', suffix: '\nexport {};\n', isCut: false },
  middle: 'compute(41 + 1);',
  ...over,
});

const asked: HeldOutCase = {
  ...{
    id: 'c',
    commit: 'c',
    parent: undefined,
    path: 'a.ts',
    line: 3,
    suffix: '',
    timeMs: 0,
    heldOutBy: 'time',
  },
  ...{ prefix: 'first line();\nsecond line();\nthird ', middle: 'line();' },
};

async function choose(over: Partial<OutcomeExample>): Promise<{ drawn: DrawnExample[]; dropped: string[] }> {
  const dropped = createTally();
  const rules = createIgnoreRules({ settingGlobs: ['private/'], source: noRuleFiles });
  const scrub = createDefaultScrubber();
  const filter = createTextFilter(rules, scrub, dropped);
  const props = { filter, dropped, settings: smallSettings, seed: 1, trainingHead: 'head' };
  const drawn = await chooseOutcomes(props, [outcome(over)], [asked]);
  return { drawn, dropped: Object.keys(dropped.counts()).filter((each) => each.startsWith('outcome: ')) };
}

/** `expected`: what it is left with around its middle; or, after `!`, why it was left out. */
function check(name: string, over: Partial<OutcomeExample>, expected: string): void {
  test(name, async () => {
    const { drawn, dropped } = await choose(over);
    const [one] = drawn;
    const told = one === undefined ? `! ${dropped.join()}` : `${one.drawn.prefix}<|>${one.drawn.suffix}`;
    assert.equal(told, expected);
  });
}

check('as it was', {}, 'import { x } from "x";\nconst answer = <|>\nexport {};\n');
check('of a held-out file', { path: heldOutPath }, '! outcome: held-out file');
check('of an ignored file', { path: 'private/a.ts' }, '! outcome: file that may not be read');
check('of a file of secrets', { path: '.env' }, '! outcome: file that may not be read');
check('of a generated file', { prefix: '// @generated\nconst a = ' }, '! outcome: generated');
check('with a secret', { prefix: 'const password = ', middle: '"hunter2go4it";' }, '! outcome: secret');
check('with half a secret', { prefix: 'const password = "hunter', middle: '2go4it";' }, '! outcome: secret');
check(
  'with a secret that was taken out of it when it was recorded',
  { prefix: 'const password = ', middle: '"<secret>";' },
  '! outcome: secret',
);
check(
  'with a secret that a line above it names',
  { prefix: 'const password =\n  ', middle: '"hunter2go4it";' },
  '! outcome: secret',
);
check(
  'with a line of a key that begins above it',
  {
    prefix: `x = \`-----BEGIN PRIVATE${' '}KEY-----\n${'MIIEowIBAAKCAQEA7bq8'.repeat(3)}\n`,
    middle: 'kq7xZr2Lm9Tb4Wc8',
    suffix: `\n${'Kq7xZr2Lm9Tb4Wc8aQ1z'.repeat(3)}\n-----END PRIVATE${' '}KEY-----\n\``,
  },
  '! outcome: secret',
);
check(
  'with a secret above it',
  { prefix: 'const password = "hunter2go4it";\nconst a = ', suffix: '' },
  'const password = "<secret>";\nconst a = <|>',
);

// What an evaluation asks for.
const { prefix, middle } = asked;
check('the asked line itself', { prefix, middle }, '! outcome: asked for in evaluation');
check(
  'at another column',
  { prefix: prefix.slice(0, -2), middle: `d ${middle}` },
  '! outcome: asked for in evaluation',
);
check(
  'in a block',
  { prefix: 'x();\nfirst line();', middle: `\nsecond line();\nthird ${middle}\nmore();` },
  '! outcome: asked for in evaluation',
);
check('above it', { prefix: `a();\n${prefix}${middle}\nlet apart = `, suffix: '' }, 'let apart = <|>');
check(
  'below it',
  { prefix: 'a = ', suffix: `;\nlet more;\n${prefix}${middle}\nlast();\n` },
  'a = <|>;\nlet more;\nfirst line();\nsecond line();',
);
check(
  'below other lines it is none',
  { prefix: `other();\nthird ${middle}\nlet a = `, suffix: '' },
  `other();\nthird ${middle}\nlet a = <|>`,
);

function merge(history: readonly Partial<OutcomeExample>[], outcomes: readonly Partial<OutcomeExample>[]) {
  const drawn = (each: Partial<OutcomeExample>): DrawnExample => {
    const { weight, source, timeMs, path, suggestionId: _unused, ...rest } = outcome(each);
    const origin = { source, weight, timeMs, path, commit: 'c', line: 1 };
    return { drawn: { ...rest, path, line: 1, shape: 'line' }, origin, asOf: 'head' };
  };
  const dropped = createTally();
  const merged = mergeWithHistory(history.map(drawn), outcomes.map(drawn), dropped);
  const weightsOf = (all: readonly DrawnExample[]) => all.map((each) => each.origin.weight);
  return [weightsOf(merged.history), weightsOf(merged.outcomes), Object.values(dropped.counts())];
}

test('a line that history has too is learned once, with the greater weight', () => {
  assert.deepEqual(merge([{ weight: 0.5 }], [{ weight: 0.9 }]), [[0.9], [], [1]]);
  assert.deepEqual(merge([{ weight: 0.9 }], [{ weight: 0.5 }]), [[0.9], [], [1]]);
  const elsewhere = { prefix: 'let z;\n  const answer = com', middle: 'pute(41 + 1);' };
  assert.deepEqual(merge([{ weight: 0.5 }], [elsewhere]), [[1], [], [1]]);
});
test('another line, or the same of another file, is another one', () => {
  assert.deepEqual(merge([{ weight: 0.5 }], [{ path: 'b.ts' }, { middle: 'other();' }]), [[0.5], [1, 1], []]);
});

const grown = createHistory(growingHistory(60));
after(() => grown.dispose());

async function built(
  extraExamples: readonly OutcomeExample[],
): Promise<{ dataset: Dataset; seen: string[] }> {
  const retriever = recordingRetriever();
  const result = await build(grown, { sources: { extraExamples, retriever } });
  assert(result.kind === 'built', result.kind === 'refused' ? result.reasons.join('\n') : '');
  const seen = retriever.asked.filter((each) => each.path === openPath).map((each) => each.commit);
  return { dataset: result.dataset, seen };
}

test('in a dataset they are fill-in cases, and change nothing else of it', async () => {
  const without = (await built([])).dataset;
  const outcomes = [
    outcome(),
    ...[1, 2, 3].map((i) => outcome({ source: 'accepted', middle: `other(${i});` })),
  ];
  const { dataset, seen } = await built(outcomes);
  const [first, ...more] = dataset.examples.filter(
    (each): each is FillInExample => each.source === 'correction' || each.source === 'accepted',
  );
  assert.deepEqual([first?.middle, first?.parts.prefix], [outcome().middle, outcome().prefix]);
  assert.deepEqual([first?.commit, first?.timeMs, first?.weight], ['', 1_700_500_000_000, 1]);
  assert.equal(more.length, 3);
  assert.equal(dataset.manifest.counts['correction fillIn'], 1);
  assert.equal(dataset.manifest.counts['accepted fillIn'], 3);
  assert.ok(seen.length > 0, 'retrieval was asked for them');
  assert.ok(seen.every((commit) => commit === dataset.manifest.split.trainingHead));
  const ids = ({ evaluation }: Dataset) => evaluation.map((each) => each.case.id);
  assert.deepEqual(ids(dataset), ids(without));
  assert.deepEqual(
    dataset.examples.filter((each) => each.source === 'history' || each.source === 'snapshot'),
    without.examples,
  );
  assert.deepEqual((await built(outcomes)).dataset, dataset, 'the same outcomes, the same dataset');
});
