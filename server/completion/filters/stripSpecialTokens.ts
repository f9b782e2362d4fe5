/** Cuts a suggestion at a special token or chat fence that the model spelled out as text. */

import { indentOf } from '../chooseShape.ts';
import { scanCode, textAt } from '../scanCode.ts';
import { withText } from './filter.ts';
import type { Filter, FilterContext } from './filter.ts';

const spelledTokens = [
  /<\|[a-z_]{3,24}\|>/,
  /<\/?(file_sep|repo_name|reponame|filename|gh_stars|fim_(prefix|suffix|middle|pad)|empty_output|endoftext)>/,
  /<(issue|jupyter|commit)_[a-z]+>/,
  /\[(PREFIX|SUFFIX|MIDDLE)\]/,
  /<(PRE|SUF|MID|EOT)>/,
  /<\uff5c[^\uff5c]{2,30}\uff5c>/,
];

const fence = '```';

/** A token that the document itself spells out is code there (this very file, for one), and stays. */
export const stripSpecialTokens: Filter = (draft, given) => {
  const { prefix, suffix } = given.context;
  const isInDocument = (found: string): boolean => prefix.includes(found) || suffix.includes(found);
  let { text } = draft;
  for (const pattern of spelledTokens) {
    const found = pattern.exec(text);
    if (found !== null && !isInDocument(found[0])) text = text.slice(0, found.index);
  }
  if (given.language.family !== 'prose') text = text.slice(0, findChatFence(text, given));
  return withText(draft, text.replaceAll('\uFFFD', '').replaceAll('\r', ''));
};

/** Where a fence stands in code, as around an answer in a chat. In a comment or a string it is an example of how to use it. */
function findChatFence(text: string, { context: { prefix }, language }: FilterContext): number | undefined {
  if (!text.includes(fence) || (language.hasBlockScalars && isInBlockScalar(prefix))) return undefined;
  const scan = scanCode(prefix + text, language);
  for (let at = text.indexOf(fence); at !== -1; at = text.indexOf(fence, at + fence.length)) {
    const inText = textAt(scan, prefix.length + at);
    // All of it: a string may end with the fence's first character.
    if (inText === undefined || inText !== textAt(scan, prefix.length + at + fence.length - 1)) return at;
  }
  return undefined;
}

/** Below `key: |`, deeper than it. */
function isInBlockScalar(prefix: string): boolean {
  const lines = prefix.split('\n');
  let columns = indentOf(lines.pop() ?? '');
  for (const line of lines.reverse()) {
    if (line.trim() === '' || indentOf(line) >= columns) continue;
    if (/(^|[:\s-])[|>][-+\d]*\s*(#.*)?$/.test(line)) return true;
    columns = indentOf(line);
  }
  return false;
}
