/**
 * Forgets what a person wants forgotten: rows in one transaction, then files. What has to be done is written down before,
 * so that a process which is killed in between is finished by the next one.
 */

import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { EvalReport } from '../../protocol/evalReport.ts';
import type { Clock } from '../base/clock.ts';
import { writeFileAtomic } from '../base/writeFile.ts';
import type { AdapterRegistry, ForgottenChampion } from '../registry/adapterRegistry.ts';
import { reconcile } from '../registry/tidyAdapters.ts';
import type { Ground } from '../store/ground.ts';
import { deleteSignalRows, emptyLog, sumSignals } from '../store/signalRecords.ts';
import type { SignalFilter } from '../store/signalRecords.ts';
import { findForgotten } from './findForgotten.ts';
import { forgetFrozen } from './forgetFrozen.ts';
import { describeScope } from './forgetScope.ts';
import type { ForgetScope } from './forgetScope.ts';
import { removeLearned } from './removeLearned.ts';
import { scrubReport } from './scrubReport.ts';

export interface ForgetProps {
  readonly ground: Ground;
  readonly registry: AdapterRegistry;
  /** Ground state, with `datasets/` and `frozen/`; derived state, with `trainings/`. */
  readonly folders: { readonly data: string; readonly cache: string };
  readonly clock: Pick<Clock, 'nowMs'>;
  readonly signal: AbortSignal;
}

export interface Forgotten {
  readonly nSuggestions: number;
  readonly nOutcomes: number;
  readonly nExamples: number;
  /** Digests. */
  readonly datasets: readonly string[];
  /** Digests of adapters whose lineage held something of it, and that may never serve again. */
  readonly adapters: readonly string[];
  /** Where one of them was a champion: what serves now. */
  readonly champions: readonly ForgottenChampion[];
}

export const nothingForgotten: Forgotten = {
  ...{ nSuggestions: 0, nOutcomes: 0, nExamples: 0, datasets: [], adapters: [], champions: [] },
};

/** As it is told: the shape of ForgetResult in protocol/learning.ts. */
export function sumForgotten(forgotten: Forgotten, isRetraining: boolean) {
  const { nSuggestions, nOutcomes, nExamples, datasets, adapters, champions } = forgotten;
  const [champion] = champions;
  return {
    ...{ nSuggestions, nOutcomes, nExamples, nDatasets: datasets.length, adapters },
    ...(champion === undefined ? {} : { rolledBackTo: champion.to }),
    isRetraining,
  };
}

/** What would be forgotten. */
export async function countForgotten(props: ForgetProps, scope: ForgetScope): Promise<Forgotten> {
  reconcile(props.registry);
  const found = await findForgotten({ ...props, dataFolder: props.folders.data }, scope);
  const champions = props.ground.adapterAliases
    .all()
    .filter(({ alias, digest }) => alias === 'champion' && found.adapters.includes(digest))
    .map(({ repoId, baseDigest, digest }) => {
      const { previous } = props.ground.adapterAliases.of(repoId, baseDigest);
      const isLeft = previous !== undefined && !found.adapters.includes(previous);
      const stand = props.registry.taskAdapterOf(baseDigest) === undefined ? 'base' : 'task';
      return { repoId, baseDigest, from: digest, to: isLeft ? previous : stand };
    });
  const { nExamples, datasets, adapters } = found;
  return { ...countRows(props, scope), nExamples, datasets, adapters, champions };
}

/**
 * Done twice, it does nothing the second time. What is recorded meanwhile stays.
 * @throws IdiomError `diskFull` or `notPermitted` when what is to be done cannot be written down: then nothing is forgotten.
 */
export async function forget(props: ForgetProps, scope: ForgetScope): Promise<Forgotten> {
  const { data } = props.folders;
  const task = { scope, beforeMs: props.clock.nowMs() };
  mkdirSync(data, { recursive: true, mode: 0o700 });
  const path = join(data, `forget-${randomUUID()}.json`);
  writeFileAtomic(path, JSON.stringify(task));
  const forgotten = await carryOut(props, task);
  rmSync(path, { force: true });
  return forgotten;
}

/** At start: finishes what a killed process began. */
export async function resumeForgetting(props: ForgetProps): Promise<Forgotten[]> {
  const { data } = props.folders;
  const names = existsSync(data) ? readdirSync(data).filter((name) => /^forget-.*\.json$/.test(name)) : [];
  const done: Forgotten[] = [];
  for (const name of names) {
    const path = join(data, name);
    const task = readTask(path);
    if (task !== undefined) done.push(await carryOut(props, task));
    rmSync(path, { force: true });
  }
  return done;
}

const taskSchema = z.object({
  scope: z.object({
    repoId: z.string(),
    path: z.string().optional(),
    sinceMs: z.number().optional(),
    untilMs: z.number().optional(),
  }),
  /** What is recorded later was not meant. */
  beforeMs: z.number(),
});
type ForgetTask = z.infer<typeof taskSchema>;

function readTask(path: string): ForgetTask | undefined {
  try {
    return taskSchema.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch {
    return undefined;
  }
}

async function carryOut(props: ForgetProps, { scope, beforeMs }: ForgetTask): Promise<Forgotten> {
  const { ground, registry, folders } = props;
  // A version whose process died before it was written down is one too.
  reconcile(registry);
  const found = await findForgotten({ ...props, dataFolder: folders.data }, scope);
  const why = `Something that it learned from was forgotten: ${describeScope(scope)}.`;
  const { rows, champions } = ground.db.transaction(() => {
    const counted = countRows(props, scope, beforeMs);
    deleteSignalRows(ground.db, filterOf(scope, beforeMs));
    ground.shadowScores.prune();
    if (scope.path === undefined) forgetCounts(ground, scope, beforeMs);
    scrubReports(ground, found.reportIds, scope);
    const moved = registry.markForgotten(found.adapters, why);
    const sums = `${counted.nSuggestions} suggestions, ${found.nExamples} examples, ${found.adapters.length} adapters`;
    if (counted.nSuggestions + found.datasets.length + found.adapters.length > 0)
      registry.record({
        ...{ repoId: scope.repoId, who: 'forget', what: 'forgotten' },
        why: `A person had ${describeScope(scope)} forgotten: ${sums}.`,
      });
    return { rows: counted, champions: moved };
  });
  emptyLog(ground.db);
  forgetFrozen(ground.db, folders.data, scope);
  removeLearned(props, found);
  const { nExamples, datasets, adapters } = found;
  return { ...rows, nExamples, datasets, adapters, champions };
}

function countRows(
  { ground, clock }: ForgetProps,
  scope: ForgetScope,
  beforeMs = clock.nowMs(),
): Pick<Forgotten, 'nSuggestions' | 'nOutcomes'> {
  const { returned } = sumSignals(ground.db, filterOf(scope, beforeMs));
  const undecided = sumSignals(ground.db, { ...filterOf(scope, beforeMs), kind: 'returned' }).returned;
  return { nSuggestions: returned, nOutcomes: returned - undecided };
}

/** They have no path, so that what is forgotten of a file or folder leaves them. */
function forgetCounts(ground: Ground, { repoId, sinceMs, untilMs }: ForgetScope, beforeMs: number): void {
  const end = Math.floor(Math.min(beforeMs, untilMs ?? beforeMs)) + 1;
  for (const id of ground.repositoryKeys.linkedTo(repoId))
    ground.activityCounts.delete({
      repoId: id,
      beforeMs: end,
      ...(sinceMs === undefined ? {} : { sinceMs }),
    });
}

function filterOf({ repoId, path, sinceMs, untilMs }: ForgetScope, beforeMs: number): SignalFilter {
  const endMs = Math.min(beforeMs, untilMs ?? beforeMs);
  return { repoId, within: path, sinceMs, beforeMs: Math.floor(endMs) + 1 };
}

function scrubReports(ground: Ground, ids: readonly number[], scope: ForgetScope): void {
  for (const id of ids) {
    const row = ground.db.get('SELECT report FROM evalReports WHERE id = ?', id);
    if (row === undefined) continue;
    const report = scrubReport(JSON.parse(row['report'] as string) as EvalReport, scope);
    ground.db.run('UPDATE evalReports SET report = ? WHERE id = ?', JSON.stringify(report), id);
  }
}
