/** The table of files that never change and were looked through for secrets, with the version of the scrubber that did it. */

import type { Database } from './database.ts';

export interface ScrubbedFilesTable {
  /** Whether that version of the scrubber, or a newer one, has looked at it. */
  has(name: string, scrubberVersion: number): boolean;
  put(name: string, scrubberVersion: number): void;
  /** Forgets all whose name begins so and is not in `names`. */
  keepOnly(prefix: string, names: ReadonlySet<string>): void;
}

export function scrubbedFilesTable(db: Database): ScrubbedFilesTable {
  return {
    has: (name, scrubberVersion) =>
      db.get('SELECT 1 FROM scrubbedFiles WHERE name = ? AND scrubberVersion >= ?', name, scrubberVersion) !==
      undefined,
    put: (name, scrubberVersion) =>
      void db.run(
        `INSERT INTO scrubbedFiles (name, scrubberVersion) VALUES (?, ?)
         ON CONFLICT (name) DO UPDATE SET scrubberVersion = excluded.scrubberVersion`,
        name,
        scrubberVersion,
      ),
    keepOnly(prefix, names) {
      for (const row of db.all('SELECT name FROM scrubbedFiles WHERE instr(name, ?) = 1', prefix)) {
        const name = row['name'] as string;
        if (!names.has(name)) db.run('DELETE FROM scrubbedFiles WHERE name = ?', name);
      }
    },
  };
}
