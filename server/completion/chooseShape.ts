/** Decides whether a suggestion may span lines: only where a block begins or is empty, or below an announcing comment. */

import { languageOf } from '../prompt/language.ts';
import type { Language } from '../prompt/language.ts';
import type { PromptContext } from './readContext.ts';
import { scanCode } from './scanCode.ts';
import type { SuggestRequest } from './suggestRequest.ts';

export type Shape =
  | { readonly kind: 'line' }
  /**
   * A block whose header is above or on the cursor's line: it ends with its closing bracket, its end word, or with the
   * first line that is not deeper than `headerIndent` (columns).
   */
  | {
      readonly kind: 'block';
      readonly headerIndent: number;
      readonly opener: 'bracket' | 'colon' | 'word' | 'arrow';
    }
  /** A definition that a comment announces: its own first line is the header. */
  | { readonly kind: 'definition'; readonly indent: number }
  /** Lines as they come, as deep as the cursor's or deeper. */
  | { readonly kind: 'lines'; readonly indent: number };

/** `block`: several lines where a block begins. `more`: elsewhere too. */
export type LinesWanted = 'one' | 'block' | 'more';

/** What a request's settings want. */
export function linesWanted(
  request: Pick<SuggestRequest, 'isMultilineAllowed' | 'isMultilinePreferred' | 'settings'>,
): LinesWanted {
  if (!request.isMultilineAllowed || request.settings.maxLines === 1) return 'one';
  return request.isMultilinePreferred === true ? 'more' : 'block';
}

const line: Shape = { kind: 'line' };

/** How far a suggestion at this cursor may reach. */
export function chooseShape(context: PromptContext, languageId: string, lines: LinesWanted): Shape {
  const language = languageOf(languageId);
  if (lines === 'one' || language.family === 'prose' || language.family === 'data') return line;
  if (!isClosersOnly(context.lineSuffix)) return line;
  const shape = chooseBlock(context, language);
  if (shape.kind !== 'line' || lines === 'block' || context.lineSuffix.trim() !== '') return shape;
  return { kind: 'lines', indent: indentOf(context.linePrefix) };
}

function chooseBlock(context: PromptContext, language: Language): Shape {
  const isBlankLine = context.linePrefix.trim() === '';
  const header = isBlankLine ? lastLineAbove(context.prefix) : context.linePrefix;
  if (header === undefined) return line;
  const headerIndent = indentOf(header);
  const isBranch =
    !isBlankLine && language.hasCasePatterns && scanCode(context.prefix, language).endsInPattern;
  const opener = isBranch ? 'word' : findOpener(header, language);
  if (opener !== undefined && !isArgument(header, context.lineSuffix)) {
    return isBodyThere(context, headerIndent) ? line : { kind: 'block', headerIndent, opener };
  }
  if (isBlankLine && announces(header, context, language)) {
    return { kind: 'definition', indent: indentOf(context.linePrefix) };
  }
  return line;
}

/** Columns of leading blanks, a tab counting as far as the next multiple of four. */
export function indentOf(text: string): number {
  let columns = 0;
  for (const char of text) {
    if (char === '\t') columns += 4 - (columns % 4);
    else if (char === ' ') columns++;
    else break;
  }
  return columns;
}

/** Nothing, or only what editors put in by themselves: closing brackets, quotes, and `;` or `,` after them. */
export function isClosersOnly(text: string): boolean {
  return /^[\s)\]}'"`>;,]*$/.test(text);
}

/** Within `f(|)` or `a[|]` an argument is wanted, on this line. */
function isArgument(header: string, lineSuffix: string): boolean {
  const last = header.trimEnd().at(-1);
  return (last === '(' && lineSuffix.startsWith(')')) || (last === '[' && lineSuffix.startsWith(']'));
}

/** Header on the line before the cursor's, if that is not blank. */
function lastLineAbove(prefix: string): string | undefined {
  const lines = prefix.split('\n');
  const above = lines.at(-2);
  return above === undefined || above.trim() === '' ? undefined : above;
}

function findOpener(
  header: string,
  { family, lineComment }: Language,
): 'bracket' | 'colon' | 'word' | 'arrow' | undefined {
  const code = stripComment(header, lineComment).trimEnd();
  const statement = code.trimStart();
  if (/[{([]$/.test(code)) return 'bracket';
  if (family === 'indentation' && /:$/.test(code)) return 'colon';
  if (family === 'keywords' && opensWithWord.test(statement)) return 'word';
  if (family === 'braces' && /(=>|->)$/.test(code)) return 'arrow';
  return undefined;
}

const opensWithWord =
  /(\b(do|then|else|begin|in|loop|repeat)|\bdo\s*\|[^|]*\||\bfunction\b.*\))$|^(def|class|module|if|unless|while|until|for|case|elsif|when|rescue|defmodule|defp?|function|local function)\b[^;]*$/;

function stripComment(text: string, lineComment: string): string {
  let at = text.indexOf(lineComment);
  while (at > 0 && !/[\s;{}()]/.test(text[at - 1] ?? '')) at = text.indexOf(lineComment, at + 1);
  return at === -1 ? text : text.slice(0, at);
}

/** The next line with text is already deeper than the header, so the block has a body. */
function isBodyThere(context: PromptContext, headerIndent: number): boolean {
  const lineEnd = context.suffix.indexOf('\n');
  if (lineEnd === -1) return false;
  const next = context.suffix
    .slice(lineEnd + 1)
    .split('\n')
    .find((each) => each.trim() !== '');
  return next !== undefined && indentOf(next) > headerIndent;
}

/** A comment or docstring right above, and no code right below that it could belong to. */
function announces(above: string, context: PromptContext, { lineComment }: Language): boolean {
  const text = above.trim();
  const isComment = text.startsWith(lineComment) || text.endsWith('*/') || text.startsWith('///');
  if (!isComment || !/[A-Za-z]{3}/.test(text + context.prefix.slice(-200))) return false;
  const [, below = ''] = context.suffix.split('\n');
  return below.trim() === '' || indentOf(below) < indentOf(context.linePrefix);
}
