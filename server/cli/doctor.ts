/** `idiom doctor`: what is wrong, in words, and what to do about it. */

import type { Command } from 'commander';
import { IdiomError } from '../base/errors.ts';
import { examine } from '../doctor/examine.ts';
import type { Check } from '../doctor/examine.ts';
import type { CliContext } from './cliContext.ts';
import { askHello } from './daemonCommand.ts';
import { checkIndex } from './indexCommand.ts';

const marks = { ok: 'ok      ', warning: 'warning ', error: 'ERROR   ' } as const;

export function registerDoctor(program: Command, context: CliContext): void {
  program
    .command('doctor')
    .description('say what is wrong on this machine, and what to do')
    .option('--base-model <ref>', 'the base model to look for', 'auto')
    .option('--json', 'answer as JSON')
    .action(async (flags: { baseModel: string; json?: boolean }) => {
      const checks = await examine({
        folders: context.folders,
        groundPath: context.groundPath,
        daemon: () => checkDaemon(context),
        repository: () => checkRepository(context),
        index: () => checkIndex(context),
        baseModel: () => context.checkBaseModel(flags.baseModel),
      });
      if (flags.json === true) return context.write(JSON.stringify({ checks }));
      for (const check of checks) {
        context.write(`${marks[check.verdict]}${check.name.padEnd(14)} ${check.detail}`);
        if (check.remedy !== undefined) context.write(`${' '.repeat(23)}-> ${check.remedy}`);
      }
      const nBad = checks.filter((check) => check.verdict === 'error').length;
      context.write(
        nBad === 0 ? '\nNothing is wrong.' : `\n${nBad} of ${checks.length} checks found something wrong.`,
      );
    });
}

async function checkRepository(context: CliContext): Promise<Check> {
  const { name, root, refusal } = await context.repo();
  if (refusal !== undefined) throw refusal;
  return { name: 'repository', verdict: 'ok', detail: `${name} is in ${root}.` };
}

async function checkDaemon(context: CliContext): Promise<Check> {
  const name = 'daemon';
  try {
    const found = await askHello(context);
    const detail =
      found === undefined
        ? 'None is running; editors start it when they need it.'
        : `Version ${found.version} is running as process ${found.pid}.`;
    return { name, verdict: 'ok', detail };
  } catch (error) {
    return {
      name,
      verdict: 'error',
      detail: error instanceof Error ? error.message : String(error),
      ...(error instanceof IdiomError && error.remedy !== undefined ? { remedy: error.remedy } : {}),
    };
  }
}
