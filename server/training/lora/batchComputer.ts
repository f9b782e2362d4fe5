/** Loss and gradient of one micro-batch, in this thread. Knows no examples, no steps, no other threads. */

import type { Disposable } from '../../base/disposable.ts';
import type { OnnxSessionOptions } from '../../onnx/onnxSession.ts';
import type { AdapterLayout } from './adapterParameters.ts';
import type { DecoderShape } from './decoderShape.ts';
import type { Precision } from './frozenProduct.ts';
import type { FrozenWeights } from './frozenWeights.ts';
import { GraphSessions } from './graphSessions.ts';
import { LayerPasses } from './layerPasses.ts';
import type { LoraOptions } from './loraOptions.ts';
import { computeLoss } from './lossPass.ts';
import type { MicroBatch } from './microBatches.ts';
import type { BeforeRun } from './runGraph.ts';

/** What is the same for all micro-batches of a training. Nothing but numbers and arrays, so it may go to another thread. */
export interface ComputerProps {
  readonly shape: DecoderShape;
  readonly lora: LoraOptions;
  readonly precision: Precision;
  readonly weights: FrozenWeights;
  readonly layout: AdapterLayout;
  readonly onnx: OnnxSessionOptions;
  /** The adapter, read at each task; whoever owns it changes it between two of them. */
  readonly parameters: Float32Array;
}

export interface BatchTask {
  readonly batch: MicroBatch;
  /** Without the adapter. */
  readonly isBaseAlone?: boolean;
  /** Drawn from with dropout; undefined: no dropout. */
  readonly dropoutSeeds?: readonly number[] | undefined;
  /** Sum of the weights of all micro-batches of the step; undefined: no gradient is wanted. */
  readonly totalWeight?: number | undefined;
  /** What the frozen lower layers made of it (nSequences x nTokens, C), if that is known. */
  readonly lower?: Float32Array | undefined;
}

export interface BatchResult {
  /** Negative log-likelihood in nats of each row of `batch.rows`. */
  readonly nll: Float32Array;
  /** As in the task, where it was computed anew and there is any such layer. Valid until the next task. */
  readonly lower?: Float32Array | undefined;
}

export class BatchComputer implements Disposable {
  readonly #props: ComputerProps;
  readonly #beforeRun: BeforeRun;
  readonly #sessions: GraphSessions;
  readonly #passes: LayerPasses;

  constructor(props: ComputerProps, beforeRun: BeforeRun) {
    this.#props = props;
    this.#beforeRun = beforeRun;
    const { shape, lora, precision, weights, layout, onnx } = props;
    const { biased, ropeFactors } = weights;
    this.#sessions = new GraphSessions({ shape, lora, biased, precision, ropeFactors, onnx });
    this.#passes = new LayerPasses({ shape, lora, weights, layout, sessions: this.#sessions, beforeRun });
  }

  /** Adds the derivative of the sum of nll times weight / totalWeight to `gradients` when the task asks for it. */
  async compute(task: BatchTask, gradients: Float32Array | undefined): Promise<BatchResult> {
    const { batch, dropoutSeeds, totalWeight, isBaseAlone = false } = task;
    const { shape, weights, parameters } = this.#props;
    const loss = { shape, weights, sessions: this.#sessions, beforeRun: this.#beforeRun };
    const pass = { parameters: isBaseAlone ? undefined : parameters, dropoutSeeds, lower: task.lower };
    const isKept = totalWeight !== undefined && gradients !== undefined;
    const { x, lower } = await this.#passes.forward(batch, pass, isKept);
    if (!isKept) return { nll: await computeLoss(loss, batch, x), lower };
    const dx = this.#passes.scratch('dy', x.length);
    const nll = await computeLoss(loss, batch, x, { dx, totalWeight });
    await this.#passes.backward(batch, pass, dx, gradients);
    return { nll, lower };
  }

  dispose(): void {
    this.#sessions.dispose();
  }
}
