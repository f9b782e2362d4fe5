/** Runs models in onnxruntime; the only file that knows it. Builds no graphs. */

import type * as Ort from 'onnxruntime-node';
import type { InferenceSession, Tensor } from 'onnxruntime-node';
import type { Disposable } from '../base/disposable.ts';
import { describeError, IdiomError } from '../base/errors.ts';
import type { BuiltModel } from './buildModel.ts';
import { sizeOf, typeOf } from './value.ts';
import type { Data } from './value.ts';

export type Provider = 'cpu' | 'webgpu' | 'cuda' | 'dml';

export interface OnnxSessionOptions {
  readonly provider?: Provider;
  /** 0: as onnxruntime chooses. */
  readonly threads?: number;
}

export interface OnnxSession extends Disposable {
  readonly inputNames: readonly string[];
  /** Items of each result. */
  readonly outputLengths: Readonly<Record<string, number>>;
  /**
   * Feeds and results are arrays by name, items in the order of the shape. With `into`, results are written to these
   * arrays; else each is a new one. The JavaScript thread is blocked while onnxruntime computes.
   */
  run(
    feeds: Readonly<Record<string, Data>>,
    into?: Readonly<Record<string, Float32Array>>,
  ): Promise<Record<string, Float32Array>>;
}

type Runtime = typeof Ort;
let runtime: Promise<Runtime> | undefined;

/** @throws IdiomError `trainingFailed` when onnxruntime cannot be loaded here or refuses the model. */
export async function openOnnxSession(
  model: BuiltModel | string,
  options: OnnxSessionOptions = {},
): Promise<OnnxSession> {
  const ort = await loadRuntime();
  const { provider = 'cpu', threads = 0 } = options;
  const settings: InferenceSession.SessionOptions = {
    executionProviders: [provider],
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    graphOptimizationLevel: 'all',
    logSeverityLevel: 3,
    // Sessions of all sizes share the process's own memory this way, instead of each holding on to its largest need.
    enableCpuMemArena: false,
    enableMemPattern: false,
    extra: {
      session: {
        // Weights are fed, not stored, so there is nothing to rearrange in advance.
        disable_prepacking: '1',
        // Threads that wait for each other by spinning take the processor from the one they wait for, where others compute too.
        intra_op: { allow_spinning: '0' },
      },
    },
  };
  try {
    const opened =
      typeof model === 'string'
        ? await ort.InferenceSession.create(model, settings)
        : await ort.InferenceSession.create(model.bytes, settings);
    return wrap(ort, opened);
  } catch (error) {
    throw new IdiomError('trainingFailed', `onnxruntime refused a graph: ${describeError(error)}`, {
      cause: error,
    });
  }
}

/** It reports use to its makers unless told not to before it loads. */
function loadRuntime(): Promise<Runtime> {
  process.env['ORT_DISABLE_TELEMETRY'] = '1';
  runtime ??= import('onnxruntime-node');
  return runtime;
}

function wrap(ort: Runtime, session: InferenceSession): OnnxSession {
  const shapes = new Map<string, readonly number[]>();
  for (const info of [...session.inputMetadata, ...session.outputMetadata])
    if (info.isTensor) shapes.set(info.name, info.shape.map(Number));
  const tensorOf = (name: string, data: Data): Tensor => {
    const shape = shapes.get(name);
    if (shape === undefined || data.length !== sizeOf(shape))
      throw new RangeError(`"${name}" takes ${shape?.join(' x ') ?? 'nothing'}, not ${data.length} items.`);
    return new ort.Tensor(typeOf(data), data, shape);
  };
  const tensorsOf = (arrays: Readonly<Record<string, Data>>): Record<string, Tensor> =>
    Object.fromEntries(Object.entries(arrays).map(([name, data]) => [name, tensorOf(name, data)]));
  const lengths = session.outputNames.map((name) => [name, sizeOf(shapes.get(name) ?? [])] as const);
  return {
    inputNames: session.inputNames,
    outputLengths: Object.fromEntries(lengths),
    async run(feeds, into) {
      const results =
        into === undefined
          ? await session.run(tensorsOf(feeds))
          : await session.run(tensorsOf(feeds), tensorsOf(into));
      return Object.fromEntries(
        Object.entries(results).map(([name, tensor]) => [name, tensor.data as Float32Array]),
      );
    },
    dispose: () => void session.release(),
  };
}
