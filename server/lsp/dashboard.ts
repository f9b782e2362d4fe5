/** `idiom/dashboard`: all that the dashboard shows of one repository, gathered from the record, the registry and the loop. */

import { join } from 'node:path';
import type { Connection } from 'vscode-languageserver';
import { z } from 'zod';
import { learningMessages } from '../../protocol/learning.ts';
import type { DashboardResult, RepositoryLearning, VersionsResult } from '../../protocol/learning.ts';
import type { IndexNumbers } from '../../protocol/messages.ts';
import { sizeOnDisk } from '../base/sizeOnDisk.ts';
import type { Ground } from '../store/ground.ts';
import { collectFigures, noFigures } from './dashboardFigures.ts';

/** What is known of one repository, from those who keep it. */
export interface DashboardSources {
  readonly learning: RepositoryLearning;
  readonly versions: VersionsResult;
  /** Undefined where nothing could be opened to record in. */
  readonly ground: Pick<Ground, 'db' | 'activityCounts' | 'auditEntries' | 'trainingRuns'> | undefined;
  /** Digest of the adapter that comes with Idiom; undefined: none for this base model. */
  readonly builtIn: string | undefined;
  /** Absent before the index could be opened. */
  readonly index: IndexNumbers | undefined;
  readonly folders: DashboardFolders;
  readonly nowMs: number;
}

/** Where the ground state lies, and the base models. */
export interface DashboardFolders {
  readonly data: string;
  readonly models: string;
}

const nAuditEntries = 200;
const maxDays = 90;
const paramsSchema = z.object({
  uri: z.string().max(4096),
  nDays: z.int().min(1).max(maxDays).default(maxDays),
});

/** `sourcesOf` answers for the repository of any file or folder in it. @throws what it throws, to the client. */
export function registerDashboard(
  connection: Connection,
  sourcesOf: (uri: string) => Promise<DashboardSources>,
): void {
  connection.onRequest(learningMessages.dashboard, async (params: unknown) => {
    const { uri, nDays } = paramsSchema.parse(params);
    return dashboardOf(await sourcesOf(uri), nDays);
  });
}

export async function dashboardOf(sources: DashboardSources, nDays = maxDays): Promise<DashboardResult> {
  const { learning, versions, ground, index, builtIn, nowMs } = sources;
  const figures =
    ground === undefined
      ? noFigures(nDays)
      : await collectFigures({ ...{ ground, versions, builtIn, nDays, nowMs }, repoId: learning.repoId });
  const audit = ground?.auditEntries.of(learning.repoId, nAuditEntries) ?? [];
  return {
    learning,
    versions,
    ...figures,
    storage: storageOf(sources),
    ...(index === undefined
      ? {}
      : { index: { nFiles: index.nFiles, nChunks: index.nChunks, indexBytes: index.indexBytes } }),
    audit: audit.map(({ atMs, who, what, digest, why }) => ({
      ...{ atMs, who, what, why },
      ...(digest === undefined ? {} : { digest }),
    })),
  };
}

function storageOf({ versions, folders, index }: DashboardSources): DashboardResult['storage'] {
  const database = join(folders.data, 'idiom.sqlite');
  const datasets = new Set(versions.versions.map(({ datasetDigest }) => datasetDigest));
  return [
    {
      what: 'Suggestions, outcomes and log, of all repositories',
      sizeBytes: sizeOnDisk(database, `${database}-wal`),
    },
    {
      what: 'Versions of this repository',
      sizeBytes: versions.versions.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
    },
    {
      what: 'Datasets of this repository',
      sizeBytes: sizeOnDisk(...[...datasets].map((digest) => join(folders.data, 'datasets', digest))),
    },
    { what: 'Index of this repository', sizeBytes: index?.indexBytes ?? 0 },
    { what: 'Base models', sizeBytes: sizeOnDisk(folders.models) },
  ];
}
