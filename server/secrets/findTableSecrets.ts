/** Finds passwords in tables of Markdown: those in the columns whose heads name one. */

import { isStrong } from './findNamedValues.ts';
import type { SecretRange } from './scrubSecrets.ts';
import { passwordNames } from './tellingNames.ts';

/** The line under the head (https://github.github.com/gfm/#tables-extension-), a diff's sign before it. */
const rule =
  /^[+-]?[ \t]{0,20}\|?(?:[ \t]{0,9}:?-{1,80}:?[ \t]{0,80}\|){1,30}(?:[ \t]{0,9}:?-{1,80}:?[ \t]{0,80})?\r?$/gm;
const maxLineChars = 1000;

export function findTableSecrets(text: string, _path: string): SecretRange[] {
  const found: SecretRange[] = [];
  let done = 0;
  for (const { index, 0: line } of text.matchAll(rule)) {
    if (index < done) continue;
    const head = text.slice(Math.max(0, index - maxLineChars), Math.max(0, index - 1));
    const columns = cellsOf(head.slice(head.lastIndexOf('\n') + 1)).map(
      (cell) => cell.text.length < 40 && passwordNames(cell.text).next().done === false,
    );
    if (!columns.includes(true)) continue;
    for (const { start, row } of rowsBehind(text, index + line.length + 1)) {
      done = start + row.length;
      for (const [i, cell] of cellsOf(row).entries()) {
        const from = start + cell.start;
        if (columns[i] === true && isStrong(cell.text))
          found.push({ start: from, end: from + cell.text.length });
      }
    }
  }
  return found;
}

/** To the first line that is no row. */
function* rowsBehind(
  text: string,
  from: number,
): Generator<{ readonly start: number; readonly row: string }> {
  for (let at = from; at < text.length;) {
    const next = text.indexOf('\n', at);
    const end = next < 0 ? text.length : next;
    const row = text.slice(at, Math.min(end, at + maxLineChars));
    if (!row.includes('|')) return;
    yield { start: at, row };
    at = end + 1;
  }
}

/** Without the blanks and marks around them. */
function cellsOf(row: string): { readonly start: number; readonly text: string }[] {
  const cells = Array.from(row.matchAll(/[^|]+/g), ({ index, 0: cell }) => {
    const text = cell.replace(/[\s`*"']+$/, '');
    const value = text.replace(/^[\s`*"']+/, '');
    return { start: index + text.length - value.length, text: value };
  });
  return /^[+-]?\s*$/.test(/^[^|]*/.exec(row)?.[0] ?? '') && !row.startsWith('|') ? cells.slice(1) : cells;
}
