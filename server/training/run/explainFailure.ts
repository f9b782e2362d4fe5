/** Says why a training failed in words that help whoever started it. Pure. */

import { describeError, IdiomError, systemCode } from '../../base/errors.ts';
import type { FromTrainer } from './trainingJob.ts';

export type Failure = Extract<FromTrainer, { type: 'failed' }>;

/**
 * How Node, V8, the C++ library and onnxruntime say that memory is lacking. The last of them:
 * https://github.com/microsoft/onnxruntime/blob/main/onnxruntime/core/framework/bfc_arena.cc
 */
const lackOfMemory =
  /allocation failed|bad_alloc|out of memory|failed to allocate|invalid array buffer length/i;

const remedyForMemory =
  'Close other programs, allow fewer tokens at once or fewer layers, or choose a smaller base model.';

/** Of whatever the training threw. */
export function explainFailure(error: unknown): Failure {
  if (isLackOfMemory(error))
    return {
      type: 'failed',
      code: 'trainingFailed',
      message: 'There is not enough memory to train on this machine.',
      remedy: remedyForMemory,
    };
  if (error instanceof IdiomError) {
    const { code, message, remedy } = error;
    return { type: 'failed', code, message, ...(remedy === undefined ? {} : { remedy }) };
  }
  return { type: 'failed', code: 'internal', message: `Training failed: ${describeError(error)}.` };
}

/** Of a trainer that ended without a word; `how` is the signal or the last line that it wrote. */
export function explainEnd(how: string): IdiomError {
  if (how === 'SIGKILL')
    return new IdiomError(
      'trainingFailed',
      'The trainer was ended by force (SIGKILL), which is how a system out of memory ends the process that takes most.',
      { remedy: `Start the training again; it goes on from its last checkpoint. ${remedyForMemory}` },
    );
  if (lackOfMemory.test(how))
    return new IdiomError('trainingFailed', `The trainer had not enough memory (${how}).`, {
      remedy: remedyForMemory,
    });
  return new IdiomError('trainingFailed', `The trainer ended in the middle of its work (${how}).`, {
    remedy: 'Start the training again; it goes on from its last checkpoint.',
  });
}

function isLackOfMemory(error: unknown): boolean {
  if (systemCode(error) === 'ENOMEM') return true;
  if (!(error instanceof Error)) return false;
  if (!(error instanceof IdiomError) && lackOfMemory.test(error.message)) return true;
  return isLackOfMemory(error.cause);
}
