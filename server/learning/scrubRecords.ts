/** Takes secrets out of recorded suggestions and stored reports that an older scrubber let through, in place. */

import type { EvalReport } from '../../protocol/evalReport.ts';
import { reportWithoutSecrets } from '../evaluation/reportWithoutSecrets.ts';
import { scrubberVersion } from '../secrets/scrubberVersion.ts';
import { scrubParts } from '../secrets/scrubParts.ts';
import { keptWithoutSecrets } from '../signals/keptWithoutSecrets.ts';
import type { Database } from '../store/database.ts';
import { emptyLog } from '../store/signalRecords.ts';
import { replaceReport, replaceTexts, unscrubbedReport, unscrubbedSuggestions } from '../store/unscrubbed.ts';
import type { RecordedTexts, UnscrubbedSuggestion } from '../store/unscrubbed.ts';

/** Rows held in memory at a time. */
const nAtOnce = 20;

/**
 * Each row is one transaction; what a killed process left is found by the next.
 * @param pause waited for between rows; throws when there is no time any more.
 * @returns how many rows had a secret in them.
 */
export async function scrubRecords(db: Database, pause: () => Promise<void>): Promise<number> {
  const nFound = (await scrubSuggestions(db, pause)) + (await scrubReports(db, pause));
  // The log may have what a killed process had written over.
  emptyLog(db);
  return nFound;
}

async function scrubSuggestions(db: Database, pause: () => Promise<void>): Promise<number> {
  let nFound = 0;
  for (;;) {
    const rows = unscrubbedSuggestions(db, scrubberVersion, nAtOnce);
    if (rows.length === 0) return nFound;
    for (const row of rows) {
      await pause();
      const scrubbed = await scrubTexts(row);
      if (Object.entries(scrubbed).some(([name, text]) => row.texts[name as keyof RecordedTexts] !== text))
        nFound++;
      replaceTexts(db, row, scrubbed, scrubberVersion);
    }
  }
}

async function scrubTexts({ path, texts }: UnscrubbedSuggestion): Promise<RecordedTexts> {
  const [prefix, text, suffix] = await scrubParts([texts.prefix, texts.text, texts.suffix], path);
  if (texts.keptText === undefined) return { prefix, text, suffix, keptText: undefined };
  return { text, ...(await keptWithoutSecrets({ path, prefix, suffix }, texts.keptText)) };
}

async function scrubReports(db: Database, pause: () => Promise<void>): Promise<number> {
  let nFound = 0;
  for (;;) {
    const row = unscrubbedReport(db, scrubberVersion);
    if (row === undefined) return nFound;
    await pause();
    const before = parse(row.report);
    const scrubbed = before === undefined ? row.report : JSON.stringify(await reportWithoutSecrets(before));
    const isChanged = before !== undefined && scrubbed !== JSON.stringify({ ...before, scrubberVersion });
    if (replaceReport(db, row, scrubbed, scrubberVersion) && isChanged) nFound++;
  }
}

/** Undefined for what is no report of this version: nobody can read it, so nothing can be taken out of it either. */
function parse(report: string): EvalReport | undefined {
  try {
    const read = JSON.parse(report) as EvalReport;
    return Array.isArray(read.cases) && Array.isArray(read.regression) ? read : undefined;
  } catch {
    return undefined;
  }
}
