/** Tells brackets of code from those in comments, strings, patterns and heredocs; a scan of characters, not a parser. */

import type { Language, Span } from '../prompt/language.ts';
import { CasePatterns } from './casePatterns.ts';

export interface CodeScan {
  /** Brackets of the code, in order. */
  readonly brackets: readonly { readonly char: string; readonly at: number }[];
  /** Comments and strings, in order: from the first character to the last one, or to the end where they are cut off. */
  readonly texts: readonly TextSpan[];
  /** It ends within a pattern of a shell's `case`. */
  readonly endsInPattern: boolean;
}

export interface TextSpan {
  readonly start: number;
  readonly end: number;
  readonly kind: 'comment' | 'string';
}

/** Time is linear in the text's length. A string of one line ends with its line, so that a stray quote spoils no more. */
export function scanCode(text: string, language: Language): CodeScan {
  return new Scanner(text, language).scan();
}

/** The comment or string that a character at `at` is part of, or would be part of if it came in there. */
export function textAt({ texts }: CodeScan, at: number): TextSpan | undefined {
  return texts.find(({ start, end }) => start < at && at <= end);
}

const word = /[A-Za-z_]\w*/y;
/** Words after which a division makes no sense. */
const beforeRegex: ReadonlySet<string> = new Set(
  'return typeof case in of when if unless and or not'.split(' '),
);
/** Bounded, so that a line of many slashes costs no more than its length. */
const regex = /\/(?![/*])(?:[^\\/[\n]|\\.|\[(?:[^\]\\\n]|\\.){0,80}\]){1,200}\//y;
/** `b'x'`, `rf'x'`: what stands right before a quote and is part of the string. */
const stringPrefix = /^[rbuflRBUFL]{1,2}$/;

class Scanner {
  readonly #text: string;
  readonly #language: Language;
  /** Comments and strings that may span lines. */
  readonly #spans: readonly Span[];
  readonly #brackets: { char: string; at: number }[] = [];
  readonly #texts: TextSpan[] = [];
  /** Code within strings: which string goes on after it, and the depth of `}` at which it does. */
  readonly #interpolations: { readonly outer: Span; readonly depth: number }[] = [];
  readonly #cases: CasePatterns | undefined;
  /** End words of heredocs that begin on the next line. */
  #heredocs: string[] = [];
  #depth = 0;
  #at = 0;
  /** The last word of code, or character that is no blank. */
  #last = '';

  constructor(text: string, language: Language) {
    const { blockComment, literals } = language;
    this.#text = text;
    this.#language = language;
    this.#spans = blockComment === undefined ? literals : [blockComment, ...literals];
    this.#cases = language.hasCasePatterns ? new CasePatterns() : undefined;
  }

  scan(): CodeScan {
    while (this.#at < this.#text.length) this.#step();
    const endsInPattern = this.#cases?.isInPattern === true;
    return { brackets: this.#brackets, texts: this.#texts, endsInPattern };
  }

  #step(): void {
    const char = this.#text[this.#at] ?? '';
    if (char === '\n') {
      this.#at++;
      this.#last = char;
      for (const end of this.#heredocs.splice(0)) this.#skipHeredoc(end);
    } else if (char === ' ' || char === '\t') this.#at++;
    else if (!this.#skipText(char)) this.#take(this.#match(word)?.[0] ?? char);
  }

  /** A word of code, or any other character of it. */
  #take(token: string): void {
    const at = this.#at;
    this.#at += token.length;
    const isPatternEnd = this.#cases?.take(token, { before: this.#last, depth: this.#depth }) === true;
    this.#last = token;
    if (isPatternEnd || !isBracket(token) || !this.#language.brackets.includes(token)) return;
    const interpolation = this.#interpolations.at(-1);
    if (token === '}' && interpolation?.depth === this.#depth) {
      this.#interpolations.pop();
      return this.#skipSpan(interpolation.outer, at);
    }
    this.#depth += '([{'.includes(token) ? 1 : -1;
    this.#brackets.push({ char: token, at });
  }

  /** What is no code, if something such starts here. */
  #skipText(char: string): boolean {
    const { quotes, character, heredoc, hasRegex } = this.#language;
    const start = this.#at;
    const found = this.#spans.find(({ open }) => this.#text.startsWith(open, start));
    if (found !== undefined) {
      this.#at += found.open.length;
      this.#skipSpan(found, start);
      return true;
    }
    if (this.#isLineComment(char)) {
      return this.#skipTo(this.#lineEnd(), { start, end: this.#lineEnd(), kind: 'comment' });
    }
    if (this.#match(character) !== undefined) return this.#skipString(character?.lastIndex ?? start);
    if (quotes.includes(char) && !(char === "'" && this.#isApostrophe())) {
      this.#at++;
      this.#skipSpan({ open: char, close: char, isOfOneLine: true }, start);
      return true;
    }
    if (char === '<' && this.#last !== '<') this.#noteHeredoc(heredoc);
    return hasRegex && char === '/' && this.#skipRegex();
  }

  /** Goes on behind the end of a comment or string whose inside begins here. */
  #skipSpan(span: Span & { readonly isOfOneLine?: boolean }, start: number): void {
    const { close, isRaw, interpolation, isOfOneLine } = span;
    const kind = span === this.#language.blockComment ? 'comment' : 'string';
    const { length } = this.#text;
    for (let at = this.#at; at < length; at++) {
      if (this.#text.startsWith(close, at)) {
        return void this.#skipTo(at + close.length, { start, end: at + close.length - 1, kind });
      }
      const char = this.#text[at];
      if (char === '\n' && isOfOneLine === true) return void this.#skipTo(at, { start, end: at, kind });
      if (interpolation !== undefined && this.#text.startsWith(interpolation, at)) {
        const inside = at + interpolation.length;
        this.#skipTo(inside, { start, end: inside - 1, kind });
        this.#interpolations.push({ outer: span, depth: this.#depth });
        this.#last = '{';
        return;
      }
      if (char === '\\' && isRaw !== true && kind === 'string') at++;
    }
    this.#skipTo(length, { start, end: length, kind });
  }

  #skipString(next: number): true {
    return this.#skipTo(next, { start: this.#at, end: next - 1, kind: 'string' });
  }

  #skipTo(next: number, text: TextSpan): true {
    this.#texts.push(text);
    this.#at = next;
    // What a comment stands behind can still be divided.
    if (text.kind === 'string') this.#last = '"';
    return true;
  }

  #noteHeredoc(pattern: RegExp | undefined): void {
    const end = this.#match(pattern)?.groups?.['word'];
    if (end !== undefined) this.#heredocs.push(end);
  }

  #skipHeredoc(word: string): void {
    const { length } = this.#text;
    // Behind the end of another one.
    if (this.#text[this.#at] === '\n' && this.#text[this.#at - 1] !== '\n') this.#at++;
    // The line break before it, so that what comes in at its first place counts.
    const start = this.#at - 1;
    for (let lineStart = this.#at; lineStart < length;) {
      const lineEnd = lineEndAfter(this.#text, lineStart);
      const line = this.#text.slice(lineStart, lineEnd).trim();
      if (lineEnd < length && line.startsWith(word) && /^[;),]*$/.test(line.slice(word.length))) {
        this.#skipTo(lineEnd, { start, end: lineStart - 1, kind: 'string' });
        return;
      }
      lineStart = lineEnd + 1;
    }
    this.#skipTo(length, { start, end: length, kind: 'string' });
  }

  /** A pattern on this line, where a division can't stand. */
  #skipRegex(): boolean {
    const isOperand = /^[\w)\]}"$]/.test(this.#last) && !beforeRegex.has(this.#last);
    if (isOperand || this.#last === '<') return false;
    return this.#match(regex) !== undefined && this.#skipString(regex.lastIndex);
  }

  /** `#` starts a comment only after a blank or at a line start, as `a # b` but not `a#b`; `//` not within an address. */
  #isLineComment(char: string): boolean {
    const { lineComment } = this.#language;
    if (char !== lineComment[0] || !this.#text.startsWith(lineComment, this.#at)) return false;
    const before = this.#text[this.#at - 1] ?? '\n';
    if (lineComment.length > 1) return before !== ':';
    return lineComment !== '#' || /\s/.test(before);
  }

  /** `don't`, and a quote without a partner on its line. */
  #isApostrophe(): boolean {
    const at = this.#at;
    if (/\w/.test(this.#text[at - 1] ?? '')) return !stringPrefix.test(this.#last);
    const partner = this.#text.indexOf("'", at + 1);
    return partner === -1 || partner > this.#lineEnd();
  }

  #lineEnd(): number {
    return lineEndAfter(this.#text, this.#at);
  }

  #match(pattern: RegExp | undefined): RegExpExecArray | undefined {
    if (pattern === undefined) return undefined;
    pattern.lastIndex = this.#at;
    return pattern.exec(this.#text) ?? undefined;
  }
}

function isBracket(token: string): boolean {
  return token.length === 1 && '()[]{}'.includes(token);
}

function lineEndAfter(text: string, at: number): number {
  const end = text.indexOf('\n', at);
  return end === -1 ? text.length : end;
}
