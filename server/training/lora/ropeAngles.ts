/** Cosines and sines of rotary position embeddings. */

import type { DecoderShape } from './decoderShape.ts';

export interface RopeAngles {
  /** (nTokens, D/2) each. */
  readonly cos: Float32Array;
  readonly sin: Float32Array;
}

/** Position p turns pair i by p / ropeBase^(2i/D). https://arxiv.org/abs/2104.09864, section 3.2.2 */
export function ropeAngles(
  { headSize, ropeBase, ropeScale }: DecoderShape,
  factors: Float32Array | undefined,
  nTokens: number,
): RopeAngles {
  const half = headSize / 2;
  const angles = Array.from({ length: nTokens * half }, (_, i) => {
    const pair = i % half;
    const position = Math.floor(i / half) / ropeScale;
    return position / (ropeBase ** (pair / half) * (factors?.[pair] ?? 1));
  });
  return { cos: Float32Array.from(angles, Math.cos), sin: Float32Array.from(angles, Math.sin) };
}
