/** Trains one adapter on one base model: steps, evaluation, state. Knows no data sets, no schedule of work, no files but the base. */

import type { Disposable } from '../../base/disposable.ts';
import { IdiomError } from '../../base/errors.ts';
import type { GgufHeader } from '../../gguf/format.ts';
import { canMultiplyIntegers } from '../../onnx/integerProducts.ts';
import type { OnnxSessionOptions } from '../../onnx/onnxSession.ts';
import { freshParameters, layOutAdapter } from './adapterParameters.ts';
import type { AdapterLayout } from './adapterParameters.ts';
import { adamwStep_, clipGradients_, createAdamwState } from './adamw.ts';
import type { AdamwState } from './adamw.ts';
import { readDecoderShape } from './decoderShape.ts';
import type { DecoderShape } from './decoderShape.ts';
import { FrozenCache } from './frozenCache.ts';
import { readFrozenWeights } from './frozenWeights.ts';
import type { Precision } from './frozenProduct.ts';
import { GraphSessions } from './graphSessions.ts';
import { LayerPasses } from './layerPasses.ts';
import { learningRateAt } from './learningRate.ts';
import type { LoraOptions, OptimiserOptions } from './loraOptions.ts';
import { computeLoss } from './lossPass.ts';
import type { LossPassOptions } from './lossPass.ts';
import { toMicroBatches } from './microBatches.ts';
import type { BatchLimits, MicroBatch, TrainExample } from './microBatches.ts';
import type { BeforeRun } from './runGraph.ts';

export interface TrainerOptions {
  readonly base: GgufHeader;
  readonly lora: LoraOptions;
  readonly optimiser: OptimiserOptions;
  readonly onnx?: OnnxSessionOptions;
  readonly limits?: BatchLimits;
  /** Float32 unless told otherwise, on other providers than the CPU, and where that cannot multiply integers rightly. */
  readonly precision?: Precision;
  /** Most that is kept of frozen lower layers' results, so that a second pass over the examples need not compute them. */
  readonly maxCacheBytes?: number;
  /**
   * Called before each graph is run, which is some 60 times for a micro-batch: wait in it to pause, throw to abort. A step
   * that was aborted changed nothing.
   */
  readonly beforeRun?: BeforeRun;
}

export interface StepResult {
  /** Mean of the negative log-likelihoods by weight, in nats. */
  readonly loss: number;
  /** Tokens that were read, padding not counted. */
  readonly nTokens: number;
  /** Before clipping. */
  readonly gradientNorm: number;
  readonly learningRate: number;
}

/** Everything that a trainer with the same options needs to go on as if nothing had happened. */
export interface TrainerState {
  readonly step: number;
  readonly parameters: Float32Array;
  /** AdamW's moments. */
  readonly m: Float32Array;
  readonly v: Float32Array;
}

export interface Trainer extends Disposable {
  readonly shape: DecoderShape;
  readonly lora: LoraOptions;
  /** In which weights that are not trained are multiplied, for what was asked for is not always possible. */
  readonly precision: Precision;
  readonly layout: AdapterLayout;
  /** As they are now; not to be changed. */
  readonly parameters: Float32Array;
  /**
   * One step of the optimizer on all of `examples`, computed in micro-batches.
   * @throws IdiomError `trainingFailed` when no token counts, or the loss or gradient is not finite; nothing is changed then.
   */
  step(examples: readonly TrainExample[]): Promise<StepResult>;
  /** The loss's derivative by each parameter, as `step` would use it, without dropout. For checks. */
  gradients(
    examples: readonly TrainExample[],
  ): Promise<{ readonly loss: number; readonly gradients: Float32Array }>;
  /** Of each example the negative log-likelihood of each token in nats, 0 where its weight is 0. */
  evaluate(
    examples: readonly TrainExample[],
    options?: { readonly isBaseAlone?: boolean },
  ): Promise<Float32Array[]>;
  state(): TrainerState;
  /** @throws IdiomError `adapterBroken` when the state is of an adapter of another size. */
  restore(state: TrainerState): void;
}

/** Some 400 sequences of 512 tokens of the embedded model. */
const defaultCacheBytes = 512 * 2 ** 20;
const defaultLimits: BatchLimits = { bucketTokens: 64, maxTokens: 512 };

/** @throws IdiomError `modelUnsupported`, `modelBroken`, or `wrongUse` when no layer is left to train. */
export async function createTrainer(options: TrainerOptions): Promise<Trainer> {
  const shape = readDecoderShape(options.base);
  const { lora, onnx = {}, beforeRun = () => undefined } = options;
  if (lora.firstLayer >= shape.nLayers)
    throw new IdiomError(
      'wrongUse',
      `This base model has ${shape.nLayers} layers, so none is left to train.`,
      {
        remedy: 'Choose a lower first layer.',
      },
    );
  const precision = await possiblePrecision(options);
  const weights = await readFrozenWeights(options.base, shape, precision);
  const layout = layOutAdapter(shape, lora);
  const { biased, ropeFactors } = weights;
  const sessions = new GraphSessions({ shape, lora, biased, precision, ropeFactors, onnx });
  const cache = new FrozenCache(options.maxCacheBytes ?? defaultCacheBytes);
  const passes = new LayerPasses({ shape, lora, weights, layout, sessions, cache, beforeRun });
  const loss: LossPassOptions = { shape, weights, sessions, beforeRun };
  return new LayerwiseTrainer({ ...options, precision, shape, layout, sessions, passes, loss });
}

async function possiblePrecision({ precision, onnx }: TrainerOptions): Promise<Precision> {
  const isWanted = precision === 'int8' && (onnx?.provider ?? 'cpu') === 'cpu';
  return isWanted && (await canMultiplyIntegers()) ? 'int8' : 'float32';
}

interface Parts extends TrainerOptions {
  readonly precision: Precision;
  readonly shape: DecoderShape;
  readonly layout: AdapterLayout;
  readonly sessions: GraphSessions;
  readonly passes: LayerPasses;
  readonly loss: LossPassOptions;
}

class LayerwiseTrainer implements Trainer {
  readonly shape: DecoderShape;
  readonly lora: LoraOptions;
  readonly precision: Precision;
  readonly layout: AdapterLayout;
  readonly #parts: Parts;
  readonly #limits: BatchLimits;
  readonly #gradients: Float32Array;
  readonly #parameters: Float32Array;
  readonly #adamw: AdamwState;

  constructor(parts: Parts) {
    this.shape = parts.shape;
    this.lora = parts.lora;
    this.precision = parts.precision;
    this.layout = parts.layout;
    this.#parts = parts;
    this.#limits = parts.limits ?? defaultLimits;
    this.#parameters = freshParameters(parts.layout, parts.lora.seed);
    this.#gradients = new Float32Array(parts.layout.nParameters);
    this.#adamw = createAdamwState(parts.layout.nParameters);
  }

  get parameters(): Float32Array {
    return this.#parameters;
  }

  async step(examples: readonly TrainExample[]): Promise<StepResult> {
    const { optimiser } = this.#parts;
    const step = this.#adamw.step + 1;
    const loss = await this.#accumulate(examples, this.lora.dropout > 0 ? step : undefined);
    const gradientNorm = clipGradients_(this.#gradients, optimiser.maxGradientNorm);
    if (!Number.isFinite(loss) || !Number.isFinite(gradientNorm))
      throw new IdiomError(
        'trainingFailed',
        `The loss of step ${step} is ${loss}, its gradient ${gradientNorm}.`,
        {
          remedy: 'Train again with a lower learning rate.',
        },
      );
    const learningRate = learningRateAt(step, optimiser);
    adamwStep_(this.#parameters, this.#gradients, this.#adamw, learningRate, optimiser);
    const nTokens = examples.reduce((sum, { tokens }) => sum + tokens.length, 0);
    return { loss, nTokens, gradientNorm, learningRate };
  }

  async gradients(examples: readonly TrainExample[]) {
    const loss = await this.#accumulate(examples, undefined);
    return { loss, gradients: this.#gradients.slice() };
  }

  async evaluate(examples: readonly TrainExample[], { isBaseAlone = false } = {}): Promise<Float32Array[]> {
    const results = examples.map(({ tokens }) => new Float32Array(tokens.length));
    const { passes, loss } = this.#parts;
    for (const batch of toMicroBatches(examples, this.#limits)) {
      const x = await passes.forward(
        batch,
        { parameters: isBaseAlone ? undefined : this.#parameters },
        false,
      );
      const nll = await computeLoss(loss, batch, x);
      batch.rows.forEach((row, i) => {
        const result = results[batch.exampleIdxs[Math.floor(row / batch.nTokens)] ?? 0];
        if (result !== undefined) result[(row % batch.nTokens) + 1] = nll[i] ?? 0;
      });
    }
    return results;
  }

  state(): TrainerState {
    const { step, m, v } = this.#adamw;
    return { step, parameters: this.#parameters.slice(), m: m.slice(), v: v.slice() };
  }

  restore({ step, parameters, m, v }: TrainerState): void {
    if ([parameters, m, v].some((array) => array.length !== this.#parameters.length))
      throw new IdiomError('adapterBroken', 'The saved training is of an adapter of another size.', {
        remedy: 'Start the training anew.',
      });
    this.#parameters.set(parameters);
    this.#adamw.m.set(m);
    this.#adamw.v.set(v);
    this.#adamw.step = step;
  }

  dispose(): void {
    this.#parts.sessions.dispose();
  }

  /** Sets the gradients to those of the weighted mean loss of all examples, and returns that loss. */
  async #accumulate(examples: readonly TrainExample[], dropoutSeed: number | undefined): Promise<number> {
    const batches = toMicroBatches(examples, this.#limits).filter(({ rows }) => rows.length > 0);
    const totalWeight = batches.reduce((total, { weights }) => total + sumOf(weights), 0);
    if (!(totalWeight > 0))
      throw new IdiomError('trainingFailed', 'No token of these examples counts.', {
        remedy: 'Give at least one token a weight above 0.',
      });
    this.#gradients.fill(0);
    let total = 0;
    for (const [batchIdx, batch] of batches.entries()) {
      const dropoutSeeds = dropoutSeed === undefined ? undefined : [dropoutSeed, batchIdx];
      total += await this.#passBoth(batch, totalWeight, dropoutSeeds);
    }
    return total;
  }

  async #passBoth(
    batch: MicroBatch,
    totalWeight: number,
    dropoutSeeds: readonly number[] | undefined,
  ): Promise<number> {
    const { passes, loss } = this.#parts;
    const pass = { parameters: this.#parameters, dropoutSeeds };
    const x = await passes.forward(batch, pass, true);
    const dx = passes.scratch('dy', x.length);
    const nll = await computeLoss(loss, batch, x, { dx, totalWeight });
    await passes.backward(batch, pass, dx, this.#gradients);
    return nll.reduce((sum, value, i) => sum + (value * (batch.weights[i] ?? 0)) / totalWeight, 0);
  }
}

function sumOf(values: Float32Array): number {
  return values.reduce((sum, value) => sum + value, 0);
}
