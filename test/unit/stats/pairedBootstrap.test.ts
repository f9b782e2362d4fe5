/** The paired bootstrap: what it says about plain cases, and how often its interval holds the truth. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom } from '../../../server/base/random.ts';
import { pairedBootstrap } from '../../../server/stats/pairedBootstrap.ts';

const repeat = (value: number, times: number): number[] => Array.from({ length: times }, () => value);

/** Whether the 95 % interval lies above zero, below zero or around it. */
function check(differences: readonly number[], expected: 'above' | 'below' | 'around'): void {
  const { low, high } = pairedBootstrap(differences, { random: seededRandom(1), nResamples: 2000 });
  assert.equal(low > 0 ? 'above' : high < 0 ? 'below' : 'around', expected);
}

test('equal measurements differ by nothing', () => check(repeat(0, 50), 'around'));
test('a gain in each case is a gain', () => check(repeat(0.1, 50), 'above'));
test('a loss in each case is a loss', () => check(repeat(-0.1, 50), 'below'));
test('gains and losses alike are no difference', () =>
  check([...repeat(1, 25), ...repeat(-1, 25)], 'around'));
test('30 gains, 10 losses and 10 ties are a gain', () =>
  check([...repeat(1, 30), ...repeat(-1, 10), ...repeat(0, 10)], 'above'));
test('14 gains and 10 losses are too few to tell', () =>
  check([...repeat(1, 14), ...repeat(-1, 10), ...repeat(0, 26)], 'around'));
test('one large gain among ties is too little to tell', () => check([100, ...repeat(0, 30)], 'around'));

test('the same seed gives the same interval, another seed another one', () => {
  const differences = [0.1, -0.2, 0.4, 0.3, 0.05, -0.07];
  const interval = (seed: number) =>
    pairedBootstrap(differences, { random: seededRandom(seed), nResamples: 500 });
  assert.deepEqual(interval(3), interval(3));
  assert.notDeepEqual(interval(3), interval(4));
});

test('the mean is that of the cases, and the interval is about as wide as the normal one', () => {
  const random = seededRandom(5);
  const differences = Array.from({ length: 400 }, () => random.next());
  const mean = differences.reduce((sum, value) => sum + value, 0) / 400;
  const result = pairedBootstrap(differences, { random, nResamples: 4000 });
  assert.ok(Math.abs(result.mean - mean) < 1e-12);
  // A uniform number has the standard deviation 1 / sqrt(12).
  assert.ok(Math.abs((result.mean - result.low) / (result.high - result.mean) - 1) < 0.1);
  const expectedHalfWidth = (1.96 * Math.sqrt(1 / 12)) / Math.sqrt(400);
  assert.ok(Math.abs((result.high - result.low) / 2 / expectedHalfWidth - 1) < 0.1);
});

test('a higher confidence gives a wider interval', () => {
  const differences = Array.from({ length: 60 }, (_, i) => Math.sin(i));
  const width = (confidence: number) => {
    const { low, high } = pairedBootstrap(differences, {
      random: seededRandom(2),
      nResamples: 2000,
      confidence,
    });
    return high - low;
  };
  assert.ok(width(0.99) > width(0.95) && width(0.95) > width(0.8));
});

test('a 90 % interval holds the true mean about 9 times in 10', () => {
  const random = seededRandom(11);
  let nHeld = 0;
  for (let run = 0; run < 300; run++) {
    const differences = Array.from({ length: 40 }, () => random.next() - 0.5);
    const { low, high } = pairedBootstrap(differences, { random, nResamples: 400, confidence: 0.9 });
    if (low <= 0 && 0 <= high) nHeld++;
  }
  assert.ok(nHeld > 250 && nHeld < 288, `held ${nHeld} times in 300`);
});

test('nothing, NaN and impossible options are refused', () => {
  const random = seededRandom(1);
  assert.throws(() => pairedBootstrap([], { random }), RangeError);
  assert.throws(() => pairedBootstrap([1, NaN], { random }), RangeError);
  assert.throws(() => pairedBootstrap([1], { random, nResamples: 0 }), RangeError);
  assert.throws(() => pairedBootstrap([1], { random, confidence: 95 }), RangeError);
});
