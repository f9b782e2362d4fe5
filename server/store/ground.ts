/** Opens the ground database: what was recorded and can't be computed again. Each table has a file of its own. */

import { existsSync } from 'node:fs';
import type { Clock } from '../base/clock.ts';
import type { Disposable } from '../base/disposable.ts';
import { IdiomError } from '../base/errors.ts';
import { activityCountsTable } from './activityCounts.ts';
import type { ActivityCountsTable } from './activityCounts.ts';
import { adapterAliasesTable } from './adapterAliases.ts';
import type { AdapterAliasesTable } from './adapterAliases.ts';
import { adapterVersionsTable } from './adapterVersions.ts';
import type { AdapterVersionsTable } from './adapterVersions.ts';
import { auditEntriesTable } from './auditEntries.ts';
import type { AuditEntriesTable } from './auditEntries.ts';
import { consentsTable } from './consents.ts';
import type { ConsentsTable } from './consents.ts';
import { explainDatabaseError, isCorruption, openDatabase, setDatabaseAside } from './database.ts';
import type { Database } from './database.ts';
import { evalReportsTable } from './evalReports.ts';
import type { EvalReportsTable } from './evalReports.ts';
import { groundMigrations } from './groundMigrations.ts';
import { loopStatesTable } from './loopStates.ts';
import type { LoopStatesTable } from './loopStates.ts';
import { repositoryKeysTable } from './repositoryKeys.ts';
import type { RepositoryKeysTable } from './repositoryKeys.ts';
import { migrate, refuseNewer } from './migrations.ts';
import { outcomesTable } from './outcomes.ts';
import type { OutcomesTable } from './outcomes.ts';
import { scrubbedFilesTable } from './scrubbedFiles.ts';
import type { ScrubbedFilesTable } from './scrubbedFiles.ts';
import { shadowScoresTable } from './shadowScores.ts';
import type { ShadowScoresTable } from './shadowScores.ts';
import { suggestionsTable } from './suggestions.ts';
import type { SuggestionsTable } from './suggestions.ts';
import { survivalsTable } from './survivals.ts';
import type { SurvivalsTable } from './survivals.ts';
import { switchedOffTable } from './switchedOff.ts';
import type { SwitchedOffTable } from './switchedOff.ts';
import { thumbsTable } from './thumbs.ts';
import type { ThumbsTable } from './thumbs.ts';
import { trainingRunsTable } from './trainingRuns.ts';
import type { TrainingRunsTable } from './trainingRuns.ts';

export interface Ground extends Disposable {
  readonly db: Database;
  readonly suggestions: SuggestionsTable;
  readonly outcomes: OutcomesTable;
  readonly survivals: SurvivalsTable;
  readonly thumbs: ThumbsTable;
  readonly consents: ConsentsTable;
  readonly repositoryKeys: RepositoryKeysTable;
  readonly switchedOff: SwitchedOffTable;
  readonly loopStates: LoopStatesTable;
  readonly shadowScores: ShadowScoresTable;
  readonly adapterVersions: AdapterVersionsTable;
  readonly adapterAliases: AdapterAliasesTable;
  readonly evalReports: EvalReportsTable;
  readonly auditEntries: AuditEntriesTable;
  readonly scrubbedFiles: ScrubbedFilesTable;
  readonly activityCounts: ActivityCountsTable;
  readonly trainingRuns: TrainingRunsTable;
}

export interface OpenedGround {
  readonly ground: Ground;
  /** Where a corrupt database was moved to, to be told to the user; a new one is open then. */
  readonly setAside?: string;
}

/** Waiting blocks the thread, and a record is not worth a stutter: a daemon would rather lose one. */
const writeWaitMs = 250;

/**
 * Opens, or creates, and migrates. A corrupt file is moved aside, never deleted, and a new one is made.
 * @throws IdiomError `storeNewer` (the file is left untouched), `storeUnusable`, `diskFull` or `notPermitted`.
 */
export function openGround(path: string, clock: Pick<Clock, 'nowMs'>): OpenedGround {
  try {
    return { ground: open(path) };
  } catch (error) {
    if (!isCorruption(error)) throw explainDatabaseError(error, path);
    const setAside = setDatabaseAside(path, clock.nowMs());
    return { ground: open(path), setAside };
  }
}

/**
 * Opens one that is there, without a look at every page, for a short question. Undefined where there is none, or where it
 * can't be used: whoever needs it then opens it with openGround, which says why.
 */
export function openGroundBriefly(path: string): Ground | undefined {
  if (!existsSync(path)) return undefined;
  try {
    return open(path, () => undefined);
  } catch {
    return undefined;
  }
}

function open(path: string, check = checkPages): Ground {
  if (path !== ':memory:' && existsSync(path)) refuseNewerFile(path);
  const db = openDatabase({ path });
  try {
    check(db);
    // What is deleted is overwritten: it may be code that someone wanted gone.
    db.exec('PRAGMA secure_delete = ON');
    migrate(db, groundMigrations);
    db.exec(`PRAGMA busy_timeout = ${writeWaitMs}`);
  } catch (error) {
    db.dispose();
    throw error;
  }
  return {
    db,
    suggestions: suggestionsTable(db),
    outcomes: outcomesTable(db),
    survivals: survivalsTable(db),
    thumbs: thumbsTable(db),
    consents: consentsTable(db),
    repositoryKeys: repositoryKeysTable(db),
    switchedOff: switchedOffTable(db),
    loopStates: loopStatesTable(db),
    shadowScores: shadowScoresTable(db),
    adapterVersions: adapterVersionsTable(db),
    adapterAliases: adapterAliasesTable(db),
    evalReports: evalReportsTable(db),
    auditEntries: auditEntriesTable(db),
    scrubbedFiles: scrubbedFilesTable(db),
    activityCounts: activityCountsTable(db),
    trainingRuns: trainingRunsTable(db),
    dispose: () => db.dispose(),
  };
}

/** Looks without a right to write, so that a newer file stays as it is to the byte. */
function refuseNewerFile(path: string): void {
  const db = openDatabase({ path, isReadOnly: true });
  try {
    refuseNewer(db, groundMigrations);
  } finally {
    db.dispose();
  }
}

/** Reads every page once; measured at 145 ms for 200 MB in the page cache. */
function checkPages(db: Database): void {
  const verdict = db.get('PRAGMA quick_check(1)')?.['quick_check'];
  if (verdict === 'ok') return;
  const corrupt = Object.assign(new Error(String(verdict)), { errcode: 11 });
  throw new IdiomError('storeUnusable', `The database ${db.path} is damaged.`, { cause: corrupt });
}
