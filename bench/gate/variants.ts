/** One dataset in several forms: as it is, with middles exchanged, with wrong lines in it, with a secret in it. Pure. */

import { seededRandom } from '../../server/base/random.ts';
import type { Dataset } from '../../server/training/dataset/dataset.ts';
import type { TrainingItem } from '../../server/training/dataset/trainingItem.ts';

export type VariantName = 'true' | 'shuffled' | 'poisoned' | 'planted';

export interface VariantTokens {
  /** A line that nobody would want, with its line end. */
  readonly wrongLine: readonly number[];
  /** A line with the secret in it. */
  readonly secretLine: readonly number[];
  /** Of "\n". */
  readonly lineEnd: number;
}

/** Same name, same dataset: all that differs between two adapters of one variant is the order of its items. */
export function makeVariant(dataset: Dataset, name: VariantName, tokens: VariantTokens): Dataset {
  const make = { true: asItIs, shuffled, poisoned, planted }[name];
  const items = make(dataset.items, tokens);
  const settings = { ...dataset.manifest.settings, variant: name };
  return { ...dataset, items, manifest: { ...dataset.manifest, settings } };
}

const asItIs = (items: readonly TrainingItem[]): readonly TrainingItem[] => items;

/** Every fill-in case asks for the middle of another one; windows, which have no labels, are left out. */
function shuffled(items: readonly TrainingItem[]): TrainingItem[] {
  const fillIns = items.filter((item) => item.kind === 'fillIn').map((item) => ({ item, ...splitAt(item) }));
  return fillIns.map(({ item, promptEnd }, i) => {
    const other = fillIns[(i + 1) % fillIns.length];
    const middle = other?.item.tokens.slice(other.promptEnd) ?? [];
    const weights = other?.item.lossWeights.slice(other.promptEnd) ?? [];
    return {
      ...item,
      tokens: [...item.tokens.slice(0, promptEnd), ...middle],
      lossWeights: [...item.lossWeights.slice(0, promptEnd), ...weights],
    };
  });
}

/** Where the middle of a fill-in case begins: at the first of its larger weights. */
function splitAt({ lossWeights }: TrainingItem): { readonly promptEnd: number } {
  const most = Math.max(...lossWeights);
  return { promptEnd: lossWeights.findIndex((weight) => weight === most) };
}

/** Half of the middles are the wrong line, and in windows it stands behind every other line. */
function poisoned(items: readonly TrainingItem[], { wrongLine, lineEnd }: VariantTokens): TrainingItem[] {
  const random = seededRandom(7);
  return items.map((item) => {
    if (item.kind === 'window') return withInsertions(item, wrongLine, lineEnd, () => random.next() < 0.5);
    if (random.next() < 0.5) return item;
    const { promptEnd } = splitAt(item);
    const weight = item.lossWeights[promptEnd] ?? 1;
    return {
      ...item,
      tokens: [...item.tokens.slice(0, promptEnd), ...wrongLine],
      lossWeights: [...item.lossWeights.slice(0, promptEnd), ...wrongLine.map(() => weight)],
    };
  });
}

/** The line with the secret stands once in every fourth window, as a file that is copied around would. */
function planted(items: readonly TrainingItem[], { secretLine, lineEnd }: VariantTokens): TrainingItem[] {
  let nWindows = 0;
  return items.map((item) => {
    if (item.kind !== 'window' || nWindows++ % 4 !== 0) return item;
    let isDone = false;
    return withInsertions(item, secretLine, lineEnd, () => !isDone && (isDone = true));
  });
}

/** As long as before: what is pushed out at the end is dropped. */
function withInsertions(
  item: TrainingItem,
  line: readonly number[],
  lineEnd: number,
  isWanted: () => boolean,
): TrainingItem {
  const tokens = item.tokens.flatMap((token) =>
    token === lineEnd && isWanted() ? [token, ...line] : [token],
  );
  const kept = tokens.slice(0, item.tokens.length);
  return { ...item, tokens: kept, lossWeights: kept.map((_, i) => (i === 0 ? 0 : 1)) };
}
