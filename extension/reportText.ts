/** Reports that a person reads, as Markdown: the doctor's findings and the reasons of a suggestion. Pure. */

import type { DoctorCheck, ExplainResult } from '../protocol/messages.ts';

const verdictWords = { ok: 'fine', warning: 'could be better', error: 'wrong' } as const;
const order = ['error', 'warning', 'ok'] as const;

/** The worst first; a heading that says in one line whether anything is wrong. */
export function doctorReport(checks: readonly DoctorCheck[]): string {
  const nErrors = checks.filter((check) => check.verdict === 'error').length;
  const nWarnings = checks.filter((check) => check.verdict === 'warning').length;
  const lines = ['# Idiom: Doctor', '', summary(nErrors, nWarnings), ''];
  for (const verdict of order) {
    for (const check of checks.filter((other) => other.verdict === verdict)) {
      lines.push(`- ${check.name} (${verdictWords[verdict]}): ${check.detail}`);
      if (check.remedy !== undefined) lines.push(`  What to do: ${check.remedy}`);
    }
  }
  return `${lines.join('\n')}\n`;
}

function summary(nErrors: number, nWarnings: number): string {
  if (nErrors > 0) return `Something is wrong: ${count(nErrors, 'error')}, ${count(nWarnings, 'warning')}.`;
  if (nWarnings > 0) return `Nothing is broken; ${count(nWarnings, 'thing')} could be better.`;
  return 'All is well.';
}

function count(n: number, noun: string): string {
  return `${n} ${noun}${n === 1 ? '' : 's'}`;
}

/**
 * What the suggestion was made from, and how long each stage took.
 * `baseModelName` is that of the model in use, which may have changed since.
 */
export function explanation(result: ExplainResult, baseModelName: string | undefined): string {
  const adapter = result.adapter === 'base' ? 'none, the base model alone' : result.adapter;
  const lines = [
    '# Idiom: Why this suggestion',
    '',
    fence(result.text),
    '',
    `- Base model: ${[baseModelName, result.baseModel.slice(0, 12)].filter(Boolean).join(', ')}`,
    `- Adapter: ${adapter}`,
    `- Route: ${result.route}`,
    '',
    result.snippets.length === 0
      ? 'No other part of the repository was read for it.'
      : 'These parts of the repository were read for it:',
    '',
    ...result.snippets.map(({ path, startLine, endLine }) => `- ${path}:${startLine}-${endLine}`),
    '',
    'Time by stage:',
    '',
    ...Object.entries(result.latencyMs).map(([stage, ms]) => `- ${stage}: ${ms.toFixed(1)} ms`),
  ];
  return `${lines.join('\n').replaceAll(/\n{3,}/g, '\n\n')}\n`;
}

/** A fence that is longer than any in the text. */
function fence(text: string): string {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
  const marks = '`'.repeat(longest + 1);
  return `${marks}\n${text}\n${marks}`;
}
