/** How a training on the CPU shares the processor out. Pure. */

/** Each worker keeps activations of its own, some 400 MB for the embedded model, so that more would cost more than they gain. */
const maxWorkers = 2;

/** Up to this many, processors are taken for cores; above, each core counts as two, as most machines count. */
const fewProcessors = 4;

/**
 * Threads that onnxruntime takes in each worker; one item: no worker is worth it.
 * @param threads in all; 0: as many as the machine has cores.
 */
export function planThreads(threads: number, nProcessors: number): number[] {
  const nCores = nProcessors <= fewProcessors ? nProcessors : Math.ceil(nProcessors / 2);
  const nThreads = Math.max(1, threads === 0 ? nCores : threads);
  const nWorkers = Math.min(maxWorkers, nThreads);
  return Array.from({ length: nWorkers }, (_, i) => Math.floor((nThreads + i) / nWorkers));
}
