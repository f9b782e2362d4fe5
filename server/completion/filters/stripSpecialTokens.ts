/** Cuts a suggestion at a special token or chat fence that the model spelled out as text. */

import { withText } from './filter.ts';
import type { Filter } from './filter.ts';

const spelledTokens = [
  /<\|[a-z_]{3,24}\|>/,
  /<\/?(file_sep|repo_name|reponame|filename|gh_stars|fim_(prefix|suffix|middle|pad)|empty_output|endoftext)>/,
  /<(issue|jupyter|commit)_[a-z]+>/,
  /\[(PREFIX|SUFFIX|MIDDLE)\]/,
  /<(PRE|SUF|MID|EOT)>/,
  /<\uff5c[^\uff5c]{2,30}\uff5c>/,
];

/** A token that the document itself spells out is code there (this very file, for one), and stays. */
export const stripSpecialTokens: Filter = (draft, { context, language }) => {
  const patterns = language.family === 'prose' ? spelledTokens : [...spelledTokens, /```/];
  let { text } = draft;
  for (const pattern of patterns) {
    const found = pattern.exec(text);
    if (found === null) continue;
    const isInDocument = context.prefix.includes(found[0]) || context.suffix.includes(found[0]);
    if (!isInDocument) text = text.slice(0, found.index);
  }
  return withText(draft, text.replaceAll('\uFFFD', '').replaceAll('\r', ''));
};
