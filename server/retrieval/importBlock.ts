/** Finds the imports at the head of a file: the shortest list of names that the rest of it uses. No grammar is needed. */

import type { LineRange } from './chunk.ts';

/** Imports of Python, JavaScript, TypeScript, Java, Go, Rust, C, Ruby, C# and PHP, by their first line; Go's also within its list. */
const importLine =
  /^\s*(?:import\b|from\s+\S+\s+import\b|(?:pub(?:\([^)]*\))?\s+)?use\s|using\s|#\s*include\b|require(?:_relative)?\b|(?:const|var|let)\b.*\brequire\(|export\s.*\sfrom\s|(?:\w+\s+)?"[\w./-]+"$)/;
/** Imports stand at the beginning; license texts and comments before them are shorter than this. */
const maxHeadLines = 300;
/** One import may be spread over this many lines. */
const maxGapLines = 12;

/** Lines from the first import to the last, 1-based; undefined without any. */
export function importBlock(lines: readonly string[]): LineRange | undefined {
  let first: number | undefined;
  let last = 0;
  for (let i = 0; i < Math.min(lines.length, maxHeadLines); i++) {
    if (!importLine.test(lines[i] as string)) continue;
    if (first !== undefined && i - last > maxGapLines) break;
    first ??= i;
    last = i;
  }
  if (first === undefined) return undefined;
  return { startLine: first + 1, endLine: endOfStatement(lines, last) + 1 };
}

/** The index of the last line that is indented below `start` or closes its bracket. */
function endOfStatement(lines: readonly string[], start: number): number {
  let end = start;
  while (end - start < maxGapLines && /^(?:\s+\S|[)}\]])/.test(lines[end + 1] ?? '')) end++;
  return end;
}
