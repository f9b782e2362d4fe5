/** Counts brackets in a piece of code, skipping strings and line comments; a scan of characters, not a parser. */

const closerOf: Readonly<Record<string, string>> = { '(': ')', '[': ']', '{': '}' };
export const isCloser = (char: string): boolean => char === ')' || char === ']' || char === '}';

export interface BracketScan {
  /** Brackets that are opened and not closed, outermost first. */
  readonly open: readonly string[];
  /** Closers without an opener in the text, in order, with their positions. */
  readonly unmatched: readonly { readonly char: string; readonly at: number }[];
  /** Depth after the last character relative to the start; may be negative. */
  readonly depth: number;
}

/** Strings end at the line end at the latest, so that one stray quote spoils one line only. */
export function scanBrackets(text: string, lineComment = '//'): BracketScan {
  const open: string[] = [];
  const unmatched: { char: string; at: number }[] = [];
  forEachBracket(text, lineComment, (char, at) => {
    if (!isCloser(char)) open.push(char);
    else if (open.length > 0 && closerOf[open.at(-1) ?? ''] === char) open.pop();
    else if (open.length === 0 || !open.some((each) => closerOf[each] === char)) unmatched.push({ char, at });
    // Crossed brackets: close down to the matching one.
    else while (open.length > 0 && closerOf[open.pop() ?? ''] !== char);
  });
  return { open, unmatched, depth: open.length - unmatched.length };
}

/** Position after the bracket that brings the depth from `startDepth` to 0, or undefined. */
export function findClose(text: string, startDepth: number, lineComment = '//'): number | undefined {
  let depth = startDepth;
  let closedAt: number | undefined;
  forEachBracket(text, lineComment, (char, at) => {
    depth += isCloser(char) ? -1 : 1;
    if (depth === 0 && closedAt === undefined) closedAt = at + 1;
  });
  return closedAt;
}

function forEachBracket(text: string, lineComment: string, visit: (char: string, at: number) => void): void {
  let quote = '';
  for (let i = 0; i < text.length; i++) {
    const char = text[i] ?? '';
    if (quote !== '') {
      if (char === '\\') i++;
      else if (char === quote || (char === '\n' && quote !== '`')) quote = '';
    } else if (char === '"' || char === '`' || (char === "'" && !isApostrophe(text, i))) quote = char;
    else if (char === lineComment[0] && isComment(text, i, lineComment)) {
      const lineEnd = text.indexOf('\n', i);
      if (lineEnd === -1) return;
      i = lineEnd;
    } else if (char in closerOf || isCloser(char)) visit(char, i);
  }
}

/** `don't` and Rust's lifetimes: a quote with a word character before it, or one without a partner on its line. */
function isApostrophe(text: string, at: number): boolean {
  if (/\w/.test(text[at - 1] ?? '')) return true;
  const lineEnd = text.indexOf('\n', at);
  const partner = text.indexOf("'", at + 1);
  return partner === -1 || (lineEnd !== -1 && partner > lineEnd);
}

/** `#` and `%` start a comment only after a blank or at a line start, as `a # b` but not `a#b` or `a % b`. */
function isComment(text: string, at: number, lineComment: string): boolean {
  if (!text.startsWith(lineComment, at)) return false;
  if (lineComment.length > 1) return text[at - 1] !== ':';
  return lineComment === '#' && (at === 0 || /\s/.test(text[at - 1] ?? ''));
}
