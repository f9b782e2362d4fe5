/**
 * The two orders of a head's rows under rotary embeddings. transformers turns (i, i + D/2) as a pair, "halves"; llama.cpp
 * turns (2i, 2i + 1) for the architecture llama, so its GGUF files store the rows of q and k in that order, "pairs".
 * Scores are the same in both. Everything here trains in halves.
 * Source: `LlamaModel.permute` in https://github.com/ggml-org/llama.cpp/blob/master/convert_hf_to_gguf.py
 */

import type { DecoderShape } from './decoderShape.ts';
import type { LoraModule } from './loraModules.ts';

/** Rows of a GGUF tensor (nOutputs, any) of this module in the order of transformers; the same array where they are in it. */
export function toHalves(shape: DecoderShape, module: LoraModule, rows: Float32Array): Float32Array {
  return reorder(shape, module, rows, (half, part) => ({
    from: 2 * half + part,
    to: half + part * (shape.headSize / 2),
  }));
}

/** The other way. */
export function toGgufRows(shape: DecoderShape, module: LoraModule, rows: Float32Array): Float32Array {
  return reorder(shape, module, rows, (half, part) => ({
    from: half + part * (shape.headSize / 2),
    to: 2 * half + part,
  }));
}

type Move = (half: number, part: number) => { readonly from: number; readonly to: number };

function reorder(shape: DecoderShape, module: LoraModule, rows: Float32Array, move: Move): Float32Array {
  if (shape.architecture !== 'llama' || (module !== 'q' && module !== 'k')) return rows;
  const { headSize } = shape;
  const nRows = (module === 'q' ? shape.nHeads : shape.nKvHeads) * headSize;
  const width = rows.length / nRows;
  const result = new Float32Array(rows.length);
  for (let head = 0; head < nRows; head += headSize) {
    for (let half = 0; half < headSize / 2; half++) {
      for (const part of [0, 1]) {
        const { from, to } = move(half, part);
        result.set(rows.subarray((head + from) * width, (head + from + 1) * width), (head + to) * width);
      }
    }
  }
  return result;
}
