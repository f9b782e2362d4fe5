/** Secrets of more than two hundred kinds, drawn anew for each seed, are gone from what the scrubber gives back. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createDefaultScrubber } from '../../../server/secrets/defaultScrubber.ts';
import { asDiff, plantAll } from '../../support/planted/allPlants.ts';
import { isLeft } from '../../support/planted/plant.ts';
import type { Plant } from '../../support/planted/plant.ts';

/** Of settings, prose and personal data so much has to be gone; of keys and tokens everything. */
const minShare = 0.97;

async function check(plants: readonly Plant[]): Promise<void> {
  const scrub = createDefaultScrubber();
  const left: Plant[] = [];
  for (const plant of plants) {
    const scrubbed = await scrub(plant.text, plant.path);
    assert.equal(scrubbed.split('\n').length, plant.text.split('\n').length, `lines of ${plant.kind}`);
    if (isLeft(plant.secret, scrubbed)) left.push(plant);
    assert.equal(await scrub(scrubbed, plant.path), scrubbed, `scrubbed twice: ${plant.kind}`);
  }
  const certain = left.filter(({ group }) => group !== 'other').map(({ kind, secret }) => [kind, secret]);
  assert.deepEqual(certain, []);
  const others = plants.filter(({ group }) => group === 'other').length;
  assert.ok(
    left.length <= others * (1 - minShare),
    left.map(({ kind, secret }) => `${kind}: ${secret}`).join('\n'),
  );
}

test('the set is large enough to speak for others', () => {
  const plants = plantAll(1);
  assert.ok(new Set(plants.map(({ kind }) => kind)).size >= 200);
  assert.ok(plants.every(({ text, secret }) => secret.length >= 4 && text.includes(secret)));
});

for (const seed of [1, 2]) test(`in files, seed ${seed}`, () => check(plantAll(seed)));
test('in lines that a commit added', () => check(plantAll(3).map((plant) => asDiff(plant, '+'))));
test('in lines that a commit took away', () => check(plantAll(4).map((plant) => asDiff(plant, '-'))));
