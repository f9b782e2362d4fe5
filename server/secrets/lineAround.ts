/** The line around a place in a text, as far as it is worth reading. */

/** Longer lines are data, and a name that far away names something else. */
const maxChars = 300;

/** @returns the line's text, and its part before `start`; at most 300 characters on either side. */
export function lineAround(
  text: string,
  start: number,
  end: number,
): { readonly before: string; readonly line: string } {
  const left = text.slice(Math.max(0, start - maxChars), start);
  const before = left.slice(left.lastIndexOf('\n') + 1);
  const right = text.slice(end, end + maxChars);
  const lineEnd = right.indexOf('\n');
  return {
    before,
    line: before + text.slice(start, end) + (lineEnd < 0 ? right : right.slice(0, lineEnd)),
  };
}
