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
  pad,
  pick,
  put,
  reciprocal,
  reshape,
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
import { constant, integers, node, scalar, sizeOf, withDerivative } from './value.ts';
import type { Value } from './value.ts';

/**
 * x (N, C) with each row divided by its root mean square, times `weight` (C). https://arxiv.org/abs/1910.07467
 * The operator is onnxruntime's own, though it has no domain of its own; the derivative is made of parts.
 */
export function rmsNorm(x: Value, weight: Value, epsilon: number): Value {
  const nChannels = x.shape.at(-1) ?? 1;
  const attributes = { epsilon, axis: -1 };
  const y = node('SimplifiedLayerNormalization', [x, weight], x.shape, { attributes });
  return withDerivative(y, [x, weight], (dy) => {
    const meanSquare = scale(sum(mul(x, x), [-1]), 1 / nChannels);
    const inverse = reciprocal(sqrt(add(meanSquare, scalar(epsilon))));
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
 * The operator is onnxruntime's own: one pass over memory where slices and products took six.
 * Source: https://github.com/microsoft/onnxruntime/blob/main/docs/ContribOperators.md#com.microsoft.RotaryEmbedding
 */
export function rotate(x: Value, cos: Value, sin: Value): Value {
  const [s = 1, d = 1] = x.shape.slice(-2);
  const heads = reshape(x, [1, sizeOf(x.shape) / (s * d), s, d]);
  const inputs = [heads, integers([0]), cos, sin];
  const y = reshape(node('RotaryEmbedding', inputs, heads.shape, { domain: 'com.microsoft' }), x.shape);
  return withDerivative(y, [x], (dy) => [rotate(dy, cos, neg(sin))]);
}

/**
 * Causal attention of q (B, K, G, S, D), already scaled, over k and v (B, K, 1, S, D); yields the shape of q.
 * Queries go in chunks, each over the keys up to its end, so that little of the masked half is computed.
 */
export function causalAttention(q: Value, k: Value, v: Value, chunkTokens: number): Value {
  const nTokens = q.shape[3] ?? 0;
  const chunks = Array.from({ length: Math.ceil(nTokens / chunkTokens) }, (_, i) => {
    const start = i * chunkTokens;
    const end = Math.min(start + chunkTokens, nTokens);
    return attend(q, k, v, start, end);
  });
  const y = concat(
    chunks.map((chunk) => chunk.y),
    3,
  );
  return withDerivative(y, [q, k, v], (dy, result) => {
    const along = sum(mul(dy, result), [-1]);
    const parts = chunks.map((chunk) => chunk.derivative(dy, along));
    const sumOver = (derivatives: readonly Value[]) =>
      reshape(
        derivatives.map((part) => pad(part, 2, 0, nTokens - (part.shape[2] ?? 0))).reduce(add),
        k.shape,
      );
    return [
      concat(
        parts.map(({ dq }) => dq),
        3,
      ),
      sumOver(parts.map(({ dk }) => dk)),
      sumOver(parts.map(({ dv }) => dv)),
    ];
  });
}

interface AttentionChunk {
  /** (B, K, G, end - start, D) */
  readonly y: Value;
  /** `along` (B, K, G, S, 1) is dy y, summed. dq has the shape of y; dk and dv are (B, K, end, D). */
  derivative(dy: Value, along: Value): { readonly dq: Value; readonly dk: Value; readonly dv: Value };
}

/**
 * softmax(q kᵀ + mask) v for the queries from `start` to `end`. The G heads of each head of keys stand below each other, as
 * one matrix. The derivative needs no sum over p dp: it is dy y, summed. https://arxiv.org/abs/2205.14135, section 3.1
 */
function attend(q: Value, k: Value, v: Value, start: number, end: number): AttentionChunk {
  const chunkOf = (x: Value) => slice(x, 3, start, end);
  const shape = chunkOf(q).shape;
  const queries = stacked(chunkOf(q));
  const keys = stacked(slice(k, 3, 0, end));
  const values = stacked(slice(v, 3, 0, end));
  const scores = reshape(matmul(queries, transpose(keys)), shape.with(-1, end));
  const p = stacked(softmax(add(scores, causalMask(start, end))));
  return {
    y: reshape(matmul(p, values), shape),
    derivative(dy, along) {
      const dyChunk = stacked(chunkOf(dy));
      const dScores = mul(p, sub(matmul(dyChunk, transpose(values)), stacked(chunkOf(along))));
      return {
        dq: reshape(matmul(dScores, keys), shape),
        dk: matmul(transpose(dScores), queries),
        dv: matmul(transpose(p), dyChunk),
      };
    },
  };
}

/** (B, K, G, S, D) as (B, K, G S, D) */
function stacked(x: Value): Value {
  const [b = 1, k = 1, g = 1, s = 1, d = 1] = x.shape;
  return reshape(x, [b, k, g * s, d]);
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
