/** All that finds secrets, put together: whoever takes secrets out of a text, or looks for them, begins here. */

import { findAssignedSecrets } from './findAssignedSecrets.ts';
import { findKnownSecrets } from './findKnownSecrets.ts';
import { createScrubber } from './scrubSecrets.ts';
import type { Scrubber, SecretFinder } from './scrubSecrets.ts';

/** In no order: what they find may overlap. */
export const defaultFinders: readonly SecretFinder[] = [
  findKnownSecrets,
  async (text, path) => findAssignedSecrets(text, path),
];

/** @param onFound called with the number of secrets of each text that has some. */
export function createDefaultScrubber(onFound?: (count: number) => void): Scrubber {
  return createScrubber(defaultFinders, onFound);
}
