/** Takes secrets out of a text that is kept in parts: one that two of them share is seen, and leaves both. */

import { defaultFinders } from './defaultScrubber.ts';
import { replaceRanges, secretRanges } from './scrubSecrets.ts';

/** @returns as many parts; put together they are one text of the file `path`. */
export async function scrubParts<Parts extends readonly string[]>(
  parts: readonly [...Parts],
  path: string,
): Promise<{ readonly [Key in keyof Parts]: string }> {
  const whole = parts.join('');
  const ranges = await secretRanges(defaultFinders, whole, path);
  let offset = 0;
  const scrubbed = parts.map((part) => {
    const from = offset;
    offset += part.length;
    const own = ranges.map(({ start, end }) => ({
      start: Math.max(0, start - from),
      end: Math.min(part.length, end - from),
    }));
    return replaceRanges(
      part,
      own.filter(({ start, end }) => start < end),
    );
  });
  return scrubbed as { [Key in keyof Parts]: string };
}
