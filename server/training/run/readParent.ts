/** Reads the adapter that a training starts from out of its GGUF file, the form in which every adapter is kept. */

import { IdiomError } from '../../base/errors.ts';
import { numberOf } from '../../gguf/format.ts';
import { readGgufHeader } from '../../gguf/readHeader.ts';
import { readTensor } from '../../gguf/readTensor.ts';
import type { AdapterLayout, LoraMatrix } from '../lora/adapterParameters.ts';
import type { DecoderShape } from '../lora/decoderShape.ts';
import { moduleNames } from '../lora/loraModules.ts';
import type { LoraOptions } from '../lora/loraOptions.ts';
import { toHalves } from '../lora/ropeLayout.ts';

export interface ParentFits {
  readonly shape: DecoderShape;
  readonly lora: LoraOptions;
  readonly layout: AdapterLayout;
}

/**
 * The parameters in the order of `layout`, to half precision.
 * @throws IdiomError `adapterBroken` when the file is damaged, or is of other layers, modules, rank or alpha.
 */
export async function readParent(path: string, { shape, lora, layout }: ParentFits): Promise<Float32Array> {
  const header = await readGgufHeader(path, 'adapter');
  if (numberOf(header, 'adapter.lora.alpha') !== lora.loraAlpha) throw another(path);
  if (header.tensors.length !== layout.matrices.length) throw another(path);
  const tensors = new Map(header.tensors.map((tensor) => [tensor.name, tensor]));
  const parameters = new Float32Array(layout.nParameters);
  for (const matrix of layout.matrices) {
    const tensor = tensors.get(nameOf(matrix));
    // GGUF names the fastest-moving dimension first.
    if (tensor?.shape.toReversed().join() !== matrix.shape.join()) throw another(path);
    const rows = await readTensor(header, tensor);
    parameters.set(matrix.half === 'loraB' ? toHalves(shape, matrix.module, rows) : rows, matrix.start);
  }
  return parameters;
}

function nameOf({ layerIdx, module, half }: LoraMatrix): string {
  return `blk.${layerIdx}.${moduleNames[module].gguf}.weight.${half === 'loraA' ? 'lora_a' : 'lora_b'}`;
}

function another(path: string): IdiomError {
  return new IdiomError('adapterBroken', `The adapter ${path} is of another shape than the one to train.`, {
    remedy: 'Train with the same rank, modules and layers, or from the base model alone.',
  });
}
