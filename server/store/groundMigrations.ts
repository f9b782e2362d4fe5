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
  {
    version: 3,
    sql: `
      CREATE TABLE adapterVersions (
        digest TEXT PRIMARY KEY,
        repoId TEXT NOT NULL,
        baseDigest TEXT NOT NULL,
        createdAtMs INTEGER NOT NULL,
        sizeBytes INTEGER NOT NULL,
        lineage TEXT NOT NULL,
        forgottenWhy TEXT,
        collectedAtMs INTEGER
      ) STRICT, WITHOUT ROWID;
      CREATE INDEX adapterVersionsByRepo ON adapterVersions (repoId, baseDigest, createdAtMs);

      CREATE TABLE adapterAliases (
        repoId TEXT NOT NULL,
        baseDigest TEXT NOT NULL,
        alias TEXT NOT NULL CHECK (alias IN ('champion', 'previous', 'canary')),
        digest TEXT NOT NULL REFERENCES adapterVersions (digest),
        setAtMs INTEGER NOT NULL,
        PRIMARY KEY (repoId, baseDigest, alias)
      ) STRICT, WITHOUT ROWID;

      CREATE TABLE evalReports (
        id INTEGER PRIMARY KEY,
        repoId TEXT NOT NULL,
        baseDigest TEXT NOT NULL,
        candidate TEXT NOT NULL,
        champion TEXT NOT NULL,
        createdAtMs INTEGER NOT NULL,
        verdict TEXT NOT NULL CHECK (verdict IN ('pass', 'refuse')),
        report TEXT NOT NULL
      ) STRICT;
      CREATE INDEX evalReportsByCandidate ON evalReports (candidate, createdAtMs);

      CREATE TABLE auditEntries (
        id INTEGER PRIMARY KEY,
        repoId TEXT NOT NULL,
        atMs INTEGER NOT NULL,
        who TEXT NOT NULL,
        what TEXT NOT NULL,
        digest TEXT,
        why TEXT NOT NULL
      ) STRICT;
      CREATE INDEX auditEntriesByRepo ON auditEntries (repoId, atMs);
    `,
  },
  {
    version: 4,
    sql: `
      ALTER TABLE outcomes ADD COLUMN keptText TEXT;
      CREATE TABLE thumbs (
        suggestionId TEXT PRIMARY KEY REFERENCES suggestions (id) ON DELETE CASCADE,
        thumbs TEXT NOT NULL CHECK (thumbs IN ('up', 'down')),
        atMs INTEGER NOT NULL
      ) STRICT, WITHOUT ROWID;
    `,
  },
  {
    version: 5,
    sql: `
      CREATE TABLE loopStates (
        repoId TEXT NOT NULL,
        baseDigest TEXT NOT NULL,
        state TEXT NOT NULL,
        updatedAtMs INTEGER NOT NULL,
        PRIMARY KEY (repoId, baseDigest)
      ) STRICT, WITHOUT ROWID;

      CREATE TABLE shadowScores (
        candidate TEXT NOT NULL,
        champion TEXT NOT NULL,
        suggestionId TEXT NOT NULL,
        atMs INTEGER NOT NULL,
        candidateNll REAL NOT NULL,
        championNll REAL NOT NULL,
        PRIMARY KEY (candidate, champion, suggestionId)
      ) STRICT, WITHOUT ROWID;
    `,
  },
  {
    version: 6,
    // Figures are read from these alone: a suggestion's row holds code text and a report's thousands of cases.
    sql: `
      CREATE INDEX suggestionsForFigures ON suggestions (repoId, atMs, adapter, id);
      CREATE INDEX evalReportsForFigures ON evalReports (
        repoId, candidate, createdAtMs, verdict,
        json_extract(report, '$.sets.repository.nll.mean'),
        json_extract(report, '$.sets.repository.nll.low'),
        json_extract(report, '$.sets.repository.nll.high')
      );
    `,
  },
  {
    version: 7,
    // Rows of before may hold what a newer scrubber finds.
    sql: `
      ALTER TABLE suggestions ADD COLUMN scrubberVersion INTEGER NOT NULL DEFAULT 0;
      CREATE INDEX suggestionsByScrubber ON suggestions (scrubberVersion);
      ALTER TABLE evalReports ADD COLUMN scrubberVersion INTEGER NOT NULL DEFAULT 0;
      CREATE INDEX evalReportsByScrubber ON evalReports (scrubberVersion);
      CREATE TABLE scrubbedFiles (
        name TEXT PRIMARY KEY,
        scrubberVersion INTEGER NOT NULL
      ) STRICT, WITHOUT ROWID;
    `,
  },
  {
    version: 8,
    // A person's name for a version, which stays whatever is added later, imported ones included.
    sql: `
      ALTER TABLE adapterVersions ADD COLUMN number INTEGER NOT NULL DEFAULT 0;
      UPDATE adapterVersions SET number = counted.number FROM (
        SELECT digest, row_number() OVER (PARTITION BY repoId ORDER BY createdAtMs, digest) AS number
        FROM adapterVersions) AS counted
      WHERE counted.digest = adapterVersions.digest;
    `,
  },
  {
    version: 9,
    sql: `
      CREATE TABLE repositoryKeys (
        key TEXT PRIMARY KEY,
        repoId TEXT NOT NULL,
        hasGit INTEGER NOT NULL CHECK (hasGit IN (0, 1)),
        remote TEXT,
        seenAtMs INTEGER NOT NULL
      ) STRICT, WITHOUT ROWID;
      CREATE INDEX repositoryKeysByRepo ON repositoryKeys (repoId, key);

      CREATE TABLE switchedOff (
        repoId TEXT NOT NULL,
        what TEXT NOT NULL CHECK (what IN ('suggestions', 'learning')),
        atMs INTEGER NOT NULL,
        PRIMARY KEY (repoId, what)
      ) STRICT, WITHOUT ROWID;
    `,
  },
  {
    version: 10,
    // Figures by language, folder and time to answer come from the index too, never from rows that hold code text.
    sql: `
      DROP INDEX suggestionsForFigures;
      CREATE INDEX suggestionsForFigures ON suggestions (
        repoId, atMs, adapter, id, languageId, path, json_extract(latencyMs, '$.total')
      );
      CREATE TABLE activityCounts (
        repoId TEXT NOT NULL,
        atMs INTEGER NOT NULL,
        kind TEXT NOT NULL,
        count INTEGER NOT NULL,
        PRIMARY KEY (repoId, atMs, kind)
      ) STRICT, WITHOUT ROWID;
      CREATE TABLE trainingRuns (
        id TEXT PRIMARY KEY,
        repoId TEXT NOT NULL,
        atMs INTEGER NOT NULL,
        cpuMs INTEGER NOT NULL,
        digest TEXT,
        curve TEXT
      ) STRICT, WITHOUT ROWID;
      CREATE INDEX trainingRunsByRepo ON trainingRuns (repoId, atMs);
    `,
  },
];
