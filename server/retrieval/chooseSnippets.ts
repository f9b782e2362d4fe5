/** From ranked places to snippets: drops what the prompt shows already, joins neighbours, and keeps to the budget. */

import { indentOf, isBlank } from './chunk.ts';
import type { LineRange } from './chunk.ts';
import type { RankOptions } from './rankOptions.ts';
import type { Snippet } from './snippet.ts';

export interface RankedPlace extends LineRange {
  readonly path: string;
  readonly score: number;
}

type ChooseOptions = Pick<RankOptions, 'maxChars' | 'maxSnippets' | 'nFollowingLines'>;

/** A line this short (a brace, `else:`) is the same everywhere and shows nothing. */
const minTellingChars = 6;
/** A snippet with this share of lines that are shown already is dropped. */
const maxShownShare = 0.6;
/** What the path and the separators of a snippet take in the prompt, in characters. */
const frameChars = 40;
const minCutLines = 3;

/**
 * @param shown telling lines (see tellingLine) of the text around the cursor.
 * @param linesOf lines of a file, undefined when they can't be had.
 */
export function chooseSnippets(
  places: readonly RankedPlace[],
  linesOf: (path: string) => readonly string[] | undefined,
  shown: ReadonlySet<string>,
  options: ChooseOptions,
): Snippet[] {
  const seen = new Set(shown);
  const chosen: Snippet[] = [];
  let left = options.maxChars;
  for (const place of places) {
    if (chosen.length >= options.maxSnippets || left <= frameChars) break;
    const lines = linesOf(place.path);
    if (lines === undefined) continue;
    const snippet = snippetAt(place, lines, chosen, options.nFollowingLines);
    if (snippet === undefined || shownShare(snippet.text, seen) > maxShownShare) continue;
    const fitting = cutToFit(snippet, left - frameChars);
    if (fitting === undefined) continue;
    for (const line of fitting.text.split('\n')) addTelling(line, seen);
    chosen.push(fitting);
    left -= fitting.text.length + frameChars;
  }
  return joinNeighbours(chosen);
}

/** Trimmed, or undefined when the line is too short to tell anything. */
export function tellingLine(line: string): string | undefined {
  const trimmed = line.trim();
  return trimmed.length < minTellingChars ? undefined : trimmed;
}

export function tellingLines(text: string): Set<string> {
  const lines = new Set<string>();
  for (const line of text.split('\n')) addTelling(line, lines);
  return lines;
}

function addTelling(line: string, lines: Set<string>): void {
  const telling = tellingLine(line);
  if (telling !== undefined) lines.add(telling);
}

/** The place without blank lines at its ends and without lines that a chosen snippet has; undefined if little remains. */
function snippetAt(
  place: RankedPlace,
  lines: readonly string[],
  chosen: readonly Snippet[],
  nFollowingLines: number,
): Snippet | undefined {
  let start = Math.max(1, place.startLine);
  let end = Math.min(place.endLine + nFollowingLines, lines.length);
  for (const other of chosen) {
    if (other.path !== place.path || other.endLine < start || other.startLine > end) continue;
    if (other.startLine <= start) start = other.endLine + 1;
    else end = other.startLine - 1;
  }
  while (start <= end && isBlank(lines[start - 1] as string)) start++;
  while (end >= start && isBlank(lines[end - 1] as string)) end--;
  if (end < start) return undefined;
  return {
    path: place.path,
    startLine: start,
    endLine: end,
    text: lines.slice(start - 1, end).join('\n'),
  };
}

function shownShare(text: string, seen: ReadonlySet<string>): number {
  const telling = text
    .split('\n')
    .map(tellingLine)
    .filter((line) => line !== undefined);
  if (telling.length === 0) return 1;
  return telling.filter((line) => seen.has(line)).length / telling.length;
}

/** The snippet's beginning up to a line that is indented least, so that no statement is torn; undefined if too little. */
function cutToFit(snippet: Snippet, maxChars: number): Snippet | undefined {
  if (snippet.text.length <= maxChars) return snippet;
  const lines = snippet.text.split('\n');
  let nFitting = 0;
  for (let chars = 0; nFitting < lines.length; nFitting++) {
    chars += (lines[nFitting] as string).length + 1;
    if (chars > maxChars) break;
  }
  let best = nFitting;
  for (let n = nFitting; n >= Math.max(minCutLines, nFitting / 2); n--) {
    if (indentOf(lines[n] ?? '') < indentOf(lines[best] ?? '')) best = n;
  }
  if (best < minCutLines) return undefined;
  const text = lines.slice(0, best).join('\n');
  return { ...snippet, text, endLine: snippet.startLine + best - 1 };
}

/** Snippets of one file that touch become one, at the place of the better one. */
function joinNeighbours(snippets: readonly Snippet[]): Snippet[] {
  const joined: Snippet[] = [];
  for (const snippet of snippets) {
    const at = joined.findIndex(
      (other) =>
        other.path === snippet.path &&
        (other.endLine + 1 === snippet.startLine || snippet.endLine + 1 === other.startLine),
    );
    const other = joined[at];
    if (other === undefined) {
      joined.push(snippet);
      continue;
    }
    const [first, second] = other.startLine < snippet.startLine ? [other, snippet] : [snippet, other];
    joined[at] = { ...first, endLine: second.endLine, text: `${first.text}\n${second.text}` };
  }
  return joined;
}
