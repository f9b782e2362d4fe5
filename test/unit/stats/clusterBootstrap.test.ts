/** The cluster bootstrap: what groups do to an interval, and how often it is wrong where groups resemble each other. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom } from '../../../server/base/random.ts';
import type { Random } from '../../../server/base/random.ts';
import { clusterBootstrap } from '../../../server/stats/clusterBootstrap.ts';
import { pairedBootstrap } from '../../../server/stats/pairedBootstrap.ts';

const interval = (differences: readonly number[], groups: readonly string[]) =>
  clusterBootstrap(differences, groups, { random: seededRandom(1), nResamples: 1000 });

test('with a group for each case it is about as wide as the plain one', () => {
  const random = seededRandom(2);
  const differences = Array.from({ length: 200 }, () => random.next());
  const own = interval(
    differences,
    differences.map((_, i) => `${i}`),
  );
  const plain = pairedBootstrap(differences, { random: seededRandom(1), nResamples: 1000 });
  assert.equal(own.mean.toFixed(12), plain.mean.toFixed(12));
  assert.ok(Math.abs((own.high - own.low) / (plain.high - plain.low) - 1) < 0.1);
});

test('cases that repeat each other count once', () => {
  const values = [0.1, -0.3, 0.2, 0.5, -0.1, 0.4, 0.3, 0.2, -0.2, 0.6];
  const repeated = values.flatMap((value) => [value, value, value, value]);
  const groups = values.flatMap((_, i) => Array.from({ length: 4 }, () => `commit ${i}`));
  const once = interval(
    values,
    values.map((_, i) => `${i}`),
  );
  const often = interval(repeated, groups);
  assert.ok(Math.abs(often.low - once.low) < 1e-9 && Math.abs(often.high - once.high) < 1e-9);
});

test('one group tells nothing, equal values tell all', () => {
  assert.deepEqual(interval([1, 2], ['a', 'a']), { mean: 1.5, low: -Infinity, high: Infinity });
  assert.deepEqual(interval([2, 2], ['a', 'b']), { mean: 2, low: 2, high: 2 });
});

test('two groups promise nothing', () => {
  const { low, high } = interval([1, 1.1, 2, 2.1], ['a', 'a', 'b', 'b']);
  assert.deepEqual([low, high], [-Infinity, Infinity]);
});

/** Normal by Box and Muller. */
const normal = (random: Random) =>
  Math.sqrt(-2 * Math.log(1 - random.next())) * Math.cos(2 * Math.PI * random.next());
const heavy = (random: Random) =>
  normal(random) / Math.sqrt((normal(random) ** 2 + normal(random) ** 2 + normal(random) ** 2) / 3);

/** Share of `nRuns` without any true difference whose 95 % interval is wholly below zero: 2.5 % would be right. */
function falseGains(draw: (random: Random) => number, isByGroup: boolean): number {
  const random = seededRandom(4);
  let nFalse = 0;
  const nRuns = 1000;
  for (let run = 0; run < nRuns; run++) {
    const differences: number[] = [];
    const groups: string[] = [];
    for (let g = 0; g < 12; g++) {
      const shared = Math.sqrt(0.3) * draw(random);
      for (let i = 1 + random.int(8); i > 0; i--) {
        differences.push(shared + Math.sqrt(0.7) * draw(random));
        groups.push(`${g}`);
      }
    }
    const options = { random, nResamples: 200 };
    const { high } = isByGroup
      ? clusterBootstrap(differences, groups, options)
      : pairedBootstrap(differences, options);
    if (high < 0) nFalse++;
  }
  return nFalse / nRuns;
}

test('12 commits whose cases resemble each other give a false gain in at most 5 of 100 gates', () => {
  const [light, tails] = [falseGains(normal, true), falseGains(heavy, true)];
  assert.ok(light < 0.05 && tails < 0.05, `${light}, ${tails}`);
});
test('the plain bootstrap, which takes cases for independent, errs far more often on the same', () => {
  const share = falseGains(normal, false);
  assert.ok(share > 0.06, `${share}`);
});
test('what makes no sense is refused', () => {
  assert.throws(() => interval([], []), RangeError);
  assert.throws(() => interval([1], []), RangeError);
  assert.throws(() => interval([NaN], ['a']), RangeError);
});
