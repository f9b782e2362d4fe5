/** Writes a trained adapter as others read it: a GGUF file for llama.cpp and a folder for PEFT. Decides nothing about it. */

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { writeFileAtomic } from '../../base/writeFile.ts';
import { writeSafetensors } from '../../gguf/safetensors.ts';
import type { SafeTensor } from '../../gguf/safetensors.ts';
import { writeLoraGguf } from '../../gguf/writeLora.ts';
import type { LoraPair } from '../../gguf/writeLora.ts';
import { viewOf } from './adapterParameters.ts';
import type { AdapterLayout, LoraMatrix } from './adapterParameters.ts';
import type { DecoderShape } from './decoderShape.ts';
import { moduleNames, moduleSize } from './loraModules.ts';
import type { LoraOptions } from './loraOptions.ts';
import { toGgufRows } from './ropeLayout.ts';

export interface AdapterToExport {
  readonly shape: DecoderShape;
  readonly lora: LoraOptions;
  readonly layout: AdapterLayout;
  readonly parameters: Float32Array;
}

/** @throws IdiomError `diskFull` or `notPermitted`; an older file is then untouched. */
export async function exportLoraGguf(
  path: string,
  adapter: AdapterToExport,
  type: 'F16' | 'F32',
): Promise<void> {
  const { shape, lora, layout, parameters } = adapter;
  const pairs = layout.matrices.flatMap((a, i): LoraPair[] => {
    const b = layout.matrices[i + 1];
    if (a.half !== 'loraA' || b === undefined) return [];
    return [
      {
        baseTensor: `blk.${a.layerIdx}.${moduleNames[a.module].gguf}.weight`,
        ...moduleSize(shape, a.module),
        r: lora.r,
        loraA: viewOf(parameters, a),
        loraB: toGgufRows(shape, a.module, viewOf(parameters, b)),
      },
    ];
  });
  await writeLoraGguf(path, { architecture: shape.architecture, alpha: lora.loraAlpha, type, pairs });
}

/**
 * Writes `adapter_config.json` and `adapter_model.safetensors`.
 * Keys and names: https://huggingface.co/docs/peft/developer_guides/checkpoint
 * @throws IdiomError `diskFull` or `notPermitted`.
 */
export function exportPeftFolder(folder: string, adapter: AdapterToExport, baseModelName: string): void {
  const { layout, parameters } = adapter;
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const tensors = new Map<string, SafeTensor>();
  for (const matrix of layout.matrices) {
    const values = viewOf(parameters, matrix).slice();
    const bytes = new Uint8Array(values.buffer);
    tensors.set(peftName(matrix), { type: 'F32', shape: matrix.shape, bytes });
  }
  writeSafetensors(join(folder, 'adapter_model.safetensors'), { tensors, metadata: { format: 'pt' } });
  const config = JSON.stringify(peftConfig(adapter, baseModelName), undefined, 2);
  writeFileAtomic(join(folder, 'adapter_config.json'), `${config}\n`);
}

/** The name of a matrix in `adapter_model.safetensors`. */
export function peftName({ layerIdx, module, half }: LoraMatrix): string {
  const end = half === 'loraA' ? 'lora_A' : 'lora_B';
  return `base_model.model.model.layers.${layerIdx}.${moduleNames[module].peft}.${end}.weight`;
}

/** What PEFT needs to build the same adapter; all else has its defaults there. */
function peftConfig({ shape, lora }: AdapterToExport, baseModelName: string): Record<string, unknown> {
  const layers = Array.from({ length: shape.nLayers - lora.firstLayer }, (_, i) => lora.firstLayer + i);
  return {
    peft_type: 'LORA',
    task_type: 'CAUSAL_LM',
    base_model_name_or_path: baseModelName,
    inference_mode: true,
    r: lora.r,
    lora_alpha: lora.loraAlpha,
    lora_dropout: lora.dropout,
    target_modules: lora.targetModules.map((module) => moduleNames[module].peft.split('.')[1]),
    layers_to_transform: lora.firstLayer === 0 ? null : layers,
    layers_pattern: lora.firstLayer === 0 ? null : 'layers',
    bias: 'none',
    fan_in_fan_out: false,
    init_lora_weights: true,
    use_rslora: false,
  };
}
