/** Counts the brackets of a piece of code: which are open at its end, and which closers nothing in it opened. */

import type { Language } from '../prompt/language.ts';
import { scanCode } from './scanCode.ts';
import type { CodeScan } from './scanCode.ts';

const closerOf: Readonly<Record<string, string>> = { '(': ')', '[': ']', '{': '}' };
const isCloser = (char: string): boolean => char === ')' || char === ']' || char === '}';

export interface BracketScan {
  /** Brackets that are opened and not closed, outermost first. */
  readonly open: readonly string[];
  /** Closers without an opener in the text, in order, with their positions. */
  readonly unmatched: readonly { readonly char: string; readonly at: number }[];
  /** Depth after the last character relative to the start; may be negative. */
  readonly depth: number;
}

export function scanBrackets(text: string, language: Language): BracketScan {
  return pairBrackets(scanCode(text, language).brackets);
}

/** @param brackets all or some of a scan's, in order. */
export function pairBrackets(brackets: CodeScan['brackets']): BracketScan {
  const open: string[] = [];
  const unmatched: { char: string; at: number }[] = [];
  for (const { char, at } of brackets) {
    if (!isCloser(char)) open.push(char);
    else if (open.length > 0 && closerOf[open.at(-1) ?? ''] === char) open.pop();
    else if (open.length === 0 || !open.some((each) => closerOf[each] === char)) unmatched.push({ char, at });
    // Crossed brackets: close down to the matching one.
    else while (open.length > 0 && closerOf[open.pop() ?? ''] !== char);
  }
  return { open, unmatched, depth: open.length - unmatched.length };
}

/** Position after the bracket that brings the depth from `startDepth` to 0, or undefined. */
export function findClose(text: string, startDepth: number, language: Language): number | undefined {
  let depth = startDepth;
  for (const { char, at } of scanCode(text, language).brackets) {
    depth += isCloser(char) ? -1 : 1;
    if (depth === 0) return at + 1;
  }
  return undefined;
}
