/** All that finds secrets, put together: whoever takes secrets out of a text, or looks for them, begins here. */

import { findCredentials } from './findCredentials.ts';
import { findHexKeys } from './findHexKeys.ts';
import { findKeyBlocks } from './findKeyBlocks.ts';
import { findKnownSecrets } from './findKnownSecrets.ts';
import { findNamedValues } from './findNamedValues.ts';
import { findPersonalData } from './findPersonalData.ts';
import { findPhrases } from './findPhrases.ts';
import { findRandomWords } from './findRandomWords.ts';
import { findTableSecrets } from './findTableSecrets.ts';
import { createScrubber } from './scrubSecrets.ts';
import type { Scrubber, SecretFinder } from './scrubSecrets.ts';

/** In no order: what they find may overlap. */
export const defaultFinders: readonly SecretFinder[] = [
  findKnownSecrets,
  ...[
    findKeyBlocks,
    findHexKeys,
    findRandomWords,
    findCredentials,
    findNamedValues,
    findTableSecrets,
    findPhrases,
    findPersonalData,
  ].map(
    (find): SecretFinder =>
      async (text, path) =>
        find(text, path),
  ),
];

/** @param onFound called with the number of secrets of each text that has some. */
export function createDefaultScrubber(onFound?: (count: number) => void): Scrubber {
  return createScrubber(defaultFinders, onFound);
}
