/** The generic examples that are shipped with the task adapter, as a file: one JSON value a line. */

import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { z } from 'zod';
import { IdiomError } from '../../base/errors.ts';
import type { Example } from './example.ts';

const text = z.string().max(100_000);
const origin = {
  source: z.literal('replay'),
  weight: z.number().positive().max(1),
  timeMs: z.number(),
  path: text,
  commit: z.literal(''),
  line: z.int().positive(),
};
const snippet = z.object({ path: text, startLine: z.int(), endLine: z.int(), text });
const replayExample: z.ZodType<Example> = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('window'), repoName: text, languageId: text, text, ...origin }),
  z.object({
    kind: z.literal('fillIn'),
    parts: z.object({
      repoName: text,
      path: text,
      languageId: text,
      prefix: text,
      prefixOffset: z.int().nonnegative(),
      suffix: text,
      snippets: z.array(snippet).max(20),
    }),
    middle: text,
    isCut: z.boolean(),
    ...origin,
  }),
]);

const maxFileBytes = 50_000_000;

/** @param path of a `.jsonl` file, or of one that gzip has packed. @throws IdiomError `badFile`. */
export function readReplayFile(path: string): Example[] {
  try {
    const bytes = readFileSync(path);
    const isPacked = bytes[0] === 0x1f && bytes[1] === 0x8b;
    const whole = isPacked ? gunzipSync(bytes, { maxOutputLength: maxFileBytes }) : bytes;
    return whole
      .toString('utf8')
      .split('\n')
      .filter(Boolean)
      .map((line) => replayExample.parse(JSON.parse(line)));
  } catch (cause) {
    throw new IdiomError('badFile', `The replay examples in ${path} cannot be read.`, {
      remedy: 'Install Idiom again.',
      cause,
    });
  }
}
