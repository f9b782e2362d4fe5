/** The ratio of two means: values by hand, and how often its interval is wrong for suggestions that are mostly kept not at all. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom } from '../../../server/base/random.ts';
import type { Random } from '../../../server/base/random.ts';
import { ratioOfMeans } from '../../../server/stats/ratioOfMeans.ts';
import type { Grouped } from '../../../server/stats/ratioOfMeans.ts';

/** "a1 a3 b2": group and value. */
const values = (text: string): Grouped[] =>
  text.split(' ').map((each) => ({ group: each.slice(0, 1), value: Number(each.slice(1)) }));

test('by hand: equal groups without spread have a sure ratio', () =>
  assert.deepEqual(ratioOfMeans(values('a1 b1'), values('a3 b3')), { mean: 3, low: 3, high: 3 }));

test('by hand: four groups of one', () => {
  // Means 2 and 4; sums of squares 2 and 8 over three degrees of freedom; relative errors 0.2041 and 0.2041.
  const ratio = ratioOfMeans(values('a1 b2 c2 d3'), values('a2 b4 c4 d6'));
  const width = Math.hypot(0.20412, 0.20412) * 3.1824;
  assert.equal(ratio?.mean, 2);
  assert.ok(Math.abs(Math.log((ratio?.high ?? 0) / 2) / width - 1) < 0.01);
  assert.equal((ratio.low * ratio.high).toFixed(6), '4.000000');
});

for (const [name, before, after] of [
  ['one group says nothing', 'a1 a2', 'a1 b2'],
  ['nothing kept before', 'a0 b0', 'a1 b2'],
  ['nothing kept after', 'a1 b2', 'a0 b0'],
] as const) {
  test(`no ratio: ${name}`, () => assert.equal(ratioOfMeans(values(before), values(after)), undefined));
}

/** Sittings of 12 suggestions; a fifth is accepted, more in a good sitting. */
function sittings(random: Random, count: number): Grouped[] {
  return Array.from({ length: count }, (_, i) => {
    const rate = 0.1 + 0.2 * random.next();
    return Array.from({ length: 12 }, () => ({
      group: `${i}`,
      value: random.next() < rate ? 5 + random.int(40) : 0,
    }));
  }).flat();
}

for (const [nBefore, nAfter] of [
  [40, 18],
  [18, 18],
  [10, 60],
] as const) {
  test(`${nBefore} against ${nAfter} sittings: a 95 % interval misses 1 in about 5 % of the cases`, () => {
    const random = seededRandom(7);
    const nRuns = 1000;
    let nMissed = 0;
    for (let run = 0; run < nRuns; run++) {
      const ratio = ratioOfMeans(sittings(random, nBefore), sittings(random, nAfter));
      if (ratio === undefined || ratio.low > 1 || ratio.high < 1) nMissed++;
    }
    assert.ok(nMissed / nRuns > 0.02 && nMissed / nRuns < 0.065, `${nMissed / nRuns}`);
  });
}
