/** What was measured, a line of JSON for each case and method, so that a long measurement can be stopped and go on later. */

import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { z } from 'zod';

const recordShape = z.object({
  repo: z.string(),
  caseId: z.string(),
  method: z.string(),
  /** Everything else that a figure depends on; records of another setting are left alone. */
  setting: z.string(),
  /** Undefined where the line has no new names. */
  recall: z.number().optional(),
  /** 1 where the snippets have the rest of the line as it was written. */
  line: z.number(),
  retrieveMs: z.number(),
  chars: z.number(),
  model: z
    .object({
      exact: z.number(),
      similarity: z.number(),
      nll: z.number().optional(),
      promptTokens: z.number(),
      ms: z.number(),
      text: z.string(),
    })
    .optional(),
});
export type CaseRecord = z.infer<typeof recordShape>;

export interface CaseRecords {
  /** In the order in which they were measured. */
  readonly all: readonly CaseRecord[];
  has(key: RecordKey): boolean;
  add(record: CaseRecord): void;
}

export type RecordKey = Pick<CaseRecord, 'repo' | 'caseId' | 'method'>;

/** @param path undefined: in memory only. A last line that was cut off, as by a kill, is measured again. */
export function openRecords(path: string | undefined, setting: string): CaseRecords {
  const text = path !== undefined && existsSync(path) ? readFileSync(path, 'utf8') : '';
  const all = text
    .split('\n')
    .flatMap(parse)
    .filter((record) => record.setting === setting);
  const known = new Set(all.map(keyOf));
  if (path !== undefined && text !== '' && !text.endsWith('\n')) appendFileSync(path, '\n');
  return {
    all,
    has: (key) => known.has(keyOf(key)),
    add(record) {
      known.add(keyOf(record));
      all.push(record);
      if (path !== undefined) appendFileSync(path, `${JSON.stringify(record)}\n`);
    },
  };
}

function parse(line: string): CaseRecord[] {
  try {
    return [recordShape.parse(JSON.parse(line))];
  } catch {
    return [];
  }
}

const keyOf = ({ repo, caseId, method }: RecordKey): string => JSON.stringify([repo, caseId, method]);
