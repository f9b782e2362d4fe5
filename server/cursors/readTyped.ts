/** Which files of a commit people type, and their text; what a repository's own rules leave out is decided elsewhere. */

import { isStandIn } from '../git/standIn.ts';

const maxFileBytes = 400_000;

/** Lock files and data are not what anybody types. */
export function isData(path: string): boolean {
  return /(^|\/)(package-lock|npm-shrinkwrap)\.json$|\.(lock|sum|csv|tsv|svg|snap|map|jsonl)$/.test(path);
}

/** The text with `\n` line ends; undefined for binary, oversized or non-UTF-8 content, and for pointers to other content. */
export function readTyped(content: Buffer): string | undefined {
  if (content.length > maxFileBytes || content.includes(0)) return undefined;
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(content).replaceAll('\r\n', '\n');
    return isStandIn(text) ? undefined : text;
  } catch {
    return undefined;
  }
}
