/** Which adapter serves a request, and with retrieval or not: by aliases, by language, by what requests took lately. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CaseResult } from '../../../protocol/evalReport.ts';
import { ManualClock } from '../../../server/base/clock.ts';
import { createRouter } from '../../../server/completion/adaptiveRouter.ts';
import { chooseRoute } from '../../../server/completion/chooseRoute.ts';
import type { RouteCandidates, RouteFacts } from '../../../server/completion/chooseRoute.ts';
import { languageFigures } from '../../../server/completion/languageFigures.ts';
import type { LanguageFigure } from '../../../server/completion/languageFigures.ts';
import { formatRoute } from '../../../server/completion/route.ts';
import type { AdapterFile } from '../../../server/llama/engine.ts';

const file = (digest: string): AdapterFile => ({ digest, path: `/${digest}.gguf` });
const [task, champion, previous, canary] = ['t', 'c', 'p', 'n'].map(file);
const nothing: RouteFacts = {
  languageId: 'go',
  isCanaryDay: false,
  languages: [],
  budgetMs: 1000,
  latencyOf: () => undefined,
};

/** `tookMs`: by digest and `+` for retrieval, for example `c+`. */
function check(
  name: string,
  facts: Partial<RouteFacts> & { tookMs?: Readonly<Record<string, number>> },
  expected: string,
): void {
  test(name, () => {
    const latencyOf: RouteFacts['latencyOf'] = (adapter, useRetrieval) => {
      const p75Ms = facts.tookMs?.[`${adapter?.digest ?? 'base'}${useRetrieval ? '+' : ''}`];
      return p75Ms === undefined ? undefined : { p75Ms };
    };
    assert.equal(formatRoute(chooseRoute({ ...nothing, latencyOf, ...facts })), expected);
  });
}

const notYet = 'No version trained on this repository is in use yet.';
check('nothing there', {}, `local:base+retrieval; ${notYet}`);
check('a task adapter', { task }, `local:task+retrieval; ${notYet}`);
check('a champion', { task, champion }, 'local:champion+retrieval; It is the champion.');
check('a canary on another day', { champion, canary }, 'local:champion+retrieval; It is the champion.');
check(
  'a canary on its day',
  { champion, canary, isCanaryDay: true },
  'local:canary+retrieval; Today is a day of the canary.',
);
check(
  'no canary on its day',
  { champion, isCanaryDay: true },
  'local:champion+retrieval; It is the champion.',
);
check(
  'a champion that cannot be used',
  { task, notice: 'Its files are damaged.' },
  'local:task+retrieval; Its files are damaged.',
);

check(
  'a version before it that stands in',
  { task, champion: previous, notice: 'Its files are damaged.' },
  'local:champion+retrieval; Its files are damaged.',
);

const worse = (comparedWith: string, over: Partial<LanguageFigure> = {}): LanguageFigure => ({
  ...{ languageId: 'go', candidate: 'c', comparedWith, nCases: 12, meanNllChange: 0.25, low: 0.1, high: 0.4 },
  ...over,
});
const measured = '(0.250 nats per token, 12 cases).';
check(
  'worse than the task adapter in this language',
  { task, champion, languages: [worse('task')] },
  `local:task+retrieval; In go the champion was measured worse than this one ${measured}`,
);
check(
  'worse than the version before',
  { task, champion, previous, languages: [worse('p')] },
  `local:previous+retrieval; In go the champion was measured worse than this one ${measured}`,
);
check(
  'worse than the base model',
  { champion, languages: [worse('base')] },
  `local:base+retrieval; In go the champion was measured worse than this one ${measured}`,
);
check(
  'a canary worse than the champion',
  { champion, canary, isCanaryDay: true, languages: [worse('c', { candidate: 'n' })] },
  `local:champion+retrieval; In go the canary was measured worse than this one ${measured}`,
);
for (const [name, languages] of Object.entries({
  'worse in another language': [worse('task', { languageId: 'rust' })],
  'perhaps worse': [worse('task', { low: -0.01 })],
  'worse than what is not there': [worse('gone')],
  'worse than a base model that cannot fill in': [worse('base')],
  'another version was worse': [worse('task', { candidate: 'x' })],
})) {
  check(name, { task, champion, languages }, 'local:champion+retrieval; It is the champion.');
}

const late = (ms: number, without: string) => `It took ${ms} ms of 1000, so it is asked without ${without}.`;
check(
  'within the budget',
  { champion, tookMs: { 'c+': 1000 } },
  'local:champion+retrieval; It is the champion.',
);
check(
  'no budget',
  { champion, budgetMs: undefined, tookMs: { 'c+': 9999 } },
  'local:champion+retrieval; It is the champion.',
);
check(
  'too slow: the adapter goes first',
  { champion, tookMs: { 'c+': 1001 } },
  `local:base+retrieval; It is the champion. ${late(1001, 'an adapter')}`,
);
check(
  'still too slow: retrieval goes instead',
  { champion, tookMs: { 'c+': 1300, 'base+': 1200 } },
  `local:champion; It is the champion. ${late(1300, 'retrieval')}`,
);
check(
  'too slow in all ways: the fastest',
  { champion, tookMs: { 'c+': 1300, 'base+': 1200, c: 1150, base: 1100 } },
  `local:base; It is the champion. ${late(1300, 'both')}`,
);
check(
  'an adapter that taught filling in stays',
  { task, champion, tookMs: { 'c+': 1300, c: 2000 } },
  'local:champion+retrieval; It is the champion.',
);
check(
  'the base model alone',
  { tookMs: { 'base+': 1300 } },
  `local:base; ${notYet} ${late(1300, 'retrieval')}`,
);

const caseOf = (languageId: string, set: string, change: number): CaseResult => ({
  ...{ set, path: 'a', languageId, line: 1, commit: '', before: '', middle: '' },
  champion: { nll: 1 },
  candidate: { nll: 1 + change },
});

test('figures of a report: one for each language with enough lines of the repository', () => {
  const cases = [
    ...Array.from({ length: 10 }, (_, i) => caseOf('go', 'repository', i % 2 === 0 ? 0.2 : 0.4)),
    ...Array.from({ length: 9 }, () => caseOf('rust', 'repository', 1)),
    ...Array.from({ length: 20 }, () => caseOf('python', 'outside', 1)),
  ];
  const [figure, ...more] = languageFigures({ candidate: 'c', champion: 'task', cases });
  assert.deepEqual(more, []);
  assert.equal(figure?.languageId, 'go');
  assert.ok(Math.abs(figure.meanNllChange - 0.3) < 1e-9);
  assert.ok(figure.low > 0.2 && figure.low < 0.3 && figure.high < 0.4);
});

test('a way that was too slow is tried again after some minutes', () => {
  const clock = new ManualClock();
  const candidates: RouteCandidates = { task, isCanaryDay: false, languages: [] };
  const router = createRouter({ clock, budgetMs: () => 500, candidatesOf: () => candidates });
  const choose = () => router.choose({ uri: 'file:///a.go', languageId: 'go' });
  const ask = (tookMs: number, times: number) => {
    for (let i = 0; i < times; i++) router.note(choose(), tookMs);
  };
  ask(600, 7);
  assert.equal(choose().useRetrieval, true, 'too few to tell');
  ask(600, 1);
  assert.equal(choose().useRetrieval, false);
  ask(100, 8);
  assert.equal(choose().useRetrieval, false);
  clock.advance(600_001);
  assert.equal(choose().useRetrieval, true);
});

test('three of four count, not the slowest one', () => {
  const clock = new ManualClock();
  const router = createRouter({
    ...{ clock, budgetMs: () => 500 },
    candidatesOf: () => ({ isCanaryDay: false, languages: [] }),
  });
  const choose = () => router.choose({ uri: 'file:///a.go', languageId: 'go' });
  for (const tookMs of [100, 100, 100, 100, 100, 100, 9000, 9000]) router.note(choose(), tookMs);
  assert.equal(choose().useRetrieval, true);
});
