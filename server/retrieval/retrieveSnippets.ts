/** One retrieval from beginning to end, without memory of earlier ones: rank, read, choose. */

import { chooseSnippets, tellingLines } from './chooseSnippets.ts';
import type { RankedPlace } from './chooseSnippets.ts';
import { importBlock } from './importBlock.ts';
import type { IndexReader } from './indexReader.ts';
import { cutText } from './openTexts.ts';
import type { OpenText, OpenTexts } from './openTexts.ts';
import { rankPlaces } from './rankPlaces.ts';
import type { RankOptions } from './rankOptions.ts';
import type { RetrievalQuery, Snippet } from './snippet.ts';
import type { TextSource } from './textSource.ts';

export interface RetrieveContext {
  readonly reader: IndexReader | undefined;
  readonly texts: TextSource;
  readonly openTexts: OpenTexts;
  readonly options: RankOptions;
}

export interface Retrieved {
  readonly snippets: readonly Snippet[];
  readonly places: readonly RankedPlace[];
}

interface OwnText extends OpenText {
  /** Lines at the beginning that the prompt does not show. */
  readonly nFarLines: number;
}

/** Places whose text may be read; more are rarely reached. */
const maxRead = 24;
/** Text of the cursor's own document that is searched for snippets, on either side, in characters. */
const maxOwnChars = 60_000;

export async function retrieveSnippets(
  context: RetrieveContext,
  query: RetrievalQuery,
  signal: AbortSignal,
): Promise<Retrieved> {
  const { options, openTexts } = context;
  const own = ownText(query, options);
  const others = openTexts.all().filter((text) => text.path !== query.path);
  const all = [...(own === undefined ? [] : [own]), ...others];
  const ranking = rankPlaces(
    { reader: context.reader, openTexts: all, recentPaths: openTexts.recentPaths(), options },
    query,
  );
  const places = [...importPlace(own, ranking.places, options), ...ranking.places].slice(0, maxRead);
  const open = new Map(all.map((text) => [text.path, text.lines]));
  const closed = new Set(places.map((place) => place.path).filter((path) => !open.has(path)));
  await context.texts.prepare([...closed], signal);
  const linesOf = (path: string) => open.get(path) ?? context.texts.lines(path);
  const shown = shownLines(query, options);
  const { termValues } = ranking;
  return { snippets: chooseSnippets(places, { linesOf, shown, termValues, options }), places };
}

/** The document's own imports, where the prompt shows the document from below them on; worth as much as the best place. */
function importPlace(
  own: OwnText | undefined,
  ranked: readonly RankedPlace[],
  { maxImportChars, rankOffset }: RankOptions,
): RankedPlace[] {
  const block = own === undefined ? undefined : importBlock(own.lines.slice(0, own.nFarLines));
  if (own === undefined || block === undefined || maxImportChars === 0) return [];
  const score = ranked[0]?.score ?? 1 / (rankOffset + 1);
  return [{ path: own.path, ...block, score, maxChars: maxImportChars }];
}

/** Telling lines that the prompt shows around the cursor. */
export function shownLines(query: RetrievalQuery, options: RankOptions): Set<string> {
  const prefix = query.prefix.slice(-options.visiblePrefixChars);
  const suffix = query.suffix.slice(0, options.visibleSuffixChars);
  return tellingLines(`${prefix}\n${suffix}`);
}

/**
 * The cursor's document without the part that the prompt shows: chunks of that part are cut away, line numbers stay right
 * as long as the prefix begins at the document's first line.
 */
function ownText(query: RetrievalQuery, options: RankOptions): OwnText | undefined {
  const { path, prefix, suffix } = query;
  const far = prefix.length - options.visiblePrefixChars;
  const farPrefix = far <= 0 ? '' : prefix.slice(0, prefix.lastIndexOf('\n', far) + 1);
  const lineEnd = suffix.indexOf('\n', options.visibleSuffixChars);
  const farSuffix = lineEnd < 0 ? '' : suffix.slice(lineEnd + 1, lineEnd + 1 + maxOwnChars);
  if (farPrefix === '' && farSuffix === '') return undefined;
  const before = cutText(path, farPrefix.slice(0, maxOwnChars));
  const nLinesBefore = `${prefix}${suffix.slice(0, lineEnd + 1)}`.split('\n').length - 1;
  const after = cutText(path, farSuffix);
  return {
    path,
    lines: `${prefix}${suffix}`.split(/\r\n|\n|\r/),
    nFarLines: farPrefix.split('\n').length - 1,
    chunks: [
      ...before.chunks,
      ...after.chunks.map((chunk) => ({
        ...chunk,
        startLine: chunk.startLine + nLinesBefore,
        endLine: chunk.endLine + nLinesBefore,
      })),
    ],
  };
}
