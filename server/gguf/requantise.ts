/**
 * Makes a copy of a GGUF file with some tensors in another type, one tensor in memory at a time.
 * Whether the copy is good enough to serve is for an evaluation to say.
 */

import { IdiomError } from '../base/errors.ts';
import { encodeMetadata, writeGguf } from './writeGguf.ts';
import type { TensorToWrite } from './writeGguf.ts';
import { canDequantise } from './dequantise.ts';
import { tensorTypes } from './format.ts';
import type { GgufHeader, GgufTensor, TensorType } from './format.ts';
import { quantise } from './quantise.ts';
import type { QuantisableType } from './quantise.ts';
import { readGgufHeader } from './readHeader.ts';
import { readRawMetadata, readTensor, readTensorBytes } from './readTensor.ts';

export interface RequantiseOptions {
  readonly from: TensorType;
  readonly to: QuantisableType;
  /** Called as tensors are written; `share`: of them all, 0 to 1. */
  readonly onProgress?: (share: number) => void;
  readonly signal?: AbortSignal;
}

export interface RequantiseResult {
  readonly nTensorsChanged: number;
  readonly nTensorsKept: number;
}

/** `general.file_type`: `enum llama_ftype` in https://github.com/ggml-org/llama.cpp/blob/master/include/llama.h. */
const fileTypes: Record<QuantisableType, number> = { F32: 0, F16: 1, Q4_0: 2, Q8_0: 7, BF16: 32 };

/**
 * Tensors of type `from` become `to`; all others, and all metadata but `general.file_type`, are copied byte for byte.
 * @throws IdiomError when `pathIn` is broken, has no tensor of type `from`, or `pathOut` cannot be written;
 *   the signal's reason when aborted.
 */
export async function requantise(
  pathIn: string,
  pathOut: string,
  { from, to, onProgress, signal }: RequantiseOptions,
): Promise<RequantiseResult> {
  const header = await readGgufHeader(pathIn);
  const changes = (tensor: GgufTensor) => tensor.type === from && fits(tensor, to);
  const nTensorsChanged = header.tensors.filter(changes).length;
  if (!canDequantise(from) || nTensorsChanged === 0)
    throw new IdiomError('modelUnsupported', `${pathIn} has no ${from} weights that can become ${to}.`, {
      remedy: 'Choose a model with such weights.',
    });
  await writeGguf(pathOut, {
    metadata: await copyMetadata(header, to),
    alignment: header.alignment,
    tensors: header.tensors.map((tensor, i) => {
      const toWrite = changes(tensor) ? changed(header, tensor, to) : kept(header, tensor);
      const bytes = async () => {
        signal?.throwIfAborted();
        onProgress?.(i / header.tensors.length);
        return toWrite.bytes();
      };
      return { ...toWrite, bytes };
    }),
  });
  return { nTensorsChanged, nTensorsKept: header.tensors.length - nTensorsChanged };
}

async function copyMetadata(header: GgufHeader, to: QuantisableType): Promise<Map<string, Uint8Array>> {
  const metadata = await readRawMetadata(header);
  const fileType = encodeMetadata('general.file_type', { type: 'uint32', value: fileTypes[to] });
  return metadata.set('general.file_type', fileType);
}

function changed(header: GgufHeader, tensor: GgufTensor, to: QuantisableType): TensorToWrite {
  const { name, shape } = tensor;
  return { name, shape, type: to, bytes: async () => quantise(to, await readTensor(header, tensor)) };
}

function kept(header: GgufHeader, tensor: GgufTensor): TensorToWrite {
  const { name, shape, type } = tensor;
  return { name, shape, type, bytes: () => readTensorBytes(header, tensor) };
}

function fits(tensor: GgufTensor, to: QuantisableType): boolean {
  return (tensor.shape[0] ?? 0) % tensorTypes[to].blockSize === 0;
}
