/** The schema of the ground database, as the steps that led to it. A released step is never edited: add another. */

import type { Migration } from './migrations.ts';

export const groundMigrations: readonly Migration[] = [
  {
    version: 1,
    sql: `
      CREATE TABLE suggestions (
        id TEXT PRIMARY KEY,
        repoId TEXT NOT NULL,
        uri TEXT NOT NULL,
        path TEXT NOT NULL,
        languageId TEXT NOT NULL,
        atMs INTEGER NOT NULL,
        cursorOffset INTEGER NOT NULL,
        prefix TEXT NOT NULL,
        suffix TEXT NOT NULL,
        text TEXT NOT NULL,
        isMultiline INTEGER NOT NULL CHECK (isMultiline IN (0, 1)),
        adapter TEXT NOT NULL,
        baseModel TEXT NOT NULL,
        route TEXT NOT NULL,
        latencyMs TEXT NOT NULL,
        snippets TEXT NOT NULL
      ) STRICT;
      CREATE INDEX suggestionsByRepo ON suggestions (repoId, atMs);
      CREATE INDEX suggestionsByTime ON suggestions (atMs);
      CREATE INDEX suggestionsByPath ON suggestions (repoId, path);
      CREATE INDEX suggestionsByUri ON suggestions (uri, atMs);

      CREATE TABLE outcomes (
        suggestionId TEXT PRIMARY KEY REFERENCES suggestions (id) ON DELETE CASCADE,
        kind TEXT NOT NULL CHECK (kind IN
          ('returned', 'shown', 'accepted', 'partiallyAccepted', 'typedOut', 'rejected', 'ignored')),
        isExplicit INTEGER CHECK (isExplicit IN (0, 1)),
        acceptedChars INTEGER NOT NULL CHECK (acceptedChars >= 0),
        isConfirmed INTEGER NOT NULL CHECK (isConfirmed IN (0, 1)),
        shownAtMs INTEGER,
        endedAtMs INTEGER,
        endReason TEXT
      ) STRICT;
      CREATE INDEX outcomesByKind ON outcomes (kind);

      CREATE TABLE survivals (
        suggestionId TEXT NOT NULL REFERENCES suggestions (id) ON DELETE CASCADE,
        afterS INTEGER NOT NULL,
        similarity REAL CHECK (similarity BETWEEN 0 AND 1),
        unknownReason TEXT,
        PRIMARY KEY (suggestionId, afterS),
        CHECK ((similarity IS NULL) <> (unknownReason IS NULL))
      ) STRICT, WITHOUT ROWID;
    `,
  },
  {
    version: 2,
    sql: `
      CREATE TABLE consents (
        ref TEXT PRIMARY KEY,
        answer TEXT NOT NULL CHECK (answer IN ('allow', 'deny')),
        atMs INTEGER NOT NULL
      ) STRICT, WITHOUT ROWID;
    `,
  },
];
