/** `idiom complete`: suggestions without an editor, for one position in a file or for JSON lines on standard input. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Command } from 'commander';
import { z } from 'zod';
import { describeError, IdiomError, systemCode } from '../base/errors.ts';
import { openRepository } from '../git/repository.ts';
import { adapterHelp, useNamed } from './chooseAdapter.ts';
import type { CliContext, OwnSuggester } from './cliContext.ts';
import { pathInRepository } from './pathInRepository.ts';
import { noAnswer, suggestAt } from './suggestAt.ts';
import type { BatchAnswer } from './suggestAt.ts';
import { wholeNumber } from './wholeNumber.ts';

interface CompleteFlags {
  readonly batch?: boolean;
  readonly adapter?: string;
  readonly retrieval: boolean;
  readonly maxTokens: number;
  readonly maxPromptTokens: number;
  readonly asOf?: string;
  readonly baseModel: string;
  readonly getModel?: boolean;
  readonly multiline?: boolean;
  readonly json?: boolean;
}

const batchLine = z.object({ path: z.string().min(1), prefix: z.string(), suffix: z.string() });

export function registerComplete(program: Command, context: CliContext): void {
  program
    .command('complete')
    .description('suggest at FILE:LINE:COLUMN, or for each JSON line {"path","prefix","suffix"} with --batch')
    .argument('[position]', 'FILE:LINE:COLUMN, both from 1')
    .option('--batch', 'read JSON lines from standard input and answer a line each, in order')
    .option('--adapter <name>', adapterHelp)
    .option('--no-retrieval', 'leave the rest of the repository out of the prompt')
    .option('--max-tokens <n>', 'longest suggestion, in tokens', wholeNumber(1, 4096), 64)
    .option('--max-prompt-tokens <n>', 'longest prompt, in tokens', wholeNumber(64, 65536), 1024)
    .option('--as-of <commit>', 'see the repository as it was then')
    .option('--multiline', 'allow several lines where a block begins')
    .option('--base-model <ref>', 'auto, embedded, a GGUF file, hf:owner/repo/file or ollama:name', 'auto')
    .option('--get-model', 'download the base model if it is not here')
    .option('--json', 'answer as JSON')
    .action(async (position: string | undefined, flags: CompleteFlags) => {
      if ((position === undefined) === (flags.batch !== true)) {
        throw new IdiomError('wrongUse', 'Give either a position FILE:LINE:COLUMN or --batch.');
      }
      const repo = await context.repo();
      const place = position === undefined ? undefined : readPlace(position, repo.root);
      const commit = flags.asOf === undefined ? undefined : await findCommit(repo.root, flags.asOf);
      const suggester = await context.openSuggester({
        baseModel: flags.baseModel,
        downloads: flags.getModel === true ? 'always' : 'never',
        maxPromptTokens: flags.maxPromptTokens,
        maxNewTokens: flags.maxTokens,
        repo: flags.retrieval ? repo : undefined,
      });
      try {
        await useNamed(flags.adapter, suggester, context);
        if (commit === undefined) await seeWorkingTree(suggester, context);
        else await suggester.retrieval.seeCommit(commit, context.signal);
        const ask = (path: string, prefix: string, suffix: string) =>
          suggest(suggester, flags, repo.name, { path, prefix, suffix }, context.signal);
        if (place === undefined) await answerBatch(ask, context);
        else await answerPlace(ask, place, flags.json === true, context);
      } finally {
        suggester.dispose();
      }
    });
}

/** An index that can't be written costs snippets, not the suggestion. */
async function seeWorkingTree({ retrieval }: OwnSuggester, context: CliContext): Promise<void> {
  try {
    await retrieval.seeWorkingTree(context.signal);
  } catch (error) {
    if (!(error instanceof IdiomError) || !indexTroubles.has(error.code)) throw error;
    context.remark(`${describeError(error)} Going on with what is indexed.`);
  }
}

const indexTroubles: ReadonlySet<string> = new Set(['diskFull', 'notPermitted', 'storeUnusable']);

type Ask = (path: string, prefix: string, suffix: string) => Promise<BatchAnswer>;

function suggest(
  suggester: OwnSuggester,
  flags: CompleteFlags,
  repoName: string,
  at: { path: string; prefix: string; suffix: string },
  signal: AbortSignal,
): Promise<BatchAnswer> {
  const request = {
    ...at,
    repoName,
    maxNewTokens: flags.maxTokens,
    maxPromptTokens: flags.maxPromptTokens,
    useRetrieval: flags.retrieval,
    isMultilineAllowed: flags.multiline === true,
  };
  return suggestAt(suggester.completer, request, signal);
}

/** A line that can't be read gets an answer that says so, and the command ends with exit code 2. */
async function answerBatch(ask: Ask, context: CliContext): Promise<void> {
  let nBad = 0;
  for await (const line of createInterface({ input: process.stdin, crlfDelay: Infinity })) {
    if (line.trim() === '') continue;
    context.signal.throwIfAborted();
    const request = parseLine(line);
    if (request === undefined) nBad++;
    context.write(
      JSON.stringify(
        request === undefined ? badRequest : await ask(request.path, request.prefix, request.suffix),
      ),
    );
  }
  if (nBad > 0) {
    throw new IdiomError('wrongUse', `${nBad} lines were not of the form {"path","prefix","suffix"}.`);
  }
}

const badRequest: BatchAnswer = { ...noAnswer, none: 'badRequest' };

function parseLine(line: string): z.infer<typeof batchLine> | undefined {
  try {
    return batchLine.parse(JSON.parse(line));
  } catch {
    return undefined;
  }
}

async function answerPlace(ask: Ask, place: Place, isJson: boolean, context: CliContext): Promise<void> {
  const answer = await ask(place.path, place.prefix, place.suffix);
  if (isJson) context.write(JSON.stringify(answer));
  else context.write(answer.none === undefined ? answer.text : `No suggestion: ${answer.none}.`);
}

interface Place {
  /** Relative to the root. */
  readonly path: string;
  readonly prefix: string;
  readonly suffix: string;
}

/** A column beyond the end of its line is that end. @throws IdiomError `wrongUse` when there is no such place. */
function readPlace(position: string, root: string): Place {
  const { path: named, line, column } = parsePosition(position);
  const path = pathInRepository(root, named);
  if (path === undefined)
    throw new IdiomError('wrongUse', `${named} is outside the repository ${root}.`, {
      remedy: 'Name a file of the repository, or another repository with --repo.',
    });
  const text = readTextFile(join(root, path));
  const lines = text.split('\n');
  if (line > lines.length) {
    throw new IdiomError('wrongUse', `${path} has ${lines.length} lines, so there is no line ${line}.`);
  }
  const lineStart = lines.slice(0, line - 1).reduce((sum, each) => sum + each.length + 1, 0);
  const offset = lineStart + Math.min(column - 1, withoutCr(lines[line - 1] ?? '').length);
  return { path, prefix: text.slice(0, offset), suffix: text.slice(offset) };
}

const withoutCr = (line: string): string => (line.endsWith('\r') ? line.slice(0, -1) : line);

function parsePosition(position: string): { path: string; line: number; column: number } {
  const match = /^(.+):(\d+):(\d+)$/.exec(position);
  const [, path, line, column] = match ?? [];
  if (path === undefined || Number(line) < 1 || Number(column) < 1) {
    throw new IdiomError('wrongUse', `${position} is not of the form FILE:LINE:COLUMN.`);
  }
  return { path, line: Number(line), column: Number(column) };
}

function readTextFile(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new IdiomError(
      'wrongUse',
      `The file ${path} can't be read (${systemCode(error) ?? 'unknown error'}).`,
    );
  }
}

async function findCommit(root: string, commit: string): Promise<string> {
  const repository = await openRepository(root);
  if (repository === undefined)
    throw new IdiomError('wrongUse', `${root} is in no git repository, so --as-of says nothing.`);
  return repository.resolveCommit(commit);
}
