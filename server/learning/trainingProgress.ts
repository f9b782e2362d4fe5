/** From what dataset and trainer tell to one share of the whole, with the curve of the loss thinned. Pure but for its memory. */

import type { LoopProgress } from './loopWork.ts';
import type { RepositoryTrainingProgress } from './trainRepository.ts';

/** A dashboard draws no more. */
const maxLosses = 200;

/** For one training; each call takes the next message. */
export function createProgress(): (progress: RepositoryTrainingProgress) => LoopProgress {
  const losses: { readonly step: number; readonly loss: number }[] = [];
  return (told) => {
    if (told.kind === 'dataset') return { share: shareOf(told.nDone, told.nAll) };
    const { stage, step, nSteps, loss, tokensPerSecond, secondsLeft } = told.progress;
    if (stage === 'training' && loss !== undefined && step !== losses.at(-1)?.step)
      losses.push({ step, loss });
    return {
      share: stage === 'saving' ? 1 : shareOf(step, nSteps),
      ...(nSteps > 0 ? { step, nSteps } : {}),
      ...(secondsLeft === undefined ? {} : { secondsLeft }),
      ...(tokensPerSecond === undefined ? {} : { tokensPerSecond }),
      losses: thin(losses.map((each) => each.loss)),
    };
  };
}

function shareOf(nDone: number, nAll: number): number {
  return nAll > 0 ? Math.min(1, Math.max(0, nDone / nAll)) : 0;
}

/** Evenly spread, the first and the last among them. */
export function thin(values: readonly number[], max = maxLosses): number[] {
  if (values.length <= max) return [...values];
  return Array.from(
    { length: max },
    (_, i) => values[Math.round((i * (values.length - 1)) / (max - 1))] ?? 0,
  );
}
