/** What this machine offers a base model: memory, cores and, by asking an engine child, its GPU. */

import { availableParallelism, totalmem } from 'node:os';
import { startEngineChild } from './engineChannel.ts';
import type { ProbedMachine } from './engineMessages.ts';
import type { Machine } from './recommended.ts';

/** Takes half a second, once per process. A GPU driver that crashes the child counts as no GPU. */
export function probeMachine(): Promise<Machine> {
  probed ??= askChild().then((found) => ({ ...found, memoryBytes: memoryBytes() }));
  return probed;
}

let probed: Promise<Machine> | undefined;

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
