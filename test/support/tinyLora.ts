/** A base model of two tensors and LoRA adapters for it, as GGUF files; no engine could load them. */

import { join } from 'node:path';
import { quantise } from '../../server/gguf/quantise.ts';
import type { QuantisableType } from '../../server/gguf/quantise.ts';
import { writeGguf } from '../../server/gguf/writeGguf.ts';
import { writeLoraGguf } from '../../server/gguf/writeLora.ts';

export const nInputs = 32;
/** (2, nInputs): the rows of the tensor that adapters are for. */
export const adaptedWeights = Float32Array.from({ length: 2 * nInputs }, (_, i) => (i - 30) / 64);
export const otherWeights = Float32Array.from({ length: nInputs }, (_, i) => i);
/** r 1; with alpha 2 row 0 gets 2 x 0.5 x A and row 1 gets 2 x -1 x A. */
const loraA = Float32Array.from({ length: nInputs }, (_, i) => (i % 4) / 8);
const loraB = Float32Array.of(0.5, -1);
export const mergedWeights = adaptedWeights.map(
  (value, i) => value + (i < nInputs ? 1 : -2) * (loraA[i % nInputs] ?? 0),
);

export async function writeTinyBase(folder: string, type: QuantisableType = 'F32'): Promise<string> {
  const path = join(folder, `base ${type}.gguf`);
  await writeGguf(path, {
    metadata: new Map([['general.architecture', { type: 'string', value: 'llama' }]]),
    tensors: [
      { name: 'blk.0.attn_q.weight', shape: [nInputs, 2], type, bytes: () => quantise(type, adaptedWeights) },
      { name: 'other', shape: [nInputs], type: 'F32', bytes: () => quantise('F32', otherWeights) },
    ],
  });
  return path;
}

export interface TinyAdapter {
  readonly width?: number;
  readonly baseTensor?: string;
  readonly alpha?: number;
}

export async function writeTinyAdapter(
  folder: string,
  name: string,
  { width = nInputs, baseTensor = 'blk.0.attn_q.weight', alpha = 2 }: TinyAdapter = {},
): Promise<string> {
  const path = join(folder, name);
  const pair = { baseTensor, nInputs: width, nOutputs: 2, r: 1, loraA: loraA.slice(0, width), loraB };
  await writeLoraGguf(path, { architecture: 'llama', alpha, type: 'F32', pairs: [pair] });
  return path;
}
