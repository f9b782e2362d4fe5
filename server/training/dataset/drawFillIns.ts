/** Draws cursors to train on: at the start of a line, inside one, and before a whole block, as serving would ask. Pure. */

import type { Random } from '../../base/random.ts';
import { chooseColumn, isWorthAsking } from '../../cursors/casesOfFile.ts';
import { languageOf } from '../../prompt/language.ts';
import { languageOfPath } from '../../prompt/languageOfPath.ts';
import { secretMark } from '../../secrets/scrubSecrets.ts';

export interface DrawnFillIn {
  readonly path: string;
  /** 1-based line of the cursor. */
  readonly line: number;
  readonly prefix: string;
  readonly suffix: string;
  readonly middle: string;
  /** The middle goes on in the file. */
  readonly isCut: boolean;
  readonly shape: 'line' | 'block';
}

/** Consecutive lines that were, or may have been, typed one after the other. */
export interface TypedLines {
  /** 0-based, both included. */
  readonly firstIdx: number;
  readonly lastIdx: number;
}

export interface DrawFillInsProps {
  readonly path: string;
  /** With `\n` line ends. */
  readonly text: string;
  readonly ranges: readonly TypedLines[];
  readonly max: number;
  /** Share of the cases in which the rest of the range is already there below the cursor. */
  readonly restShare: number;
  readonly random: Random;
}

/** A suggestion of several lines ends here at the latest; serving has the same limit. */
const maxBlockLines = 10;
/** Where the line above opens a block, the cursor stands at the end of it instead of below it so often. */
const headerEndShare = 0.3;
/** Inside a line, closing brackets that an editor puts in by itself stay behind the cursor so often. */
const closersShare = 0.5;
/** Inside a line, the cursor stands within a word that was begun so often. */
const inWordShare = 0.3;

/** At most `max` cases, one cursor a line. */
export function drawFillIns(props: DrawFillInsProps): DrawnFillIn[] {
  const lines = props.text.split('\n');
  const places = props.ranges.flatMap(({ firstIdx, lastIdx }) =>
    lines
      .slice(firstIdx, lastIdx + 1)
      .flatMap((line, i) => (isWorthAsking(line) ? [{ lineIdx: firstIdx + i, lastIdx }] : [])),
  );
  return props.random
    .shuffle(places)
    .slice(0, props.max)
    .map((place) => drawAt(props, lines, place))
    .filter((each) => !each.middle.includes(secretMark) && /[\p{L}\p{N}]/u.test(each.middle));
}

interface Place {
  readonly lineIdx: number;
  readonly lastIdx: number;
}

function drawAt(
  { path, restShare, random }: DrawFillInsProps,
  lines: readonly string[],
  { lineIdx, lastIdx }: Place,
): DrawnFillIn {
  const line = lines[lineIdx] ?? '';
  const header = lines[lineIdx - 1] ?? '';
  const isRestThere = random.next() < restShare;
  const indent = indentChars(line);
  const column = inWord(line, chooseColumn(line, random), random);
  const isBlock = column === indent && opensBlock(header, path) && indent > indentChars(header);
  const end = isBlock ? blockEnd(lines, lineIdx, lastIdx, indentChars(header)) : { lineIdx, isCut: false };
  const isAtHeader = isBlock && random.next() < headerEndShare;
  const middleLines = lines.slice(lineIdx, end.lineIdx + 1).join('\n');
  const middle = isAtHeader ? `\n${middleLines}` : middleLines.slice(column);
  const before = lines.slice(0, isAtHeader ? lineIdx : lineIdx + 1);
  if (!isAtHeader) before[before.length - 1] = line.slice(0, column);
  const after = lines.slice(isRestThere ? end.lineIdx + 1 : Math.max(end.lineIdx, lastIdx) + 1);
  const nClosers = isBlock ? 0 : closersLeft(line.slice(0, column), middle, random);
  return {
    path,
    line: isAtHeader ? lineIdx : lineIdx + 1,
    prefix: before.join('\n'),
    middle: middle.slice(0, middle.length - nClosers),
    suffix: middle.slice(middle.length - nClosers) + (after.length === 0 ? '' : `\n${after.join('\n')}`),
    isCut: end.isCut,
    shape: isBlock ? 'block' : 'line',
  };
}

/** Some characters into the word at `column`, as while it is typed; never at the line's first word. */
function inWord(line: string, column: number, random: Random): number {
  if (column === indentChars(line) || random.next() >= inWordShare) return column;
  const word = /^[\p{L}\p{N}_$]+/u.exec(line.slice(column))?.[0] ?? '';
  return column + (word.length < 4 ? 0 : 1 + random.int(word.length - 2));
}

/** The line above ends with what begins a block in its language; the same signs as in completion/chooseShape.ts. */
function opensBlock(header: string, path: string): boolean {
  const { family } = languageOf(languageOfPath(path));
  const code = header.trimEnd();
  if (family === 'prose' || family === 'data') return false;
  if (/[{([]$/.test(code)) return true;
  if (family === 'indentation') return code.endsWith(':');
  if (family === 'keywords')
    return /\b(do|then|else|begin)$|^\s*(def|class|module|function|if|while)\b/.test(code);
  return family === 'braces' && /(=>|->)$/.test(code);
}

/**
 * The last line that is deeper than the header, and the closing line after it where it was typed too.
 * Blocks that go on beyond what was typed, or beyond `maxBlockLines`, are cut.
 */
function blockEnd(
  lines: readonly string[],
  firstIdx: number,
  lastIdx: number,
  headerIndent: number,
): { readonly lineIdx: number; readonly isCut: boolean } {
  let end = firstIdx;
  for (let i = firstIdx + 1; i <= lastIdx; i++) {
    const line = lines[i] ?? '';
    if (line.trim() === '') continue;
    const isInside = indentChars(line) > headerIndent;
    const closes = indentChars(line) === headerIndent && /^\s*(?:[)\]}]|end\b)/.test(line);
    if (!isInside && !closes) return { lineIdx: end, isCut: false };
    if (i - firstIdx >= maxBlockLines) return { lineIdx: end, isCut: true };
    end = i;
    if (closes) return { lineIdx: end, isCut: false };
  }
  const next = lines.slice(end + 1).find((line) => line.trim() !== '');
  return { lineIdx: end, isCut: next !== undefined && indentChars(next) > headerIndent };
}

const maxClosers = 100;

/** How many characters at the end of the middle close what the line's beginning opened, if they are left behind. */
function closersLeft(before: string, middle: string, random: Random): number {
  const closers = /[)\]}"'`]+[;,]?$/.exec(middle.slice(-maxClosers))?.[0] ?? '';
  if (closers === '' || random.next() >= closersShare) return 0;
  const nOpen = (before.match(/[([{]/g)?.length ?? 0) - (before.match(/[)\]}]/g)?.length ?? 0);
  const rest = middle.slice(0, middle.length - closers.length);
  const isBalanced = (rest.match(/[([{]/g)?.length ?? 0) === (rest.match(/[)\]}]/g)?.length ?? 0);
  const isOneKind = /^[)\]}]+[;,]?$/.test(closers);
  return nOpen > 0 && isBalanced && isOneKind && closers.length <= nOpen + 1 ? closers.length : 0;
}

function indentChars(line: string): number {
  return line.length - line.trimStart().length;
}
