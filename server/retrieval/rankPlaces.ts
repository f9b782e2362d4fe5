/** Ranks places in the repository for a cursor: words in common, nearness, definitions, recent files, fused by rank. */

import type { RankedPlace } from './chooseSnippets.ts';
import type { LineRange } from './chunk.ts';
import { fuse } from './fuse.ts';
import type { IndexReader } from './indexReader.ts';
import { familyOf } from './languages.ts';
import { scoreByTerms } from './lexicalLeg.ts';
import type { OpenText } from './openTexts.ts';
import { isCounterpart, pathNearness } from './pathRelation.ts';
import { queryTermsOf } from './queryTerms.ts';
import type { RankOptions } from './rankOptions.ts';
import type { RetrievalQuery } from './snippet.ts';

export interface RankContext {
  /** Undefined: there is no index yet; the open texts are all there is. */
  readonly reader: IndexReader | undefined;
  /** They hide what the index has at their paths. The document with the cursor is one of them, without the shown part. */
  readonly openTexts: readonly OpenText[];
  readonly recentPaths: readonly string[];
  readonly options: RankOptions;
}

interface Place extends LineRange {
  readonly path: string;
}
interface ScoredPlace extends Place {
  readonly score: number;
}

export interface Ranking {
  /** Best first. */
  readonly places: readonly RankedPlace[];
  /** Worth of each term that was looked up. */
  readonly termValues: ReadonlyMap<string, number>;
}

/** Chunks that are looked at after scoring, and places that a leg yields at most. */
const nScored = 160;
const nPerLeg = 60;
const maxDefinitions = 4;
const maxDefinitionLines = 16;
const nIdentifiers = 24;
const minNameChars = 3;
const otherFamilyFactor = 0.6;

export function rankPlaces(context: RankContext, query: RetrievalQuery): Ranking {
  const { options } = context;
  const terms = queryTermsOf(query.prefix, query.suffix, options);
  const relationOf = relationTo(query.path);
  // Equal words, then the nearer place: without this, the order of two alike were that of the walk.
  const { found, termValues } = scorePlaces(context, query, terms);
  const scored = found.sort((a, b) => b.score - a.score || relationOf(b.path) - relationOf(a.path));
  const legs = [
    { weight: options.legs.lexical, ranked: scored.slice(0, nPerLeg) },
    { weight: options.legs.near, ranked: rankNear(scored, relationOf) },
    { weight: options.legs.symbols, ranked: rankDefinitions(context, query, terms.identifiers) },
    { weight: options.legs.recent, ranked: rankRecent(scored, context.recentPaths) },
  ];
  const places = new Map<string, Place>();
  const keyed = legs.map(({ weight, ranked }) => ({
    weight,
    ranked: [...new Set(ranked.map((place) => remember(places, place)))],
  }));
  const fused = fuse(keyed, options.rankOffset);
  return { places: fused.map(({ key, score }) => ({ ...(places.get(key) as Place), score })), termValues };
}

function remember(places: Map<string, Place>, place: Place): string {
  const key = `${place.startLine} ${place.path}`;
  if (!places.has(key)) places.set(key, place);
  return key;
}

/** Places by words in common, in no order. */
function scorePlaces(
  { reader, openTexts, options }: RankContext,
  query: RetrievalQuery,
  terms: ReturnType<typeof queryTermsOf>,
): { found: ScoredPlace[]; termValues: ReadonlyMap<string, number> } {
  const hidden = new Set(openTexts.map((text) => text.path));
  hidden.add(query.path);
  const family = familyOf(query.path);
  const places: ScoredPlace[] = [];
  const add = (place: Place, score: number, nTerms: number) => {
    const factor = familyOf(place.path) === family ? 1 : otherFamilyFactor;
    const { path, startLine, endLine } = place;
    places.push({
      path,
      startLine,
      endLine,
      score: (factor * score) / (nTerms + 10) ** options.lengthExponent,
    });
  };
  const byTerms = reader === undefined ? undefined : scoreByTerms(reader, terms, options, nScored);
  for (const { id, score } of byTerms?.chunks ?? []) {
    const chunk = reader?.chunk(id);
    if (chunk !== undefined && !hidden.has(chunk.path)) add(chunk, score, chunk.nTerms);
  }
  const values = byTerms === undefined || byTerms.values.size === 0 ? terms.weights : byTerms.values;
  for (const text of openTexts) {
    for (const chunk of text.chunks) {
      let score = 0;
      for (const [term, value] of values) if (chunk.terms.has(term)) score += value;
      if (score > 0) add({ path: text.path, ...chunk }, score, chunk.terms.size);
    }
  }
  return { found: places, termValues: values };
}

/** How near other files are to `path`, from 0.2 to 1.5: in the tree and by name; each computed once. */
function relationTo(path: string): (other: string) => number {
  const relation = new Map<string, number>();
  return (other) => {
    let found = relation.get(other);
    if (found === undefined) {
      found = pathNearness(path, other);
      if (isCounterpart(path, other)) found += 0.5;
      relation.set(other, found);
    }
    return found;
  };
}

function rankNear(scored: readonly ScoredPlace[], relationOf: (path: string) => number): Place[] {
  return scored
    .map((place) => ({ ...place, score: place.score * relationOf(place.path) }))
    .sort((a, b) => b.score - a.score)
    .slice(0, nPerLeg);
}

/** Definitions of the names near the cursor, nearest name first; names with many definitions say nothing. */
function rankDefinitions(
  { reader, openTexts, options }: RankContext,
  query: RetrievalQuery,
  identifiers: readonly string[],
): Place[] {
  if (reader === undefined || options.legs.symbols === 0) return [];
  const hidden = new Set(openTexts.map((text) => text.path)).add(query.path);
  const family = familyOf(query.path);
  const places: Place[] = [];
  for (const name of identifiers.filter((each) => each.length >= minNameChars).slice(0, nIdentifiers)) {
    const found = reader
      .definitions(name, maxDefinitions)
      ?.filter((symbol) => !hidden.has(symbol.path) && familyOf(symbol.path) === family);
    if (found === undefined) continue;
    for (const { path, startLine, endLine } of found) {
      places.push({ path, startLine, endLine: Math.min(endLine, startLine + maxDefinitionLines - 1) });
    }
  }
  return places.slice(0, nPerLeg);
}

/** The most recent file counts in full, the twentieth hardly. */
function rankRecent(scored: readonly ScoredPlace[], recentPaths: readonly string[]): Place[] {
  const ages = new Map(recentPaths.map((path, age) => [path, age]));
  return scored
    .filter((place) => ages.has(place.path))
    .map((place) => ({ ...place, score: place.score / (1 + 0.2 * (ages.get(place.path) ?? 0)) }))
    .sort((a, b) => b.score - a.score)
    .slice(0, nPerLeg);
}
