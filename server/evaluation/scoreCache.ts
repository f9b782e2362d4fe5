/** Scores that were computed before, in a file: a judgement that was killed goes on where it was. Derived state. */

import { appendFileSync, mkdirSync, readFileSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import type { KnownScores } from './judgedCase.ts';

/** Beyond this it begins anew. */
const maxFileBytes = 8_000_000;
const line = /^([^ ]+ [0-9a-f]{64}) (\d+(?:\.\d+)?(?:e-?\d+)?)$/;

/**
 * @param path one file for each base model; it is appended to, and what can't be read or written in it is just not known.
 */
export function openScoreCache(path: string): KnownScores {
  const known = new Map<string, number>();
  const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  const isKept = size > 0 && size <= maxFileBytes;
  if (isKept) {
    for (const each of readFileSync(path, 'utf8').split('\n')) {
      const [, key, nll] = line.exec(each) ?? [];
      if (key !== undefined) known.set(key, Number(nll));
    }
  }
  let flag = isKept ? 'a' : 'w';
  return {
    get: (adapter, what) => known.get(`${adapter} ${what}`),
    put(adapter, what, nll) {
      known.set(`${adapter} ${what}`, nll);
      try {
        if (flag === 'w') mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
        // A line that a killed process left without an end is ended first.
        appendFileSync(path, `\n${adapter} ${what} ${nll}`, { flag, mode: 0o600 });
        flag = 'a';
      } catch {
        // It is computed again next time.
      }
    },
  };
}
