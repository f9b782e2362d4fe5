/** The table of reports of the gate, whole as JSON. Of one candidate the last one written counts, whatever a clock says. */

import type { EvalReport } from '../../protocol/evalReport.ts';
import type { Database, SqlRow } from './database.ts';

export interface EvalReportsTable {
  /** @returns its id. */
  add(repoId: string, report: EvalReport): number;
  newestOf(candidate: string): EvalReport | undefined;
  /** Reasons of the rules that the last report of this candidate says do not hold. */
  refusalsOf(candidate: string): string[];
  /** Of each candidate of the repository what the last report came to; reads an index alone, never a report. */
  verdictsOf(repoId: string): ReportVerdict[];
}

export interface ReportVerdict {
  readonly candidate: string;
  readonly verdict: EvalReport['verdict'];
  /** Of the set `repository`; absent when it had no cases. */
  readonly nllChange?: { readonly mean: number; readonly low: number; readonly high: number } | undefined;
}

export function evalReportsTable(db: Database): EvalReportsTable {
  return {
    add: (repoId, report) =>
      db.run(
        `INSERT INTO evalReports (repoId, baseDigest, candidate, champion, createdAtMs, verdict, report, scrubberVersion)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
        ...[repoId, report.baseDigest, report.candidate, report.champion],
        Math.round(report.createdAtMs),
        report.verdict,
        JSON.stringify(report),
        report.scrubberVersion ?? 0,
      ).lastId,
    newestOf(candidate) {
      const row = newest(db, 'report', candidate);
      return row === undefined ? undefined : (JSON.parse(row['found'] as string) as EvalReport);
    },
    refusalsOf(candidate) {
      const row = newest(db, `json_extract(report, '$.rules')`, candidate);
      const rules = JSON.parse((row?.['found'] as string | undefined) ?? '[]') as EvalReport['rules'];
      return rules.filter((rule) => !rule.holds).map((rule) => rule.reason);
    },
    // Of all reports, as grouping by candidate would read them whole instead of the index.
    verdictsOf: (repoId) => [
      ...new Map(
        db
          .all(
            `SELECT id, candidate, verdict,
               json_extract(report, '$.sets.repository.nll.mean') AS mean,
               json_extract(report, '$.sets.repository.nll.low') AS low,
               json_extract(report, '$.sets.repository.nll.high') AS high
             FROM evalReports WHERE repoId = ?`,
            repoId,
          )
          .sort((a, b) => Number(a['id']) - Number(b['id']))
          .map((row) => [row['candidate'], toVerdict(row)]),
      ).values(),
    ],
  };
}

function newest(db: Database, what: string, candidate: string): SqlRow | undefined {
  return db.get(
    `SELECT ${what} AS found FROM evalReports WHERE candidate = ? ORDER BY id DESC LIMIT 1`,
    candidate,
  );
}

function toVerdict({ candidate, verdict, mean, low, high }: SqlRow): ReportVerdict {
  const nllChange = { mean: Number(mean), low: Number(low), high: Number(high) };
  return {
    candidate: candidate as string,
    verdict: verdict as EvalReport['verdict'],
    ...(mean === null ? {} : { nllChange }),
  };
}
