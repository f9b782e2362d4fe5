/**
 * Runs the micro-batches of a step in several threads at once. One thread's graphs keep a processor busier than two threads
 * that share each graph, see docs/training.md. Weights and parameters lie in shared memory once.
 */

import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { IdiomError } from '../../base/errors.ts';
import { toShared } from '../../onnx/sharedMemory.ts';
import type { BatchResult, BatchTask, ComputerProps } from './batchComputer.ts';
import type { BatchRunner } from './batchRunner.ts';
import type { FromWorker, ToWorker, WorkerStart } from './batchWorker.ts';
import { EndedError } from './runFlag.ts';
import type { RunFlag } from './runFlag.ts';
import type { BeforeRun } from './runGraph.ts';

export interface WorkerRunnerProps {
  /** Its arrays must lie in shared memory. */
  readonly props: ComputerProps;
  /** Of each worker, in onnxruntime. */
  readonly threads: readonly number[];
  /** Obeyed before each graph that a worker runs. */
  readonly flag: RunFlag;
  /** Awaited before each task is handed out; throws the reason once the flag said "end". */
  readonly beforeRun: BeforeRun;
}

export function createWorkerRunner({ props, threads, flag, beforeRun }: WorkerRunnerProps): BatchRunner {
  const workers = threads.map(
    (each) =>
      new WorkerThread({ props: { ...props, onnx: { ...props.onnx, threads: each } }, flag: flag.shared }),
  );
  const spare: Float32Array[] = [];
  return {
    async run(tasks, gradients, onResult) {
      const sum = gradients === undefined ? undefined : new OrderedSum(gradients, spare);
      let nTaken = 0;
      let hasFailed = false;
      const work = async (worker: WorkerThread) => {
        for (;;) {
          await beforeRun();
          const taskIdx = nTaken++;
          const task = tasks[taskIdx];
          if (task === undefined || hasFailed) return;
          const share = sum?.share();
          onResult(taskIdx, await worker.compute(task, share));
          if (share !== undefined) sum?.add(taskIdx, share);
        }
      };
      const ends = await Promise.allSettled(
        workers.map((worker) =>
          work(worker).catch(async (error: unknown) => {
            hasFailed = true;
            if (error instanceof EndedError) await beforeRun();
            throw error;
          }),
        ),
      );
      for (const end of ends) if (end.status === 'rejected') throw end.reason;
    },
    dispose() {
      for (const worker of workers) worker.dispose();
    },
  };
}

/** Adds shares in the order of their numbers, whenever they come. */
class OrderedSum {
  readonly #sum: Float32Array;
  readonly #spare: Float32Array[];
  readonly #waiting = new Map<number, Float32Array>();
  #next = 0;

  constructor(sum: Float32Array, spare: Float32Array[]) {
    this.#sum = sum;
    this.#spare = spare;
  }

  /** Shared memory to write to. */
  share(): Float32Array {
    return this.#spare.pop() ?? toShared(new Float32Array(this.#sum.length));
  }

  add(idx: number, share: Float32Array): void {
    this.#waiting.set(idx, share);
    for (let next = this.#waiting.get(this.#next); next !== undefined; next = this.#waiting.get(this.#next)) {
      const sum = this.#sum;
      for (let i = 0; i < sum.length; i++) sum[i] = (sum[i] as number) + (next[i] as number);
      this.#waiting.delete(this.#next++);
      this.#spare.push(next);
    }
  }
}

class WorkerThread {
  readonly #worker: Worker;
  #answer: PromiseWithResolvers<BatchResult> | undefined;
  #failure: Error | undefined;

  constructor(start: WorkerStart) {
    const isBundled = !import.meta.url.endsWith('.ts');
    const path = new URL(isBundled ? './batchWorker.mjs' : './batchWorker.ts', import.meta.url);
    this.#worker = new Worker(fileURLToPath(path), { workerData: start });
    this.#worker.on('message', (message: FromWorker) => this.#settle(message));
    this.#worker.on('error', (error: Error) => this.#fail(error));
    this.#worker.on('exit', () => this.#fail(new Error('a thread of the training ended')));
    // A thread that waits for work keeps no process alive; one that works is waited for by whoever gave it the work.
    this.#worker.unref();
  }

  /** One at a time. */
  async compute(task: BatchTask, gradients: Float32Array | undefined): Promise<BatchResult> {
    if (this.#failure !== undefined) throw this.#failure;
    this.#answer = Promise.withResolvers();
    this.#worker.ref();
    this.#worker.postMessage({ task, gradients } satisfies ToWorker);
    try {
      return await this.#answer.promise;
    } finally {
      this.#worker.unref();
    }
  }

  dispose(): void {
    void this.#worker.terminate();
  }

  #settle(message: FromWorker): void {
    switch (message.type) {
      case 'done':
        return this.#answer?.resolve(message.result);
      case 'ended':
        return this.#answer?.reject(new EndedError('The training was ended.'));
      case 'failed': {
        const { code, message: text, remedy } = message;
        const options = remedy === undefined ? {} : { remedy };
        return this.#answer?.reject(
          code === undefined ? new Error(text) : new IdiomError(code, text, options),
        );
      }
    }
  }

  #fail(error: Error): void {
    this.#failure ??= error;
    this.#answer?.reject(this.#failure);
  }
}
