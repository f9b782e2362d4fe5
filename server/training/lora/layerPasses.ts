/**
 * One micro-batch through the layers, forward and backward, a layer at a time. What is kept between the two lies in arrays
 * that are used again for the next micro-batch. Between two layers the caller may wait, abort, or let others compute.
 */

import type { Data } from '../../onnx/value.ts';
import { viewOf } from './adapterParameters.ts';
import type { AdapterLayout, LoraMatrix } from './adapterParameters.ts';
import type { DecoderShape } from './decoderShape.ts';
import { dropoutMask } from './dropoutMask.ts';
import type { FrozenWeights } from './frozenWeights.ts';
import type { GraphSessions, LayerSessions } from './graphSessions.ts';
import { loraModules, moduleSize } from './loraModules.ts';
import type { LoraOptions } from './loraOptions.ts';
import type { MicroBatch } from './microBatches.ts';
import { runGraph } from './runGraph.ts';
import type { BeforeRun } from './runGraph.ts';
import { ScratchArrays } from './scratchArrays.ts';

export interface LayerPassesOptions {
  readonly shape: DecoderShape;
  readonly lora: LoraOptions;
  readonly weights: FrozenWeights;
  readonly layout: AdapterLayout;
  readonly sessions: GraphSessions;
  readonly beforeRun: BeforeRun;
}

/** What one pass needs to know beside the weights. */
export interface PassOptions {
  /** Undefined: the base model alone. */
  readonly parameters: Float32Array | undefined;
  /** Drawn from with dropout; undefined: no dropout. */
  readonly dropoutSeeds?: readonly number[] | undefined;
  /** What the layers below the first one with an adapter yield, if it is known. */
  readonly lower?: Float32Array | undefined;
}

/** Arrays that are valid until the next pass. */
export interface Forwarded {
  /** Values after the last layer (nSequences x nTokens, C). */
  readonly x: Float32Array;
  /** After the last layer below the adapters, the same shape, where it was computed. */
  readonly lower: Float32Array | undefined;
}

type Feeds = Record<string, Data>;

export class LayerPasses {
  readonly #options: LayerPassesOptions;
  readonly #scratch = new ScratchArrays();
  readonly #matrices = new Map<number, LoraMatrix[]>();

  constructor(options: LayerPassesOptions) {
    this.#options = options;
    for (const matrix of options.layout.matrices) {
      const known = this.#matrices.get(matrix.layerIdx);
      if (known === undefined) this.#matrices.set(matrix.layerIdx, [matrix]);
      else known.push(matrix);
    }
  }

  /** With `isKept`, what `backward` needs is kept. */
  async forward(batch: MicroBatch, pass: PassOptions, isKept: boolean): Promise<Forwarded> {
    const { shape, lora } = this.#options;
    const sessions = await this.#sessionsFor(batch, pass);
    const nFrozen = pass.parameters === undefined ? 0 : lora.firstLayer;
    let x = await this.#runFrozen(batch, sessions, nFrozen, pass.lower);
    const lower = nFrozen > 0 && pass.lower === undefined ? x : undefined;
    for (let layerIdx = nFrozen; layerIdx < shape.nLayers; layerIdx++) {
      const isAdapted = pass.parameters !== undefined && layerIdx >= lora.firstLayer;
      const feeds = {
        x,
        ...(isAdapted ? this.#adapterFeeds(layerIdx, batch, pass) : this.#frozenFeeds(layerIdx)),
      };
      const y = this.#scratch.get(isKept && isAdapted ? `${layerIdx + 1}.x` : `x${layerIdx % 2}`, x.length);
      const session = isAdapted ? sessions.forward : sessions.frozen;
      const kept = isKept && isAdapted ? this.#kept(sessions, layerIdx) : {};
      await runGraph(session, feeds, this.#options.beforeRun, { y, ...kept });
      x = y;
    }
    return { x, lower };
  }

  /** The first layers, which carry no adapter: inputs of the one above, under the name that `backward` looks for. */
  async #runFrozen(
    batch: MicroBatch,
    sessions: LayerSessions,
    nFrozen: number,
    known: Float32Array | undefined,
  ): Promise<Float32Array> {
    const { shape, beforeRun } = this.#options;
    if (nFrozen === 0) return this.#embed(batch);
    const result = this.#scratch.get(`${nFrozen}.x`, batch.inputs.length * shape.nChannels);
    if (known !== undefined) {
      result.set(known);
      return result;
    }
    let x = this.#embed(batch);
    for (let layerIdx = 0; layerIdx < nFrozen; layerIdx++) {
      const y = layerIdx === nFrozen - 1 ? result : this.#scratch.get(`x${layerIdx % 2}`, x.length);
      await runGraph(sessions.frozen, { x, ...this.#frozenFeeds(layerIdx) }, beforeRun, { y });
      x = y;
    }
    return result;
  }

  /** Adds to `gradients` what this micro-batch contributes; `dy` (nSequences x nTokens, C) is overwritten. */
  async backward(
    batch: MicroBatch,
    pass: PassOptions,
    dy: Float32Array,
    gradients: Float32Array,
  ): Promise<void> {
    const { shape, lora, beforeRun } = this.#options;
    const sessions = await this.#sessionsFor(batch, pass);
    let [from, to] = [dy, this.#scratch.get('dx', dy.length)];
    for (let layerIdx = shape.nLayers - 1; layerIdx >= lora.firstLayer; layerIdx--) {
      const matrices = this.#matrices.get(layerIdx) ?? [];
      const own = matrices.map((matrix) => {
        const name = `d.${matrix.module}.${matrix.half}`;
        return { matrix, name, values: this.#scratch.get(name, matrix.length) };
      });
      const feeds = {
        x: this.#scratch.get(`${layerIdx}.x`, dy.length),
        dy: from,
        ...this.#kept(sessions, layerIdx),
        ...this.#adapterFeeds(layerIdx, batch, pass),
      };
      const into = Object.fromEntries(own.map(({ name, values }) => [name, values]));
      // Nothing below the lowest adapter needs a derivative.
      const isLowest = layerIdx === lora.firstLayer;
      const session = isLowest ? sessions.lowestBackward : sessions.backward;
      await runGraph(session, feeds, beforeRun, isLowest ? into : { dx: to, ...into });
      for (const { matrix, values } of own) add_(viewOf(gradients, matrix), values);
      [from, to] = [to, from];
    }
  }

  /** An array that lives until it is asked for again. */
  scratch(name: string, length: number): Float32Array {
    return this.#scratch.get(name, length);
  }

  #sessionsFor(batch: MicroBatch, pass: PassOptions): Promise<LayerSessions> {
    return this.#options.sessions.layers(batch.nSequences, batch.nTokens, pass.dropoutSeeds !== undefined);
  }

  /** Rows of the embedding; the first layer's inputs, kept under its name in case it has adapters. */
  #embed(batch: MicroBatch): Float32Array {
    const { weights, shape } = this.#options;
    const { nChannels } = shape;
    const x = this.#scratch.get('0.x', batch.inputs.length * nChannels);
    batch.inputs.forEach((token, row) =>
      x.set(weights.embedding.subarray(token * nChannels, (token + 1) * nChannels), row * nChannels),
    );
    return x;
  }

  #kept(sessions: LayerSessions, layerIdx: number): Record<string, Float32Array> {
    return Object.fromEntries(
      sessions.kept.map((name) => [
        name,
        this.#scratch.get(`${layerIdx}.${name}`, sessions.forward.outputLengths[name] ?? 0),
      ]),
    );
  }

  #frozenFeeds(layerIdx: number): Feeds {
    const layer = this.#options.weights.layers[layerIdx];
    if (layer === undefined) throw new RangeError(`There is no layer ${layerIdx}.`);
    return { ...layer };
  }

  #adapterFeeds(layerIdx: number, batch: MicroBatch, { parameters, dropoutSeeds }: PassOptions): Feeds {
    const feeds = this.#frozenFeeds(layerIdx);
    const { lora, shape } = this.#options;
    for (const matrix of this.#matrices.get(layerIdx) ?? [])
      if (parameters !== undefined) feeds[`${matrix.module}.${matrix.half}`] = viewOf(parameters, matrix);
    if (dropoutSeeds === undefined) return feeds;
    for (const module of lora.targetModules) {
      const length = batch.inputs.length * moduleSize(shape, module).nInputs;
      const seeds = [lora.seed, ...dropoutSeeds, layerIdx, loraModules.indexOf(module)];
      feeds[`${module}.mask`] = dropoutMask(length, lora.dropout, seeds);
    }
    return feeds;
  }
}

function add_(sum: Float32Array, added: Float32Array): void {
  for (let i = 0; i < sum.length; i++) sum[i] = (sum[i] as number) + (added[i] as number);
}
