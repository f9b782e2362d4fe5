/** From a file's bytes to what the index stores of it: chunks with their terms, and definitions. No database, no disk. */

import { createHash } from 'node:crypto';
import type { IgnoreReason } from './builtInRules.ts';
import { lineBreakCosts, packChunks } from './chunk.ts';
import type { LineRange } from './chunk.ts';
import { addTerms, wordsOf } from './codeTerms.ts';
import { explainContent, explainText } from './contentRules.ts';
import type { Definition } from './readTree.ts';
import type { SyntaxReader } from './syntax.ts';

export interface ChunkFacts extends LineRange {
  /** Distinct terms. */
  readonly terms: ReadonlySet<string>;
}

export interface ContentFacts {
  readonly nLines: number;
  readonly chunks: readonly ChunkFacts[];
  readonly definitions: readonly Definition[];
}

/** git's object id of a file's bytes (https://git-scm.com/book/en/v2/Git-Internals-Git-Objects), as bytes. */
export function blobDigest(bytes: Uint8Array): Buffer {
  return createHash('sha1').update(`blob ${bytes.length}\0`).update(bytes).digest();
}

/** Facts, or the reason why the file is left out. `syntax` undefined: everything is cut by lines. */
export function readContent(
  path: string,
  bytes: Uint8Array,
  syntax: SyntaxReader | undefined,
): ContentFacts | { readonly reason: IgnoreReason } {
  const byBytes = explainContent(bytes, bytes.length);
  if (byBytes !== undefined) return { reason: byBytes };
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');
  const byText = explainText(text);
  if (byText !== undefined) return { reason: byText };
  return readText(path, text, syntax);
}

export function readText(path: string, text: string, syntax: SyntaxReader | undefined): ContentFacts {
  const lines = linesOf(text);
  const facts = syntax?.read(path, text, lines);
  const ranges = packChunks(facts?.costs ?? lineBreakCosts(lines));
  const chunks = ranges.map((range) => chunkOf(range, lines)).filter((chunk) => chunk.terms.size > 0);
  return { nLines: lines.length, chunks, definitions: facts?.definitions ?? [] };
}

/** Lines without their ends; a text that ends with a line break has no empty line after it. */
export function linesOf(text: string): string[] {
  const lines = text.split(/\r\n|\n|\r/);
  if (lines.length > 1 && lines.at(-1) === '') lines.pop();
  return lines;
}

function chunkOf(range: LineRange, lines: readonly string[]): ChunkFacts {
  const words = new Set<string>();
  for (let i = range.startLine - 1; i < range.endLine; i++) {
    for (const word of wordsOf(lines[i] as string)) words.add(word);
  }
  const terms = new Set<string>();
  for (const word of words) addTerms(word, terms);
  return { startLine: range.startLine, endLine: range.endLine, terms };
}
