/** Which repository or folder a document belongs to, and what may be done with it. */

import { basename, dirname, isAbsolute, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { realpathSync } from 'node:fs';
import { folderId, openRepository } from '../git/repository.ts';

/** A folder that shares one index, one set of outcomes and one line of adapters. */
export interface Home {
  /** Undefined for documents that lie in no folder, such as untitled ones. */
  readonly root: string | undefined;
  readonly repoId: string;
  readonly name: string;
  /** Folder with HEAD; undefined outside of git. */
  readonly gitDir: string | undefined;
}

export interface DocumentPlace {
  readonly home: Home;
  /** Relative to the home's root with forward slashes; the bare name where there is no root. */
  readonly path: string;
  /** Absolute path on this machine, where the document has one. */
  readonly file: string | undefined;
}

const nowhere: Home = { root: undefined, repoId: 'untitled', name: 'untitled', gitDir: undefined };

/** Finds and remembers homes. Looking up is asynchronous the first time for each folder, since git is asked. */
export class WorkspaceFolders {
  readonly #homes = new Map<string, Promise<Home>>();
  #folders: readonly string[] = [];

  /** The editor's workspace folders; a document in none of them and in no repository counts by its own folder. */
  setFolders(uris: readonly string[]): void {
    this.#folders = uris.map(fileOf).filter((file) => file !== undefined);
    this.#homes.clear();
  }

  get folders(): readonly string[] {
    return this.#folders;
  }

  async placeOf(uri: string): Promise<DocumentPlace> {
    const file = fileOf(uri);
    if (file === undefined) return { home: nowhere, path: nameOf(uri), file: undefined };
    const folder = dirname(file);
    let home = this.#homes.get(folder);
    if (home === undefined) {
      home = this.#find(folder);
      this.#homes.set(folder, home);
    }
    const found = await home;
    return { home: found, path: pathBelow(found.root ?? folder, file), file };
  }

  async #find(folder: string): Promise<Home> {
    const existing = nearestExisting(folder);
    try {
      const repository = existing === undefined ? undefined : await openRepository(existing);
      if (repository !== undefined) {
        const { root, repoId, name, gitDir } = repository;
        return { root, repoId, name, gitDir };
      }
    } catch {
      // Without git, completion goes on with the folder alone.
    }
    const root = this.#folders.find((candidate) => isBelow(candidate, folder)) ?? folder;
    return { root, repoId: folderId(root), name: basename(root), gitDir: undefined };
  }
}

/**
 * The file of a `file:` URI, of a notebook cell in a file, or undefined for anything else.
 * A remote window's documents have `file:` URIs on the machine that the daemon runs on.
 */
export function fileOf(uri: string): string | undefined {
  const match = /^(?:file|vscode-notebook-cell):(\/\/[^/]*\/.*?)(?:#.*)?$/.exec(uri);
  if (match === null) return undefined;
  try {
    return fileURLToPath(`file:${match[1] ?? ''}`);
  } catch {
    return undefined;
  }
}

function nameOf(uri: string): string {
  const path = uri.replace(/[?#].*$/, '');
  return decodeSafely(path.split(/[/:]/).at(-1) ?? 'untitled') || 'untitled';
}

function decodeSafely(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function nearestExisting(folder: string): string | undefined {
  for (let at = folder; ; at = dirname(at)) {
    try {
      return realpathSync(at);
    } catch {
      if (dirname(at) === at) return undefined;
    }
  }
}

function isBelow(root: string, path: string): boolean {
  const rest = relative(root, path);
  return rest === '' || (!rest.startsWith('..') && !isAbsolute(rest));
}

function pathBelow(root: string, file: string): string {
  const direct = relative(root, file);
  if (!direct.startsWith('..') && !isAbsolute(direct)) return direct.split(sep).join('/');
  try {
    return relative(root, realpathSync(file)).split(sep).join('/');
  } catch {
    return basename(file);
  }
}
