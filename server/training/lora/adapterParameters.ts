/** The trained numbers of an adapter, in one array, and where each matrix lies in it. Trains nothing. */

import { seededRandom } from '../../base/random.ts';
import type { DecoderShape } from './decoderShape.ts';
import { loraModules, moduleSize } from './loraModules.ts';
import type { LoraModule } from './loraModules.ts';
import type { LoraOptions } from './loraOptions.ts';

export interface LoraMatrix {
  readonly layerIdx: number;
  readonly module: LoraModule;
  /** loraA is (r, nInputs), loraB is (nOutputs, r). */
  readonly half: 'loraA' | 'loraB';
  readonly shape: readonly [number, number];
  /** First item in the flat arrays. */
  readonly start: number;
  readonly length: number;
}

export interface AdapterLayout {
  readonly matrices: readonly LoraMatrix[];
  readonly nParameters: number;
}

/** By layer, then module, then loraA before loraB. */
export function layOutAdapter(shape: DecoderShape, options: LoraOptions): AdapterLayout {
  const matrices: LoraMatrix[] = [];
  let start = 0;
  for (let layerIdx = options.firstLayer; layerIdx < shape.nLayers; layerIdx++) {
    for (const module of loraModules.filter((name) => options.targetModules.includes(name))) {
      const { nInputs, nOutputs } = moduleSize(shape, module);
      for (const half of ['loraA', 'loraB'] as const) {
        const matrixShape =
          half === 'loraA' ? ([options.r, nInputs] as const) : ([nOutputs, options.r] as const);
        const length = matrixShape[0] * matrixShape[1];
        matrices.push({ layerIdx, module, half, shape: matrixShape, start, length });
        start += length;
      }
    }
  }
  return { matrices, nParameters: start };
}

/**
 * loraA uniform in ±1/sqrt(nInputs) (Kaiming with a = sqrt(5), as PEFT draws it), loraB zero, so that a fresh adapter
 * changes nothing. https://arxiv.org/abs/2106.09685, section 4.1
 */
export function freshParameters(layout: AdapterLayout, seed: number): Float32Array {
  const random = seededRandom(seed);
  const parameters = new Float32Array(layout.nParameters);
  for (const { half, start, length, shape } of layout.matrices) {
    if (half === 'loraB') continue;
    const bound = 1 / Math.sqrt(shape[1]);
    for (let i = start; i < start + length; i++) parameters[i] = (2 * random.next() - 1) * bound;
  }
  return parameters;
}

/** The numbers of one matrix, without a copy. */
export function viewOf(parameters: Float32Array, matrix: LoraMatrix): Float32Array {
  return parameters.subarray(matrix.start, matrix.start + matrix.length);
}
