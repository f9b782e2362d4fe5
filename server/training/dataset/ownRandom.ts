/** Random numbers that depend on a seed and a name alone, so that what is drawn for one thing does not move another's. */

import { digestOf } from '../../base/digest.ts';
import { seededRandom } from '../../base/random.ts';
import type { Random } from '../../base/random.ts';

export function randomOf(seed: number, name: string): Random {
  return seededRandom(parseInt(digestOf(`${seed}\n${name}`).slice(0, 8), 16));
}

/** Uniform in [0, 1), the same for the same seed and name. */
export function shareOf(seed: number, name: string): number {
  return parseInt(digestOf(`${seed}\n${name}`).slice(0, 8), 16) / 2 ** 32;
}
