/** Finding secrets takes time in proportion to the text, whatever stands in it. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { defaultFinders } from '../../../server/secrets/defaultScrubber.ts';
import type { SecretFinder } from '../../../server/secrets/scrubSecrets.ts';
import { badInputs } from '../../support/planted/badInputs.ts';

const nChars = 12_000;
const factor = 8;
/** Quadratic growth would be 64 times. */
const maxGrowth = 40;
/** Less is noise, and no growth worth a word. */
const noiseMs = 60;

/** Time of the processor, so that other processes don't count. */
async function cpuMs(find: SecretFinder, text: string): Promise<number> {
  const before = process.cpuUsage();
  await find(text, 'src/a.py');
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

const large = new Map(badInputs(nChars * factor));
for (const [name, small] of badInputs(nChars)) {
  test(`a long run of ${name}`, async () => {
    for (const find of defaultFinders) {
      const smallMs = await cpuMs(find, small);
      const largeMs = await cpuMs(find, large.get(name) ?? '');
      const isFine = largeMs < noiseMs || largeMs < smallMs * maxGrowth;
      assert.ok(isFine, `${smallMs} ms became ${largeMs} ms with ${factor} times the text`);
    }
  });
}
