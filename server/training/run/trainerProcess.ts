/** Starts the trainer child for one job and carries its messages. */

import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { nodeChild } from '../../base/nodeChild.ts';
import { onAbort } from '../../base/abort.ts';
import { IdiomError } from '../../base/errors.ts';
import type { ErrorCode } from '../../base/errors.ts';
import { explainEnd } from './explainFailure.ts';
import { fromTrainerSchema } from './trainingJob.ts';
import type {
  FromTrainer,
  ToTrainer,
  TrainerLoad,
  TrainingJob,
  TrainingProgress,
  TrainingResult,
} from './trainingJob.ts';

export interface RunningTraining {
  readonly pid: number | undefined;
  /**
   * Resolves when the adapter is exported.
   * @throws IdiomError with the child's reason, `trainingFailed` when the child dies; AbortError when cancelled.
   */
  readonly result: Promise<TrainingResult>;
  /** Takes effect before the next layer is computed, within a step; idempotent, as is `resume`. */
  pause(): void;
  resume(): void;
}

/**
 * What the trainer and nothing else is told. Memory of 4 MB and more goes back to the system at once: two threads kept a
 * tenth of the process's memory for later otherwise. https://man7.org/linux/man-pages/man3/mallopt.3.html
 */
export const trainerEnvironment = {
  ELECTRON_RUN_AS_NODE: '1',
  ORT_DISABLE_TELEMETRY: '1',
  MALLOC_MMAP_THRESHOLD_: '4194304',
};

/** Aborting `signal` cancels within a layer's computation; the checkpoint stays, and the same job goes on from it. */
export function startTraining(
  job: TrainingJob,
  onProgress: (progress: TrainingProgress) => void,
  signal: AbortSignal,
  onLoad: (load: TrainerLoad) => void = () => undefined,
): RunningTraining {
  signal.throwIfAborted();
  const isBundled = !import.meta.url.endsWith('.ts');
  const path = fileURLToPath(
    new URL(isBundled ? './trainerChild.mjs' : './trainerChild.ts', import.meta.url),
  );
  const own = nodeChild();
  const child = fork(path, [], {
    ...own,
    execArgv: isBundled ? [] : ['--disable-warning=ExperimentalWarning'],
    env: { ...own.env, ...trainerEnvironment },
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    // A session of its own, for its priority (see trainerChild.ts); it ends when the channel to this process closes.
    detached: process.platform === 'linux',
  });
  const { promise, resolve, reject } = Promise.withResolvers<TrainingResult>();
  let stderr = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (stderr = (stderr + text).slice(-2000)));
  const send = (message: ToTrainer) => {
    if (child.connected) child.send(message, () => undefined);
  };
  child.on('message', (value) => {
    const message = fromTrainerSchema.safeParse(value);
    if (!message.success) return;
    if (message.data.type === 'progress') onProgress(message.data.progress);
    else if (message.data.type === 'load') onLoad(message.data.load);
    else settle(message.data, resolve, reject, signal);
  });
  child.on('error', (error) => reject(explainEnd(error.message)));
  child.on('close', (code, killedBy) =>
    reject(explainEnd(killedBy ?? (stderr.trim().split('\n').at(-1) || `code ${code ?? 0}`))),
  );
  const subscription = onAbort(signal, () => send({ type: 'cancel' }));
  send({ type: 'start', job });
  return {
    pid: child.pid,
    result: promise.finally(() => {
      subscription.dispose();
      if (child.connected) child.disconnect();
    }),
    pause: () => send({ type: 'pause' }),
    resume: () => send({ type: 'resume' }),
  };
}

function settle(
  message: Exclude<FromTrainer, { type: 'progress' | 'load' }>,
  resolve: (result: TrainingResult) => void,
  reject: (reason: unknown) => void,
  signal: AbortSignal,
): void {
  if (message.type === 'done') resolve(message.result);
  else if (message.type === 'cancelled') reject(signal.reason);
  else {
    const { code, message: text, remedy } = message;
    reject(new IdiomError(code as ErrorCode, text, remedy === undefined ? {} : { remedy }));
  }
}
