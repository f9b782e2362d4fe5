/** Takes secrets out of a text; line numbers stay as they are. What a secret is, the finders decide. */

/** A secret's place in a text, end excluded. */
export interface SecretRange {
  readonly start: number;
  readonly end: number;
  /** It may be none, or begin or end elsewhere: its lines are taken out whole. */
  readonly isUncertain?: boolean;
  /** A password, token or key beyond doubt, and no personal data: what learned from it may not serve. */
  readonly isCertain?: boolean;
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
    const ranges = await secretRanges(finders, text, path);
    if (ranges.length > 0) onFound(ranges.length);
    return replaceRanges(text, ranges);
  };
}

/** What is to be taken out: ranges in order that do not overlap, uncertain ones with all of their lines. */
export async function secretRanges(
  finders: readonly SecretFinder[],
  text: string,
  path: string,
): Promise<SecretRange[]> {
  return mergeRanges(wholeLines(text, await findAll(finders, text, path)));
}

/** As they are found: in no order, one over the other. */
export async function findAll(
  finders: readonly SecretFinder[],
  text: string,
  path: string,
): Promise<SecretRange[]> {
  const found: SecretRange[] = [];
  for (const find of finders) {
    found.push(...(await find(text, path)));
    // A thread that serves goes on in between.
    await new Promise((resolve) => setImmediate(resolve));
  }
  return found;
}

/** An uncertain range goes from the beginning of its first line to the end of its last. */
function wholeLines(text: string, ranges: readonly SecretRange[]): SecretRange[] {
  let last: SecretRange = { start: 0, end: 0 };
  return [...ranges]
    .sort((a, b) => a.start - b.start)
    .map((range) => {
      if (range.isUncertain !== true) return range;
      if (range.start >= last.start && range.end <= last.end) return last;
      const start = range.start === 0 ? 0 : text.lastIndexOf('\n', range.start - 1) + 1;
      const end = text.indexOf('\n', Math.max(range.start, range.end - 1));
      last = { start, end: end < 0 ? text.length : end };
      return last;
    });
}

/** Ranges in order that do not overlap. */
function mergeRanges(ranges: readonly SecretRange[]): SecretRange[] {
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
