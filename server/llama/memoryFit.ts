/** Whether a base model fits into this machine's memory, told in numbers before anything is loaded. */

import { IdiomError } from '../base/errors.ts';

export interface MemoryNeeds {
  readonly path: string;
  readonly modelBytes: number;
  readonly kvBytesPerToken: number;
  readonly contextTokens: number;
  readonly nSlots: number;
}

export interface FreeMemory {
  readonly freeMemoryBytes: number;
  /** 0 without a GPU. */
  readonly freeGpuBytes: number;
}

/** Buffers of llama.cpp and Node beside weights and KV cache; 170 MB were measured with the embedded model. */
export const overheadBytes = 250e6;

/** @throws IdiomError `modelTooLarge` when weights, KV cache and buffers exceed free memory and GPU memory together. */
export function checkMemoryFit(needs: MemoryNeeds, free: FreeMemory): void {
  const kvBytes = needs.kvBytesPerToken * needs.contextTokens * needs.nSlots;
  const neededBytes = needs.modelBytes + kvBytes + overheadBytes;
  const freeBytes = free.freeMemoryBytes + free.freeGpuBytes;
  if (neededBytes <= freeBytes) return;
  throw new IdiomError(
    'modelTooLarge',
    `The base model ${needs.path} needs ${inGigabytes(neededBytes)} GB of memory and ${inGigabytes(freeBytes)} GB are free.`,
    {
      remedy:
        'Close other programs, or set idiom.baseModel to a smaller one: `embedded` needs 0.5 GB, `idiom model list` shows the others.',
    },
  );
}

function inGigabytes(bytes: number): string {
  return (bytes / 1e9).toFixed(1);
}
