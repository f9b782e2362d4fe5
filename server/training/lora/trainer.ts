/** Trains one adapter on one base model: steps, evaluation, state. Knows no data sets, no schedule of work, no files but the base. */

import type { Disposable } from '../../base/disposable.ts';
import { IdiomError } from '../../base/errors.ts';
import type { GgufHeader } from '../../gguf/format.ts';
import { canMultiplyIntegers } from '../../onnx/integerProducts.ts';
import type { OnnxSessionOptions } from '../../onnx/onnxSession.ts';
import { canReadSharedMemory, toShared } from '../../onnx/sharedMemory.ts';
import { freshParameters, layOutAdapter } from './adapterParameters.ts';
import type { AdapterLayout } from './adapterParameters.ts';
import { adamwStep_, clipGradients_, createAdamwState } from './adamw.ts';
import type { AdamwState } from './adamw.ts';
import { readDecoderShape } from './decoderShape.ts';
import type { DecoderShape } from './decoderShape.ts';
import type { BatchTask } from './batchComputer.ts';
import { createBatchRunner } from './batchRunner.ts';
import type { BatchRunner } from './batchRunner.ts';
import { FrozenCache } from './frozenCache.ts';
import { readFrozenWeights } from './frozenWeights.ts';
import type { Precision } from './frozenProduct.ts';
import { learningRateAt } from './learningRate.ts';
import type { LoraOptions, OptimiserOptions } from './loraOptions.ts';
import { toMicroBatches } from './microBatches.ts';
import type { BatchLimits, MicroBatch, TrainExample } from './microBatches.ts';
import type { RunFlag } from './runFlag.ts';
import type { BeforeRun } from './runGraph.ts';
import { createWorkerRunner } from './workerRunner.ts';

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
   * that was aborted changed nothing. With workers it is called before each micro-batch, and their flag before each graph.
   */
  readonly beforeRun?: BeforeRun;
  /** Compute micro-batches in threads of their own where that is possible: on the CPU, with a Node that shares memory. */
  readonly workers?: WorkerOptions;
}

export interface WorkerOptions {
  /** Threads that onnxruntime takes in each worker. */
  readonly threads: readonly number[];
  /** Says "wait" and "end" whenever `beforeRun` would wait or throw. */
  readonly flag: RunFlag;
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
  /** How long the training is to be, where that was not known at its beginning; the learning rate follows it from now on. */
  setLength(length: Pick<OptimiserOptions, 'totalSteps' | 'warmupSteps'>): void;
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
  const workers = await possibleWorkers(options);
  const place = workers === undefined ? undefined : toShared;
  const weights = await readFrozenWeights(options.base, shape, precision, place);
  const layout = layOutAdapter(shape, lora);
  const fresh = freshParameters(layout, lora.seed);
  const parameters = place?.(fresh) ?? fresh;
  const props = { shape, lora, precision, weights, layout, onnx, parameters };
  const runner =
    workers === undefined
      ? createBatchRunner(props, beforeRun)
      : createWorkerRunner({ props, ...workers, beforeRun });
  return new StepwiseTrainer({ ...options, precision, shape, layout, parameters, runner });
}

async function possibleWorkers({ workers, onnx }: TrainerOptions): Promise<WorkerOptions | undefined> {
  const isWanted = (workers?.threads.length ?? 0) > 1 && (onnx?.provider ?? 'cpu') === 'cpu';
  return isWanted && (await canReadSharedMemory()) ? workers : undefined;
}

async function possiblePrecision({ precision, onnx }: TrainerOptions): Promise<Precision> {
  const isWanted = precision === 'int8' && (onnx?.provider ?? 'cpu') === 'cpu';
  return isWanted && (await canMultiplyIntegers()) ? 'int8' : 'float32';
}

interface Parts extends TrainerOptions {
  readonly precision: Precision;
  readonly shape: DecoderShape;
  readonly layout: AdapterLayout;
  readonly parameters: Float32Array;
  readonly runner: BatchRunner;
}

class StepwiseTrainer implements Trainer {
  readonly shape: DecoderShape;
  readonly lora: LoraOptions;
  readonly precision: Precision;
  readonly layout: AdapterLayout;
  readonly #parts: Parts;
  readonly #limits: BatchLimits;
  #optimiser: OptimiserOptions;
  readonly #gradients: Float32Array;
  readonly #parameters: Float32Array;
  readonly #adamw: AdamwState;
  readonly #cache: FrozenCache;

  constructor(parts: Parts) {
    this.shape = parts.shape;
    this.lora = parts.lora;
    this.precision = parts.precision;
    this.layout = parts.layout;
    this.#parts = parts;
    this.#limits = parts.limits ?? defaultLimits;
    this.#optimiser = parts.optimiser;
    this.#parameters = parts.parameters;
    this.#gradients = new Float32Array(parts.layout.nParameters);
    this.#adamw = createAdamwState(parts.layout.nParameters);
    this.#cache = new FrozenCache(parts.maxCacheBytes ?? defaultCacheBytes);
  }

  get parameters(): Float32Array {
    return this.#parameters;
  }

  setLength(length: Pick<OptimiserOptions, 'totalSteps' | 'warmupSteps'>): void {
    this.#optimiser = { ...this.#optimiser, ...length };
  }

  async step(examples: readonly TrainExample[]): Promise<StepResult> {
    const optimiser = this.#optimiser;
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
    const batches = toMicroBatches(examples, this.#limits);
    const tasks = batches.map((batch) => ({ ...this.#taskOf(batch), isBaseAlone }));
    await this.#run(tasks, undefined, (task, nll) => {
      const { rows, exampleIdxs, nTokens } = task.batch;
      rows.forEach((row, i) => {
        const result = results[exampleIdxs[Math.floor(row / nTokens)] ?? 0];
        if (result !== undefined) result[(row % nTokens) + 1] = nll[i] ?? 0;
      });
    });
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
    this.#parts.runner.dispose();
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
    const tasks = batches.map((batch, batchIdx) => ({
      ...this.#taskOf(batch),
      totalWeight,
      dropoutSeeds: dropoutSeed === undefined ? undefined : [dropoutSeed, batchIdx],
    }));
    // Summed in the order of the tasks, whichever thread is first.
    const losses = new Map<BatchTask, number>();
    await this.#run(tasks, this.#gradients, (task, nll) => {
      const { weights } = task.batch;
      losses.set(
        task,
        nll.reduce((sum, value, i) => sum + (value * (weights[i] ?? 0)) / totalWeight, 0),
      );
    });
    return tasks.reduce((sum, task) => sum + (losses.get(task) ?? 0), 0);
  }

  /** What is known of the lower layers goes along, unless those have no adapter above them. */
  #taskOf(batch: MicroBatch): BatchTask {
    return { batch, lower: this.#cache.get(batch) };
  }

  async #run(
    tasks: readonly BatchTask[],
    gradients: Float32Array | undefined,
    onNll: (task: BatchTask, nll: Float32Array) => void,
  ): Promise<void> {
    await this.#parts.runner.run(tasks, gradients, (taskIdx, { nll, lower }) => {
      const task = tasks[taskIdx];
      if (task === undefined) return;
      if (lower !== undefined) this.#cache.add(task.batch, lower);
      onNll(task, nll);
    });
  }
}

function sumOf(values: Float32Array): number {
  return values.reduce((sum, value) => sum + value, 0);
}
