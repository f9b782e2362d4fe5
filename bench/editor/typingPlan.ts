/** What is typed in the editor, where, and at which pace: drawn with a seed from the files of a repository. Pure. */

import { seededRandom } from '../../server/base/random.ts';
import type { Random } from '../../server/base/random.ts';

export interface TypedPlace {
  readonly path: string;
  /** The file without the lines that are typed; an empty line with their indentation stands in their place. */
  readonly textBefore: string;
  /** 1-based, where typing begins. */
  readonly line: number;
  readonly column: number;
  readonly lines: readonly TypedLine[];
}

export interface TypedLine {
  /** Without indentation, which the editor keeps. */
  readonly text: string;
  readonly keys: readonly TypedKey[];
}

export interface TypedKey {
  readonly key: string;
  /** Since the key before. */
  readonly waitMs: number;
  /** A person thinks after this key, and looks whether a suggestion comes. */
  readonly isPause: boolean;
}

const minLines = 5;
const minPauses = 4;
const maxLines = 7;
/** Log-normal around 160 ms; slower ones are pauses of their own. */
const medianKeyMs = 160;
const keySpread = 0.35;
const maxKeyMs = 600;
const nextLineMs = 600;

/** One run of statements of `nFiles` files each, the same for the same seed and files (path to text). */
export function drawPlaces(
  files: Readonly<Record<string, string>>,
  nFiles: number,
  seed: number,
): TypedPlace[] {
  const random = seededRandom(seed);
  const paths = random.shuffle(Object.keys(files).sort());
  const places = paths.flatMap((path) => {
    const lines = (files[path] ?? '').split('\n');
    const runs = random.shuffle(statementRuns(lines)).map((run) => placeOf(path, lines, run, random));
    return runs.find((place) => nPauses(place) >= minPauses) ?? [];
  });
  return places.slice(0, nFiles);
}

interface Run {
  /** 0-based, and behind the last. */
  readonly start: number;
  readonly end: number;
}

/**
 * Neighbouring statements of one line each at the same depth: the editor keeps their indentation and has no bracket left
 * to close, so what is typed is what stands there in the end.
 */
function statementRuns(lines: readonly string[]): Run[] {
  const runs: Run[] = [];
  for (let start = 0; start < lines.length;) {
    let end = start;
    while (end < lines.length && end - start < maxLines && continues(lines, start, end)) end++;
    if (end - start >= minLines) runs.push({ start, end });
    start = Math.max(end, start + 1);
  }
  return runs;
}

function continues(lines: readonly string[], start: number, at: number): boolean {
  const line = lines[at] ?? '';
  return indentOf(line) > 0 && indentOf(line) === indentOf(lines[start] ?? '') && isStatement(line.trim());
}

const nPauses = ({ lines }: TypedPlace): number =>
  lines.flatMap(({ keys }) => keys.filter(({ isPause }) => isPause)).length;

const isStatement = (text: string): boolean =>
  /^[\w$].*;$/.test(text) && !/^(import|export)\b|[^\x20-\x7e]/.test(text) && isBalanced(text);

function isBalanced(text: string): boolean {
  const count = (chars: string) => [...text].filter((char) => chars.includes(char)).length;
  return count('(') === count(')') && count('[') === count(']') && count('{') === count('}');
}

const indentOf = (line: string): number => line.length - line.trimStart().length;

function placeOf(path: string, lines: readonly string[], { start, end }: Run, random: Random): TypedPlace {
  const indent = (lines[start] ?? '').slice(0, indentOf(lines[start] ?? ''));
  return {
    path,
    textBefore: [...lines.slice(0, start), indent, ...lines.slice(end)].join('\n'),
    line: start + 1,
    column: indent.length + 1,
    lines: lines.slice(start, end).map((line) => typedLine(line.trim(), random)),
  };
}

/** Pauses come before a line is begun, and where a value, an argument or a name of a member begins. */
function typedLine(text: string, random: Random): TypedLine {
  const keys = [...text].map((key, i) => ({
    key,
    waitMs: i === 0 ? nextLineMs : keyMs(random),
    isPause: /(?:= |return |\(|=> |&& |\? )$/.test(text.slice(0, i + 1)) && /^[\w$]/.test(text.slice(i + 1)),
  }));
  return { text, keys };
}

function keyMs(random: Random): number {
  // Box and Muller.
  const normal = Math.sqrt(-2 * Math.log(1 - random.next())) * Math.cos(2 * Math.PI * random.next());
  return Math.round(Math.min(maxKeyMs, medianKeyMs * Math.exp(keySpread * normal)));
}
