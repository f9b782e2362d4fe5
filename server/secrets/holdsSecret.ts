/** Whether a text that was scrubbed once still has a secret in it. */

import { defaultFinders } from './defaultScrubber.ts';
import { secretMark, secretRanges } from './scrubSecrets.ts';

/** Where a mark stands, a secret was taken out: what a finder makes of the rest of it is none. */
export async function holdsSecret(text: string, path: string): Promise<boolean> {
  const ranges = await secretRanges(defaultFinders, text, path);
  return ranges.some(({ start, end }) => start < end && !text.slice(start, end).includes(secretMark));
}
