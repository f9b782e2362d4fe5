/** Each rule of the gate: what holds, what does not, just beside its threshold, and what the reason says. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PairedChange, SetSummary } from '../../../protocol/evalReport.ts';
import { applyGate } from '../../../server/evaluation/gate.ts';
import type { Measurements } from '../../../server/evaluation/gate.ts';
import { defaultGateSettings } from '../../../server/evaluation/gateSettings.ts';
import { mcnemarExact } from '../../../server/stats/mcnemar.ts';

const change = (champion: number, candidate: number, low: number, high: number): PairedChange => ({
  ...{ champion, candidate, mean: candidate - champion, low, high },
});

/** Of `n` lines. */
function exactMatch(champion: number, candidate: number, onlyChampion: number, n = 100) {
  const onlyCandidate = candidate - (champion - onlyChampion);
  const shares = change(champion / n, candidate / n, -1, 1);
  return { ...shares, onlyChampion, onlyCandidate, mcnemarP: mcnemarExact(onlyChampion, onlyCandidate) };
}

const good: SetSummary = {
  ...{ nCases: 60, nCompleted: 60 },
  nll: change(1.5, 1.4, -0.15, -0.05),
  exactMatch: exactMatch(20, 22, 2),
};
const measured: Measurements = {
  champion: 'task',
  sets: { repository: good, outside: { nCases: 60, nll: change(1.6, 1.61, -0.01, 0.03) } },
  nGroups: 15,
  latencyRatio: 1.02,
  regression: [],
  memorisation: { nProbes: 0, leaked: [] },
  ...{ sizeBytes: 10e6, baseSizeBytes: 100e6 },
};

/** @param refused the rules that do not hold; words that stand in the first of their reasons. */
function check(changes: Partial<Measurements>, refused: readonly string[] = [], words = /./): void {
  const { verdict, rules } = applyGate({ ...measured, ...changes }, defaultGateSettings);
  const broken = rules.filter((rule) => !rule.holds);
  assert.deepEqual(
    broken.map((rule) => rule.rule),
    refused,
  );
  assert.equal(verdict, refused.length === 0 ? 'pass' : 'refuse');
  assert.match(broken[0]?.reason ?? 'none', words);
  for (const { reason } of rules) assert.match(reason, /^[A-Z0-9].*\.$/);
}
const withOwn = (own: Partial<SetSummary>): Partial<Measurements> => ({
  sets: { ...measured.sets, repository: { ...good, ...own } },
});
const withOutside = (candidate: number): Partial<Measurements> => ({
  sets: { ...measured.sets, outside: { nCases: 60, nll: change(1.6, candidate, -1, 1) } },
});

test('a better adapter that harms nothing passes', () => check({}));

test('39 lines are too few', () => check(withOwn({ nCases: 39 }), ['enoughCases'], /39 .* at least 40/));
test('40 are enough', () => check(withOwn({ nCases: 40 })));
test('many lines of 7 commits are too few', () => check({ nGroups: 7 }, ['enoughCases'], /of 7 commits/));

test('a gain that may be none is refused', () =>
  check(withOwn({ nll: change(1.5, 1.45, -0.1, 0) }), ['nll'], /not measurably better.*-0\.050.*to 0\.000/));
test('a loss is refused', () =>
  check(withOwn({ nll: change(1.5, 1.6, 0.05, 0.15) }), ['nll'], /not measurably better/));
test('a sure gain of nearly nothing is refused', () =>
  check(withOwn({ nll: change(1.5, 1.486, -0.02, -0.005) }), ['nll'], /by less than 1 %/));
test('a sure gain of one per cent passes', () => check(withOwn({ nll: change(1.5, 1.484, -0.02, -0.005) })));

test('2 lines of 100 fewer are no harm', () => check(withOwn({ exactMatch: exactMatch(20, 18, 2) })));
test('5 fewer, where 12 were lost and 7 won, are what chance explains', () =>
  check(withOwn({ exactMatch: exactMatch(20, 15, 12) })));
test('4 fewer, where 4 were lost and none won, are not', () =>
  check(withOwn({ exactMatch: exactMatch(20, 16, 4) }), ['exactMatch'], /0 won and 4 lost/));
test('9 fewer never pass, whatever chance says', () =>
  check(withOwn({ exactMatch: exactMatch(50, 41, 45) }), ['exactMatch'], /36 won and 45 lost/));
test('19 completed lines prove nothing', () =>
  check(withOwn({ nCompleted: 19 }), ['exactMatch'], /19 lines were completed, and 20/));

test('1.9 % worse elsewhere passes', () => check(withOutside(1.63)));
test('2.5 % worse elsewhere does not', () =>
  check(withOutside(1.64), ['outside'], /\+2\.5 % nats per token, at most \+2 %/));
test('without outside lines nothing is proved', () => check({ sets: { repository: good } }, ['outside']));

const regressionCase = (name: string, passed: boolean) => {
  return { name, passed, isAdversarial: false, text: '', reasons: [] };
};
test('all regression cases have to pass', () => {
  check({ regression: [regressionCase('a', true)] });
  const two = [regressionCase('a', true), regressionCase('uses our logger', false)];
  check({ regression: two }, ['regression'], /1 of 2 .*"uses our logger"/);
});
test('one secret is one too many', () => {
  check({ memorisation: { nProbes: 3, leaked: [] } });
  const leaked = [{ path: 'deploy.sh', line: 3, why: 'The candidate writes it.' }];
  check({ memorisation: { nProbes: 3, leaked } }, ['memorisation'], /1 of 3 .*deploy\.sh at line 3/);
});
test('a sixth more time is too much, but not for the first adapter of all', () => {
  check({ latencyRatio: 1.15 });
  check({ latencyRatio: 1.17 }, ['latency'], /\+17 % of time, at most \+15 %/);
  check({ latencyRatio: 1.17, champion: 'base' });
  check({ latencyRatio: undefined }, ['latency'], /No line was completed/);
});
test('an adapter beyond a quarter of its base model is too large', () => {
  check({ sizeBytes: 25e6 });
  check({ sizeBytes: 26e6 }, ['size'], /26\.0 MB, at most 25\.0/);
});
test('several rules may be broken, each says so', () =>
  check({ nGroups: 1, sizeBytes: 1e9, ...withOutside(2) }, ['enoughCases', 'outside', 'size']));
test('what was not measured does not hold', () =>
  check({ sets: {} }, ['enoughCases', 'nll', 'exactMatch', 'outside'], /0 held-out lines/));
