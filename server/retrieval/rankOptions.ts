/** The numbers of ranking in one place; bench/retrieval switches each part off to see what it is worth. */

export interface RankOptions {
  /** Lines before and after the cursor whose words make the query. */
  readonly nLinesBefore: number;
  readonly nLinesAfter: number;
  /** A line this many lines away counts half. */
  readonly halfLifeLines: number;
  /** Weight of a part of an identifier against the whole. */
  readonly partWeight: number;
  /** Rarest terms that are looked up at most. */
  readonly maxTerms: number;
  /** A term that more than this share of the chunks has says nothing. */
  readonly maxTermShare: number;
  /** Exponent of the chunk's number of terms that a score is divided by. */
  readonly lengthExponent: number;
  /** Weights of the legs in the fusion; 0 switches a leg off. */
  readonly legs: Readonly<Record<LegName, number>>;
  /** Reciprocal rank fusion: score = weight / (rankOffset + rank). */
  readonly rankOffset: number;
  /** Lines after a chunk that are shown with it, as what follows a similar place is what is wanted. */
  readonly nFollowingLines: number;
  /** Of a chunk and what follows it, so many lines are shown: those that match best, so that more places fit. */
  readonly nFocusLines: number;
  /** Characters of the document's own imports, shown where the prompt begins below them. */
  readonly maxImportChars: number;
  /** Characters of all snippets together; the prompt builder cuts to tokens. */
  readonly maxChars: number;
  readonly maxSnippets: number;
  /** Text around the cursor that the prompt shows anyway, in characters. */
  readonly visiblePrefixChars: number;
  readonly visibleSuffixChars: number;
  /** Snippets that were shown stay while they are worth at least this share of the new best ones. */
  readonly keepShare: number;
}

export type LegName = 'lexical' | 'near' | 'symbols' | 'recent';

export const defaultRankOptions: RankOptions = {
  nLinesBefore: 20,
  nLinesAfter: 4,
  halfLifeLines: 5,
  partWeight: 0.4,
  maxTerms: 32,
  maxTermShare: 0.05,
  lengthExponent: 0.2,
  legs: { lexical: 1, near: 1, symbols: 0.6, recent: 0.2 },
  rankOffset: 10,
  nFollowingLines: 6,
  nFocusLines: 10,
  maxImportChars: 400,
  maxChars: 2000,
  maxSnippets: 12,
  visiblePrefixChars: 2000,
  visibleSuffixChars: 600,
  keepShare: 0.5,
};
