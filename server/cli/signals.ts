/** `idiom signals`: what was recorded about suggestions, listed, summed up or deleted. */

import { existsSync } from 'node:fs';
import { Option } from 'commander';
import type { Command } from 'commander';
import { IdiomError } from '../base/errors.ts';
import { openGround } from '../store/ground.ts';
import type { Ground } from '../store/ground.ts';
import { outcomeKinds } from '../store/outcomes.ts';
import type { OutcomeKind } from '../store/outcomes.ts';
import { countByPath, deleteSignals, hasSignals, listSignals, sumSignals } from '../store/signalRecords.ts';
import type { PathCount, SignalFilter } from '../store/signalRecords.ts';
import type { CliContext } from './cliContext.ts';
import { describeSignal, describeTotals, toSignalJson } from './describeSignals.ts';
import { choosePath } from './pathOption.ts';
import { checkTime, readTime } from './readTime.ts';
import { wholeNumber } from './wholeNumber.ts';

/** What this command uses of the CLI's context. */
export type SignalsContext = Pick<CliContext, 'groundPath' | 'write' | 'remark' | 'nowMs' | 'confirm'> & {
  repo(): Promise<{ readonly repoId: string; readonly root: string }>;
};

interface SignalsFlags {
  readonly since?: string;
  readonly before?: string;
  readonly path?: string;
  readonly outcome?: OutcomeKind;
  readonly limit: number;
  readonly everywhere?: boolean;
  readonly delete?: boolean;
  readonly all?: boolean;
  readonly yes?: boolean;
  readonly json?: boolean;
}

const nPathsPrinted = 20;

export function registerSignals(program: Command, context: SignalsContext): void {
  program
    .command('signals')
    .description('list what became of suggestions, with totals; or delete it with --delete')
    .option('--since <when>', 'from then on: a date, or 90m, 12h, 7d ago', checkTime)
    .option('--before <when>', 'until then: a date, or 90m, 12h, 7d ago', checkTime)
    .option(
      '--path <path>',
      'a file or folder, relative to the repository; or a pattern, * stands for slashes too',
    )
    .addOption(new Option('--outcome <kind>', 'only these').choices(outcomeKinds))
    .option('--limit <n>', 'how many are listed; totals count all', wholeNumber(1, 1_000_000), 20)
    .option('--everywhere', 'of all repositories, not of this one alone')
    .option('--delete', 'delete those that match; asks first on a terminal')
    .option('--all', 'with --delete: all of this repository, or everywhere')
    .option('--yes', 'with --delete: do not ask')
    .option('--json', 'answer as JSON')
    .action(async (flags: SignalsFlags) => {
      checkFlags(flags);
      const repo = await context.repo();
      if (!existsSync(context.groundPath)) return answerNothing(flags, context);
      const { ground, setAside } = openGround(context.groundPath, context);
      try {
        if (setAside !== undefined) {
          context.remark(`The damaged record was set aside as ${setAside}; a new one was begun.`);
        }
        ground.db.exec('PRAGMA busy_timeout = 5000');
        const filter = toFilter(ground, flags, repo, context.nowMs());
        if (flags.delete === true) await remove(ground, filter, flags, context);
        else list(ground, filter, flags, context);
      } finally {
        ground.dispose();
      }
    });
}

function list(ground: Ground, filter: SignalFilter, flags: SignalsFlags, context: SignalsContext): void {
  const totals = sumSignals(ground.db, filter);
  const records = listSignals(ground.db, filter, flags.limit);
  if (flags.json === true) {
    context.write(JSON.stringify({ totals, signals: records.map(toSignalJson) }));
    return;
  }
  for (const record of records) context.write(describeSignal(record));
  if (records.length > 0) context.write('');
  for (const line of describeTotals(totals)) context.write(line);
}

async function remove(
  ground: Ground,
  filter: SignalFilter,
  flags: SignalsFlags,
  context: SignalsContext,
): Promise<void> {
  const counts = countByPath(ground.db, filter);
  if (counts.length > 0 && flags.yes !== true) {
    const count = counts.reduce((sum, each) => sum + each.count, 0);
    const question = [
      `This deletes ${suggestions(count)}:`,
      ...describeCounts(counts),
      'Delete them? This cannot be undone.',
    ].join('\n');
    // A script that can't be asked has said --delete; a person may have meant another file.
    if ((await context.confirm(question)) === false) throw new IdiomError('wrongUse', 'Nothing was deleted.');
  }
  const { deleted, paths } = deleteSignals(ground.db, filter);
  if (flags.json === true) {
    context.write(JSON.stringify({ deleted, paths }));
    return;
  }
  context.write(`Deleted ${suggestions(deleted)}.`);
  for (const line of describeCounts(paths)) context.write(line);
}

function suggestions(count: number): string {
  return count === 1 ? '1 suggestion' : `${count} suggestions`;
}

function describeCounts(counts: readonly PathCount[]): string[] {
  const lines = counts.slice(0, nPathsPrinted).map(({ path, count }) => `  ${path}: ${count}`);
  const nLeft = counts.length - lines.length;
  return nLeft > 0 ? [...lines, `  and ${nLeft} more files`] : lines;
}

function answerNothing(flags: SignalsFlags, context: SignalsContext): void {
  const isDelete = flags.delete === true;
  const json = isDelete ? { deleted: 0, paths: [] } : { totals: null, signals: [] };
  const text = isDelete ? 'Deleted 0 suggestions.' : 'Nothing is recorded yet.';
  context.write(flags.json === true ? JSON.stringify(json) : text);
}

function checkFlags({ delete: isDelete, all, yes, path, before, since, outcome }: SignalsFlags): void {
  const isFiltered = [path, before, since, outcome].some((each) => each !== undefined);
  if (all === true && isDelete !== true) throw new IdiomError('wrongUse', '--all goes with --delete only.');
  if (yes === true && isDelete !== true) throw new IdiomError('wrongUse', '--yes goes with --delete only.');
  if (isDelete !== true) return;
  if (all === true && isFiltered) {
    throw new IdiomError('wrongUse', '--all deletes everything, so it goes with no filter.');
  }
  if (all !== true && !isFiltered) {
    throw new IdiomError('wrongUse', '--delete needs to know what: --all, --path PATH or --before DATE.');
  }
}

function toFilter(
  { db }: Ground,
  flags: SignalsFlags,
  repo: { readonly repoId: string; readonly root: string },
  nowMs: number,
): SignalFilter {
  const repoId = flags.everywhere === true ? undefined : repo.repoId;
  const isRecorded = (within: string) => hasSignals(db, { repoId, within });
  return {
    repoId,
    sinceMs: readTime(flags.since, nowMs),
    beforeMs: readTime(flags.before, nowMs),
    ...(flags.path === undefined ? {} : choosePath(flags.path, repo.root, isRecorded)),
    kind: flags.outcome,
  };
}
