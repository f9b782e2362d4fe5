/** The table of trainings: what each took of the processor, and the curves of those that ended with a version. */

import type { Database } from './database.ts';
import { linkedIds } from './repositoryKeys.ts';

export interface TrainingCurve {
  /** Of the version that came of it. */
  readonly digest: string;
  readonly nSteps: number;
  /** Nats per token of the examples of each step, evenly thinned; the first and the last step are among them. */
  readonly losses: readonly number[];
  /** Nats per token of lines that were not trained on, after so many steps; 0: before the first. */
  readonly validation: readonly { readonly step: number; readonly nll: number }[];
}

export interface TrainingRunsTable {
  /** Adds to what the training with this id took before: one that was ended goes on in another process. */
  addCost(run: {
    readonly id: string;
    readonly repoId: string;
    readonly atMs: number;
    readonly cpuMs: number;
  }): void;
  /** Nothing happens for a training of which no cost is known. */
  setCurve(id: string, curve: TrainingCurve): void;
  /** Processor time of the trainings since then, and how many there were. */
  cost(repoId: string, sinceMs: number): { readonly cpuMs: number; readonly nTrainings: number };
  /** Newest first. */
  curves(repoId: string, limit: number): TrainingCurve[];
}

export function trainingRunsTable(db: Database): TrainingRunsTable {
  return {
    addCost: ({ id, repoId, atMs, cpuMs }) =>
      void db.run(
        `INSERT INTO trainingRuns (id, repoId, atMs, cpuMs) VALUES (?, ?, ?, ?)
         ON CONFLICT DO UPDATE SET cpuMs = cpuMs + excluded.cpuMs, atMs = excluded.atMs`,
        ...[id, repoId, Math.round(atMs), Math.round(cpuMs)],
      ),
    setCurve: (id, { digest, ...curve }) =>
      void db.run(
        'UPDATE trainingRuns SET digest = ?, curve = ? WHERE id = ?',
        ...[digest, JSON.stringify(curve), id],
      ),
    cost(repoId, sinceMs) {
      const row = db.get(
        `SELECT total(cpuMs) AS cpuMs, count(*) AS n FROM trainingRuns
         WHERE repoId IN ${linkedIds} AND atMs >= ?`,
        ...[repoId, repoId, Math.round(sinceMs)],
      );
      return { cpuMs: Number(row?.['cpuMs'] ?? 0), nTrainings: Number(row?.['n'] ?? 0) };
    },
    curves: (repoId, limit) =>
      db
        .all(
          `SELECT digest, curve FROM trainingRuns WHERE repoId IN ${linkedIds} AND curve IS NOT NULL
           ORDER BY atMs DESC LIMIT ?`,
          ...[repoId, repoId, limit],
        )
        .map((row) => ({
          digest: row['digest'] as string,
          ...(JSON.parse(row['curve'] as string) as Omit<TrainingCurve, 'digest'>),
        })),
  };
}
