/** Finds secrets by the patterns of the services that give them out; the one door to secretlint. */

import { lintSource } from '@secretlint/core';
import { creator } from '@secretlint/secretlint-rule-preset-recommend';
import { extname } from 'node:path/posix';
import type { SecretRange } from './scrubSecrets.ts';

/** https://github.com/secretlint/secretlint/tree/master/packages/%40secretlint/secretlint-rule-preset-recommend */
const config = { rules: [{ id: '@secretlint/secretlint-rule-preset-recommend', rule: creator }] };

export async function findKnownSecrets(text: string, path: string): Promise<SecretRange[]> {
  const { messages } = await lintSource({
    source: { content: text, filePath: path, ext: extname(path), contentType: 'text' },
    // The text may be of an old commit: what lies at its path now has nothing to say.
    options: { config, noPhysicFilePath: true },
  });
  return messages.map(({ range: [start, end] }) => ({ start, end }));
}
