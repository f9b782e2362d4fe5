/** Scores chunks by the query terms they have: BM25 without frequencies, as the index stores none. */

import type { IndexReader } from './indexReader.ts';
import type { QueryTerms } from './queryTerms.ts';
import type { RankOptions } from './rankOptions.ts';

export interface ScoredChunk {
  readonly id: number;
  readonly score: number;
}

export interface TermScores {
  /** Term -> weight times inverse document frequency; common terms are left out. */
  readonly values: ReadonlyMap<string, number>;
  /** Best chunks of any view first, not yet divided by length. */
  readonly chunks: readonly ScoredChunk[];
}

const minCommon = 40;

/**
 * Score of a chunk = sum of weight(t) x idf(t) over its query terms, idf as in BM25 with the "+1" that keeps it positive
 * (Robertson and Zaragoza: The Probabilistic Relevance Framework, 2009, 3.8; Lucene's BM25Similarity).
 */
export function scoreByTerms(
  reader: IndexReader,
  query: QueryTerms,
  options: RankOptions,
  maxChunks: number,
): TermScores {
  const { nChunks } = reader;
  const maxPostings = Math.max(minCommon, Math.floor(nChunks * options.maxTermShare));
  const found: { term: string; value: number; ids: readonly number[] }[] = [];
  for (const [term, weight] of heaviest(query.weights, options.maxTerms * 2)) {
    const ids = reader.postings(term, maxPostings);
    if (ids === undefined || ids.length === 0) continue;
    found.push({ term, value: weight * idf(ids.length, nChunks), ids });
  }
  found.sort((a, b) => b.value - a.value);
  const scores = new Map<number, number>();
  const used = found.slice(0, options.maxTerms);
  for (const { value, ids } of used) {
    for (const id of ids) scores.set(id, (scores.get(id) ?? 0) + value);
  }
  return {
    values: new Map(used.map(({ term, value }) => [term, value])),
    chunks: best(scores, maxChunks),
  };
}

export function idf(nHaving: number, nAll: number): number {
  return Math.log(1 + (Math.max(nAll, nHaving) - nHaving + 0.5) / (nHaving + 0.5));
}

function heaviest(weights: ReadonlyMap<string, number>, count: number): [string, number][] {
  const all = [...weights];
  return all.length <= count ? all : all.sort((a, b) => b[1] - a[1]).slice(0, count);
}

/** The `count` greatest scores, found by their threshold so that not everything is sorted. */
function best(scores: ReadonlyMap<number, number>, count: number): ScoredChunk[] {
  let threshold = 0;
  if (scores.size > count) {
    const values = Float64Array.from(scores.values()).sort();
    threshold = values[values.length - count] ?? 0;
  }
  const chunks: ScoredChunk[] = [];
  for (const [id, score] of scores) if (score >= threshold) chunks.push({ id, score });
  return chunks.sort((a, b) => b.score - a.score || a.id - b.id).slice(0, count);
}
