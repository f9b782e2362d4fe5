/** Whether an adapter can be used with a base model, told from the headers of the two files. */

import { checkLoraFits } from '../gguf/loraPairs.ts';
import { readGgufHeader } from '../gguf/readHeader.ts';

/** @throws IdiomError `adapterBroken` with what is wrong with the adapter's file; what readGgufHeader says of the base's. */
export async function checkAdapter(adapterPath: string, basePath: string): Promise<void> {
  const adapter = await readGgufHeader(adapterPath, 'adapter');
  checkLoraFits(await readGgufHeader(basePath), adapter);
}
