/** Makes a copy of a base model with a LoRA adapter added to its weights, so that serving the two costs no more than one. */

import { IdiomError } from '../base/errors.ts';
import { tensorTypes } from './format.ts';
import type { GgufHeader, GgufTensor } from './format.ts';
import { checkLoraFits } from './loraPairs.ts';
import { quantise } from './quantise.ts';
import type { QuantisableType } from './quantise.ts';
import { readGgufHeader } from './readHeader.ts';
import { readRawMetadata, readTensor, readTensorBytes } from './readTensor.ts';
import { writeGguf } from './writeGguf.ts';
import type { TensorToWrite } from './writeGguf.ts';

export interface MergeLoraOptions {
  readonly basePath: string;
  readonly adapterPath: string;
  readonly pathOut: string;
  /** Waited for before each tensor: the place to let others compute, or to throw. */
  readonly beforeTensor: () => Promise<void>;
}

/**
 * Types that keep an adapter: its part of a weight is about as large as a step of Q8_0, and fine against a step of the
 * others. In four bits most of it would be rounded away.
 */
const mergeableTypes: readonly QuantisableType[] = ['F32', 'F16', 'BF16', 'Q8_0'];

/**
 * W + alpha / r B A in the type that W has (https://arxiv.org/abs/2106.09685, section 4.1), one tensor in memory at a time;
 * all other tensors and all metadata are copied byte for byte.
 * @throws IdiomError `adapterBroken` when the adapter does not fit the base model, `modelUnsupported` when the weights
 *   are of a type that would lose it, `modelBroken`, `diskFull`; whatever `beforeTensor` throws. `pathOut` is then untouched.
 */
export async function mergeLora(options: MergeLoraOptions): Promise<void> {
  const base = await readGgufHeader(options.basePath);
  const adapter = await readGgufHeader(options.adapterPath, 'adapter');
  const pairs = pairsOf(base, adapter);
  await writeGguf(options.pathOut, {
    metadata: await readRawMetadata(base),
    alignment: base.alignment,
    tensors: base.tensors.map((tensor): TensorToWrite => {
      const pair = pairs.get(tensor.name);
      const { name, shape, type } = tensor;
      const bytes =
        pair === undefined ? () => readTensorBytes(base, tensor) : () => merge(base, tensor, pair);
      return {
        ...{ name, shape, type },
        async bytes() {
          await options.beforeTensor();
          return bytes();
        },
      };
    }),
  });
}

interface Pair {
  readonly header: GgufHeader;
  /** [nInputs, r] */
  readonly a: GgufTensor;
  /** [r, nOutputs] */
  readonly b: GgufTensor;
  readonly r: number;
  /** alpha / r */
  readonly scaling: number;
}

/** By the name of the base model's tensor. */
function pairsOf(base: GgufHeader, adapter: GgufHeader): Map<string, Pair> {
  const { alpha, pairs } = checkLoraFits(base, adapter);
  const merged = new Map<string, Pair>();
  for (const tensor of base.tensors) {
    const pair = pairs.get(tensor.name);
    if (pair === undefined) continue;
    // Rows that are looked up have their A and B the other way.
    if (!isMergeable(tensor) || tensor.name === 'token_embd.weight') throw lossy(base.path, tensor);
    const r = pair.a.shape[1] ?? 0;
    merged.set(tensor.name, { ...pair, header: adapter, r, scaling: alpha / r });
  }
  return merged;
}

async function merge(base: GgufHeader, tensor: GgufTensor, pair: Pair): Promise<Uint8Array> {
  const a = await readTensor(pair.header, pair.a);
  const b = await readTensor(pair.header, pair.b);
  const weights = await readTensor(base, tensor);
  addProduct_(weights, { a, b, r: pair.r, scaling: pair.scaling });
  return quantise(tensor.type as QuantisableType, weights);
}

/** weights (nOutputs, nInputs) += scaling b (nOutputs, r) a (r, nInputs) */
function addProduct_(
  weights: Float32Array,
  product: {
    readonly a: Float32Array;
    readonly b: Float32Array;
    readonly r: number;
    readonly scaling: number;
  },
): void {
  const { a, b, r, scaling } = product;
  const nInputs = a.length / r;
  for (let at = 0, k = 0; at < weights.length; at += nInputs, k += r) {
    for (let j = 0; j < r; j++) {
      const factor = scaling * (b[k + j] as number);
      const row = j * nInputs;
      for (let i = 0; i < nInputs; i++)
        weights[at + i] = (weights[at + i] as number) + factor * (a[row + i] as number);
    }
  }
}

function isMergeable({ type, shape }: GgufTensor): boolean {
  const to = mergeableTypes.find((each) => each === type);
  return to !== undefined && shape.length === 2 && (shape[0] ?? 0) % tensorTypes[to].blockSize === 0;
}

function lossy(path: string, { name, type }: GgufTensor): IdiomError {
  return new IdiomError(
    'modelUnsupported',
    `${path} has ${name} as ${type}, which would round an adapter away.`,
    {
      remedy: 'Choose a copy of the base model as Q8_0 or F16.',
    },
  );
}
