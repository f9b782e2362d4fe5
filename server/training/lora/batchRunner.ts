/** Runs the micro-batches of a step one after the other, in this thread. */

import type { Disposable } from '../../base/disposable.ts';
import { BatchComputer } from './batchComputer.ts';
import type { BatchResult, BatchTask, ComputerProps } from './batchComputer.ts';
import type { BeforeRun } from './runGraph.ts';

export interface BatchRunner extends Disposable {
  /**
   * Computes all tasks and calls `onResult` for each; what a result holds is valid until that returns. With `gradients`,
   * adds to them what each task contributes, in the order of the tasks, so that the sum is the same to the last bit
   * whoever computes them.
   * @throws what `beforeRun` throws; IdiomError `trainingFailed`.
   */
  run(
    tasks: readonly BatchTask[],
    gradients: Float32Array | undefined,
    onResult: (taskIdx: number, result: BatchResult) => void,
  ): Promise<void>;
}

export function createBatchRunner(props: ComputerProps, beforeRun: BeforeRun): BatchRunner {
  const computer = new BatchComputer(props, beforeRun);
  return {
    async run(tasks, gradients, onResult) {
      for (const [taskIdx, task] of tasks.entries())
        onResult(taskIdx, await computer.compute(task, gradients));
    },
    dispose: () => computer.dispose(),
  };
}
