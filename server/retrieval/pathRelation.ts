/** How near two files are: by their place in the tree, by their names, and by what one imports. */

import { familyOf } from './languages.ts';

/** 1 in the same folder, less for each step between the folders, never below 0.2. */
export function pathNearness(a: string, b: string): number {
  const foldersA = a.split('/').slice(0, -1);
  const foldersB = b.split('/').slice(0, -1);
  let nShared = 0;
  while (nShared < foldersA.length && foldersA[nShared] === foldersB[nShared]) nShared++;
  const nSteps = foldersA.length + foldersB.length - 2 * nShared;
  return Math.max(0.2, 1 / (1 + 0.25 * nSteps));
}

/** A test and what it tests, a header and its source: the same name but for `test`, `spec` and the ending. */
export function isCounterpart(a: string, b: string): boolean {
  return a !== b && stemOf(a) === stemOf(b) && familyOf(a) === familyOf(b);
}

/** Paths, as endings without extension, that the imports of a text may mean; bare package names are left out. */
export function importedEndings(text: string, path: string): string[] {
  const endings = new Set<string>();
  const folder = path.split('/').slice(0, -1);
  for (const match of text.matchAll(importPattern)) {
    const [, quoted, scoped, dotted] = match;
    if (quoted?.startsWith('.') === true) endings.add(resolveDots(folder, quoted));
    else if (quoted?.includes('/') === true) endings.add(lastParts(withoutEnding(quoted).split('/'), 2));
    else if (dotted?.startsWith('.') === true) endings.add(resolveModule(folder, dotted));
    else if (dotted !== undefined && dotted.includes('.')) endings.add(lastParts(dotted.split('.'), 2));
    else if (scoped !== undefined) endings.add(lastParts(scoped.split('::').slice(1), 2));
  }
  endings.delete('');
  return [...endings];
}

export function isImported(path: string, endings: readonly string[]): boolean {
  const bare = path.replace(/\.[^./]+$/, '').replace(/\/(index|__init__|mod|lib)$/, '');
  return endings.some((ending) => bare === ending || bare.endsWith(`/${ending}`) || isInFolder(path, ending));
}

/**
 * Quoted module names of JavaScript, TypeScript, Go, Ruby and C; dotted ones of Python, Java, C# and PHP; `use crate::a`
 * of Rust.
 */
const importPattern =
  /(?:\bfrom|\bimport|\brequire(?:_relative)?|#include|^\s*(?:\w+\s+)?)\s*\(?\s*["'<]([^"'<>\n]+)["'>]|^\s*use\s+((?:crate|super|self)(?:::\w+)+)|^\s*(?:from|import|using|use)\s+([.\w]+)/gm;

function isInFolder(path: string, ending: string): boolean {
  const folder = path.slice(0, Math.max(0, path.lastIndexOf('/')));
  return folder !== '' && (folder === ending || folder.endsWith(`/${ending}`));
}

function resolveDots(folder: readonly string[], specifier: string): string {
  const parts = [...folder];
  for (const part of specifier.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '.' && part !== '') parts.push(part);
  }
  return withoutEnding(parts.join('/')).replace(/\/index$/, '');
}

function withoutEnding(path: string): string {
  return path.replace(/\.([cm]?[jt]sx?|json|vue|svelte|css|rb|h|hh|hpp)$/, '');
}

/** Python's relative modules: one dot is this folder, each more goes one up. */
function resolveModule(folder: readonly string[], module: string): string {
  const nDots = /^\.*/.exec(module)?.[0].length ?? 0;
  const parts = [...folder.slice(0, folder.length - (nDots - 1)), ...module.slice(nDots).split('.')];
  return parts.filter(Boolean).join('/');
}

function lastParts(parts: readonly string[], count: number): string {
  return parts.filter(Boolean).slice(-count).join('/');
}

function stemOf(path: string): string {
  const name = path.slice(path.lastIndexOf('/') + 1).toLowerCase();
  return name.replace(/\..*$/, '').replace(/^test_|_test$|_spec$|tests?$/g, '');
}
