/** The difference of two short texts, word by word, for colouring. Pure. */

export interface DiffPart {
  /** `insert`: only in the second text. `delete`: only in the first. */
  readonly kind: 'same' | 'insert' | 'delete';
  readonly text: string;
}

/** Beyond that many words the texts are told as wholly different; a suggestion is never that long. */
const maxWords = 600;

/**
 * Parts that, without the insertions, make up `before` and, without the deletions, `after`.
 * Longest common subsequence of words (D. S. Hirschberg, "A linear space algorithm for computing maximal common
 * subsequences", https://doi.org/10.1145/360825.360861, section 2: the plain table).
 */
export function diffTexts(before: string, after: string): DiffPart[] {
  const [a, b] = [words(before), words(after)];
  if (a.length > maxWords || b.length > maxWords) {
    return merge([
      { kind: before === after ? 'same' : 'delete', text: before },
      ...(before === after ? [] : [{ kind: 'insert', text: after } as const]),
    ]);
  }
  const lengths = commonLengths(a, b);
  const parts: DiffPart[] = [];
  let [i, j] = [0, 0];
  while (i < a.length || j < b.length) {
    const [wordA, wordB] = [a[i], b[j]];
    if (wordA !== undefined && wordA === wordB) {
      parts.push({ kind: 'same', text: wordA });
      i++;
      j++;
    } else if (
      wordB === undefined ||
      (wordA !== undefined && at(lengths, i + 1, j) >= at(lengths, i, j + 1))
    ) {
      parts.push({ kind: 'delete', text: wordA ?? '' });
      i++;
    } else {
      parts.push({ kind: 'insert', text: wordB });
      j++;
    }
  }
  return merge(parts);
}

/** Names, runs of blanks, and every other character for itself. */
const words = (text: string): string[] => text.match(/[\p{L}\p{N}_$]+|\s+|./gsu) ?? [];

const at = (table: readonly (readonly number[])[], i: number, j: number): number => table[i]?.[j] ?? 0;

/** Entry (i, j): the longest common subsequence of `a` from i on and `b` from j on. */
function commonLengths(a: readonly string[], b: readonly string[]): number[][] {
  const table = Array.from({ length: a.length + 1 }, () => new Array<number>(b.length + 1).fill(0));
  for (let i = a.length - 1; i >= 0; i--) {
    const row = table[i] ?? [];
    for (let j = b.length - 1; j >= 0; j--)
      row[j] = a[i] === b[j] ? at(table, i + 1, j + 1) + 1 : Math.max(at(table, i + 1, j), row[j + 1] ?? 0);
  }
  return table;
}

/** Neighbours of one kind become one part; empty ones go. */
function merge(parts: readonly DiffPart[]): DiffPart[] {
  const merged: DiffPart[] = [];
  for (const part of parts.filter(({ text }) => text !== '')) {
    const last = merged.at(-1);
    if (last?.kind === part.kind) merged[merged.length - 1] = { ...part, text: last.text + part.text };
    else merged.push(part);
  }
  return merged;
}
