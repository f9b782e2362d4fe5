/** Puts training examples of like length together, so that little is computed on padding. Computes nothing. */

export interface TrainExample {
  readonly tokens: readonly number[] | Int32Array;
  /** How much it counts that tokens[i] is predicted from those before it; the first one is never counted. */
  readonly lossWeights: readonly number[] | Float32Array;
}

/** Sequences of one length, padded at the end, where causal attention never looks. */
export interface MicroBatch {
  readonly nSequences: number;
  /** Inputs of each sequence, padding included. */
  readonly nTokens: number;
  /** nSequences x nTokens */
  readonly inputs: Int32Array;
  /** Rows of `inputs` whose prediction counts, what each should predict, and its weight. */
  readonly rows: Int32Array;
  readonly targets: BigInt64Array;
  readonly weights: Float32Array;
  /** Where the examples came in the caller's list. */
  readonly exampleIdxs: readonly number[];
}

export interface BatchLimits {
  /** Lengths are rounded up to a multiple of it. */
  readonly bucketTokens: number;
  /** Most tokens that are computed at once, unless one example alone has more. */
  readonly maxTokens: number;
}

/** The largest first, so that threads which share them end together; examples of fewer than two tokens teach nothing and are left out. */
export function toMicroBatches(examples: readonly TrainExample[], limits: BatchLimits): MicroBatch[] {
  const buckets = new Map<number, number[]>();
  for (const [idx, { tokens }] of examples.entries()) {
    if (tokens.length < 2) continue;
    const nTokens = Math.ceil((tokens.length - 1) / limits.bucketTokens) * limits.bucketTokens;
    buckets.set(nTokens, [...(buckets.get(nTokens) ?? []), idx]);
  }
  const batches: MicroBatch[] = [];
  for (const [nTokens, idxs] of [...buckets].sort(([a], [b]) => a - b)) {
    const nTogether = Math.max(1, Math.floor(limits.maxTokens / nTokens));
    for (let first = 0; first < idxs.length; first += nTogether)
      batches.push(toMicroBatch(examples, idxs.slice(first, first + nTogether), nTokens));
  }
  return batches.sort((a, b) => b.inputs.length - a.inputs.length);
}

function toMicroBatch(
  examples: readonly TrainExample[],
  exampleIdxs: readonly number[],
  nTokens: number,
): MicroBatch {
  const inputs = new Int32Array(exampleIdxs.length * nTokens);
  const rows: number[] = [];
  const targets: bigint[] = [];
  const weights: number[] = [];
  exampleIdxs.forEach((exampleIdx, sequence) => {
    const { tokens = [], lossWeights = [] } = examples[exampleIdx] ?? {};
    for (let i = 0; i + 1 < tokens.length; i++) {
      const row = sequence * nTokens + i;
      inputs[row] = tokens[i] ?? 0;
      const weight = lossWeights[i + 1] ?? 0;
      if (weight === 0) continue;
      rows.push(row);
      targets.push(BigInt(tokens[i + 1] ?? 0));
      weights.push(weight);
    }
  });
  return {
    nSequences: exampleIdxs.length,
    nTokens,
    inputs,
    rows: Int32Array.from(rows),
    targets: BigInt64Array.from(targets),
    weights: Float32Array.from(weights),
    exampleIdxs,
  };
}
