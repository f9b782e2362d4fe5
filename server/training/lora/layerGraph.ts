/**
 * One decoder layer of a Llama or Qwen2 model with its adapters, as a graph forward and a graph backward. All layers have
 * the same two graphs; weights are fed, so that they lie in memory once whatever the number of graphs.
 * Letters: B sequences, S tokens of each, T = B S, C channels, D values of a head, K heads of keys, G query heads for each.
 */

import { buildModel } from '../../onnx/buildModel.ts';
import type { BuiltModel } from '../../onnx/buildModel.ts';
import { differentiate } from '../../onnx/differentiate.ts';
import { causalAttention, rmsNorm, rotate, swiglu } from '../../onnx/layers.ts';
import { add, matmul, mul, reshape, scale, transpose } from '../../onnx/operations.ts';
import { constant, input, node, withDerivative } from '../../onnx/value.ts';
import type { Value } from '../../onnx/value.ts';
import type { DecoderShape } from './decoderShape.ts';
import { frozenProducts, moduleMatrix } from './frozenProduct.ts';
import type { Precision } from './frozenProduct.ts';
import { moduleSize } from './loraModules.ts';
import type { LoraModule } from './loraModules.ts';

export interface LayerGraphOptions {
  readonly shape: DecoderShape;
  readonly nSequences: number;
  readonly nTokens: number;
  /** Modules of this layer that carry an adapter; none in a frozen layer. */
  readonly adapted: readonly LoraModule[];
  readonly biased: readonly LoraModule[];
  /** Of the frozen weights. */
  readonly precision: Precision;
  readonly r: number;
  /** loraAlpha / r */
  readonly scaling: number;
  /** Whether a mask is fed for the inputs of each adapter. */
  readonly hasDropout: boolean;
  /** (S, D/2) */
  readonly cos: Float32Array;
  readonly sin: Float32Array;
}

export interface LayerGraph {
  /** Feeds "x" (T, C) and weights; yields "y" (T, C) and, in a layer with adapters below or in it, what is kept. */
  readonly forward: BuiltModel;
  /** Names of what the forward graph yields beside "y" for the backward graph. */
  readonly kept: readonly string[];
  /** Feeds "x", "dy", what was kept and weights; yields "dx" and "d." with each adapter input's name. */
  readonly backward: BuiltModel;
  /** The same without "dx", for the lowest layer with adapters. */
  readonly lowestBackward: BuiltModel;
}

/** Queries that attend at once. */
const attentionChunkTokens = 128;

interface Layer {
  readonly x: Value;
  readonly y: Value;
  readonly kept: Readonly<Record<string, Value>>;
  /** Inputs that are trained, by name. */
  readonly adapters: Readonly<Record<string, Value>>;
}

export function buildLayer(options: LayerGraphOptions): LayerGraph {
  const { x, y, kept, adapters } = describeLayer(options);
  const dy = input('dy', y.shape);
  const derivatives = differentiate(y, dy, [x, ...Object.values(adapters)]);
  const [dx, ...others] = derivatives;
  if (dx === undefined) throw new RangeError('The layer has no derivative.');
  const names = Object.keys(adapters);
  const gradients = Object.fromEntries(others.map((value, i) => [`d.${names[i] ?? ''}`, value]));
  return {
    forward: buildModel({ outputs: { y, ...kept } }),
    kept: Object.keys(kept),
    backward: buildModel({ outputs: { dx, ...gradients }, given: kept }),
    lowestBackward: buildModel({ outputs: gradients, given: kept }),
  };
}

/** Forward alone, for a layer through which no gradient flows. */
export function buildFrozenLayer(options: LayerGraphOptions): BuiltModel {
  return buildModel({ outputs: { y: describeLayer(options).y } });
}

function describeLayer(options: LayerGraphOptions): Layer {
  const { shape, nSequences: b, nTokens: s } = options;
  const { nKvHeads, headSize, nChannels, normEpsilon } = shape;
  const group = shape.nHeads / nKvHeads;
  const linears = createLinears(options);
  const x = input('x', [b * s, nChannels]);
  const normed = rmsNorm(x, input('attentionNorm', [nChannels]), normEpsilon);
  const heads = (rows: Value, perKey: number) =>
    transpose(reshape(rows, [b, s, nKvHeads, perKey, headSize]), [0, 2, 3, 1, 4]);
  const cos = constant(options.cos, [s, headSize / 2]);
  const sin = constant(options.sin, [s, headSize / 2]);
  // The scores' factor 1 / sqrt(D) goes into the angles' constants, where it costs nothing.
  const factor = 1 / Math.sqrt(headSize);
  const scaledCos = constant(
    options.cos.map((value) => value * factor),
    cos.shape,
  );
  const scaledSin = constant(
    options.sin.map((value) => value * factor),
    sin.shape,
  );
  const q = rotate(heads(linears.apply('q', normed), group), scaledCos, scaledSin);
  const k = rotate(heads(linears.apply('k', normed), 1), cos, sin);
  const v = heads(linears.apply('v', normed), 1);
  const perHead = causalAttention(q, k, v, attentionChunkTokens);
  const attended = reshape(transpose(perHead, [0, 3, 1, 2, 4]), [b * s, shape.nHeads * headSize]);
  const middle = add(x, linears.apply('o', attended));
  const normedMiddle = rmsNorm(middle, input('feedForwardNorm', [nChannels]), normEpsilon);
  const gate = linears.apply('gate', normedMiddle);
  const up = linears.apply('up', normedMiddle);
  const y = add(middle, linears.apply('down', swiglu(gate, up)));
  const kept = { q, k, v, perHead, middle, gate, up, ...linears.downs };
  return { x, y, kept, adapters: linears.adapters };
}

interface Linears {
  readonly adapters: Record<string, Value>;
  /** Results (T, r) of each loraA, "M.down" for module M: small, so that they are worth keeping. */
  readonly downs: Record<string, Value>;
  apply(module: LoraModule, x: Value): Value;
}

/** x Wᵀ + bias + scaling (mask x) loraAᵀ loraBᵀ. https://arxiv.org/abs/2106.09685, section 4.1 */
function createLinears(options: LayerGraphOptions): Linears {
  const { shape, adapted, biased, precision, r, scaling, hasDropout } = options;
  const adapters: Record<string, Value> = {};
  const downs: Record<string, Value> = {};
  const trained = (name: string, size: readonly number[]) => (adapters[name] = input(name, size));
  return {
    adapters,
    downs,
    apply(module, x) {
      const { nInputs, nOutputs } = moduleSize(shape, module);
      const weight = frozenProducts(moduleMatrix(shape, module, precision));
      const product = withDerivative(weight.ahead(x), [x], (dy) => [weight.back(dy)]);
      const y = biased.includes(module) ? add(product, input(`${module}.bias`, [nOutputs])) : product;
      if (!adapted.includes(module)) return y;
      const seen = hasDropout ? mul(x, input(`${module}.mask`, x.shape)) : x;
      const a = trained(`${module}.loraA`, [r, nInputs]);
      const down = matmul(seen, transpose(a));
      downs[`${module}.down`] = down;
      return add(y, timesLoraB(scale(down, scaling), trained(`${module}.loraB`, [nOutputs, r])));
    },
  };
}

/**
 * x bᵀ for x (T, r) and b (n, r). The derivative by b is computed lying, (r, n), and turned afterwards: onnxruntime would turn
 * the large dy instead, which takes twice as long, had it not its own operator for a product with xᵀ.
 */
function timesLoraB(x: Value, b: Value): Value {
  return withDerivative(matmul(x, transpose(b)), [x, b], (dy) => {
    const lying = node('FusedMatMul', [x, dy], b.shape.toReversed(), {
      domain: 'com.microsoft',
      attributes: { transA: 1 },
    });
    return [matmul(dy, b), transpose(lying)];
  });
}
