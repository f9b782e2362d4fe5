/** What a canary's figures decide, also under many looks at figures that mean nothing. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom } from '../../../server/base/random.ts';
import { dayOf, isCanaryDay } from '../../../server/learning/canaryDay.ts';
import { defaultCanaryRules, judgeCanary } from '../../../server/learning/judgeCanary.ts';
import type { CanaryFacts, CanaryJudgement } from '../../../server/learning/judgeCanary.ts';

const dayMs = 86_400_000;
const nothing: CanaryFacts = {
  nowMs: 0,
  sinceMs: 0,
  gains: [],
  gateGainLow: 0.05,
  retained: { candidate: [], champion: [] },
};

/** Noise around a mean, some of it far out. */
function noisy(n: number, mean: number, seed = 1): number[] {
  const random = seededRandom(seed);
  return Array.from({ length: n }, () => mean + (random.next() - 0.5) * 0.4);
}

function check(
  name: string,
  facts: Partial<CanaryFacts>,
  decision: CanaryJudgement['decision'],
  why: RegExp,
): void {
  test(name, () => {
    const judged = judgeCanary({ ...nothing, ...facts }, defaultCanaryRules);
    assert.equal(judged.decision, decision, judged.why);
    assert.match(judged.why, why);
  });
}

check('nothing scored yet: it waits', {}, 'wait', /Not sure yet/);
check(
  'measurably better: promoted',
  { gains: noisy(400, 0.1) },
  'promote',
  /measurably better: 0\.\d+ nats per token likelier on 400 lines/,
);
check(
  'measurably worse: rolled back',
  { gains: noisy(400, -0.1) },
  'rollBack',
  /measurably worse: 0\.\d+ nats per token less likely/,
);
check('few lines decide nothing', { gains: Array<number>(19).fill(0.5) }, 'wait', /Not sure/);
check(
  'a strong report and a quiet week: promoted',
  { nowMs: 7 * dayMs, gains: [0.01] },
  'promote',
  /nothing spoke against it.*at least 0\.050/,
);
check('a week in which nobody typed speaks not against it', { nowMs: 7 * dayMs }, 'promote', /nothing spoke/);
check(
  'a weak report and a quiet week: it waits',
  { nowMs: 7 * dayMs, gateGainLow: 0.01 },
  'wait',
  /Not sure/,
);
check('a week that leans against it: it waits', { nowMs: 7 * dayMs, gains: [-0.01] }, 'wait', /Not sure/);
check(
  'a month without a decision: taken back',
  { nowMs: 28 * dayMs, gains: [-0.01] },
  'rollBack',
  /no measurable difference/,
);
check('a clock that was set back: it waits', { nowMs: 0, sinceMs: 90 * dayMs }, 'wait', /Not sure/);
check(
  'fewer characters stay: rolled back, whatever the likelihood says',
  {
    gains: noisy(400, 0.1),
    retained: { candidate: Array<number>(300).fill(2), champion: Array<number>(300).fill(20) },
  },
  'rollBack',
  /fewer characters stay: 2\.0 for each shown, and 20\.0/,
);
check(
  'a few bad suggestions are no fall',
  { retained: { candidate: [0, 0, 0], champion: Array<number>(300).fill(20) } },
  'wait',
  /Not sure/,
);

test('of a hundred candidates that change nothing, looked at every five lines, at most five are promoted', () => {
  let nPromoted = 0;
  for (let seed = 0; seed < 100; seed++) {
    const gains = noisy(300, 0, seed);
    const isEver = gains.some(
      (_, i) =>
        i % 5 === 0 &&
        judgeCanary({ ...nothing, gains: gains.slice(0, i) }, defaultCanaryRules).decision === 'promote',
    );
    if (isEver) nPromoted++;
  }
  assert(nPromoted <= 5, `${nPromoted} were promoted`);
});

test('a canary serves its share of the days, and each day wholly', () => {
  const days = Array.from({ length: 2000 }, (_, i) => dayOf(i * dayMs));
  const served = days.filter((day) => isCanaryDay('repo', 'adapter', day, 0.1)).length;
  assert(served > 150 && served < 250, `${served} of 2000`);
  assert.equal(
    days.some((day) => isCanaryDay('repo', 'adapter', day, 0)),
    false,
  );
  assert.equal(
    days.every((day) => isCanaryDay('repo', 'adapter', day, 1)),
    true,
  );
});
