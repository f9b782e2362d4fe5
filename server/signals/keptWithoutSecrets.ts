/** What stands in a suggestion's place, without secrets: of a line with one nothing is kept, as nothing could be learned of it. */

import { secretMark } from '../secrets/scrubSecrets.ts';
import { scrubParts } from '../secrets/scrubParts.ts';

export interface KeptSurroundings {
  readonly path: string;
  readonly prefix: string;
  readonly suffix: string;
}

export async function keptWithoutSecrets(
  around: KeptSurroundings,
  keptText: string,
): Promise<{ readonly prefix: string; readonly suffix: string; readonly keptText: string | undefined }> {
  const parts = [around.prefix, keptText, around.suffix] as const;
  const [prefix, kept, suffix] = await scrubParts(parts, around.path);
  const line = `${prefix.slice(prefix.lastIndexOf('\n') + 1)}${kept}${suffix.split('\n', 1)[0]}`;
  return { prefix, suffix, keptText: line.includes(secretMark) ? undefined : keptText };
}
