/** What the trainer reads: token ids and how much each of them counts. Made from examples here, and nowhere else. */

import { buildPrompt } from '../../prompt/buildPrompt.ts';
import { buildMiddle, buildWindow } from '../../prompt/buildTraining.ts';
import type { BoundFormat } from '../../prompt/fimFormats.ts';
import type { PromptParts, Tokenizer } from '../../prompt/promptParts.ts';
import { defaultShares } from '../../prompt/tokenBudget.ts';
import type { HeldOutCase } from './evaluationCases.ts';
import type { DatasetSettings } from './datasetSettings.ts';
import type { Example, FillInExample, WindowExample } from './example.ts';

export interface TrainingItem {
  readonly kind: 'window' | 'fillIn';
  readonly tokens: readonly number[];
  /**
   * As long as `tokens`: `lossWeights[i]` is the weight of the negative log-likelihood of `tokens[i]` given all tokens
   * before it. The first is 0, as nothing stands before it.
   */
  readonly lossWeights: readonly number[];
  /** Factor on all of the item's loss weights. */
  readonly weight: number;
}

export interface EvaluationItem {
  /** As drawn; prefix and suffix as far as serving reads them. */
  readonly case: HeldOutCase;
  /** As served with `snippets`. */
  readonly promptTokens: readonly number[];
  /** What follows the prompt when the line is written as it was: what the prompt held back, and the middle. No end token. */
  readonly middleTokens: readonly number[];
  readonly snippets: readonly {
    readonly path: string;
    readonly startLine: number;
    readonly endLine: number;
  }[];
}

export interface TokenizeProps {
  readonly bound: BoundFormat;
  readonly tokenizer: Tokenizer;
  readonly settings: Pick<
    DatasetSettings,
    'maxItemTokens' | 'maxMiddleTokens' | 'middleWeight' | 'promptWeight'
  >;
}

export function toTrainingItem(props: TokenizeProps, example: Example): Promise<TrainingItem> {
  return example.kind === 'window' ? windowItem(props, example) : fillInItem(props, example);
}

export async function toEvaluationItem(
  props: TokenizeProps,
  heldOut: HeldOutCase,
  parts: PromptParts,
): Promise<EvaluationItem> {
  const { promptTokens, middle, snippets } = await tokenizeCase(props, parts, heldOut.middle);
  return {
    case: { ...heldOut, prefix: parts.prefix, suffix: parts.suffix },
    promptTokens,
    middleTokens: middle.tokens.slice(0, props.settings.maxMiddleTokens),
    snippets: snippets.map(({ path, startLine, endLine }) => ({ path, startLine, endLine })),
  };
}

/** Loss on every token. */
async function windowItem(props: TokenizeProps, example: WindowExample): Promise<TrainingItem> {
  const all = await buildWindow(props.bound, example, props.tokenizer);
  const tokens = all.slice(0, props.settings.maxItemTokens);
  return {
    kind: 'window',
    tokens,
    lossWeights: tokens.map((_, i) => (i === 0 ? 0 : 1)),
    weight: example.weight,
  };
}

/** Much weight on the middle and on its end, little on the prompt. */
async function fillInItem(props: TokenizeProps, example: FillInExample): Promise<TrainingItem> {
  const { settings } = props;
  const { promptTokens, middle } = await tokenizeCase(props, example.parts, example.middle);
  const isWhole = !example.isCut && middle.tokens.length <= settings.maxMiddleTokens;
  const end = isWhole && middle.endToken !== undefined ? [middle.endToken] : [];
  const target = [...middle.tokens.slice(0, settings.maxMiddleTokens), ...end];
  const promptWeights = promptTokens.map((_, i) => (i === 0 ? 0 : settings.promptWeight));
  return {
    kind: 'fillIn',
    tokens: [...promptTokens, ...target],
    lossWeights: [...promptWeights, ...target.map(() => settings.middleWeight)],
    weight: example.weight,
  };
}

async function tokenizeCase(
  { bound, tokenizer, settings }: TokenizeProps,
  parts: PromptParts,
  middle: string,
) {
  const maxPromptTokens = settings.maxItemTokens - settings.maxMiddleTokens - 1;
  const prompt = await buildPrompt(bound, parts, { maxPromptTokens, shares: defaultShares }, tokenizer);
  return {
    promptTokens: prompt.tokens,
    middle: await buildMiddle(bound, prompt.heldBack, middle, tokenizer),
    snippets: prompt.snippets,
  };
}
