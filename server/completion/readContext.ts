/** Reads the text around the cursor once, bounded, so that later stages never touch the document again. */

import type { Language } from '../prompt/language.ts';
import type { DocumentText, SuggestRequest } from './suggestRequest.ts';

/** Characters read before and after the cursor; the rest of a large document is never copied. */
const maxPrefixChars = 32_768;
const maxSuffixChars = 8192;
/** The window before the cursor starts at a multiple of this, so that typing rarely moves it. */
const windowStepChars = 4096;

export interface PromptContext {
  /** Cursor, clamped into the document. */
  readonly offset: number;
  /** As in the document. */
  readonly rawPrefix: string;
  readonly rawSuffix: string;
  /** Offset in the document at which `rawPrefix` starts. */
  readonly windowStart: number;
  readonly eol: '\n' | '\r\n';
  /** The same with `\n` line ends. */
  readonly prefix: string;
  readonly suffix: string;
  /** The cursor's line before and after the cursor, without its line end. */
  readonly linePrefix: string;
  readonly lineSuffix: string;
  /** What one level of indentation is in this document, a tab or some blanks; undefined where no line near shows it. */
  readonly indentUnit: string | undefined;
}

export function readContext(request: Pick<SuggestRequest, 'document' | 'offset'>): PromptContext {
  const { document } = request;
  const offset = clampOffset(request.offset, document.length);
  const windowStart = windowStartAt(offset);
  return contextOf(
    document.slice(windowStart, offset),
    document.slice(offset, Math.min(document.length, offset + maxSuffixChars)),
    windowStart,
  );
}

/** The context of a text that is already at hand, for example the state after a suggestion was accepted. */
export function contextOf(rawPrefix: string, rawSuffix: string, windowStart: number): PromptContext {
  const eol = chooseEol(rawPrefix, rawSuffix);
  const prefix = toLf(rawPrefix);
  const suffix = toLf(rawSuffix);
  const lineEnd = suffix.indexOf('\n');
  return {
    offset: windowStart + rawPrefix.length,
    rawPrefix,
    rawSuffix,
    windowStart,
    eol,
    prefix,
    suffix,
    linePrefix: prefix.slice(prefix.lastIndexOf('\n') + 1),
    lineSuffix: lineEnd === -1 ? suffix : suffix.slice(0, lineEnd),
    indentUnit: findIndentUnit(prefix, suffix),
  };
}

/** The context after `text` went in at the cursor in place of `replaceLength` characters. @param text with the document's line ends. */
export function contextAfter(context: PromptContext, text: string, replaceLength: number): PromptContext {
  const windowStart = windowStartAt(context.offset + text.length);
  const rawPrefix = (context.rawPrefix + text).slice(Math.max(0, windowStart - context.windowStart));
  return contextOf(
    rawPrefix,
    context.rawSuffix.slice(replaceLength),
    Math.max(windowStart, context.windowStart),
  );
}

/** A document over a string that is at hand. */
export function textDocument(text: string): DocumentText {
  return { length: text.length, slice: (start, end) => text.slice(start, end) };
}

function windowStartAt(offset: number): number {
  return Math.max(0, Math.ceil((offset - maxPrefixChars) / windowStepChars) * windowStepChars);
}

function clampOffset(offset: number, length: number): number {
  return Number.isNaN(offset) ? length : Math.min(Math.max(0, Math.trunc(offset)), length);
}

const toLf = (text: string): string => (text.includes('\r') ? text.replaceAll('\r\n', '\n') : text);

function chooseEol(prefix: string, suffix: string): '\n' | '\r\n' {
  const last = prefix.lastIndexOf('\n');
  if (last !== -1) return prefix[last - 1] === '\r' ? '\r\n' : '\n';
  const next = suffix.indexOf('\n');
  return next > 0 && suffix[next - 1] === '\r' ? '\r\n' : '\n';
}

/** What one level of indentation is here: as the document has it, else as the language wants it, else four blanks. */
export function indentUnitOf({ indentUnit }: PromptContext, { blanks }: Language): string {
  return indentUnit ?? (blanks === 'free' ? '    ' : '\t');
}

/** The smallest common step of the indentation of nearby lines: a tab, or 2, 4 or 8 blanks. */
function findIndentUnit(prefix: string, suffix: string): string | undefined {
  const lines = (prefix.slice(-4000) + suffix.slice(0, 2000)).split('\n');
  let nTabs = 0;
  const steps = new Map<number, number>();
  let before = 0;
  for (const line of lines) {
    const [blank = ''] = /^[\t ]*/.exec(line) ?? [];
    if (blank.length === line.length) continue;
    if (blank.startsWith('\t')) nTabs++;
    const step = Math.abs(blank.length - before);
    if (!blank.includes('\t') && [2, 3, 4, 8].includes(step)) steps.set(step, (steps.get(step) ?? 0) + 1);
    before = blank.length;
  }
  const nSteps = [...steps.values()].reduce((sum, each) => sum + each, 0);
  if (nTabs > nSteps) return '\t';
  const [best] = [...steps].sort((a, b) => b[1] - a[1]).map(([step]) => step);
  return best === undefined ? undefined : ' '.repeat(best);
}
