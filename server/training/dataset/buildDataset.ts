/** Builds the dataset of one repository from its history and its present files; storing and training are done elsewhere. */

import { digestOf } from '../../base/digest.ts';
import { IdiomError } from '../../base/errors.ts';
import type { Repository } from '../../git/repository.ts';
import type { BoundFormat } from '../../prompt/fimFormats.ts';
import type { Tokenizer } from '../../prompt/promptParts.ts';
import { commitRules } from '../../retrieval/commitRules.ts';
import { checkDataset, defaultDatasetLimits } from './checkDataset.ts';
import type { DatasetLimits } from './checkDataset.ts';
import type { Dataset } from './dataset.ts';
import type { DatasetSettings } from './datasetSettings.ts';
import { drawExamples } from './drawExamples.ts';
import type { Drawn } from './drawExamples.ts';
import { evaluationCases } from './evaluationCases.ts';
import type { Example } from './example.ts';
import { explainLack } from './explainLack.ts';
import { describeDataset } from './describeDataset.ts';
import type { OutcomeExample } from './outcomeExamples.ts';
import type { AsOfRetriever } from './promptParts.ts';
import { lackReasons, readHistory } from './readHistory.ts';
import { createDefaultScrubber } from '../../secrets/defaultScrubber.ts';
import { splitHistory } from './splitHistory.ts';
import { createTally } from './tally.ts';
import { createTextFilter } from './textFilter.ts';
import { tokenizeDataset } from './tokenizeDataset.ts';

export interface DatasetSources {
  readonly repository: Repository;
  /** For the same dataset from the same seed, one that has seen nothing yet; see freshRetriever.ts. */
  readonly retriever: AsOfRetriever;
  /** The engine of the base model. */
  readonly tokenizer: Tokenizer;
  /** The format that the adapter will be served with. */
  readonly bound: BoundFormat;
  readonly baseModel: { readonly digest: string; readonly name: string; readonly architecture: string };
  /** Generic examples, from which some are drawn; see replayFile.ts. */
  readonly replay: readonly Example[];
  /** What became of suggestions, see outcomeExamples.ts; default none. Read up to one time, they are the same each time. */
  readonly extraExamples?: readonly OutcomeExample[];
  /** Patterns from the setting `idiom.ignore`. */
  readonly settingGlobs: readonly string[];
}

/** `history`: commits read. `files`: present files read. `prompts`: cursors with their snippets. `tokens`: examples tokenised. */
export type DatasetStage = 'history' | 'files' | 'prompts' | 'tokens';

export interface BuildDatasetOptions {
  readonly settings: DatasetSettings;
  readonly limits?: DatasetLimits;
  /** Same seed, same repository, same dataset. */
  readonly seed: number;
  /** Commit-ish; nothing newer is looked at. Default HEAD. */
  readonly asOf?: string;
  readonly onProgress: (progress: {
    readonly stage: DatasetStage;
    readonly nDone: number;
    readonly nAll: number;
  }) => void;
  readonly signal: AbortSignal;
}

export type BuiltDataset =
  | { readonly kind: 'built'; readonly dataset: Dataset }
  /** There is too little, or something is wrong with it. `reasons` are sentences; `remedy` says what would help. */
  | { readonly kind: 'refused'; readonly reasons: readonly string[]; readonly remedy: string };

/** @throws the signal's reason when aborted; IdiomError `gitFailed` or `wrongUse` when git has no such commit. */
export async function buildDataset(
  sources: DatasetSources,
  options: BuildDatasetOptions,
): Promise<BuiltDataset> {
  const { repository } = sources;
  const { settings, seed, signal } = options;
  const head =
    options.asOf === undefined ? await repository.head() : await repository.resolveCommit(options.asOf);
  if (head === undefined)
    return refuse(['The repository has no commits yet.'], 'Learning begins after the first commits.');
  const dropped = createTally();
  let nSecrets = 0;
  const scrub = createDefaultScrubber((count) => (nSecrets += count));
  const tree = await repository.listTree(head, signal);
  dropped.add(lackReasons.missing.file, tree.filter((file) => file.isMissing === true).length);
  const rules = await commitRules({ repository, settingGlobs: sources.settingGlobs, tree }, signal);
  const filter = createTextFilter(rules, scrub, dropped);
  const progress = (stage: DatasetStage) => (nDone: number, nAll: number) =>
    options.onProgress({ stage, nDone, nAll });
  const history = await readHistory(
    { repository, filter, settings, seed, dropped, onProgress: progress('history'), signal },
    head,
  );
  const split = splitHistory(history, seed, settings);
  if (split.trainingHead === undefined || split.training.length === 0) {
    return refuse(await explainLack(repository, history.length, dropped), lackRemedy);
  }
  const cases = evaluationCases(split, settings.nEvaluationCases, seed);
  const drawn: Drawn = await drawExamples(
    { ...sources, scrub, filter, dropped, settings, seed, signal, onProgress: progress },
    split,
    cases,
  );
  const tokenized = await tokenizeDataset(
    { ...sources, settings, onProgress: progress('tokens'), signal },
    drawn,
  );
  const dataset: Dataset = {
    examples: tokenized.examples,
    items: tokenized.items,
    evaluation: tokenized.evaluation,
    manifest: describeDataset({
      ...{ repository, asOf: head, seed, settings, split, ...tokenized, nSecrets },
      baseModel: await describeBaseModel(sources),
      dropped: dropped.counts(),
    }),
  };
  const reasons = checkDataset(dataset, options.limits ?? defaultDatasetLimits);
  if (reasons.length === 0) return { kind: 'built', dataset };
  return refuse([...reasons, ...(await explainLack(repository, history.length, dropped))], lackRemedy);
}

async function describeBaseModel({
  tokenizer,
  baseModel,
  bound,
}: DatasetSources): Promise<Dataset['manifest']['baseModel']> {
  const [probe = []] = await tokenizer.tokenize([tokenizerProbe]);
  return { ...baseModel, fimFormat: bound.format.id, tokenizerDigest: digestOf(probe.join(' ')) };
}

/** For callers that have no other way on. */
export function refusalError(refused: Extract<BuiltDataset, { kind: 'refused' }>): IdiomError {
  return new IdiomError('wrongUse', refused.reasons.join(' '), { remedy: refused.remedy });
}

const lackRemedy =
  'Completions go on as they are; learning can be tried again when the repository has more commits of code that people wrote.';

/** Letters, digits, blanks, brackets, other scripts: where tokenizers differ. */
const tokenizerProbe =
  'function add(a, b) {\n  return a + b; // 12345\n}\n\tdef f(self):\n        pass\n\u00e4\u00f6\u00fc \u4e2d\u6587 \ud83d\ude00 <|endoftext|>';

function refuse(reasons: readonly string[], remedy: string): BuiltDataset {
  return { kind: 'refused', reasons, remedy };
}
