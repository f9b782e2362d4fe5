/** Where a suggestion of a given shape is complete: used to stop generation early, and to cut what came too much. */

import { languageOf } from '../prompt/language.ts';
import type { Language } from '../prompt/language.ts';
import { indentOf } from './chooseShape.ts';
import type { Shape } from './chooseShape.ts';
import { findClose, scanBrackets } from './scanBrackets.ts';

/** A block ends here at the latest; what a small model writes further down is seldom kept. */
const maxBlockLines = 10;
/** Closers and separators that belong to the closing bracket before them: `});`. */
const afterClose = /^[)\]};,]*/;

export interface EndContext {
  readonly languageId: string;
  /** The cursor's line before the cursor. */
  readonly linePrefix: string;
}

/**
 * Length of the complete suggestion at the start of `text`, or undefined while more may belong to it.
 * @param isWhole no more text will come.
 */
export function findEnd(
  text: string,
  shape: Shape,
  context: EndContext,
  isWhole: boolean,
): number | undefined {
  const language = languageOf(context.languageId);
  const lineEnd = text.indexOf('\n');
  if (shape.kind === 'line') return lineEnd === -1 ? undefined : lineEnd;
  if (shape.kind === 'block') {
    const startDepth = shape.opener === 'bracket' ? 1 : 0;
    return findBlockEnd({ text, from: 0, startDepth, shape, context, language, isWhole });
  }
  if (shape.kind === 'lines') {
    const below: Shape = { kind: 'block', headerIndent: shape.indent - 1, opener: 'colon' };
    return findBlockEnd({ text, from: 0, startDepth: 0, shape: below, context, language, isWhole });
  }
  if (lineEnd === -1) return undefined;
  const header = text.slice(0, lineEnd);
  const { depth } = scanBrackets(header, language);
  const opensBlock =
    depth > 0 || (language.family !== 'braces' && /:$|\b(do|then)$|^\s*(def|function)\b/.test(header));
  if (!opensBlock) return lineEnd;
  const block: Shape = {
    kind: 'block',
    headerIndent: shape.indent,
    opener: depth > 0 ? 'bracket' : language.family === 'keywords' ? 'word' : 'colon',
  };
  return findBlockEnd({ text, from: lineEnd, startDepth: depth, shape: block, context, language, isWhole });
}

interface BlockScan {
  readonly text: string;
  /** The block's text starts here. */
  readonly from: number;
  readonly startDepth: number;
  readonly shape: Shape & { readonly kind: 'block' };
  readonly context: EndContext;
  readonly language: Language;
  readonly isWhole: boolean;
}

function findBlockEnd(scan: BlockScan): number | undefined {
  const ends = [findClosingBracket(scan), findOutdent(scan)].filter((end) => end !== undefined);
  return ends.length === 0 ? undefined : Math.min(...ends);
}

function findClosingBracket({ text, from, startDepth, language, isWhole }: BlockScan): number | undefined {
  if (startDepth <= 0) return undefined;
  const closed = findClose(text.slice(from), startDepth, language);
  if (closed === undefined) return undefined;
  const rest = text.slice(from + closed);
  const [tail = ''] = afterClose.exec(rest) ?? [];
  return rest.length > tail.length || isWhole ? from + closed + tail.length : undefined;
}

/** The end of the last line that is deeper than the header, or of the block's end word. */
function findOutdent({ text, from, shape, context, language, isWhole }: BlockScan): number | undefined {
  const lines = text.slice(from).split('\n');
  let at = from;
  let nLines = 0;
  for (const [i, each] of lines.entries()) {
    const isCursorLine = i === 0;
    const isLast = i === lines.length - 1;
    const line = isCursorLine && from === 0 ? context.linePrefix + each : each;
    if (line.trim() === '') {
      if (!isCursorLine && !isLast && nLines >= 2) return endBefore(at);
    } else if (!isCursorLine || (from === 0 && context.linePrefix.trim() === '')) {
      if (indentOf(line) <= shape.headerIndent && (!isLast || isWhole || /\S/.test(each))) {
        const end = endOfOutdented(line, { at, length: each.length, shape, isDone: !isLast || isWhole });
        if (end !== 'wait') return end;
      }
      if (!isLast && ++nLines >= maxBlockLines) return at + each.length;
    }
    at += each.length + 1;
  }
  if (isWhole && language.family === 'prose') return text.length;
  return undefined;
}

/** A closer or an end word at the header's depth belongs to the block; anything else comes after it. */
function endOfOutdented(
  line: string,
  where: {
    readonly at: number;
    readonly length: number;
    readonly shape: Shape & { readonly kind: 'block' };
    readonly isDone: boolean;
  },
): number | 'wait' {
  const code = line.trim();
  if (where.shape.opener === 'bracket' && /^[)\]}]/.test(code)) return 'wait';
  if (where.shape.opener === 'word') {
    if (/^(end|fi|done|esac|until)\b/.test(code)) return where.isDone ? where.at + where.length : 'wait';
    if (!where.isDone && /^[a-z]{0,4}$/.test(code)) return 'wait';
  }
  return endBefore(where.at);
}

const endBefore = (lineStart: number): number => Math.max(0, lineStart - 1);
