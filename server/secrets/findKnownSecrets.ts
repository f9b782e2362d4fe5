/** Finds secrets by the patterns of the services that give them out; the one door to secretlint. */

import { lintSource } from '@secretlint/core';
import { secretLintProfiler } from '@secretlint/profiler';
import { creator } from '@secretlint/secretlint-rule-preset-recommend';
import { extname } from 'node:path/posix';
import { isPlaceholder } from './placeholders.ts';
import type { SecretRange } from './scrubSecrets.ts';

/** On by default, it takes a time mark for each rule and text, with the text's path, and keeps them while the process lives. */
secretLintProfiler.setEnabled(false);

/** https://github.com/secretlint/secretlint/tree/master/packages/%40secretlint/secretlint-rule-preset-recommend */
const preset = '@secretlint/secretlint-rule-preset-recommend';
/** The names of AWS keys, too, which are off by default; the numbers of accounts that come with them are no secret. */
const aws = { id: '@secretlint/secretlint-rule-aws', options: { enableIDScanRule: true } };
const config = { rules: [{ id: preset, rule: creator, rules: [aws] }] };

export async function findKnownSecrets(text: string, path: string): Promise<SecretRange[]> {
  const content = withoutDirectives(text);
  const { messages } = await lintSource({
    source: { content, filePath: path, ext: extname(path), contentType: 'text' },
    // The text may be of an old commit: what lies at its path now has nothing to say.
    options: { config, noPhysicFilePath: true },
  });
  return messages
    .filter(({ messageId }) => messageId !== 'AWSAccountID')
    .map(({ messageId, range: [start, end] }) => ({ start, end, isCertain: !inAddress.test(messageId) }))
    .filter(({ start, end }) => !isStandIn(content.slice(start, end)));
}

/** Passwords of addresses: tests are full of made-up ones. findCredentials.ts says which are certain. */
const inAddress = /BasicAuth|Connection/;

/** An address as in every manual: `http://user:pass@host`. */
function isStandIn(found: string): boolean {
  const password = /^[\w+]{1,20}:\/\/[^:@/]{0,100}:([^@/]{0,100})@/.exec(found)?.[1];
  return password !== undefined && (isPlaceholder(password) || password.length < 4);
}

/**
 * Text never steers what scans it: comments like `secretlint-disable` lose their meaning, whatever the rules' settings.
 * A byte-order mark would be taken away, and all places be off by one.
 */
function withoutDirectives(text: string): string {
  return text.replace(/^\ufeff/, ' ').replaceAll('secretlint-', 'secretlint_');
}
