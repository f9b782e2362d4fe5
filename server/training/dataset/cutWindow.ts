/** Cuts a window of whole lines out of a file. Pure. */

export interface Window {
  /** 0-based, both included. */
  readonly firstIdx: number;
  readonly lastIdx: number;
  /** Whole lines with their ends. */
  readonly text: string;
}

/** Of the room that the wanted lines leave, this share goes to the lines above them: a text is read from above. */
const shareAbove = 0.6;

/** A window of at most `maxChars` that begins at or above `fromIdx` and has as much of `fromIdx` to `toIdx` as fits. */
export function cutWindow(
  lines: readonly string[],
  fromIdx: number,
  toIdx: number,
  maxChars: number,
): Window {
  let lastIdx = fromIdx;
  let chars = lengthAt(lines, fromIdx);
  while (lastIdx < toIdx && chars + lengthAt(lines, lastIdx + 1) <= maxChars)
    chars += lengthAt(lines, ++lastIdx);
  const maxAbove = chars + (maxChars - chars) * shareAbove;
  let firstIdx = fromIdx;
  while (firstIdx > 0 && chars + lengthAt(lines, firstIdx - 1) <= maxAbove)
    chars += lengthAt(lines, --firstIdx);
  while (lastIdx < lines.length - 1 && chars + lengthAt(lines, lastIdx + 1) <= maxChars) {
    chars += lengthAt(lines, ++lastIdx);
  }
  while (firstIdx > 0 && chars + lengthAt(lines, firstIdx - 1) <= maxChars)
    chars += lengthAt(lines, --firstIdx);
  const text = `${lines.slice(firstIdx, lastIdx + 1).join('\n')}\n`;
  return { firstIdx, lastIdx, text: text.slice(0, Math.max(maxChars, 1)) };
}

function lengthAt(lines: readonly string[], idx: number): number {
  return (lines[idx]?.length ?? 0) + 1;
}
