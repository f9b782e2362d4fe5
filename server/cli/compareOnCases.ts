/** Completes held-out lines with one adapter and with another, everything else the same, and says what changed. */

import { spreadEvenly } from '../base/spreadEvenly.ts';
import type { CursorCase } from '../cursors/cursorCase.ts';
import { scoreCase } from '../evaluation/evaluationCase.ts';
import type { AdapterFile } from '../llama/engine.ts';
import { changeOfMean } from '../stats/mean.ts';
import type { MeanChange } from '../stats/mean.ts';
import type { OwnSuggester } from './cliContext.ts';
import { suggestAt } from './suggestAt.ts';

export interface CompareProps {
  readonly cases: readonly CursorCase[];
  /** Per case of the trainer's own measurement, in nats per token. */
  readonly nllBefore: readonly number[];
  readonly nllAfter: readonly number[];
  /** The repository is seen as it was at this commit, full id. */
  readonly commit: string;
  readonly suggester: OwnSuggester;
  /** What served until now; undefined: the base model alone. */
  readonly before: AdapterFile | undefined;
  readonly after: AdapterFile;
  /** Cases that are completed, spread over all. */
  readonly nCases: number;
  readonly repoName: string;
  readonly maxPromptTokens: number;
  readonly maxNewTokens: number;
  readonly onProgress: (nDone: number, nAll: number) => void;
  readonly signal: AbortSignal;
}

export interface Change extends MeanChange {
  readonly nCases: number;
}

export interface Comparison {
  /** Nats per token of the true middle; less is better. */
  readonly nll: Change | undefined;
  /** Per cent of the first lines. */
  readonly exactMatch: Change | undefined;
  readonly editSimilarity: Change | undefined;
}

export async function compareOnCases(props: CompareProps): Promise<Comparison> {
  const cases = spreadEvenly(props.cases, props.nCases);
  if (cases.length > 0) await props.suggester.retrieval.seeCommit(props.commit, props.signal);
  const before: Scores[] = [];
  const after: Scores[] = [];
  for (const [i, one] of cases.entries()) {
    before.push(await complete(props, one, props.before));
    after.push(await complete(props, one, props.after));
    if ((i + 1) % 10 === 0) props.onProgress(i + 1, cases.length);
  }
  const change = (pick: (scores: Scores) => number) => compare(before.map(pick), after.map(pick));
  return {
    nll: compare(props.nllBefore, props.nllAfter),
    exactMatch: change((scores) => scores.exactMatch),
    editSimilarity: change((scores) => scores.editSimilarity),
  };
}

interface Scores {
  readonly exactMatch: number;
  readonly editSimilarity: number;
}

async function complete(
  props: CompareProps,
  one: CursorCase,
  adapter: AdapterFile | undefined,
): Promise<Scores> {
  const { suggester, repoName, maxPromptTokens, maxNewTokens } = props;
  suggester.useAdapter(adapter);
  const { path, prefix, suffix } = one;
  const request = { path, prefix, suffix, repoName, maxNewTokens, maxPromptTokens };
  const answer = await suggestAt(
    suggester.completer,
    { ...request, useRetrieval: true, isMultilineAllowed: false },
    props.signal,
  );
  const score = scoreCase(answer.text, one.middle);
  return { exactMatch: score.isExactMatch ? 100 : 0, editSimilarity: 100 * score.editSimilarity };
}

/** Undefined without cases. */
function compare(before: readonly number[], after: readonly number[]): Change | undefined {
  const change = changeOfMean(before, after);
  return change === undefined ? undefined : { nCases: before.length, ...change };
}
