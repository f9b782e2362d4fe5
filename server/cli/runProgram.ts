/** The command line as a whole: registers every command, and turns errors into one sentence and an exit code. */

import { Command, CommanderError } from 'commander';
import { describeError, IdiomError, isAbort } from '../base/errors.ts';
import type { CliContext } from './cliContext.ts';
import { registerComplete } from './complete.ts';
import { registerDaemon } from './daemonCommand.ts';
import { registerDoctor } from './doctor.ts';
import { registerEval } from './evalCommand.ts';
import { registerForget } from './forget.ts';
import { registerIndex } from './indexCommand.ts';
import { registerLearn } from './learn.ts';
import { registerModel } from './model.ts';
import { registerPromote, registerRollback } from './promote.ts';
import { registerReplay } from './replay.ts';
import { registerSignals } from './signals.ts';
import { registerTrain } from './train.ts';
import { registerVersions } from './versions.ts';

/** Shells expect 128 + 2 after Ctrl+C. */
const interruptedExitCode = 130;

/** Runs one command; `withRepo` makes the context for the folder of `--repo`. Returns the exit code. */
export async function runProgram(
  argv: readonly string[],
  withRepo: (folder: string) => CliContext,
): Promise<number> {
  const context = withRepo(takeRepo(argv).folder);
  const program = new Command('idiom')
    .description('Inline code completion that learns the repository it works in.')
    .version(context.version)
    .option('--repo <dir>', 'the repository; goes with every command', '.')
    .exitOverride()
    .showHelpAfterError('(idiom --help lists the commands)');
  for (const register of [
    registerComplete,
    registerReplay,
    registerLearn,
    registerTrain,
    registerEval,
    registerVersions,
    registerPromote,
    registerRollback,
    registerIndex,
    registerSignals,
    registerForget,
    registerModel,
    registerDoctor,
    registerDaemon,
  ]) {
    register(program, context);
  }
  try {
    await program.parseAsync(expandStdio(takeRepo(argv).rest), { from: 'user' });
    return 0;
  } catch (error) {
    return report(error, context);
  }
}

/** `--repo DIR` may stand before or after the command, as in the CLI's contract. */
function takeRepo(argv: readonly string[]): { folder: string; rest: string[] } {
  const rest: string[] = [];
  let folder = '.';
  for (let i = 0; i < argv.length; i++) {
    const argument = argv[i] ?? '';
    if (argument === '--repo' && i + 1 < argv.length) folder = argv[++i] ?? '.';
    else if (argument.startsWith('--repo=')) folder = argument.slice('--repo='.length);
    else rest.push(argument);
  }
  return { folder, rest };
}

function expandStdio(argv: string[]): string[] {
  return argv[0] === '--stdio' ? ['daemon', ...argv] : argv;
}

function report(error: unknown, context: CliContext): number {
  if (context.signal.aborted || isAbort(error)) return interruptedExitCode;
  // Commander has said already what was wrong; its help and version are no errors.
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  if (error instanceof IdiomError) {
    context.remark(error.sentence);
    return error.exitCode;
  }
  context.remark(`Idiom failed: ${describeError(error)}.`);
  if (context.env['IDIOM_TRACE'] !== undefined && error instanceof Error) context.remark(error.stack ?? '');
  return 1;
}
