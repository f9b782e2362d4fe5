/** Takes secrets out of a text; line numbers stay as they are. What a secret is, the finders decide. */

/** A secret's place in a text, end excluded. */
export interface SecretRange {
  readonly start: number;
  readonly end: number;
}

export type SecretFinder = (text: string, path: string) => Promise<readonly SecretRange[]>;
export type Scrubber = (text: string, path: string) => Promise<string>;

/** Stands where a secret stood. */
export const secretMark = '<secret>';

/** @param onFound called with the number of secrets of each text that has some. */
export function createScrubber(
  finders: readonly SecretFinder[],
  onFound: (count: number) => void = () => undefined,
): Scrubber {
  return async (text, path) => {
    const ranges = mergeRanges((await Promise.all(finders.map((find) => find(text, path)))).flat());
    if (ranges.length > 0) onFound(ranges.length);
    return replaceRanges(text, ranges);
  };
}

/** Ranges in order that do not overlap. */
export function mergeRanges(ranges: readonly SecretRange[]): SecretRange[] {
  const merged: SecretRange[] = [];
  for (const range of [...ranges].sort((a, b) => a.start - b.start)) {
    const last = merged.at(-1);
    if (last !== undefined && range.start <= last.end) {
      merged[merged.length - 1] = { start: last.start, end: Math.max(last.end, range.end) };
    } else if (range.end > range.start) merged.push(range);
  }
  return merged;
}

/** A secret of many lines, such as a key block, keeps its line breaks. */
export function replaceRanges(text: string, ranges: readonly SecretRange[]): string {
  let result = '';
  let at = 0;
  for (const { start, end } of ranges) {
    result += text.slice(at, start) + secretMark + text.slice(start, end).replace(/[^\n]+/g, '');
    at = end;
  }
  return result + text.slice(at);
}
