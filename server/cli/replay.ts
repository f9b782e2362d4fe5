/** `idiom replay`: completes lines that a repository's newest commits really added, and says how often it was right. */

import type { Command } from 'commander';
import { seededRandom } from '../base/random.ts';
import { IdiomError } from '../base/errors.ts';
import { isData } from '../cursors/readTyped.ts';
import { scoreCase } from '../evaluation/evaluationCase.ts';
import type { EvaluationCase, Score } from '../evaluation/evaluationCase.ts';
import { historyCases } from '../evaluation/historyCases.ts';
import { describeMissing } from '../git/describeMissing.ts';
import type { Repository } from '../git/repository.ts';
import { openIgnoreRules } from '../retrieval/ignoreRules.ts';
import { scrubParts } from '../secrets/scrubParts.ts';
import { adapterHelp, useNamed } from './chooseAdapter.ts';
import type { CliContext, OwnSuggester } from './cliContext.ts';
import { describeCase, describeTotals } from './describeReplay.ts';
import { replayLearn } from './replayLearn.ts';
import { suggestAt } from './suggestAt.ts';
import type { BatchAnswer } from './suggestAt.ts';
import { openHistory } from './trainingProps.ts';
import { wholeNumber } from './wholeNumber.ts';

interface ReplayFlags {
  readonly cases: number;
  readonly maxSeconds: number;
  readonly seed: number;
  readonly adapter?: string;
  readonly retrieval: boolean;
  readonly maxPromptTokens: number;
  readonly baseModel: string;
  readonly getModel?: boolean;
  readonly learn?: boolean;
  readonly periods: number;
  readonly budgetMinutes: number;
  readonly out: string;
  readonly json?: boolean;
}

export interface ReplayResult {
  readonly case: EvaluationCase;
  readonly answer: BatchAnswer;
  readonly score: Score;
}

const maxNewTokens = 48;
const maxCommits = 300;

export function registerReplay(program: Command, context: CliContext): void {
  program
    .command('replay')
    .description("complete lines that the repository's newest commits really added, and compare")
    .option('--cases <n>', 'how many lines', wholeNumber(1, 100_000), 40)
    .option('--max-seconds <n>', 'stop asking after this time', wholeNumber(1, 86_400), 150)
    .option('--seed <n>', 'which lines are drawn', wholeNumber(0, 2 ** 31), 1)
    .option('--adapter <name>', adapterHelp)
    .option('--no-retrieval', 'leave the rest of the repository out of the prompt')
    .option('--max-prompt-tokens <n>', 'longest prompt, in tokens', wholeNumber(64, 65536), 1024)
    .option('--base-model <ref>', 'auto, embedded, a GGUF file, hf:owner/repo/file or ollama:name', 'auto')
    .option('--get-model', 'download the base model if it is not here')
    .option('--learn', 'play months of history, learning in between, and draw what that brings')
    .option('--periods <n>', 'with --learn: how many, with --cases lines each', wholeNumber(2, 60), 4)
    .option('--budget-minutes <n>', 'with --learn: for each training', wholeNumber(1, 1000), 5)
    .option('--out <file>', 'with --learn: figures as JSON, with the picture beside it', 'learning.json')
    .option('--json', 'one JSON line a case, and a last one with the totals')
    .action(async (flags: ReplayFlags) => {
      if (flags.learn === true) return replayLearn(flags, context);
      const repo = await context.repo();
      const repository = await openHistory(context, 'a replay');
      const cases = await drawCases(repository, flags, context.signal);
      const suggester = await context.openSuggester({
        baseModel: flags.baseModel,
        downloads: flags.getModel === true ? 'always' : 'never',
        maxPromptTokens: flags.maxPromptTokens,
        maxNewTokens,
        repo: flags.retrieval ? repo : undefined,
      });
      try {
        await useNamed(flags.adapter, suggester, context);
        await replay(cases, suggester, repository, flags, context);
      } finally {
        suggester.dispose();
      }
    });
}

async function drawCases(
  repository: Repository,
  flags: ReplayFlags,
  signal: AbortSignal,
): Promise<EvaluationCase[]> {
  const rules = await openIgnoreRules({ root: repository.root, settingGlobs: [] });
  let nMissing = 0;
  const cases = await historyCases(repository, {
    onLack: (reason) => (nMissing += reason === 'missing' ? 1 : 0),
    maxCases: flags.cases,
    maxCommits,
    maxPerCommit: 8,
    maxPerFile: 3,
    random: seededRandom(flags.seed),
    signal,
    isLeftOut: (path) => rules.explain(path).isIgnored || isData(path),
  });
  if (cases.length > 0) return cases;
  const missing = await describeMissing(repository, nMissing);
  if (missing !== undefined) throw new IdiomError('gitFailed', missing.problem, { remedy: missing.remedy });
  throw new IdiomError(
    'wrongUse',
    `The newest commits of ${repository.root} added no lines of text to complete.`,
    {
      remedy: 'Name a repository with some history with --repo.',
    },
  );
}

async function replay(
  cases: readonly EvaluationCase[],
  suggester: OwnSuggester,
  repository: Repository,
  flags: ReplayFlags,
  context: CliContext,
): Promise<void> {
  const isJson = flags.json === true;
  const startMs = context.nowMs();
  if (!isJson) {
    const nCommits = new Set(cases.map((one) => one.commit)).size;
    context.write(
      `${repository.name}: ${cases.length} lines that its newest ${nCommits} commits with new lines added.`,
    );
    context.write(
      `Base model ${suggester.info.name} on ${suggester.info.device}, ${describeAdapter(suggester.adapter)}.\n`,
    );
  }
  const results: ReplayResult[] = [];
  for (const one of cases) {
    context.signal.throwIfAborted();
    const passedSeconds = (context.nowMs() - startMs) / 1000;
    if (passedSeconds > flags.maxSeconds) {
      context.remark(
        `Stopped after ${flags.maxSeconds} s, with ${cases.length - results.length} lines left.`,
      );
      break;
    }
    const result = await askCase(one, suggester, repository, flags, context.signal);
    results.push(result);
    if (isJson) context.write(JSON.stringify(result));
    else
      context.write(
        describeCase(
          result,
          results.length,
          cases.length,
          secondsLeft(passedSeconds, results.length, cases.length),
        ),
      );
  }
  context.write(
    isJson ? JSON.stringify({ totals: describeTotals(results).json }) : describeTotals(results).text,
  );
}

async function askCase(
  one: EvaluationCase,
  suggester: OwnSuggester,
  repository: Repository,
  flags: ReplayFlags,
  signal: AbortSignal,
): Promise<ReplayResult> {
  // The repository as it was before the commit that added the line: nothing newer may help.
  if (one.parent !== undefined) await suggester.retrieval.seeCommit(one.parent, signal);
  const request = {
    path: one.path,
    prefix: one.prefix,
    suffix: one.suffix,
    repoName: repository.name,
    maxNewTokens,
    maxPromptTokens: flags.maxPromptTokens,
    useRetrieval: flags.retrieval,
    isMultilineAllowed: false,
  };
  const answer = await suggestAt(suggester.completer, request, signal);
  return withoutSecrets({ case: one, answer, score: scoreCase(answer.text, one.middle) });
}

/** What is printed may be kept somewhere. */
async function withoutSecrets({ case: one, answer, score }: ReplayResult): Promise<ReplayResult> {
  const [prefix, middle, suffix] = await scrubParts([one.prefix, one.middle, one.suffix], one.path);
  const [, text] = await scrubParts([one.prefix, answer.text, one.suffix], one.path);
  return { case: { ...one, prefix, middle, suffix }, answer: { ...answer, text }, score };
}

function describeAdapter(adapter: OwnSuggester['adapter']): string {
  return adapter === undefined ? 'no adapter' : `adapter ${adapter.digest.slice(0, 12)}`;
}

function secondsLeft(passedSeconds: number, nDone: number, nAll: number): number {
  return Math.ceil((passedSeconds / Math.max(1, nDone)) * (nAll - nDone));
}
