/** Finds the GGUF of a model that Ollama has pulled already; asks no network and changes nothing. */

import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { IdiomError } from '../base/errors.ts';

/** The image manifest as Ollama stores it: https://github.com/ollama/ollama/blob/main/manifest/manifest.go. */
const manifestSchema = z.object({
  layers: z.array(z.object({ mediaType: z.string(), digest: z.string().regex(/^sha256:[0-9a-f]{64}$/) })),
});
const modelMediaType = 'application/vnd.ollama.image.model';

/**
 * Path of the blob. `OLLAMA_MODELS` names the store, else it is the user's or that of the Linux service.
 * @throws IdiomError `modelMissing` when Ollama has no such model, `modelBroken` when its store is damaged.
 */
export function findOllamaModel(
  ref: { readonly name: string; readonly tag: string },
  env: Readonly<Record<string, string | undefined>>,
): string {
  const namespaced = ref.name.includes('/') ? ref.name : `library/${ref.name}`;
  const stores = storesOf(env);
  for (const store of stores) {
    const manifest = join(store, 'manifests', 'registry.ollama.ai', ...namespaced.split('/'), ref.tag);
    if (existsSync(manifest)) return blobOf(store, manifest);
  }
  const name = ref.tag === 'latest' ? ref.name : `${ref.name}:${ref.tag}`;
  throw new IdiomError('modelMissing', `Ollama has no model ${name} in ${stores.join(' or ')}.`, {
    remedy: `Run "ollama pull ${name}", or set OLLAMA_MODELS to where its models lie.`,
  });
}

function storesOf(env: Readonly<Record<string, string | undefined>>): readonly string[] {
  const own = env['OLLAMA_MODELS'];
  if (own !== undefined && own !== '') return [own];
  const home = env['HOME'] ?? env['USERPROFILE'] ?? homedir();
  return [join(home, '.ollama', 'models'), '/usr/share/ollama/.ollama/models'];
}

function blobOf(store: string, manifest: string): string {
  const parsed = manifestSchema.safeParse(readJson(manifest));
  const layer = parsed.data?.layers.find(({ mediaType }) => mediaType === modelMediaType);
  const blob = layer === undefined ? '' : join(store, 'blobs', layer.digest.replace(':', '-'));
  if (blob !== '' && existsSync(blob)) return blob;
  throw new IdiomError('modelBroken', `Ollama's manifest ${manifest} names no model file that is there.`, {
    remedy: 'Pull the model again with ollama.',
  });
}

function readJson(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return undefined;
  }
}
