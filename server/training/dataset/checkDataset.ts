/** Looks at a dataset before it is trained on: enough, balanced, no leak. Answers with sentences. Pure. */

import type { Dataset } from './dataset.ts';
import type { Example } from './example.ts';
import { indexLeaks } from './findLeaks.ts';
import { isHeldOutFile } from './splitHistory.ts';

export interface DatasetLimits {
  readonly minTrainingCommits: number;
  readonly minHeldOutCommits: number;
  readonly minFillIns: number;
  readonly minTokens: number;
  readonly minEvaluationCases: number;
  /** Largest share of the repository's examples that one file may have. */
  readonly maxFileShare: number;
  /** Largest share of the examples from history that one commit may have. */
  readonly maxCommitShare: number;
}

/**
 * Below these an adapter learns single files by heart and the interval of the gate says nothing: twenty cases tell apart
 * differences of the size that training brings only when nearly all of them agree.
 */
export const defaultDatasetLimits: DatasetLimits = {
  minTrainingCommits: 8,
  minHeldOutCommits: 2,
  minFillIns: 30,
  minTokens: 8000,
  minEvaluationCases: 20,
  maxFileShare: 0.5,
  maxCommitShare: 0.5,
};

/** Sentences that say why the dataset must not be trained on; none when it may. */
export function checkDataset(dataset: Dataset, limits: DatasetLimits = defaultDatasetLimits): string[] {
  return [...lacks(dataset, limits), ...imbalances(dataset.examples, limits), ...leaks(dataset)];
}

function lacks({ manifest, items, evaluation }: Dataset, limits: DatasetLimits): string[] {
  const { split, tokens } = manifest;
  const nTokens = tokens.window + tokens.fillIn;
  const nFillIns = items.filter((item) => item.kind === 'fillIn').length;
  const rows: readonly (readonly [number, number, string])[] = [
    [split.nTrainingCommits, limits.minTrainingCommits, 'commits with added lines to train on'],
    [split.nHeldOutCommits, limits.minHeldOutCommits, 'newest commits to hold out'],
    [nFillIns, limits.minFillIns, 'places to complete'],
    [nTokens, limits.minTokens, 'tokens of text'],
    [evaluation.length, limits.minEvaluationCases, 'held-out lines to measure on'],
  ];
  return rows
    .filter(([count, min]) => count < min)
    .map(([count, min, what]) => `There are ${count} ${what}; at least ${min} are needed.`);
}

function imbalances(examples: readonly Example[], limits: DatasetLimits): string[] {
  const own = examples.filter((each) => each.source !== 'replay');
  const file = largestShare(own.map((each) => each.path));
  const commit = largestShare(own.filter((each) => each.source === 'history').map((each) => each.commit));
  return [
    ...(file !== undefined && file.share > limits.maxFileShare
      ? [
          `The file ${file.name} has ${percent(file.share)} of the examples; one file would be learned by heart.`,
        ]
      : []),
    ...(commit !== undefined && commit.share > limits.maxCommitShare
      ? [`The commit ${commit.name.slice(0, 12)} has ${percent(commit.share)} of the examples from history.`]
      : []),
  ];
}

function leaks({ manifest, examples, evaluation }: Dataset): string[] {
  const index = indexLeaks(examples.flatMap(textsOf));
  const heldOut = new Set(
    evaluation.flatMap((each) => (each.case.heldOutBy === 'time' ? [each.case.commit] : [])),
  );
  const own = examples.filter((each) => each.source !== 'replay');
  const nLines = evaluation.filter((each) => index.has(each.case)).length;
  const nCommits = own.filter((each) => heldOut.has(each.commit)).length;
  const nFiles = own.filter((each) => isHeldOutFile(each.path, manifest.seed, manifest.settings)).length;
  return [
    ...(nLines > 0
      ? [`${nLines} held-out lines stand in the training text, with the lines above them.`]
      : []),
    ...(nCommits > 0 ? [`${nCommits} training examples are of commits that are held out.`] : []),
    ...(nFiles > 0 ? [`${nFiles} training examples are of files that are held out.`] : []),
  ];
}

/** Everything that a model reads of an example. */
export function textsOf(example: Example): string[] {
  if (example.kind === 'window') return [example.text];
  const { prefix, suffix, snippets } = example.parts;
  return [prefix + example.middle + suffix, ...snippets.map((snippet) => snippet.text)];
}

function largestShare(names: readonly string[]): { name: string; share: number } | undefined {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  const [best] = [...counts].sort((a, b) => b[1] - a[1]);
  return best === undefined ? undefined : { name: best[0], share: best[1] / names.length };
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}
