/** What this machine offers a base model: memory, cores and, by asking an engine child, its GPU. */

import { availableParallelism, cpus, totalmem } from 'node:os';
import { z } from 'zod';
import type { Clock } from '../base/clock.ts';
import { createDerivedRecord } from '../base/derivedRecord.ts';
import type { Disposable } from '../base/disposable.ts';
import { startEngineChild } from './engineChannel.ts';
import type { ProbedMachine } from './engineMessages.ts';
import type { Machine } from './recommended.ts';

/** Takes half a second, once per process. A GPU driver that crashes the child counts as no GPU. */
export function probeMachine(): Promise<Machine> {
  probed ??= askChild().then(withMemory);
  return probed;
}

let probed: Promise<Machine> | undefined;

export interface RememberedProbeOptions {
  /** A derived file. */
  readonly path: string;
  /** Of Idiom: another one has another engine, which may know other GPUs. */
  readonly version: string;
  readonly clock: Clock;
  /** For tests. */
  readonly ask?: () => Promise<ProbedMachine>;
}

/** Not while everything else starts. */
const askAgainMs = 60_000;

/**
 * Answers at once with what an earlier process found on the same processor, since asking takes as long as starting an
 * engine; asks again a minute later, so that the next start knows of another GPU.
 */
export class RememberedProbe implements Disposable {
  readonly #options: RememberedProbeOptions;
  #probed: Promise<ProbedMachine> | undefined;
  #timer: Disposable | undefined;

  constructor(options: RememberedProbeOptions) {
    this.#options = options;
  }

  async machine(): Promise<Machine> {
    this.#probed ??= this.#recall();
    return withMemory(await this.#probed);
  }

  dispose(): void {
    this.#timer?.dispose();
  }

  #recall(): Promise<ProbedMachine> {
    const { path, version, clock, ask = askChild } = this.#options;
    const record = createDerivedRecord(path, machineSchema);
    const key = `${version} ${cpus()[0]?.model ?? ''} ${availableParallelism()}`;
    const askNow = async () => {
      const found = await ask();
      record.set(key, found);
      return found;
    };
    const known = record.get(key);
    if (known === undefined) return askNow();
    this.#timer = clock.setTimer(askAgainMs, () => void askNow());
    return Promise.resolve(known);
  }
}

const machineSchema = z.object({
  device: z.string(),
  nPhysicalCores: z.number(),
  gpuMemoryBytes: z.number(),
});

const withMemory = (found: ProbedMachine): Machine => ({ ...found, memoryBytes: memoryBytes() });

function askChild(): Promise<ProbedMachine> {
  const { promise, resolve } = Promise.withResolvers<ProbedMachine>();
  const withoutGpu: ProbedMachine = {
    device: 'cpu',
    nPhysicalCores: Math.max(1, Math.floor(availableParallelism() / 2)),
    gpuMemoryBytes: 0,
  };
  const channel = startEngineChild({
    onMessage(message) {
      if (message.type === 'probed') resolve(message.value);
      else if (message.type === 'failed') resolve(withoutGpu);
    },
    onExit: () => resolve(withoutGpu),
  });
  channel.send({ type: 'probe', id: 1 });
  return promise.finally(() => channel.dispose());
}

/** Total memory, or the limit of the container; Node says 0 or an absurd number when there is none. */
function memoryBytes(): number {
  const limit = process.constrainedMemory();
  return limit > 0 ? Math.min(limit, totalmem()) : totalmem();
}
