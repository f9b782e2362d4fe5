/** Runs one graph of a training: waits where the caller wants to, and feeds what the graph takes. */

import type { OnnxSession } from '../../onnx/onnxSession.ts';
import type { Data } from '../../onnx/value.ts';

/** Called before each graph is run; it may wait, and it may throw to abort. */
export type BeforeRun = () => Promise<void> | void;

/** Some of `feeds` may not be wanted: a backward graph needs no biases, for example. */
export async function runGraph(
  session: OnnxSession,
  feeds: Readonly<Record<string, Data>>,
  beforeRun: BeforeRun,
  into?: Readonly<Record<string, Float32Array>>,
): Promise<Record<string, Float32Array>> {
  await beforeRun();
  const taken = session.inputNames.flatMap((name) => {
    const data = feeds[name];
    return data === undefined ? [] : [[name, data] as const];
  });
  return session.run(Object.fromEntries(taken), into);
}
