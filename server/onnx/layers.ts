/**
 * What language models are made of, composed of the primitive operations. Knows no weights and no model.
 * Letters: B batch, S tokens of a sequence, D values of a head, K heads of keys and values, G query heads for each of them,
 * N rows, C channels, V vocabulary.
 */

import {
  add,
  concat,
  logSoftmax,
  matmul,
  mul,
  neg,
  pick,
  put,
  reciprocal,
  scale,
  sigmoid,
  slice,
  softmax,
  sqrt,
  sub,
  sum,
  sumTo,
  transpose,
} from './operations.ts';
import { constant, scalar, withDerivative } from './value.ts';
import type { Value } from './value.ts';

/** x (N, C) with each row divided by its root mean square, times `weight` (C). https://arxiv.org/abs/1910.07467 */
export function rmsNorm(x: Value, weight: Value, epsilon: number): Value {
  const nChannels = x.shape.at(-1) ?? 1;
  const meanSquare = scale(sum(mul(x, x), [-1]), 1 / nChannels);
  const inverse = reciprocal(sqrt(add(meanSquare, scalar(epsilon))));
  const y = mul(mul(x, inverse), weight);
  return withDerivative(y, [x, weight], (dy) => {
    const dNormed = mul(dy, weight);
    const along = mul(mul(sum(mul(dNormed, x), [-1]), scalar(1 / nChannels)), mul(inverse, inverse));
    return [mul(inverse, sub(dNormed, mul(x, along))), sumTo(mul(dy, mul(x, inverse)), weight.shape)];
  });
}

/** silu(gate) * up. https://arxiv.org/abs/2002.05202; s * (1 + g - g * s) is the derivative of silu(g) = g * s. */
export function swiglu(gate: Value, up: Value): Value {
  const s = sigmoid(gate);
  const silu = mul(gate, s);
  return withDerivative(mul(silu, up), [gate, up], (dy) => {
    const slope = mul(s, add(sub(gate, silu), scalar(1)));
    return [mul(mul(dy, up), slope), mul(dy, silu)];
  });
}

/**
 * Rotary position embedding: turns each pair (x[i], x[i + D/2]) of x (..., S, D) by an angle, whose cosine and sine are
 * cos and sin (S, D/2). The derivative turns back. https://arxiv.org/abs/2104.09864
 */
export function rotate(x: Value, cos: Value, sin: Value): Value {
  const half = (x.shape.at(-1) ?? 0) / 2;
  const first = slice(x, -1, 0, half);
  const second = slice(x, -1, half, 2 * half);
  const y = concat(
    [sub(mul(first, cos), mul(second, sin)), add(mul(second, cos), mul(first, sin))],
    x.shape.length - 1,
  );
  return withDerivative(y, [x], (dy) => [rotate(dy, cos, neg(sin))]);
}

/**
 * Causal attention of q (B, K, G, S, D), already scaled, over k and v (B, K, 1, S, D); yields the shape of q.
 * Queries go in chunks, each over the keys up to its end, so that little of the masked half is computed.
 */
export function causalAttention(q: Value, k: Value, v: Value, chunkTokens: number): Value {
  const nTokens = q.shape[3] ?? 0;
  const chunks: Value[] = [];
  for (let start = 0; start < nTokens; start += chunkTokens) {
    const end = Math.min(start + chunkTokens, nTokens);
    const [keys, values] = [slice(k, 3, 0, end), slice(v, 3, 0, end)];
    chunks.push(attend(slice(q, 3, start, end), keys, values, causalMask(start, end)));
  }
  return concat(chunks, 3);
}

/** softmax(q kᵀ + mask) v. The derivative needs no sum over p dp: it is dy y, summed. https://arxiv.org/abs/2205.14135, section 3.1 */
function attend(q: Value, k: Value, v: Value, mask: Value): Value {
  const p = softmax(add(matmul(q, transpose(k)), mask));
  const y = matmul(p, v);
  return withDerivative(y, [q, k, v], (dy) => {
    const dScores = mul(p, sub(matmul(dy, transpose(v)), sum(mul(dy, y), [-1])));
    return [
      matmul(dScores, k),
      sumTo(matmul(transpose(dScores), q), k.shape),
      sumTo(matmul(transpose(p), dy), v.shape),
    ];
  });
}

/** (end - start, end): 0 where a query may look, else far below every score. */
function causalMask(start: number, end: number): Value {
  const mask = new Float32Array((end - start) * end);
  for (let query = start; query < end; query++)
    mask.fill(-1e9, (query - start) * end + query + 1, (query - start + 1) * end);
  return constant(mask, [end - start, end]);
}

/** Negative log-likelihood in nats (N, 1) of `targets` (N, 1), int64, under `logits` (N, V). */
export function crossEntropy(logits: Value, targets: Value): Value {
  const logProbabilities = logSoftmax(logits);
  const y = neg(pick(logProbabilities, targets));
  return withDerivative(y, [logits], (dy) => {
    // From the logits anew, which onnxruntime does faster than it raises e to each logarithm.
    const p = softmax(logits);
    return [mul(put(p, targets, sub(pick(p, targets), scalar(1))), dy)];
  });
}
