/** An adapter in a larger shape that computes the same: what is new is drawn in loraA and zero in loraB. */

import { join } from 'node:path';
import { readGgufHeader } from '../../server/gguf/readHeader.ts';
import type { StoredAdapter } from '../../server/registry/adapterStore.ts';
import { freshParameters, layOutAdapter, viewOf } from '../../server/training/lora/adapterParameters.ts';
import type { LoraMatrix } from '../../server/training/lora/adapterParameters.ts';
import { readDecoderShape } from '../../server/training/lora/decoderShape.ts';
import { exportLoraGguf } from '../../server/training/lora/exportAdapter.ts';
import { loraOptionsSchema } from '../../server/training/lora/loraOptions.ts';
import { readParent } from '../../server/training/run/readParent.ts';

export interface AdapterShape {
  /** At least the adapter's own. */
  readonly r: number;
  /** At most the adapter's own. */
  readonly firstLayer: number;
}

/** The factor alpha / r stays, and with it what was learned. @throws RangeError when it would become smaller. */
export async function widenAdapter(
  adapter: StoredAdapter,
  basePath: string,
  folder: string,
  { r, firstLayer }: AdapterShape,
): Promise<StoredAdapter> {
  const shape = readDecoderShape(await readGgufHeader(basePath));
  const old = loraOptionsSchema.parse(adapter.lineage['lora']);
  if (r < old.r || firstLayer > old.firstLayer) throw new RangeError('An adapter cannot be made smaller.');
  const lora = { ...old, r, firstLayer, loraAlpha: (old.loraAlpha * r) / old.r };
  const from = layOutAdapter(shape, old);
  const values = await readParent(adapter.ggufPath, { shape, lora: old, layout: from });
  const to = layOutAdapter(shape, lora);
  const parameters = freshParameters(to, lora.seed);
  const places = new Map(to.matrices.map((matrix) => [nameOf(matrix), matrix]));
  for (const matrix of from.matrices) {
    const place = places.get(nameOf(matrix));
    if (place !== undefined) copyInto(viewOf(parameters, place), place, viewOf(values, matrix), matrix);
  }
  const ggufPath = join(folder, `r${r}from${firstLayer}.gguf`);
  await exportLoraGguf(ggufPath, { shape, lora, layout: to, parameters }, 'F16');
  return { ...adapter, ggufPath, lineage: { ...adapter.lineage, lora } };
}

/** Into the first rows and columns. */
function copyInto(to: Float32Array, place: LoraMatrix, from: Float32Array, matrix: LoraMatrix): void {
  const [nRows, nColumns] = matrix.shape;
  for (let row = 0; row < nRows; row++)
    to.set(from.subarray(row * nColumns, (row + 1) * nColumns), row * place.shape[1]);
}

function nameOf({ layerIdx, module, half }: LoraMatrix): string {
  return `${layerIdx} ${module} ${half}`;
}
