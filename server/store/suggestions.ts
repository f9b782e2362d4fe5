/** The table of suggestions that were returned to an editor; what became of them is in outcomes.ts. */

import type { Database, SqlRow } from './database.ts';

export interface SnippetPlace {
  readonly path: string;
  /** 1-based, first and last line. */
  readonly startLine: number;
  readonly endLine: number;
}

export interface StoredSuggestion {
  readonly id: string;
  readonly repoId: string;
  readonly uri: string;
  /** Relative to the repository, with forward slashes. */
  readonly path: string;
  readonly languageId: string;
  readonly atMs: number;
  /** Of the cursor in the document, in UTF-16 units. */
  readonly offset: number;
  /** End of the text before the cursor; at most `maxPrefixChars` are kept. */
  readonly prefix: string;
  /** Start of the text after the cursor; at most `maxSuffixChars` are kept. */
  readonly suffix: string;
  readonly text: string;
  readonly isMultiline: boolean;
  /** Digest of the adapter, or "base". */
  readonly adapter: string;
  /** Digest of the base model. */
  readonly baseModel: string;
  readonly route: string;
  /** Stage -> milliseconds. */
  readonly latencyMs: Readonly<Record<string, number>>;
  readonly snippets: readonly SnippetPlace[];
}

/** The parts of a suggestion that are code. */
export type SuggestionTexts = Pick<StoredSuggestion, 'prefix' | 'suffix' | 'text'>;

export const maxPrefixChars = 8000;
export const maxSuffixChars = 2000;

export interface SuggestionsTable {
  /** A second call with the same id changes nothing; returns whether it was new. */
  add(suggestion: StoredSuggestion): boolean;
  /** Writes the texts of one that is there; `scrubberVersion` took the secrets out of them. */
  putTexts(id: string, texts: SuggestionTexts, scrubberVersion: number): void;
  get(id: string): StoredSuggestion | undefined;
  has(id: string): boolean;
  /** The newest one of a document. */
  latestOf(uri: string): StoredSuggestion | undefined;
  /** Forgets the text around a suggestion from which nothing can be learned. */
  dropContext(id: string): void;
}

export function suggestionsTable(db: Database): SuggestionsTable {
  return {
    add: (suggestion) => insert(db, suggestion).changes > 0,
    putTexts: (id, { prefix, suffix, text }, scrubberVersion) =>
      void db.run(
        'UPDATE suggestions SET prefix = ?, suffix = ?, text = ?, scrubberVersion = ? WHERE id = ?',
        prefix.slice(-maxPrefixChars).toWellFormed(),
        suffix.slice(0, maxSuffixChars).toWellFormed(),
        text.toWellFormed(),
        scrubberVersion,
        id,
      ),
    get: (id) => toSuggestion(db.get('SELECT * FROM suggestions WHERE id = ?', id)),
    has: (id) => db.get('SELECT 1 FROM suggestions WHERE id = ?', id) !== undefined,
    latestOf: (uri) =>
      toSuggestion(
        db.get('SELECT * FROM suggestions WHERE uri = ? ORDER BY atMs DESC, rowid DESC LIMIT 1', uri),
      ),
    dropContext: (id) => void db.run(`UPDATE suggestions SET prefix = '', suffix = '' WHERE id = ?`, id),
  };
}

function insert(db: Database, suggestion: StoredSuggestion): { changes: number } {
  return db.run(
    `INSERT INTO suggestions (id, repoId, uri, path, languageId, atMs, cursorOffset, prefix, suffix, text,
       isMultiline, adapter, baseModel, route, latencyMs, snippets)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING`,
    suggestion.id,
    suggestion.repoId,
    suggestion.uri,
    suggestion.path,
    suggestion.languageId,
    Math.round(suggestion.atMs),
    suggestion.offset,
    suggestion.prefix.slice(-maxPrefixChars).toWellFormed(),
    suggestion.suffix.slice(0, maxSuffixChars).toWellFormed(),
    suggestion.text.toWellFormed(),
    suggestion.isMultiline ? 1 : 0,
    suggestion.adapter,
    suggestion.baseModel,
    suggestion.route,
    JSON.stringify(suggestion.latencyMs),
    JSON.stringify(suggestion.snippets),
  );
}

/** Undefined in, undefined out. */
export function toSuggestion(row: SqlRow | undefined): StoredSuggestion | undefined {
  if (row === undefined) return undefined;
  const text = (column: string) => row[column] as string;
  return {
    id: text('id'),
    repoId: text('repoId'),
    uri: text('uri'),
    path: text('path'),
    languageId: text('languageId'),
    atMs: Number(row['atMs']),
    offset: Number(row['cursorOffset']),
    prefix: text('prefix'),
    suffix: text('suffix'),
    text: text('text'),
    isMultiline: row['isMultiline'] === 1,
    adapter: text('adapter'),
    baseModel: text('baseModel'),
    route: text('route'),
    latencyMs: JSON.parse(text('latencyMs')) as Record<string, number>,
    snippets: JSON.parse(text('snippets')) as SnippetPlace[],
  };
}
