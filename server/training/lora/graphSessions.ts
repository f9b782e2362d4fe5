/** The sessions of one adapter's graphs, made when a size is first needed; the least recently used sizes are let go. */

import type { Disposable } from '../../base/disposable.ts';
import { openOnnxSession } from '../../onnx/onnxSession.ts';
import type { OnnxSession, OnnxSessionOptions } from '../../onnx/onnxSession.ts';
import type { DecoderShape } from './decoderShape.ts';
import type { Precision } from './frozenProduct.ts';
import { buildFrozenLayer, buildLayer } from './layerGraph.ts';
import type { LayerGraphOptions } from './layerGraph.ts';
import type { LoraModule } from './loraModules.ts';
import type { LoraOptions } from './loraOptions.ts';
import { buildLoss } from './lossGraph.ts';
import { ropeAngles } from './ropeAngles.ts';

export interface LayerSessions extends Disposable {
  readonly forward: OnnxSession;
  readonly backward: OnnxSession;
  readonly lowestBackward: OnnxSession;
  readonly kept: readonly string[];
  /** Layers without adapters. */
  readonly frozen: OnnxSession;
}

export interface GraphSessionsOptions {
  readonly shape: DecoderShape;
  readonly lora: LoraOptions;
  readonly biased: readonly LoraModule[];
  readonly precision: Precision;
  readonly ropeFactors: Float32Array | undefined;
  readonly onnx: OnnxSessionOptions;
}

/** Sizes of micro-batches for which sessions are kept. */
const maxSizes = 12;

export class GraphSessions implements Disposable {
  readonly #options: GraphSessionsOptions;
  readonly #layers = new Map<string, LayerSessions>();
  readonly #losses = new Map<string, OnnxSession>();

  constructor(options: GraphSessionsOptions) {
    this.#options = options;
  }

  async layers(nSequences: number, nTokens: number, hasDropout: boolean): Promise<LayerSessions> {
    const key = `${nSequences} x ${nTokens} ${hasDropout}`;
    const sessions = this.#layers.get(key) ?? (await this.#openLayers(nSequences, nTokens, hasDropout));
    this.#layers.delete(key);
    this.#layers.set(key, sessions);
    const [oldest] = this.#layers;
    if (this.#layers.size > maxSizes && oldest !== undefined) {
      this.#layers.delete(oldest[0]);
      oldest[1].dispose();
    }
    return sessions;
  }

  async loss(nRows: number, hasGradient: boolean): Promise<OnnxSession> {
    const key = `${nRows} ${hasGradient}`;
    const known = this.#losses.get(key);
    if (known !== undefined) return known;
    const { shape, precision, onnx } = this.#options;
    const opened = await openOnnxSession(buildLoss({ shape, nRows, hasGradient, precision }), onnx);
    this.#losses.set(key, opened);
    return opened;
  }

  dispose(): void {
    for (const sessions of [...this.#layers.values(), ...this.#losses.values()]) sessions.dispose();
    this.#layers.clear();
    this.#losses.clear();
  }

  async #openLayers(nSequences: number, nTokens: number, hasDropout: boolean): Promise<LayerSessions> {
    const { shape, lora, biased, precision, ropeFactors, onnx } = this.#options;
    const options: LayerGraphOptions = {
      shape,
      nSequences,
      nTokens,
      biased,
      precision,
      adapted: lora.targetModules,
      r: lora.r,
      scaling: lora.loraAlpha / lora.r,
      hasDropout,
      ...ropeAngles(shape, ropeFactors, nTokens),
    };
    const graph = buildLayer(options);
    const frozen = await openOnnxSession(buildFrozenLayer({ ...options, adapted: [] }), onnx);
    const forward = await openOnnxSession(graph.forward, onnx);
    const backward = await openOnnxSession(graph.backward, onnx);
    const lowestBackward = await openOnnxSession(graph.lowestBackward, onnx);
    return {
      forward,
      backward,
      lowestBackward,
      frozen,
      kept: graph.kept,
      dispose() {
        for (const session of [frozen, forward, backward, lowestBackward]) session.dispose();
      },
    };
  }
}
