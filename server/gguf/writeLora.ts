/** Writes a LoRA adapter as a GGUF file that llama.cpp loads. Does not convert from PEFT's names or layouts. */

import { floatToHalf } from './float16.ts';
import type { MetadataValue } from './format.ts';
import { writeGguf } from './writeGguf.ts';
import type { TensorToWrite } from './writeGguf.ts';

export interface LoraPair {
  /** Name of the base model's tensor, for example "blk.0.attn_q.weight". */
  readonly baseTensor: string;
  readonly nInputs: number;
  readonly nOutputs: number;
  readonly r: number;
  /** (r, nInputs), rows first. */
  readonly loraA: Float32Array;
  /** (nOutputs, r), rows first, in the base GGUF's order of rows. */
  readonly loraB: Float32Array;
}

export interface LoraToWrite {
  /** `general.architecture` of the base model. */
  readonly architecture: string;
  /** Above 0; llama.cpp scales the product by alpha / r. */
  readonly alpha: number;
  readonly type: 'F16' | 'F32';
  readonly pairs: readonly LoraPair[];
}

/**
 * Keys and names: `llama_adapter_lora_init_impl` in https://github.com/ggml-org/llama.cpp/blob/master/src/llama-adapter.cpp.
 * @throws RangeError when alpha is not above 0 or a matrix does not fit its sizes; IdiomError when it cannot be written.
 */
export async function writeLoraGguf(path: string, lora: LoraToWrite): Promise<void> {
  if (!(lora.alpha > 0)) throw new RangeError('The alpha of an adapter must be above 0.');
  const metadata = new Map<string, MetadataValue>([
    ['general.type', { type: 'string', value: 'adapter' }],
    ['general.architecture', { type: 'string', value: lora.architecture }],
    ['adapter.type', { type: 'string', value: 'lora' }],
    ['adapter.lora.alpha', { type: 'float32', value: lora.alpha }],
  ]);
  await writeGguf(path, { metadata, tensors: lora.pairs.flatMap((pair) => tensorsOf(pair, lora.type)) });
}

function tensorsOf(pair: LoraPair, type: 'F16' | 'F32'): TensorToWrite[] {
  const { baseTensor, nInputs, nOutputs, r, loraA, loraB } = pair;
  if (loraA.length !== r * nInputs || loraB.length !== nOutputs * r)
    throw new RangeError(`The adapter of ${baseTensor} does not fit ${nInputs} x ${r} x ${nOutputs}.`);
  return [
    { name: `${baseTensor}.lora_a`, shape: [nInputs, r], type, bytes: () => bytesOf(loraA, type) },
    { name: `${baseTensor}.lora_b`, shape: [r, nOutputs], type, bytes: () => bytesOf(loraB, type) },
  ];
}

function bytesOf(values: Float32Array, type: 'F16' | 'F32'): Uint8Array {
  const bytes = new DataView(new ArrayBuffer(values.length * (type === 'F16' ? 2 : 4)));
  values.forEach((value, i) => {
    if (type === 'F16') bytes.setUint16(i * 2, floatToHalf(value), true);
    else bytes.setFloat32(i * 4, value, true);
  });
  return new Uint8Array(bytes.buffer);
}
