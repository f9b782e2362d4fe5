/** Which repository or folder a document belongs to, and what may be done with it. */

import { existsSync } from 'node:fs';
import { basename, dirname, isAbsolute, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Disposable } from '../base/disposable.ts';
import { Emitter } from '../base/emitter.ts';
import type { IdiomError } from '../base/errors.ts';
import { realPath } from '../base/realPath.ts';
import { tryRepository } from '../git/repository.ts';
import { sightFolder, sightRepository } from '../git/sighting.ts';
import type { Sighting } from '../git/sighting.ts';

/** A folder that shares one index, one set of outcomes and one line of adapters. */
export interface Home {
  /** Undefined for documents that lie in no folder, such as untitled ones. */
  readonly root: string | undefined;
  readonly repoId: string;
  readonly name: string;
  /** Folder with HEAD; undefined outside of git. */
  readonly gitDir: string | undefined;
  /** Why the repository that the folder is in can't be used. */
  readonly refusal?: IdiomError | undefined;
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
  readonly #identify: (sighting: Sighting) => string;
  readonly #known = new Map<string, Home>();
  readonly #found = new Emitter<undefined>();
  #folders: readonly string[] = [];

  /** @param identify which id its records stand under; by default, the one that follows from what it is now. */
  constructor(identify = (sighting: Sighting): string => sighting.computedId) {
    this.#identify = identify;
  }

  /** The editor's workspace folders; a document in none of them and in no repository counts by its own folder. */
  setFolders(uris: readonly string[]): void {
    this.#folders = uris.map(fileOf).filter((file) => file !== undefined);
    this.#homes.clear();
  }

  /** All that were found so far. */
  get homes(): readonly Home[] {
    return [...this.#known.values()];
  }

  /** One more was found. */
  onHome(listener: () => void): Disposable {
    return this.#found.on(listener);
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
    this.#remember(found);
    return { home: found, path: pathBelow(found.root ?? folder, file), file };
  }

  #remember(home: Home): void {
    const { root, repoId } = home;
    if (root === undefined || this.#known.get(root)?.repoId === repoId) return;
    this.#known.set(root, home);
    this.#found.fire(undefined);
  }

  async #find(folder: string): Promise<Home> {
    const existing = nearestExisting(folder);
    const { repository, refusal } = existing === undefined ? {} : await tryRepository(existing);
    if (repository !== undefined) {
      const { root, name, gitDir } = repository;
      return { root, repoId: this.#identify(await sightRepository(repository)), name, gitDir };
    }
    // Without its repository, completion goes on with the folder alone.
    const root = this.#folders.find((candidate) => isBelow(candidate, folder)) ?? folder;
    const repoId = this.#identify(await sightFolder(root));
    return { root, repoId, name: basename(root), gitDir: undefined, refusal };
  }
}

/**
 * The file of a `file:` URI, of a notebook cell in a file, or undefined for anything else.
 * A remote window's documents have `file:` URIs on the machine that the daemon runs on.
 */
export function fileOf(uri: string): string | undefined {
  if (uri.startsWith(`${cellScheme}:`)) return fileOfCell(uri);
  const [, rest] = /^file:(\/\/[^/]*\/[^#]*)/.exec(uri) ?? [];
  return rest === undefined ? undefined : pathOf(rest);
}

const cellScheme = 'vscode-notebook-cell';

/**
 * A cell has the path of its notebook, with or without an authority (a remote window's, or a share's on Windows), and a
 * fragment that ends with `s` and the notebook's own scheme in base64
 * (https://github.com/microsoft/vscode/blob/main/src/vs/workbench/services/notebook/common/notebookDocumentService.ts).
 */
function fileOfCell(uri: string): string | undefined {
  const [, authority = '', path, query, fragment = ''] =
    /^[a-z-]+:(?:\/\/([^/?#]*))?(\/[^?#]*)(\?[^#]*)?(?:#(.*))?$/.exec(uri) ?? [];
  // With a query it is another version of the notebook, not what lies on the disk.
  if (path === undefined || query !== undefined) return undefined;
  const [, encoded] = /^[^s]*s(.*)$/.exec(decodeSafely(fragment)) ?? [];
  const scheme = encoded === undefined ? 'file' : Buffer.from(encoded, 'base64').toString();
  if (scheme !== 'file' && scheme !== 'vscode-remote') return undefined;
  const isShare = process.platform === 'win32' && scheme === 'file';
  return pathOf(`//${isShare ? authority : ''}${path}`);
}

/** @param rest of a `file:` URI, encoded. */
function pathOf(rest: string): string | undefined {
  try {
    return fileURLToPath(`file:${rest}`);
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
    if (existsSync(at)) return realPath(at);
    if (dirname(at) === at) return undefined;
  }
}

function isBelow(root: string, path: string): boolean {
  const rest = relative(root, path);
  return rest === '' || (!rest.startsWith('..') && !isAbsolute(rest));
}

/** By where the file really lies, so that a link within the tree is no way around a rule; a file outside goes by its name. */
function pathBelow(root: string, file: string): string {
  const inside = [realPath(file), file].map((path) => relative(root, path)).find((path) => !leadsOut(path));
  return inside === undefined ? basename(file) : inside.split(sep).join('/');
}

function leadsOut(path: string): boolean {
  return path === '' || path === '..' || path.startsWith(`..${sep}`) || isAbsolute(path);
}
