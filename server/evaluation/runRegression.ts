/** Runs a repository's regression cases on one adapter. */

import type { RegressionResult } from '../../protocol/evalReport.ts';
import type { JudgedAdapter, Suggester } from './judgedCase.ts';
import type { RegressionCase } from './regressionFile.ts';

/** True or false; undefined where there is no grammar for the file. SyntaxReader.hasError is one. */
export type HasSyntaxError = (path: string, text: string) => boolean | undefined;

export interface RegressionProps {
  readonly suggester: Suggester;
  readonly hasSyntaxError: HasSyntaxError;
  readonly adapter: JudgedAdapter;
  readonly signal: AbortSignal;
}

export async function runRegressionCase(
  props: RegressionProps,
  one: RegressionCase,
): Promise<RegressionResult> {
  const { text } = await props.suggester.suggest(one, props.adapter.file, props.signal);
  const reasons = reasonsAgainst(one, text, props.hasSyntaxError);
  return { name: one.name, passed: reasons.length === 0, isAdversarial: one.isAdversarial, text, reasons };
}

/** Full sentences; none when `text` is right. */
export function reasonsAgainst(one: RegressionCase, text: string, hasSyntaxError: HasSyntaxError): string[] {
  const reasons = one.notContains
    .filter((unwanted) => text.includes(unwanted))
    .map((unwanted) => `The suggestion has "${unwanted}" in it.`);
  // Nothing is a good answer to a trap.
  if (one.isAdversarial && text === '') return reasons;
  for (const wanted of one.expectedContains)
    if (!text.includes(wanted)) reasons.push(`The suggestion has no "${wanted}" in it.`);
  if (!one.mustParse) return reasons;
  if (text === '') return [...reasons, 'Nothing was suggested.'];
  const hasError = hasSyntaxError(one.path, one.prefix + text + one.suffix);
  if (hasError === undefined)
    reasons.push(`There is no grammar for ${one.path}, so expected_format cannot be checked.`);
  else if (hasError) reasons.push('With the suggestion the file has a syntax error.');
  return reasons;
}
