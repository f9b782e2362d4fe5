/** Questions to the index for one view: which chunks have a term, where a name is defined, what lies where. It never writes. */

import type { Database } from '../store/database.ts';
import { joinPath, liveView, splitPath } from './indexWriter.ts';
import type { LineRange } from './chunk.ts';
import { nameKey } from './nameKey.ts';

/** A chunk of the view, at one of the paths that have its content. */
export interface IndexedChunk extends LineRange {
  readonly path: string;
  readonly nTerms: number;
}

export interface IndexedSymbol extends LineRange {
  readonly name: string;
  readonly path: string;
}

export interface IndexedFile {
  /** git's object id of the content, hex. */
  readonly blobId: string;
  readonly sizeBytes: number;
  readonly mtimeMs: number;
}

export interface IndexReader {
  readonly nChunks: number;
  /** Ids of the chunks that have the term, in any view; undefined when they are more than `max`. */
  postings(term: string, max: number): readonly number[] | undefined;
  chunk(id: number): IndexedChunk | undefined;
  /** At most `max` definitions; undefined when there are more, so that the name says little. */
  definitions(name: string, max: number): readonly IndexedSymbol[] | undefined;
  /** Chunks of one file. */
  chunksOf(path: string): readonly number[];
  file(path: string): IndexedFile | undefined;
  /** Paths in a folder of the view. */
  pathsIn(folder: string): readonly string[];
}

/** Answers kept between keystrokes; all are dropped as soon as the index changes. */
const maxKept = 2000;

export function createIndexReader(db: Database, view: number = liveView): IndexReader {
  const kept = new Map<string, readonly number[] | undefined>();
  let nChunks = 0;
  let dataVersion = -1;

  /** https://www.sqlite.org/pragma.html#pragma_data_version: changes whenever another connection has committed. */
  function refresh(): void {
    const now = db.get<{ data_version: number }>('PRAGMA data_version')?.data_version ?? 0;
    if (now === dataVersion && kept.size < maxKept) return;
    dataVersion = now;
    kept.clear();
    nChunks = db.get<{ n: number }>('SELECT coalesce(max(id), 0) AS n FROM chunks')?.n ?? 0;
  }
  function readPostings(term: string, max: number): readonly number[] | undefined {
    const row = db.get<{ ids: string | null }>(
      'SELECT group_concat(rowid) AS ids FROM (SELECT rowid FROM chunkTerms WHERE chunkTerms MATCH ? LIMIT ?)',
      `"${term.replaceAll('"', '""')}"`,
      max + 1,
    );
    // Parsing a list of numbers as JSON takes a third of the time of splitting it.
    const ids = JSON.parse(`[${row?.ids ?? ''}]`) as number[];
    return ids.length > max ? undefined : ids;
  }
  return {
    get nChunks() {
      refresh();
      return nChunks;
    },
    postings(term, max) {
      const key = `${max} ${term}`;
      if (!kept.has(key)) kept.set(key, readPostings(term, max));
      return kept.get(key);
    },
    ...placeMethods(db, view),
  };
}

/** CROSS JOIN keeps the order as written (https://www.sqlite.org/lang_select.html#crossjoin): entries have no statistics. */
function placeMethods(
  db: Database,
  view: number,
): Pick<IndexReader, 'chunk' | 'definitions' | 'chunksOf' | 'file' | 'pathsIn'> {
  return {
    chunk(id) {
      const row = db.get<PlaceRow & { nTerms: number }>(
        `SELECT c.startLine, c.endLine, c.nTerms, e.folder, e.name FROM chunks c
         CROSS JOIN entries e ON e.contentId = c.contentId AND e.view = ? WHERE c.id = ? LIMIT 1`,
        view,
        id,
      );
      return row === undefined ? undefined : { ...rangeOf(row), nTerms: row.nTerms };
    },
    definitions(name, max) {
      const rows = db.all<PlaceRow>(
        `SELECT s.startLine, s.endLine, e.folder, e.name FROM symbols s
         CROSS JOIN entries e ON e.contentId = s.contentId AND e.view = ? WHERE s.nameKey = ? LIMIT ?`,
        view,
        nameKey(name),
        max + 1,
      );
      return rows.length > max ? undefined : rows.map((row) => ({ name, ...rangeOf(row) }));
    },
    chunksOf(path) {
      const { folder, name } = splitPath(path);
      return db
        .all<{ id: number }>(
          `SELECT c.id FROM entries e CROSS JOIN chunks c ON c.contentId = e.contentId
           WHERE e.view = ? AND e.folder = ? AND e.name = ? ORDER BY c.id`,
          view,
          folder,
          name,
        )
        .map((row) => row.id);
    },
    file(path) {
      const { folder, name } = splitPath(path);
      return db.get<{ blobId: string; sizeBytes: number; mtimeMs: number }>(
        `SELECT lower(hex(c.digest)) AS blobId, e.sizeBytes, e.mtimeMs FROM entries e
         CROSS JOIN contents c ON c.id = e.contentId WHERE e.view = ? AND e.folder = ? AND e.name = ?`,
        view,
        folder,
        name,
      );
    },
    pathsIn: (folder) =>
      db
        .all<{ name: string }>(
          'SELECT name FROM entries WHERE view = ? AND folder = ? AND contentId IS NOT NULL',
          view,
          folder,
        )
        .map((row) => joinPath(folder, row.name)),
  };
}

type PlaceRow = Record<'folder' | 'name', string> & Record<'startLine' | 'endLine', number>;

function rangeOf({ folder, name, startLine, endLine }: PlaceRow): LineRange & { path: string } {
  return { path: joinPath(folder, name), startLine, endLine };
}
