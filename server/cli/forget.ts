/** `idiom forget`: deletes what was recorded and learned of a file, a folder, a span of time or all, and says what is gone. */

import { existsSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import type { Command } from 'commander';
import { learningMessages } from '../../protocol/learning.ts';
import type { ForgetParams, ForgetResult } from '../../protocol/learning.ts';
import { IdiomError } from '../base/errors.ts';
import {
  countForgotten,
  forget,
  nothingForgotten,
  resumeForgetting,
  sumForgotten,
} from '../learning/forget.ts';
import type { ForgetProps, Forgotten } from '../learning/forget.ts';
import type { ForgetScope } from '../learning/forgetScope.ts';
import { adaptersFolder } from '../learning/trainRepository.ts';
import { createAdapterRegistry } from '../registry/adapterRegistry.ts';
import { findTaskAdapter } from '../registry/taskAdapter.ts';
import { openGround } from '../store/ground.ts';
import { askDaemon } from './askDaemon.ts';
import type { CliContext } from './cliContext.ts';
import { describeForgotten } from './describeForgotten.ts';
import { toRecordedPath } from './pathOption.ts';
import { checkTime, readTime } from './readTime.ts';
import { datasetsFolder } from '../learning/trainRepository.ts';

/** What this command uses of the CLI's context. */
export type ForgetContext = Pick<
  CliContext,
  | 'groundPath'
  | 'folders'
  | 'mediaDir'
  | 'socketPath'
  | 'processPath'
  | 'clock'
  | 'write'
  | 'remark'
  | 'nowMs'
  | 'signal'
  | 'confirm'
> & { repo(): Promise<{ readonly repoId: string; readonly root: string }> };

interface ForgetFlags {
  readonly path?: string;
  readonly since?: string;
  readonly until?: string;
  readonly dryRun?: boolean;
  readonly yes?: boolean;
  readonly json?: boolean;
}

export function registerForget(program: Command, context: ForgetContext): void {
  program
    .command('forget')
    .description('delete what was recorded and learned: of a file, a folder, a span of time, or everything')
    .option('--path <path>', 'a file or a folder, relative to the repository')
    .option('--since <when>', 'from then on: a date, or 90m, 12h, 7d ago', checkTime)
    .option('--until <when>', 'until then: a date, or 90m, 12h, 7d ago', checkTime)
    .option('--dry-run', 'only say what would be deleted')
    .option('--yes', 'do not ask')
    .option('--json', 'answer as JSON; goes with --yes or --dry-run')
    .action(async (flags: ForgetFlags) => {
      const repo = await context.repo();
      const scope = toScope(flags, repo, context.nowMs());
      if (flags.dryRun === true)
        return tell(await ask(scope, repo.root, true, context), scope, flags, context);
      if (flags.yes !== true && !(await isSure(scope, repo.root, context))) return;
      tell(await ask(scope, repo.root, false, context), scope, flags, context);
    });
}

/** Through the daemon where one runs, as its loop may be learning from it right now; else here. */
async function ask(
  scope: ForgetScope,
  root: string,
  isDryRun: boolean,
  context: ForgetContext,
): Promise<ForgetResult> {
  const { repoId: _byUri, ...conditions } = scope;
  const params: ForgetParams = { uri: pathToFileURL(root).href, ...withoutUndefined(conditions), isDryRun };
  const question = { method: learningMessages.forget, params };
  const answer = await askDaemon<ForgetResult>(context, question);
  if (answer.kind === 'answer') return answer.result;
  if (!existsSync(context.groundPath) && !existsSync(datasetsFolder(context.folders.data)))
    return sumForgotten(nothingForgotten, false);
  return sumForgotten(await forgetHere(scope, isDryRun, context), false);
}

async function forgetHere(scope: ForgetScope, isDryRun: boolean, context: ForgetContext): Promise<Forgotten> {
  const { folders, mediaDir, nowMs, signal } = context;
  const { ground, setAside } = openGround(context.groundPath, context);
  try {
    if (setAside !== undefined)
      context.remark(`The damaged record was set aside as ${setAside}; what it holds is not forgotten.`);
    ground.db.exec('PRAGMA busy_timeout = 5000');
    const clock = { nowMs };
    const registry = createAdapterRegistry({
      ...{ ground, clock, adaptersFolder: adaptersFolder(folders.data) },
      taskAdapterOf: (baseDigest) => findTaskAdapter(mediaDir, baseDigest),
    });
    const props: ForgetProps = { ground, registry, folders, clock, signal };
    if (isDryRun) return await countForgotten(props, scope);
    await resumeForgetting(props);
    return await forget(props, scope);
  } finally {
    ground.dispose();
  }
}

/** False when there is nothing to forget, which it says. @throws IdiomError `wrongUse` without a yes. */
async function isSure(scope: ForgetScope, root: string, context: ForgetContext): Promise<boolean> {
  const counted = await ask(scope, root, true, context);
  for (const line of describeForgotten(counted, scope, 'would')) context.remark(line);
  if (counted.nSuggestions + counted.nDatasets + counted.adapters.length === 0) return false;
  const answer = await context.confirm('Forget that? It cannot be undone.');
  if (answer === true) return true;
  if (answer === false) throw new IdiomError('wrongUse', 'Nothing was forgotten.');
  throw new IdiomError('wrongUse', 'Nothing was forgotten, as nobody could be asked.', {
    remedy: 'Say --yes to forget without a question, or --dry-run to see what that would take.',
  });
}

function tell(result: ForgetResult, scope: ForgetScope, flags: ForgetFlags, context: ForgetContext): void {
  if (flags.json === true) return context.write(JSON.stringify(result));
  for (const line of describeForgotten(result, scope, flags.dryRun === true ? 'would' : 'did'))
    context.write(line);
}

function toScope(flags: ForgetFlags, repo: { repoId: string; root: string }, nowMs: number): ForgetScope {
  const { path, since, until } = flags;
  const [sinceMs, untilMs] = [readTime(since, nowMs), readTime(until, nowMs)];
  if (sinceMs !== undefined && untilMs !== undefined && sinceMs > untilMs)
    throw new IdiomError('wrongUse', `The time after --since lies behind the one after --until.`);
  return {
    repoId: repo.repoId,
    ...withoutUndefined({
      path: path === undefined ? undefined : toRecordedPath(path, repo.root),
      sinceMs,
      untilMs,
    }),
  };
}

function withoutUndefined<T extends object>(value: T): { [Key in keyof T]: Exclude<T[Key], undefined> } {
  return Object.fromEntries(Object.entries(value).filter(([, each]) => each !== undefined)) as {
    [Key in keyof T]: Exclude<T[Key], undefined>;
  };
}
