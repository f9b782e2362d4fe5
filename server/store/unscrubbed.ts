/** Rows with code text that an older scrubber let through, or none looked at: read a few at a time, and replaced in place. */

import type { Database } from './database.ts';

/** The texts of a suggestion and of its outcome. */
export interface RecordedTexts {
  readonly prefix: string;
  readonly text: string;
  readonly suffix: string;
  readonly keptText: string | undefined;
}

export interface UnscrubbedSuggestion {
  readonly id: string;
  readonly path: string;
  readonly texts: RecordedTexts;
}

export function unscrubbedSuggestions(
  db: Database,
  scrubberVersion: number,
  limit: number,
): UnscrubbedSuggestion[] {
  return db
    .all(
      `SELECT s.id, s.path, s.prefix, s.text, s.suffix, o.keptText
       FROM suggestions s LEFT JOIN outcomes o ON o.suggestionId = s.id WHERE s.scrubberVersion < ? LIMIT ?`,
      scrubberVersion,
      limit,
    )
    .map((row) => {
      const text = (column: string) => row[column] as string;
      const keptText = (row['keptText'] as string | null) ?? undefined;
      const texts = { prefix: text('prefix'), text: text('text'), suffix: text('suffix'), keptText };
      return { id: text('id'), path: text('path'), texts };
    });
}

/** What was changed or deleted since it was read stays so. One transaction. */
export function replaceTexts(
  db: Database,
  { id, texts }: UnscrubbedSuggestion,
  scrubbed: RecordedTexts,
  scrubberVersion: number,
): void {
  db.transaction(() => {
    for (const column of ['prefix', 'text', 'suffix'] as const) {
      if (scrubbed[column] === texts[column]) continue;
      const sql = `UPDATE suggestions SET ${column} = ? WHERE id = ? AND ${column} = ?`;
      db.run(sql, scrubbed[column].toWellFormed(), id, texts[column]);
    }
    if (scrubbed.keptText !== texts.keptText)
      db.run(
        'UPDATE outcomes SET keptText = ? WHERE suggestionId = ? AND keptText IS ?',
        scrubbed.keptText?.toWellFormed() ?? null,
        id,
        texts.keptText ?? null,
      );
    db.run('UPDATE suggestions SET scrubberVersion = ? WHERE id = ?', scrubberVersion, id);
  });
}

/** JSON of one report, as it is stored. */
export interface UnscrubbedReport {
  readonly id: number;
  readonly report: string;
}

/** Any one; undefined when there is none left. */
export function unscrubbedReport(db: Database, scrubberVersion: number): UnscrubbedReport | undefined {
  const row = db.get('SELECT id, report FROM evalReports WHERE scrubberVersion < ? LIMIT 1', scrubberVersion);
  return row === undefined ? undefined : { id: Number(row['id']), report: row['report'] as string };
}

/** @returns false when it was changed since it was read, and is as it was then. */
export function replaceReport(
  db: Database,
  { id, report }: UnscrubbedReport,
  scrubbed: string,
  scrubberVersion: number,
): boolean {
  const { changes } = db.run(
    'UPDATE evalReports SET report = ?, scrubberVersion = ? WHERE id = ? AND report = ?',
    scrubbed,
    scrubberVersion,
    id,
    report,
  );
  return changes > 0;
}
