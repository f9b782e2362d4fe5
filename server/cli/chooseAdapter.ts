/** The value of `--adapter`: an alias, a digest, or a GGUF file. */

import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { digestFile } from '../base/digest.ts';
import { IdiomError } from '../base/errors.ts';
import type { AdapterFile } from '../llama/engine.ts';

/**
 * Undefined means the base model alone.
 * @throws IdiomError `wrongUse` for an adapter that is not on this machine.
 */
export async function chooseAdapter(name: string): Promise<AdapterFile | undefined> {
  if (name === 'base') return undefined;
  if (name.endsWith('.gguf')) {
    const path = resolve(name);
    if (statSync(path, { throwIfNoEntry: false })?.isFile() !== true) {
      throw new IdiomError('wrongUse', `There is no adapter file ${path}.`);
    }
    return { digest: await digestFile(path), path };
  }
  throw new IdiomError('wrongUse', `There is no adapter ${name} for this repository yet.`, {
    remedy: 'Use --adapter base, or the path of a GGUF adapter.',
  });
}
