/** Drops what only repeats: the lines above the cursor, lines of the suggestion itself, or a loop within a line. */

import { withText } from './filter.ts';
import type { Filter, FilterContext } from './filter.ts';

/** Shorter lines (`}`, `break;`) come again in honest code. */
const minLineLength = 8;

export const dropRepeatedLines: Filter = (draft, given) => {
  if (rewritesLineAbove(draft.text, given)) return withText(draft, '');
  const text = cutRepeatedLines(draft.text, given);
  return withText(draft, given.isCutByLength ? cutInlineLoop(text) : text);
};

function rewritesLineAbove(text: string, { context }: FilterContext): boolean {
  const [first = ''] = text.trimStart().split('\n');
  const line = (context.linePrefix + first).trim();
  const above = context.prefix.slice(0, context.prefix.length - context.linePrefix.length).trimEnd();
  const lineAbove = above.slice(above.lastIndexOf('\n') + 1).trim();
  return line.length >= minLineLength && line === lineAbove;
}

/** Ends before the first line that stood in the suggestion already. */
function cutRepeatedLines(text: string, { context }: FilterContext): string {
  const lines = text.split('\n');
  const seen = new Set<string>();
  for (const [i, each] of lines.entries()) {
    const line = (i === 0 ? context.linePrefix + each : each).trim();
    if (line.length < minLineLength || !/\w{3}/.test(line)) continue;
    if (seen.has(line)) return lines.slice(0, i).join('\n').trimEnd();
    seen.add(line);
  }
  return text;
}

/** `a, a, a, a` at the end of a text that never ended by itself: keeps what was before the loop. */
function cutInlineLoop(text: string): string {
  const loop = /([^\n]{2,40}?)\1{3,}[^\n]{0,40}$/.exec(text.slice(-400));
  if (loop === null) return text;
  const at = text.length - Math.min(400, text.length) + loop.index;
  return text.slice(0, at).trimEnd();
}
