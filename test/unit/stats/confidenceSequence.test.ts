/** The confidence sequence: equal to the source's formulas, never false for long, and in the end decided. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom } from '../../../server/base/random.ts';
import { confidenceSequence } from '../../../server/stats/confidenceSequence.ts';

const sines = Array.from({ length: 60 }, (_, i) => Math.sin(i) * 0.4 + 0.1);
const repeat = (value: number, times: number): number[] => Array.from({ length: times }, () => value);

// Computed by another program straight from the sums of theorem 2, each taken anew at each time.
for (const [what, values, bound, alpha, low, high] of [
  ['waves', sines, 1, 0.05, -0.1493703411292765, 0.37275166657624914],
  ['clipped waves', sines, 0.3, 0.01, -0.07489732439011769, 0.2034691086458851],
  ['a constant', repeat(0.2, 200), 1, 0.05, 0.12615906070739058, 0.2738409392926009],
  ['three wild values', [5, -5, 0.1], 1, 0.05, -1, 1],
  ['nothing', [], 2, 0.05, -2, 2],
] as const) {
  test(`${what}: ${low} to ${high}`, () => {
    const result = confidenceSequence(values, { bound, alpha });
    assert.ok(Math.abs(result.low - low) < 1e-9, `low ${result.low}`);
    assert.ok(Math.abs(result.high - high) < 1e-9, `high ${result.high}`);
  });
}

/** Runs with the mean `shift` in which the bounds excluded `mean` at any time, of `nRuns`. */
function countMisses(nRuns: number, draw: (run: number) => readonly number[], mean: number): number {
  let nMisses = 0;
  for (let run = 0; run < nRuns; run++) {
    const { low, high } = confidenceSequence(draw(run), { bound: 1 });
    if (mean < low || mean > high) nMisses++;
  }
  return nMisses;
}

test('of 400 runs watched for 300 values, at most 5 % ever exclude the truth', () => {
  const random = seededRandom(3);
  // Mostly small values of one sign, now and then a large one of the other: the mean is 0.
  const skewed = () => repeat(0, 300).map(() => (random.next() < 0.1 ? -0.9 : 0.1));
  const uniform = () => repeat(0, 300).map(() => random.next() - 0.5);
  assert.ok(countMisses(400, skewed, 0) <= 20);
  assert.ok(countMisses(400, uniform, 0) <= 20);
  assert.ok(countMisses(50, uniform, 0.4) === 50, 'what is far from the truth is excluded');
});

test('a gain of 0.1 nats with a spread of 0.3 is certain within 400 values', () => {
  const random = seededRandom(5);
  const spread = () => (random.next() + random.next() + random.next() - 1.5) * 0.6;
  const values = repeat(0, 400).map(() => 0.1 + spread());
  assert.ok(confidenceSequence(values, { bound: 1 }).low > 0);
  assert.ok(confidenceSequence(values.slice(0, 20), { bound: 1 }).low <= 0);
});

test('bounds never widen as values come', () => {
  let last = confidenceSequence([], { bound: 1 });
  for (let n = 1; n <= sines.length; n++) {
    const next = confidenceSequence(sines.slice(0, n), { bound: 1 });
    assert.ok(next.low >= last.low && next.high <= last.high);
    last = next;
  }
});

test('values that are no numbers and options without sense are refused', () => {
  assert.throws(() => confidenceSequence([NaN], { bound: 1 }), RangeError);
  assert.throws(() => confidenceSequence([1], { bound: 0 }), RangeError);
  assert.throws(() => confidenceSequence([1], { bound: 1, alpha: 1 }), RangeError);
});
