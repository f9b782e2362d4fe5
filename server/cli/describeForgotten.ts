/** What was, or would be, forgotten, as lines for a terminal. Pure. */

import type { ForgetResult } from '../../protocol/learning.ts';
import { describeScope } from '../learning/forgetScope.ts';
import type { ForgetScope } from '../learning/forgetScope.ts';

export function describeForgotten(
  result: ForgetResult,
  scope: ForgetScope,
  tense: 'did' | 'would',
): string[] {
  const { nSuggestions, nOutcomes, nExamples, nDatasets, adapters, rolledBackTo, isRetraining } = result;
  if (nSuggestions + nExamples + nDatasets + adapters.length === 0) {
    return [`There is nothing to forget: ${describeScope(scope)}.`];
  }
  const lines = [
    `${tense === 'did' ? 'Forgotten' : 'Would be forgotten'}: ${describeScope(scope)}.`,
    `  ${counted(nSuggestions, 'suggestion')}, ${counted(nOutcomes, 'outcome')}`,
    `  ${counted(nExamples, 'example')} in ${counted(nDatasets, 'dataset')}`,
    `  ${counted(adapters.length, 'adapter')} that learned from them${adapters.length === 0 ? '' : ':'}`,
    ...adapters.map((digest) => `    ${digest.slice(0, 12)}`),
  ];
  if (rolledBackTo !== undefined) {
    const verb = tense === 'did' ? 'is in use now' : 'would be in use then';
    lines.push(`The champion was one of them; ${nameOf(rolledBackTo)} ${verb}.`);
  }
  if (isRetraining) lines.push('A new training has begun.');
  else if (tense === 'did' && rolledBackTo !== undefined)
    lines.push('"idiom learn" trains a new one without it.');
  if (scope.path !== undefined) {
    lines.push(`Git has ${scope.path} still; a line in .idiomignore keeps it from being learned again.`);
  }
  return lines;
}

function nameOf(adapter: string): string {
  if (adapter === 'task') return 'the task adapter';
  return adapter === 'base' ? 'the base model alone' : `the version ${adapter.slice(0, 12)}`;
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}
