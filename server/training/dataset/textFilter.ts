/** From a file's bytes to the text that may be learned: readable, written by people, without secrets. */

import { isData, readTyped } from '../../cursors/readTyped.ts';
import { explainText } from '../../retrieval/contentRules.ts';
import type { IgnoreRules } from '../../retrieval/ignoreRules.ts';
import type { Scrubber } from '../../secrets/scrubSecrets.ts';
import type { Tally } from './tally.ts';

export interface TextFilter {
  /** Whether the file may be read at all, by its path; counts a refusal. */
  isReadable(path: string): boolean;
  /** The scrubbed text with `\n` line ends; undefined, and counted, when there is nothing to learn from it. */
  read(path: string, content: Buffer | undefined): Promise<string | undefined>;
}

export function createTextFilter(rules: IgnoreRules, scrub: Scrubber, dropped: Tally): TextFilter {
  function isReadable(path: string): boolean {
    const verdict = rules.explain(path);
    if (verdict.isIgnored) dropped.add(`file: ${verdict.reason ?? 'setting'}`);
    else if (isData(path)) dropped.add('file: data');
    else return true;
    return false;
  }
  async function read(path: string, content: Buffer | undefined): Promise<string | undefined> {
    const text = content === undefined ? undefined : readTyped(content);
    if (text === undefined) {
      dropped.add('file: binary, huge, a pointer or not UTF-8');
      return undefined;
    }
    const reason = explainText(text);
    if (reason !== undefined) {
      dropped.add(`file: ${reason}`);
      return undefined;
    }
    return scrub(text, path);
  }
  return { isReadable, read };
}
