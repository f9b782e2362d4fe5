/** The likelihood of held-out cases on the way through a training: when it is looked at, and the curve that it makes. Pure. */

import { spreadEvenly } from '../../base/spreadEvenly.ts';
import type { TrainingResult } from './trainingJob.ts';

export type Validation = TrainingResult['validation'];

/** Of the cases that are measured before and after, so many are measured on the way too ... */
const nCasesOnTheWay = 16;
/** ... so often, where that takes at most this share of the budget. */
const nLooks = 3;
const maxShare = 0.05;

/** Which of `nCases` are looked at on the way. */
export function casesOnTheWay(nCases: number): number[] {
  return spreadEvenly([...Array(nCases).keys()], nCasesOnTheWay);
}

/** @param tookMs what measuring all cases takes. */
export function beginValidation(
  nllBefore: readonly number[],
  { tookMs, budgetMs }: { readonly tookMs: number; readonly budgetMs: number },
): Validation {
  const chosen = casesOnTheWay(nllBefore.length);
  const costMs = (nLooks * tookMs * chosen.length) / Math.max(1, nllBefore.length);
  return costMs > maxShare * budgetMs ? [] : pointOf(0, nllBefore);
}

/** After this step, where the looks are spread evenly over those that there will be. */
export function isLookDue(validation: Validation, step: number, nSteps: number): boolean {
  if (validation.length === 0 || validation.length > nLooks || step >= nSteps) return false;
  return step / nSteps >= validation.length / (nLooks + 1);
}

/** Both ends are there also where nothing was looked at on the way; without any case there is no curve. */
export function endValidation(
  validation: Validation,
  nSteps: number,
  { nllBefore, nllAfter }: Pick<TrainingResult, 'nllBefore' | 'nllAfter'>,
): Validation {
  const begun = validation.length === 0 ? pointOf(0, nllBefore) : validation;
  return [...begun, ...pointOf(nSteps, nllAfter)];
}

function pointOf(step: number, nll: readonly number[]): Validation {
  const chosen = casesOnTheWay(nll.length).flatMap((idx) => nll[idx] ?? []);
  return chosen.length === 0
    ? []
    : [{ step, nll: chosen.reduce((sum, each) => sum + each, 0) / chosen.length }];
}
