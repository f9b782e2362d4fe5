/** A repository's first held-out cases, kept for ever, so that all its adapters have one measure in common. */

import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { digestOf } from '../base/digest.ts';
import { writeFileAtomic } from '../base/writeFile.ts';
import type { JudgedCase } from './judgedCase.ts';

const caseSchema: z.ZodType<JudgedCase> = z.object({
  case: z.object({
    ...{ id: z.string(), commit: z.string(), path: z.string(), line: z.int().positive() },
    ...{ prefix: z.string(), suffix: z.string(), middle: z.string() },
  }),
  promptTokens: z.array(z.int().nonnegative()),
  middleTokens: z.array(z.int().nonnegative()),
});

export interface FreezeProps {
  /** Ground state of this user; the cases lie in `frozen/` of it. */
  readonly dataFolder: string;
  readonly repoId: string;
  /** Tokens are of one base model. */
  readonly baseDigest: string;
  readonly nCases: number;
}

/**
 * The frozen cases; the first call takes them from `cases`, at even distances, and later ones read what it wrote.
 * Newer adapters may have learned some of these lines since: they tell whether old knowledge stays, and prove no gain.
 * @throws IdiomError `diskFull` or `notPermitted`. A damaged file is made anew.
 */
export function frozenCases(props: FreezeProps, cases: readonly JudgedCase[]): JudgedCase[] {
  const path = frozenPath(props);
  const frozen = read(path);
  if (frozen !== undefined || cases.length === 0) return frozen ?? [];
  const distance = Math.max(1, cases.length / props.nCases);
  const chosen = cases
    .filter((_, i) => Math.floor(i / distance) !== Math.floor((i - 1) / distance))
    .slice(0, props.nCases)
    .map((each) => caseSchema.parse(each));
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  writeFileAtomic(path, chosen.map((each) => `${JSON.stringify(each)}\n`).join(''));
  return chosen;
}

/** For deleting what it holds: it is code text. */
export function frozenPath({ dataFolder, repoId, baseDigest }: Omit<FreezeProps, 'nCases'>): string {
  return join(dataFolder, 'frozen', `${digestOf(`${repoId}\n${baseDigest}`)}.jsonl`);
}

function read(path: string): JudgedCase[] | undefined {
  if (!existsSync(path)) return undefined;
  try {
    const lines = readFileSync(path, 'utf8').split('\n').filter(Boolean);
    return lines.map((line) => caseSchema.parse(JSON.parse(line)));
  } catch {
    return undefined;
  }
}
