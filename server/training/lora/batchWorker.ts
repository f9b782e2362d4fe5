/** One of the threads that compute micro-batches: see workerRunner.ts, which starts it and waits for its answers. */

import { parentPort, workerData } from 'node:worker_threads';
import { IdiomError } from '../../base/errors.ts';
import type { ErrorCode } from '../../base/errors.ts';
import { BatchComputer } from './batchComputer.ts';
import type { BatchResult, BatchTask, ComputerProps } from './batchComputer.ts';
import { EndedError, RunFlag } from './runFlag.ts';
import type { SharedRunFlag } from './runFlag.ts';

export interface WorkerStart {
  readonly props: ComputerProps;
  readonly flag: SharedRunFlag;
}

export interface ToWorker {
  readonly task: BatchTask;
  /** Shared memory, overwritten with this task's share of the gradients. */
  readonly gradients: Float32Array | undefined;
}

export type FromWorker =
  | { readonly type: 'done'; readonly result: BatchResult }
  /** The flag said so. */
  | { readonly type: 'ended' }
  | {
      readonly type: 'failed';
      /** Of an IdiomError. */
      readonly code?: ErrorCode;
      readonly message: string;
      readonly remedy?: string | undefined;
    };

const { props, flag } = workerData as WorkerStart;
const runFlag = new RunFlag(flag);
const computer = new BatchComputer(props, () => runFlag.obey());

parentPort?.on('message', ({ task, gradients }: ToWorker) => {
  void compute(task, gradients).then((answer) => parentPort?.postMessage(answer));
});

async function compute(task: BatchTask, gradients: Float32Array | undefined): Promise<FromWorker> {
  try {
    gradients?.fill(0);
    const { nll, lower } = await computer.compute(task, gradients);
    // A view would take all of the memory behind it along.
    return { type: 'done', result: { nll, lower: lower?.slice() } };
  } catch (error) {
    if (error instanceof EndedError) return { type: 'ended' };
    if (error instanceof IdiomError) {
      const { code, message, remedy } = error;
      return { type: 'failed', code, message, remedy };
    }
    return { type: 'failed', message: error instanceof Error ? error.message : String(error) };
  }
}
