/** Turns drawn examples into what the trainer reads, and keeps to the number of tokens that was asked for. */

import type { BoundFormat } from '../../prompt/fimFormats.ts';
import type { Tokenizer } from '../../prompt/promptParts.ts';
import type { DatasetSettings } from './datasetSettings.ts';
import type { Drawn } from './drawExamples.ts';
import type { Example } from './example.ts';
import { toEvaluationItem, toTrainingItem } from './trainingItem.ts';
import type { EvaluationItem, TrainingItem } from './trainingItem.ts';

export interface TokenizeDatasetProps {
  readonly bound: BoundFormat;
  readonly tokenizer: Tokenizer;
  readonly settings: DatasetSettings;
  readonly onProgress: (nDone: number, nAll: number) => void;
  readonly signal: AbortSignal;
}

export interface TokenizedDataset {
  readonly examples: readonly Example[];
  /** In the order of `examples`. */
  readonly items: readonly TrainingItem[];
  readonly evaluation: readonly EvaluationItem[];
  readonly nLinesSeen: number;
}

const minItemTokens = 8;

export async function tokenizeDataset(props: TokenizeDatasetProps, drawn: Drawn): Promise<TokenizedDataset> {
  const nAll = drawn.examples.length + drawn.heldOut.length;
  const examples: Example[] = [];
  const items: TrainingItem[] = [];
  let nWindowTokens = 0;
  for (const [i, example] of drawn.examples.entries()) {
    props.signal.throwIfAborted();
    const isOwnWindow = example.kind === 'window' && example.source !== 'replay';
    if (isOwnWindow && nWindowTokens >= props.settings.windowTokens) continue;
    const item = await toTrainingItem(props, example);
    if (item.tokens.length < minItemTokens) continue;
    if (isOwnWindow) nWindowTokens += item.tokens.length;
    examples.push(example);
    items.push(item);
    if (i % progressStep === 0) props.onProgress(i, nAll);
  }
  const evaluation: EvaluationItem[] = [];
  for (const heldOut of drawn.heldOut) {
    props.signal.throwIfAborted();
    evaluation.push(await toEvaluationItem(props, heldOut.case, heldOut.parts));
  }
  props.onProgress(nAll, nAll);
  return { examples, items, evaluation, nLinesSeen: drawn.nLinesSeen };
}

const progressStep = 20;
