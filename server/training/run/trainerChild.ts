/** The trainer as a process of its own, at the lowest priority: it gets a job, tells how it goes, and ends with its parent. */

import { writeFileSync } from 'node:fs';
import { availableParallelism, constants, setPriority } from 'node:os';
import { setImmediate } from 'node:timers/promises';
import { isAbort } from '../../base/errors.ts';
import { RunFlag } from '../lora/runFlag.ts';
import { explainFailure } from './explainFailure.ts';
import { planThreads } from './planThreads.ts';
import { runTraining } from './runTraining.ts';
import { toTrainerSchema } from './trainingJob.ts';
import type { FromTrainer, TrainingJob } from './trainingJob.ts';

const cancel = new AbortController();
const flag = new RunFlag();
let pause: { readonly over: Promise<void>; readonly end: () => void; readonly sinceMs: number } | undefined;
let pausedMs = 0;
/** A message of what this process takes comes this often. */
const tellLoadEveryMs = 5000;
let tellLoad = (): void => undefined;

lowerPriority();
process.on('message', receive);
// Whoever started this is gone, killed perhaps: the checkpoint stays for the next one.
process.on('disconnect', () => process.exit(0));

function receive(value: unknown): void {
  const message = toTrainerSchema.safeParse(value);
  if (!message.success)
    return send({ type: 'failed', code: 'badMessage', message: 'The job makes no sense.' });
  switch (message.data.type) {
    case 'start':
      return void start(message.data.job);
    case 'pause':
      pause ??= startPause();
      return;
    case 'resume':
      return resume();
    case 'cancel':
      cancel.abort();
      resume();
      return flag.say('end');
  }
}

function startPause() {
  flag.say('wait');
  const { promise, resolve } = Promise.withResolvers<void>();
  return { over: promise, end: resolve, sinceMs: performance.now() };
}

function resume(): void {
  if (pause === undefined) return;
  pausedMs += performance.now() - pause.sinceMs;
  flag.say('go');
  pause.end();
  pause = undefined;
}

/** Since this process began, pauses not counted. */
const workedMs = (): number =>
  performance.now() - pausedMs - (pause === undefined ? 0 : performance.now() - pause.sinceMs);

async function start(job: TrainingJob): Promise<void> {
  const nThreads = planThreads(job.threads, availableParallelism()).reduce((sum, each) => sum + each, 0);
  tellLoad = () => {
    const { user, system } = process.cpuUsage();
    send({ type: 'load', load: { cpuMs: (user + system) / 1000, workedMs: workedMs(), nThreads } });
  };
  setInterval(tellLoad, tellLoadEveryMs).unref();
  try {
    const result = await runTraining(job, {
      async beforeRun() {
        // Lets messages in: without workers a run blocks this thread.
        await setImmediate();
        while (pause !== undefined) await pause.over;
        cancel.signal.throwIfAborted();
      },
      flag,
      onProgress: (progress) => send({ type: 'progress', progress }),
      workedMs,
      memoryBytes: () => process.memoryUsage.rss(),
    });
    end({ type: 'done', result });
  } catch (error) {
    end(isAbort(error) && cancel.signal.aborted ? { type: 'cancelled' } : explainFailure(error));
  }
}

function send(message: FromTrainer): void {
  process.send?.(message);
}

/** The last message must have left before the process ends. */
function end(message: FromTrainer): void {
  tellLoad();
  process.send?.(message, undefined, undefined, () => process.exit(0));
}

function lowerPriority(): void {
  try {
    setPriority(constants.priority.PRIORITY_LOW);
    // Linux shares the processor between sessions first, and each has a priority of its own: sched(7), "The autogroup feature".
    if (process.platform === 'linux') writeFileSync('/proc/self/autogroup', '19');
  } catch {
    // A system may forbid it; training is then only as polite as its pauses.
  }
}
