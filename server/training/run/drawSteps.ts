/** Which items each step of a training reads: each once an epoch, in an order drawn anew for each. Pure. */

import { seededRandom } from '../../base/random.ts';

export interface DrawStepsOptions {
  /** A step takes items until it has at least this many tokens. */
  readonly tokensPerStep: number;
  readonly seed: number;
}

/**
 * Endless; the same for the same lengths and options, so a training that goes on after a kill skips what it has done.
 * The last step of an epoch takes what is left, so it may be smaller.
 * @param lengths tokens of each item.
 * @throws RangeError when there are no items.
 */
export function* drawSteps(
  lengths: readonly number[],
  options: DrawStepsOptions,
): Generator<number[], never> {
  if (lengths.length === 0) throw new RangeError('There are no items to draw steps from.');
  for (let epoch = 0; ; epoch++) yield* stepsOfEpoch(lengths, epoch, options);
}

/** How many steps the first epoch has; the others have about as many. */
export function countSteps(lengths: readonly number[], options: DrawStepsOptions): number {
  return stepsOfEpoch(lengths, 0, options).length;
}

function stepsOfEpoch(lengths: readonly number[], epoch: number, options: DrawStepsOptions): number[][] {
  const random = seededRandom(options.seed * 1_000_003 + epoch);
  const steps: number[][] = [];
  let step: number[] = [];
  let nTokens = 0;
  for (const item of random.shuffle(lengths.map((_, i) => i))) {
    step.push(item);
    nTokens += lengths[item] ?? 0;
    if (nTokens < options.tokensPerStep) continue;
    steps.push(step);
    step = [];
    nTokens = 0;
  }
  if (step.length > 0) steps.push(step);
  return steps;
}
