/**
 * Finds secrets in 1 MB of each bad input and in an eighth of it, and says which took time out of proportion:
 * `node scripts/run.mjs bench/secrets/growth.ts`. The unit tests do the same with texts of a tenth of that.
 */

import { defaultFinders } from '../../server/secrets/defaultScrubber.ts';
import { badInputs } from '../../test/support/planted/badInputs.ts';

const nChars = 1_000_000;
const factor = 8;
/** Quadratic growth would be 64 times. */
const maxGrowth = 20;
const noiseMs = 200;

async function cpuMs(text: string): Promise<number> {
  const before = process.cpuUsage();
  for (const find of defaultFinders) await find(text, 'src/a.py');
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

const small = new Map(badInputs(nChars / factor));
for (const [name, large] of badInputs(nChars)) {
  const smallMs = await cpuMs(small.get(name) ?? '');
  const largeMs = await cpuMs(large);
  const isFine = largeMs < noiseMs || largeMs < smallMs * maxGrowth;
  console.log(
    `${name}: ${smallMs.toFixed(0)} ms, ${largeMs.toFixed(0)} ms${isFine ? '' : ', out of proportion'}`,
  );
  if (!isFine) process.exitCode = 1;
}
