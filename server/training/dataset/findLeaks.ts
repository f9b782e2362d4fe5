/** Tells whether training text has what an evaluation case asks for. Pure. */

import { hashOf, normaliseLine } from './nearDuplicates.ts';

/** What a case must not find in training: its line together with the lines above it. */
export interface AskedLine {
  readonly prefix: string;
  readonly middle: string;
}

/** Lines of fewer letters and digits, such as `} else {`, say nothing; they are passed over. */
const minTellingChars = 6;
/** Telling lines in a row that make a leak: the asked one and two above it. One line alone recurs in any repository. */
const nLinesInRow = 3;

export interface LeakIndex {
  /** Whether the line stands in training text below the same lines. */
  has(asked: AskedLine): boolean;
  /** Whether the line stands in training text at all, which is no leak: it is what a repository teaches. */
  hasLine(asked: AskedLine): boolean;
}

/** @param texts everything that training reads, snippets and prompts included. */
export function indexLeaks(texts: Iterable<string>): LeakIndex {
  const rows = new Set<number>();
  const lines = new Set<number>();
  for (const text of texts) {
    const telling = tellingLines(text);
    for (const [i, line] of telling.entries()) {
      lines.add(hashOf(line));
      if (i + 1 >= nLinesInRow) rows.add(hashOf(telling.slice(i + 1 - nLinesInRow, i + 1).join('\n')));
    }
  }
  return {
    has(asked) {
      const telling = tellingLines(upToAsked(asked)).slice(-nLinesInRow);
      return telling.length === nLinesInRow && rows.has(hashOf(telling.join('\n')));
    },
    hasLine: (asked) =>
      tellingLines(upToAsked(asked))
        .slice(-1)
        .some((line) => lines.has(hashOf(line))),
  };
}

export interface AskedRows {
  /** Of lines that a case asks for below the same lines, 0-based and ascending. */
  lineIndexes(lines: readonly string[]): number[];
}

/** The other way round: finds in a text what the cases ask for. */
export function askedRows(cases: readonly AskedLine[]): AskedRows {
  const rows = new Set(
    cases
      .map((each) => tellingLines(upToAsked(each)).slice(-nLinesInRow))
      .filter((row) => row.length === nLinesInRow)
      .map((row) => hashOf(row.join('\n'))),
  );
  return {
    lineIndexes(lines) {
      const telling = lines
        .map((line, at) => ({ line: normaliseLine(line), at }))
        .filter(({ line }) => isTelling(line));
      return telling.flatMap(({ at }, i) => {
        const row = telling.slice(i + 1 - nLinesInRow, i + 1).map(({ line }) => line);
        return i + 1 >= nLinesInRow && rows.has(hashOf(row.join('\n'))) ? [at] : [];
      });
    },
  };
}

function upToAsked({ prefix, middle }: AskedLine): string {
  return prefix.slice(-maxPrefixChars) + (middle.split('\n', 1)[0] ?? '');
}

const maxPrefixChars = 4000;

function tellingLines(text: string): string[] {
  return text.split('\n').map(normaliseLine).filter(isTelling);
}

function isTelling(line: string): boolean {
  return line.replace(/[^\p{L}\p{N}_]/gu, '').length >= minTellingChars;
}
