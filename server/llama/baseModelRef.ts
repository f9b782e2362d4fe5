/** Reads the setting that names a base model; looks at no file and no network. */

import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { IdiomError } from '../base/errors.ts';

export interface HubRef {
  readonly kind: 'hub';
  readonly owner: string;
  readonly repo: string;
  /** May lie in folders of the repository: `gguf/model.gguf`. */
  readonly file: string;
}

export type BaseModelRef =
  | { readonly kind: 'auto' }
  | { readonly kind: 'embedded' }
  | { readonly kind: 'path'; readonly path: string }
  | { readonly kind: 'ollama'; readonly name: string; readonly tag: string }
  | HubRef;

const remedy =
  'Set idiom.baseModel to auto, embedded, the whole path of a GGUF file, hf:owner/repo/file.gguf or ollama:name.';
/** What the hub allows in names; no part may be made of dots alone, since the parts become folders. */
const hubPart = /^(?!\.+$)[\w.-]+$/;
const ollamaName = /^(?:[\w.-]+\/)?(?!\.+$)[\w.-]+$/;

/** @throws IdiomError `wrongUse` when it is none of the forms that `remedy` names. */
export function parseBaseModelRef(text: string): BaseModelRef {
  const ref = text.trim();
  if (ref === 'auto' || ref === '') return { kind: 'auto' };
  if (ref === 'embedded') return { kind: 'embedded' };
  if (ref.startsWith('hf:')) return parseHub(ref);
  if (ref.startsWith('ollama:')) return parseOllama(ref);
  if (ref.startsWith('~/') || ref.startsWith('~\\')) {
    return { kind: 'path', path: join(homedir(), ref.slice(2)) };
  }
  if (isAbsolute(ref)) return { kind: 'path', path: ref };
  throw new IdiomError('wrongUse', `"${ref}" names no base model.`, { remedy });
}

/** The definite text of a hub file, as consent is stored under and offers name it. */
export function formatHubRef(ref: HubRef): string {
  return `hf:${ref.owner}/${ref.repo}/${ref.file}`;
}

function parseHub(text: string): HubRef {
  const [owner, repo, ...file] = text.slice('hf:'.length).split('/');
  const isValid = [owner, repo, ...file].every((part) => part !== undefined && hubPart.test(part));
  if (owner === undefined || repo === undefined || file.length === 0 || !isValid) {
    throw new IdiomError('wrongUse', `"${text}" is not of the form hf:owner/repo/file.gguf.`, { remedy });
  }
  return { kind: 'hub', owner, repo, file: file.join('/') };
}

function parseOllama(text: string): BaseModelRef {
  const [name = '', tag = 'latest', ...rest] = text.slice('ollama:'.length).split(':');
  if (!ollamaName.test(name) || !hubPart.test(tag) || rest.length > 0) {
    throw new IdiomError('wrongUse', `"${text}" is not of the form ollama:name or ollama:name:tag.`, {
      remedy,
    });
  }
  return { kind: 'ollama', name, tag };
}
