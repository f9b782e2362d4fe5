/** Smaller versions of an adapter, made of its own numbers, to measure what each costs at serving. What they suggest is of no use. */

import { join } from 'node:path';
import { digestFile } from '../server/base/digest.ts';
import { numberOf, stringOf } from '../server/gguf/format.ts';
import type { GgufHeader } from '../server/gguf/format.ts';
import { readGgufHeader } from '../server/gguf/readHeader.ts';
import { readTensor } from '../server/gguf/readTensor.ts';
import { writeLoraGguf } from '../server/gguf/writeLora.ts';
import type { LoraPair } from '../server/gguf/writeLora.ts';
import type { AdapterFile } from '../server/llama/engine.ts';

export interface VariantOptions {
  readonly name: string;
  readonly type: 'F16' | 'F32';
  /** At most that of the adapter. */
  readonly r: number;
  readonly isTaken: (layerIdx: number, tensor: string) => boolean;
}

export interface Variant extends AdapterFile {
  readonly name: string;
}

export async function writeVariant(
  adapterPath: string,
  folder: string,
  { name, type, r, isTaken }: VariantOptions,
): Promise<Variant> {
  const header = await readGgufHeader(adapterPath, 'adapter');
  const pairs: LoraPair[] = [];
  for (const { name: tensor } of header.tensors) {
    const [, layer = '', part = ''] = /^blk\.(\d+)\.(\w+)\.weight\.lora_a$/.exec(tensor) ?? [];
    if (part === '' || !isTaken(Number(layer), part)) continue;
    pairs.push(await readPair(header, tensor.slice(0, -'.lora_a'.length), r));
  }
  const path = join(folder, `${name.replaceAll(/\W+/g, '-')}.gguf`);
  const architecture = stringOf(header, 'general.architecture') ?? '';
  await writeLoraGguf(path, {
    architecture,
    alpha: numberOf(header, 'adapter.lora.alpha') ?? 1,
    type,
    pairs,
  });
  return { name, path, digest: await digestFile(path) };
}

/** The first `r` of its directions. */
async function readPair(header: GgufHeader, baseTensor: string, r: number): Promise<LoraPair> {
  const read = async (half: string) => {
    const tensor = header.tensors.find(({ name }) => name === `${baseTensor}.${half}`);
    if (tensor === undefined) throw new Error(`${header.path} lacks ${baseTensor}.${half}.`);
    return { shape: tensor.shape, values: await readTensor(header, tensor) };
  };
  const a = await read('lora_a');
  const b = await read('lora_b');
  const [nInputs = 0] = a.shape;
  const [rank = 0, nOutputs = 0] = b.shape;
  const loraB = Float32Array.from(
    { length: nOutputs * r },
    (_, i) => b.values[Math.floor(i / r) * rank + (i % r)] ?? NaN,
  );
  return { baseTensor, nInputs, nOutputs, r, loraA: a.values.slice(0, r * nInputs), loraB };
}
