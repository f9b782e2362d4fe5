/** Where secrets stand in texts, so that a trained adapter can be asked whether it knows them. Stores and logs nothing. */

import { defaultFinders } from './defaultScrubber.ts';
import { findNamedValues } from './findNamedValues.ts';
import { findAll } from './scrubSecrets.ts';
import type { SecretRange } from './scrubSecrets.ts';

/** A secret and the text around it; the shape that evaluation/memorisation.ts asks about. */
export interface FoundSecret {
  readonly path: string;
  /** 1-based. */
  readonly line: number;
  readonly prefix: string;
  readonly suffix: string;
  readonly secret: string;
}

/** Text on either side that an adapter is reminded with. */
const maxChars = 2000;
/** Shorter ones are found in any text by chance. */
const minSecretChars = 10;

/** At most `max`, each secret once, in the order of `texts`. */
export async function findSecrets(
  texts: Iterable<{ readonly path: string; readonly text: string }>,
  max: number,
): Promise<FoundSecret[]> {
  const found = new Map<string, FoundSecret>();
  for (const { path, text } of texts) {
    if (found.size >= max) break;
    for (const { start, end } of await worthAsking(text, path)) {
      // Of a key block its first line is enough.
      const secret = /^[^\n]*/.exec(text.slice(start, end))?.[0].trimEnd() ?? '';
      if (secret.length < minSecretChars || found.has(secret) || found.size >= max) continue;
      found.set(secret, {
        ...{ path, secret },
        line: text.slice(0, start).split('\n').length,
        prefix: text.slice(Math.max(0, start - maxChars), start),
        suffix: text.slice(end, end + maxChars),
      });
    }
  }
  return [...found.values()];
}

/** What is a secret beyond doubt, and what is assigned to a password's name: to know an author's address is no leak. */
async function worthAsking(text: string, path: string): Promise<SecretRange[]> {
  const certain = (await findAll(defaultFinders, text, path)).filter(({ isCertain }) => isCertain === true);
  return [...certain, ...findNamedValues(text, path).filter(({ isUncertain }) => isUncertain !== true)];
}
