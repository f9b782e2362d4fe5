/** Writes the index: contents, their chunks and definitions, and which view has what at a path. Decides nothing. */

import type { Database } from '../store/database.ts';
import type { IgnoreReason } from './builtInRules.ts';
import { nameKey } from './nameKey.ts';
import type { ContentFacts } from './readContent.ts';

export interface Entry {
  readonly contentId: number | null;
  readonly sizeBytes: number;
  /** Of the file on disk, fractional milliseconds since 1970; 0 in a commit's view. */
  readonly mtimeMs: number;
  readonly reason: IgnoreReason | null;
}

export interface NamedEntry extends Entry {
  readonly name: string;
}

/** View number of the working tree. */
export const liveView = 0;

/** All methods may run inside one outer transaction. */
export interface IndexWriter {
  readonly db: Database;
  findContent(digest: Uint8Array): number | undefined;
  /** Stores a content that is not there yet; returns its id. */
  addContent(digest: Uint8Array, facts: ContentFacts): number;
  entriesIn(view: number, folder: string): NamedEntry[];
  entryAt(view: number, path: string): Entry | undefined;
  setEntry(view: number, path: string, entry: Entry): void;
  removeEntry(view: number, path: string): void;
  /** Removes everything at or below a folder; returns how many entries there were. */
  removeFolder(view: number, folder: string): number;
  folders(view: number): string[];
  /** Deletes contents that no view has; at most `max` of them, so that a call stays short. Returns how many. */
  removeUnused(max: number): number;
}

export function createIndexWriter(db: Database): IndexWriter {
  function addContent(digest: Uint8Array, facts: ContentFacts): number {
    const id = db.run('INSERT INTO contents (digest, nLines) VALUES (?, ?)', digest, facts.nLines).lastId;
    for (const chunk of facts.chunks) {
      const chunkId = db.run(
        'INSERT INTO chunks (contentId, startLine, endLine, nTerms) VALUES (?, ?, ?, ?)',
        id,
        chunk.startLine,
        chunk.endLine,
        chunk.terms.size,
      ).lastId;
      db.run('INSERT INTO chunkTerms (rowid, terms) VALUES (?, ?)', chunkId, [...chunk.terms].join(' '));
    }
    for (const { name, startLine, endLine } of facts.definitions) {
      db.run('INSERT OR IGNORE INTO symbols VALUES (?, ?, ?, ?)', nameKey(name), id, startLine, endLine);
    }
    return id;
  }
  function removeContent(id: number): void {
    db.run('DELETE FROM chunkTerms WHERE rowid IN (SELECT id FROM chunks WHERE contentId = ?)', id);
    db.run('DELETE FROM chunks WHERE contentId = ?', id);
    db.run('DELETE FROM symbols WHERE contentId = ?', id);
    db.run('DELETE FROM contents WHERE id = ?', id);
  }
  return {
    db,
    findContent: (digest) => db.get<{ id: number }>('SELECT id FROM contents WHERE digest = ?', digest)?.id,
    addContent,
    ...entryMethods(db),
    removeUnused(max) {
      const unused = db.all<{ id: number }>(
        'SELECT id FROM contents WHERE id NOT IN (SELECT contentId FROM entries WHERE contentId IS NOT NULL) LIMIT ?',
        max,
      );
      for (const { id } of unused) removeContent(id);
      return unused.length;
    },
  };
}

type EntryMethods = Pick<
  IndexWriter,
  'entriesIn' | 'entryAt' | 'setEntry' | 'removeEntry' | 'removeFolder' | 'folders'
>;

function entryMethods(db: Database): EntryMethods {
  return {
    entriesIn: (view, folder) =>
      db.all<NamedRow>(
        'SELECT name, contentId, sizeBytes, mtimeMs, reason FROM entries WHERE view = ? AND folder = ?',
        view,
        folder,
      ) as unknown as NamedEntry[],
    entryAt(view, path) {
      const { folder, name } = splitPath(path);
      return db.get<NamedRow>(
        'SELECT name, contentId, sizeBytes, mtimeMs, reason FROM entries WHERE view = ? AND folder = ? AND name = ?',
        view,
        folder,
        name,
      ) as unknown as Entry | undefined;
    },
    setEntry(view, path, entry) {
      const { folder, name } = splitPath(path);
      const { contentId, sizeBytes, mtimeMs, reason } = entry;
      db.run(
        'INSERT OR REPLACE INTO entries (view, folder, name, contentId, sizeBytes, mtimeMs, reason) VALUES (?, ?, ?, ?, ?, ?, ?)',
        view,
        folder,
        name,
        contentId,
        sizeBytes,
        mtimeMs,
        reason,
      );
    },
    removeEntry(view, path) {
      const { folder, name } = splitPath(path);
      db.run('DELETE FROM entries WHERE view = ? AND folder = ? AND name = ?', view, folder, name);
    },
    removeFolder(view, folder) {
      const below = [`${folder}/`, `${folder}0`] as const;
      return db.run(
        'DELETE FROM entries WHERE view = ? AND (folder = ? OR (folder >= ? AND folder < ?))',
        view,
        folder,
        ...below,
      ).changes;
    },
    folders: (view) =>
      db
        .all<{ folder: string }>('SELECT DISTINCT folder FROM entries WHERE view = ?', view)
        .map((row) => row.folder),
  };
}

type NamedRow = Record<'name' | 'reason', string | null> &
  Record<'contentId' | 'sizeBytes' | 'mtimeMs', number | null>;

/** Folder (empty for the root) and name; a slash at the end, which marks a folder that was left out, stays with the name. */
export function splitPath(path: string): { folder: string; name: string } {
  const slash = path.lastIndexOf('/', path.length - 2);
  return slash < 0
    ? { folder: '', name: path }
    : { folder: path.slice(0, slash), name: path.slice(slash + 1) };
}

export function joinPath(folder: string, name: string): string {
  return folder === '' ? name : `${folder}/${name}`;
}
