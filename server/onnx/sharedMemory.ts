/** Arrays that several threads read without a copy of their own, and whether onnxruntime reads them here. */

import { buildModel } from './buildModel.ts';
import { openOnnxSession } from './onnxSession.ts';
import { add } from './operations.ts';
import { input } from './value.ts';
import type { Data } from './value.ts';

/** The same numbers in memory that another thread gets as it is; an array that lies there already is returned. */
export function toShared<T extends Data>(array: T): T {
  if (array.buffer instanceof SharedArrayBuffer) return array;
  const Kind = array.constructor as new (buffer: SharedArrayBuffer) => T;
  const shared = new Kind(new SharedArrayBuffer(array.byteLength));
  shared.set(array as never);
  return shared;
}

/** Node 20 hands no shared memory to native code, Node 24 does; so it is tried. */
export async function canReadSharedMemory(): Promise<boolean> {
  const x = input('x', [2]);
  const session = await openOnnxSession(buildModel({ outputs: { y: add(x, x) } }), { threads: 1 });
  try {
    const into = { y: toShared(new Float32Array(2)) };
    await session.run({ x: toShared(Float32Array.of(1, 2)) }, into);
    return into.y[1] === 4;
  } catch {
    return false;
  } finally {
    session.dispose();
  }
}
