/** From ranked places to snippets: drops what the prompt shows already, joins neighbours, and keeps to the budget. */

import { indentOf, isBlank } from './chunk.ts';
import type { LineRange } from './chunk.ts';
import { focusRange } from './focusRange.ts';
import type { RankOptions } from './rankOptions.ts';
import type { Snippet } from './snippet.ts';

export interface RankedPlace extends LineRange {
  readonly path: string;
  readonly score: number;
  /** Shown from its beginning, up to so many characters; other places are shown by their best lines. */
  readonly maxChars?: number;
}

export interface ChooseContext {
  /** Lines of a file, undefined when they can't be had. */
  linesOf(path: string): readonly string[] | undefined;
  /** Telling lines (see tellingLine) of the text around the cursor. */
  readonly shown: ReadonlySet<string>;
  /** Worth of each term of the query. */
  readonly termValues: ReadonlyMap<string, number>;
  readonly options: Pick<RankOptions, 'maxChars' | 'maxSnippets' | 'nFollowingLines' | 'nFocusLines'>;
}

/** A line this short (a brace, `else:`) is the same everywhere and shows nothing. */
const minTellingChars = 6;
/** A snippet with this share of lines that are shown already is dropped. */
const maxShownShare = 0.6;
/** What the path and the separators of a snippet take in the prompt, in characters. */
const frameChars = 40;
const minCutLines = 3;

/** @param places best first. */
export function chooseSnippets(places: readonly RankedPlace[], context: ChooseContext): Snippet[] {
  const { options } = context;
  const seen = new Set(context.shown);
  const chosen: Snippet[] = [];
  let left = options.maxChars;
  for (const place of places) {
    if (chosen.length >= options.maxSnippets || left <= frameChars) break;
    const lines = context.linesOf(place.path);
    if (lines === undefined) continue;
    const snippet = snippetAt({ ...place, ...bestLines(place, lines, context) }, lines, chosen);
    if (snippet === undefined || shownShare(snippet.text, seen) > maxShownShare) continue;
    const fitting = cutToFit(snippet, Math.min(left - frameChars, place.maxChars ?? Infinity));
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

function bestLines(
  place: RankedPlace,
  lines: readonly string[],
  { options, termValues }: ChooseContext,
): LineRange {
  if (place.maxChars !== undefined) return place;
  const startLine = Math.max(1, place.startLine);
  const endLine = Math.min(place.endLine + options.nFollowingLines, lines.length);
  return focusRange(lines, { startLine, endLine }, termValues, options.nFocusLines);
}

/** The place without blank lines at its ends and without lines that a chosen snippet has; undefined if little remains. */
function snippetAt(
  place: RankedPlace,
  lines: readonly string[],
  chosen: readonly Snippet[],
): Snippet | undefined {
  let start = place.startLine;
  let end = Math.min(place.endLine, lines.length);
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
