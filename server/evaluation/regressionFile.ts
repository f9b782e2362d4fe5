/** Reads `.idiom/regression.yaml`: a repository's own cases that each new adapter must pass. docs/gate.md has its format. */

import { join } from 'node:path';
import { LineCounter, parseDocument } from 'yaml';
import type { Document } from 'yaml';
import { z } from 'zod';
import { explainFileError, IdiomError, systemCode } from '../base/errors.ts';
import { NotReadable, readRegularFile } from '../base/readRegularFile.ts';

export const regressionFileName = '.idiom/regression.yaml';

export interface RegressionCase {
  readonly name: string;
  /** Relative to the repository; its ending tells the language. The file need not be there. */
  readonly path: string;
  readonly prefix: string;
  readonly suffix: string;
  /** Texts that the suggestion has all of. */
  readonly expectedContains: readonly string[];
  /** Texts that it has none of. */
  readonly notContains: readonly string[];
  /** Prefix, suggestion and suffix together are a file without a syntax error. */
  readonly mustParse: boolean;
  /** The case tempts the model to write what it must not; suggesting nothing is right too. */
  readonly isAdversarial: boolean;
}

const maxFileBytes = 1_000_000;
const maxCases = 200;

const text = z.string().min(1).max(10_000);
const texts = z.union([text.transform((each) => [each]), z.array(text).min(1)]);
const caseSchema = z
  .strictObject({
    name: text,
    path: text,
    prefix: z.string().max(100_000),
    suffix: z.string().max(100_000).default(''),
    expected_contains: texts.optional(),
    not_contains: texts.optional(),
    expected_format: z.literal('parses').optional(),
    adversarial: z.boolean().default(false),
  })
  .refine((each) => each.expected_contains ?? each.not_contains ?? each.expected_format, {
    message: 'a case expects something: expected_contains, not_contains or expected_format',
  })
  .refine((each) => !each.adversarial || each.not_contains !== undefined, {
    message: 'an adversarial case says with not_contains what must not be written',
  });
const fileSchema = z.strictObject({ cases: z.array(caseSchema).max(maxCases) });

/**
 * The cases of the repository in `root`; none when it has no such file.
 * @throws IdiomError `wrongUse` that names line and column.
 */
export function readRegressionFile(root: string): RegressionCase[] {
  const path = join(root, regressionFileName);
  let content: string;
  try {
    content = readRegularFile(path, { maxBytes: maxFileBytes }).toString();
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return [];
    if (error instanceof NotReadable)
      throw wrong(
        '',
        error.why === 'tooLarge' ? `it has more than ${maxFileBytes / 1e6} MB` : 'it is no file',
      );
    throw explainFileError(error, path);
  }
  return parseRegressionFile(content);
}

/** @throws IdiomError `wrongUse` that names line and column. */
export function parseRegressionFile(content: string): RegressionCase[] {
  const lines = new LineCounter();
  const document = parseDocument(content, { lineCounter: lines, prettyErrors: false });
  const [problem] = document.errors;
  if (problem !== undefined) throw wrong(placeOf(lines, problem.pos[0]), firstSentence(problem.message));
  if (document.contents === null) return [];
  const parsed = fileSchema.safeParse(toValue(document));
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw wrong(placeOf(lines, offsetOf(document, issue?.path ?? [])), describe(issue));
  }
  const { cases } = parsed.data;
  const seen = new Set<string>();
  for (const [i, { name }] of cases.entries()) {
    if (seen.has(name))
      throw wrong(placeOf(lines, offsetOf(document, ['cases', i, 'name'])), `"${name}" is there twice`);
    seen.add(name);
  }
  return cases.map((each) => ({
    ...{ name: each.name, path: each.path, prefix: each.prefix, suffix: each.suffix },
    expectedContains: each.expected_contains ?? [],
    notContains: each.not_contains ?? [],
    mustParse: each.expected_format === 'parses',
    isAdversarial: each.adversarial,
  }));
}

function toValue(document: Document): unknown {
  try {
    // Aliases that multiply each other end here, not in memory.
    return document.toJS({ maxAliasCount: 50 });
  } catch (error) {
    throw wrong('', firstSentence(error instanceof Error ? error.message : String(error)));
  }
}

/** Of the node that an issue is about, or of the nearest one above it. */
function offsetOf(document: Document, path: readonly PropertyKey[]): number {
  for (let length = path.length; length > 0; length--) {
    const node: unknown = document.getIn(path.slice(0, length), true);
    const range = (node as { range?: readonly number[] | null } | undefined)?.range;
    if (range?.[0] !== undefined) return range[0];
  }
  return document.contents?.range?.[0] ?? 0;
}

function placeOf(lines: LineCounter, offset: number): string {
  const { line, col } = lines.linePos(offset);
  return ` at line ${line}, column ${col}`;
}

function describe(issue: z.core.$ZodIssue | undefined): string {
  const field = issue?.path.at(-1);
  const named = typeof field === 'string' && field !== 'cases' ? `"${field}": ` : '';
  return `${named}${firstSentence(issue?.message ?? 'it cannot be read')}`;
}

const maxMessageChars = 500;

function firstSentence(message: string): string {
  return (message.split('\n')[0] ?? '').slice(0, maxMessageChars).replace(/[.:]?\s*$/, '');
}

function wrong(place: string, why: string): IdiomError {
  return new IdiomError('wrongUse', `${regressionFileName} is wrong${place}: ${why}.`, {
    remedy: 'docs/gate.md has its format.',
  });
}
