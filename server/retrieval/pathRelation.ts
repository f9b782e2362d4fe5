/** How near two files are: by their place in the tree, and by their names. */

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

function stemOf(path: string): string {
  const name = path.slice(path.lastIndexOf('/') + 1).toLowerCase();
  return name.replace(/\..*$/, '').replace(/^test_|_test$|_spec$|tests?$/g, '');
}
