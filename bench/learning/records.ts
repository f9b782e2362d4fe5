/** What was measured of one training, a file each, so that a long series can be stopped and go on later. */

import { existsSync, readFileSync } from 'node:fs';
import { z } from 'zod';
import { writeFileAtomic } from '../../server/base/writeFile.ts';
import { sights } from './wordsInSight.ts';

/** Both 0 to 1. */
const scoreShape = z.object({ exactMatch: z.number(), editSimilarity: z.number() });

const suggestedShape = z.object({ sight: z.enum(sights), before: scoreShape, after: scoreShape });
export type SuggestedLine = z.infer<typeof suggestedShape>;

const lineShape = z.object({
  /** The same line has the same key in every variant. */
  key: z.string(),
  /** Nats a token of the true line. */
  nllBefore: z.number(),
  nllAfter: z.number(),
  /** Of lines that were completed. */
  suggested: suggestedShape.optional(),
});
export type LineRecord = z.infer<typeof lineShape>;

const recordShape = z.object({
  repo: z.string(),
  variant: z.string(),
  nSteps: z.number(),
  nTokens: z.number(),
  trainingSeconds: z.number(),
  lines: z.array(lineShape),
});
export type TrainingRecord = z.infer<typeof recordShape>;

/** Undefined when it is not there yet. @throws when it is of another form. */
export function readRecord(path: string): TrainingRecord | undefined {
  return existsSync(path) ? recordShape.parse(JSON.parse(readFileSync(path, 'utf8'))) : undefined;
}

export function writeRecord(path: string, record: TrainingRecord): void {
  writeFileAtomic(path, `${JSON.stringify(record)}\n`);
}
