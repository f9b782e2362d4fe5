/** The gate's experiment: its harmful datasets are harmful in the way they say, and its judgements count what they claim. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { countGates } from '../../../bench/gate/countGates.ts';
import { makeVariant } from '../../../bench/gate/variants.ts';
import type { VariantName } from '../../../bench/gate/variants.ts';
import { seededRandom } from '../../../server/base/random.ts';
import { defaultGateSettings } from '../../../server/evaluation/gateSettings.ts';
import type { Dataset } from '../../../server/training/dataset/dataset.ts';
import type { TrainingItem } from '../../../server/training/dataset/trainingItem.ts';

const fillIn = (prompt: readonly number[], middle: readonly number[]): TrainingItem => ({
  ...{ kind: 'fillIn', tokens: [...prompt, ...middle], weight: 1 },
  lossWeights: [...prompt.map((_, i) => (i === 0 ? 0 : 0.1)), ...middle.map(() => 4)],
});
const window = (tokens: readonly number[]): TrainingItem => ({
  ...{ kind: 'window', tokens, weight: 1 },
  lossWeights: tokens.map((_, i) => (i === 0 ? 0 : 1)),
});
const lineEnd = 9;
const items = [
  fillIn([1, 2, 3], [11, 12]),
  fillIn([4, 5], [13]),
  window([1, 2, lineEnd, 3, 4, lineEnd, 5, 6]),
  fillIn([6], [14, 15, 16]),
];
const tokens = { wrongLine: [77, lineEnd], secretLine: [88, lineEnd], lineEnd };

function variant(name: VariantName, of: readonly TrainingItem[] = items): readonly TrainingItem[] {
  const dataset = { items: of, manifest: { settings: {} } } as unknown as Dataset;
  const made = makeVariant(dataset, name, tokens).items;
  for (const { tokens: each, lossWeights } of made) assert.equal(each.length, lossWeights.length);
  return made;
}

test('the true dataset is as it was', () => assert.deepEqual(variant('true'), items));
test('the shuffled one asks every prompt for the middle of another', () =>
  assert.deepEqual(variant('shuffled'), [
    fillIn([1, 2, 3], [13]),
    fillIn([4, 5], [14, 15, 16]),
    fillIn([6], [11, 12]),
  ]));
test('the poisoned one has the wrong line in half of its middles and behind half of its lines', () => {
  const many = Array.from({ length: 50 }, () => items).flat();
  const made = variant('poisoned', many);
  const isWrong = (item: TrainingItem) => item.tokens.includes(77);
  const share = (kind: TrainingItem['kind']) => {
    const ofKind = made.filter((item) => item.kind === kind);
    return ofKind.filter(isWrong).length / ofKind.length;
  };
  assert.ok(share('fillIn') > 0.4 && share('fillIn') < 0.6, `${share('fillIn')}`);
  assert.ok(share('window') > 0.6, `${share('window')}`);
  assert.ok(made.every((item) => item.kind === 'fillIn' || item.tokens.length === 8));
});
test('the planted one has the secret once in every fourth window', () => {
  const windows = Array.from({ length: 8 }, () => items[2] as TrainingItem);
  const made = variant('planted', windows).map((item) => item.tokens.filter((token) => token === 88).length);
  assert.deepEqual(made, [1, 0, 0, 0, 1, 0, 0, 0]);
});

/** Sixty lines of fifteen commits; `nats` by case. */
function measured(name: string, nats: (i: number) => number) {
  const sides = (n: number) =>
    Array.from({ length: n }, (_, i) => ({
      nll: nats(i),
      text: 'x',
      isExactMatch: i % 3 === 0,
      editSimilarity: 0.5,
    }));
  return { name, repository: sides(60), outside: sides(20) };
}
const place = { path: 'a.py', line: 1, middle: 'x', languageId: 'python', before: '' };
const placesOf = (set: string, n: number) =>
  Array.from({ length: n }, (_, i) => ({ ...place, set, commit: `${set} ${i % 15}` }));
const places = { repository: placesOf('repository', 60), outside: placesOf('outside', 20) };

test('judgements are counted for each pair and each set of cases', () => {
  const random = seededRandom(1);
  const noise = Array.from({ length: 60 }, () => random.next() / 10);
  const old = measured('old', () => 1.5);
  const better = measured('better', (i) => 1.4 + (noise[i] ?? 0) / 10);
  const worse = measured('worse', (i) => 1.6 + (noise[i] ?? 0) / 10);
  const count = (candidate: typeof old) => countGates([[candidate, old]], places, 4, defaultGateSettings);
  const [good, bad] = [count(better), count(worse)];
  assert.deepEqual([good.nGates, good.nPromoted, good.brokenBy], [4, 4, {}]);
  assert.deepEqual([bad.nPromoted, bad.brokenBy], [0, { nll: 4, outside: 4 }]);
  assert.ok((good.change?.most ?? 0) < 0 && (bad.change?.least ?? 0) > 0);
});
