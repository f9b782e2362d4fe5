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
/** Bounds of the work of one query in a large repository: chunks of one term, and of all terms together. */
const maxCommon = 1000;
const maxAllPostings = 25_000;

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
  const share = Math.floor(nChunks * options.maxTermShare);
  const maxPostings = Math.min(maxCommon, Math.max(minCommon, share));
  const found: { term: string; value: number; ids: readonly number[] }[] = [];
  for (const [term, weight] of heaviest(query.weights, options.maxTerms * 1.5)) {
    const ids = reader.postings(term, maxPostings);
    if (ids === undefined || ids.length === 0) continue;
    found.push({ term, value: weight * idf(ids.length, nChunks), ids });
  }
  found.sort((a, b) => b.value - a.value);
  const scores = new Map<number, number>();
  const used: typeof found = [];
  let nPostings = 0;
  for (const each of found.slice(0, options.maxTerms)) {
    nPostings += each.ids.length;
    if (nPostings > maxAllPostings) break;
    used.push(each);
  }
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

/** The `count` greatest scores; what is certainly not among them is dropped on the way, so that not all are sorted. */
function best(scores: ReadonlyMap<number, number>, count: number): ScoredChunk[] {
  let kept: ScoredChunk[] = [];
  let threshold = 0;
  for (const [id, score] of scores) {
    if (score <= threshold) continue;
    kept.push({ id, score });
    if (kept.length < count * 4) continue;
    kept = kept.sort(byScore).slice(0, count);
    threshold = kept.at(-1)?.score ?? 0;
  }
  return kept.sort(byScore).slice(0, count);
}

function byScore(a: ScoredChunk, b: ScoredChunk): number {
  return b.score - a.score || a.id - b.id;
}
