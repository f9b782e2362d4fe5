/** How alike two texts are by edit distance, and where in a text another one is most nearly found. Pure, bounded cost. */

/** Longer texts are compared by their first characters only, so that a comparison costs a few milliseconds at most. */
export const maxComparedChars = 4000;

/**
 * 1 - distance / longer length: 1 for equal texts (two empty ones too), 0 when nothing is in common.
 * Unit: UTF-16 code units. The usual "edit similarity" of code completion, e.g. RepoBench (arXiv 2306.03091).
 */
export function editSimilarity(a: string, b: string): number {
  if (a === b) return 1;
  const [first, second] = [a.slice(0, maxComparedChars), b.slice(0, maxComparedChars)];
  const longer = Math.max(first.length, second.length);
  return longer === 0 ? 1 : 1 - editDistance(first, second) / longer;
}

/**
 * Levenshtein distance: insertions, deletions and substitutions, each costs 1.
 * Of texts beyond `maxComparedChars` the first characters are compared.
 */
export function editDistance(a: string, b: string): number {
  const [first, second] = [a.slice(0, maxComparedChars), b.slice(0, maxComparedChars)];
  const start = commonPrefixLength(first, second);
  const end = commonSuffixLength(first.slice(start), second.slice(start));
  const x = first.slice(start, first.length - end);
  const y = second.slice(start, second.length - end);
  if (x === '' || y === '') return x.length + y.length;
  let distance = 0;
  scanColumns(x, y, 1, (score) => {
    distance = score;
  });
  return distance;
}

export interface Nearest {
  /** In `text`, [start, end). */
  readonly start: number;
  readonly end: number;
  readonly distance: number;
}

/**
 * The part of `text` with the least edit distance to `pattern`; of equally near ones the first.
 * Both are cut to `maxComparedChars`. An empty pattern is found at 0.
 */
export function nearestPart(text: string, pattern: string): Nearest {
  const within = text.slice(0, maxComparedChars);
  const sought = pattern.slice(0, maxComparedChars);
  if (sought === '') return { start: 0, end: 0, distance: 0 };
  const { distance, end } = leastScore(sought, within);
  // The same search backwards from that end finds the start; the shortest part wins there.
  const { end: length } = leastScore(reversed(sought), reversed(within.slice(0, end)));
  return { start: end - length, end, distance };
}

export function commonPrefixLength(a: string, b: string): number {
  const limit = Math.min(a.length, b.length);
  let n = 0;
  while (n < limit && a.charCodeAt(n) === b.charCodeAt(n)) n++;
  return n;
}

export function commonSuffixLength(a: string, b: string): number {
  const limit = Math.min(a.length, b.length);
  let n = 0;
  while (n < limit && a.charCodeAt(a.length - 1 - n) === b.charCodeAt(b.length - 1 - n)) n++;
  return n;
}

function leastScore(pattern: string, text: string): { distance: number; end: number } {
  let best = { distance: pattern.length, end: 0 };
  scanColumns(pattern, text, 0, (score, end) => {
    if (score < best.distance) best = { distance: score, end };
  });
  return best;
}

function reversed(text: string): string {
  let result = '';
  for (let i = text.length - 1; i >= 0; i--) result += text.charAt(i);
  return result;
}

/** Vertical differences of one column of the distance matrix, 32 rows of it in the bits of a block. */
interface Column {
  /** Where the value rises by 1 going down. */
  readonly rises: Int32Array;
  /** Where it falls by 1. */
  readonly falls: Int32Array;
}

/**
 * Myers' bit-parallel distance matrix, one column per character of `text`, one row per character of `pattern`:
 * G. Myers, A fast bit-vector algorithm for approximate string matching, JACM 46(3), 1999, in the form for
 * long patterns of H. Hyyro, A bit-vector algorithm for computing Levenshtein and Damerau edit distances, 2003.
 * `topStep` is the horizontal difference along the top row: 1 for the distance of the whole texts, 0 for a search,
 * in which a match may begin anywhere. Calls back with the bottom value after each column. `pattern` is not empty.
 */
function scanColumns(
  pattern: string,
  text: string,
  topStep: 0 | 1,
  onColumn: (score: number, nColumns: number) => void,
): void {
  const nBlocks = Math.ceil(pattern.length / 32);
  const matches = matchBits(pattern, nBlocks);
  const noMatch = new Int32Array(nBlocks);
  const column: Column = { rises: new Int32Array(nBlocks).fill(-1), falls: new Int32Array(nBlocks) };
  const lastBit = 1 << ((pattern.length - 1) & 31);
  let score = pattern.length;
  for (let j = 0; j < text.length; j++) {
    const equal = matches.get(text.charCodeAt(j)) ?? noMatch;
    let step: number = topStep;
    for (let block = 0; block < nBlocks; block++) {
      const bottomBit = block === nBlocks - 1 ? lastBit : 1 << 31;
      step = advanceBlock_(column, block, equal[block] ?? 0, step, bottomBit);
    }
    score += step;
    onColumn(score, j + 1);
  }
}

/** Moves one block to the next column in place. Takes and returns the horizontal difference above and at `bottomBit`. */
function advanceBlock_(
  { rises, falls }: Column,
  block: number,
  matching: number,
  step: number,
  bottomBit: number,
): number {
  const pv = rises[block] ?? 0;
  const mv = falls[block] ?? 0;
  const eq = step < 0 ? matching | 1 : matching;
  const xv = matching | mv;
  const xh = (((eq & pv) + pv) ^ pv) | eq;
  let ph = mv | ~(xh | pv);
  let mh = pv & xh;
  const out = (ph & bottomBit) !== 0 ? 1 : (mh & bottomBit) !== 0 ? -1 : 0;
  ph = (ph << 1) | (step > 0 ? 1 : 0);
  mh = (mh << 1) | (step < 0 ? 1 : 0);
  rises[block] = mh | ~(xv | ph);
  falls[block] = ph & xv;
  return out;
}

/** Character code -> bits of the rows whose character it is. */
function matchBits(pattern: string, nBlocks: number): Map<number, Int32Array> {
  const matches = new Map<number, Int32Array>();
  for (let i = 0; i < pattern.length; i++) {
    const code = pattern.charCodeAt(i);
    let bits = matches.get(code);
    if (bits === undefined) matches.set(code, (bits = new Int32Array(nBlocks)));
    bits[i >>> 5] = (bits[i >>> 5] ?? 0) | (1 << (i & 31));
  }
  return matches;
}
