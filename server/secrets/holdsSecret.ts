/** Whether a text that was scrubbed once still has a secret in it that nobody would doubt. */

import { defaultFinders } from './defaultScrubber.ts';
import { findAll, secretMark } from './scrubSecrets.ts';

/**
 * Only of what is a password, token or key beyond doubt: a false alarm costs an adapter, and a person's address is no secret.
 * Where a mark stands, a secret was taken out: what a finder makes of the rest of it is none.
 */
export async function holdsSecret(text: string, path: string): Promise<boolean> {
  const found = await findAll(defaultFinders, text, path);
  return found.some(
    ({ start, end, isCertain }) => isCertain === true && !text.slice(start, end).includes(secretMark),
  );
}
