/** Reports that a person reads, as Markdown: the doctor's findings, the reasons of a suggestion, the indexes. Pure. */

import { indexSentence, readableBytes, readableCount } from '../protocol/indexSentence.ts';
import type { DoctorCheck, ExplainResult, FolderIndex, IndexNumbers } from '../protocol/messages.ts';

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

/** What each folder's index holds, how old it is, and what was left out and why. */
export function indexReport(folders: readonly FolderIndex[], nowMs: number): string {
  const lines = ['# Idiom: Index', ''];
  if (folders.length === 0) lines.push(noIndex);
  for (const folder of folders) {
    lines.push(`## ${folder.name}`, '', folder.root, '', indexSentence(folder, true, nowMs), '');
    if (folder.numbers !== undefined) lines.push(...indexTables(folder.numbers));
  }
  if (folders.length > 0)
    lines.push('`idiom index --explain FILE` tells whether a file is in it, and if not, why.');
  return `${lines.join('\n')}\n`;
}

const noIndex =
  'There is no index in this window yet. It begins when a file of a trusted folder or repository is opened.';

/** Below, what any database takes says more than the source does. */
const minBytesForRatio = 1e6;

function indexTables(numbers: IndexNumbers): string[] {
  const { nFiles, nLines, nChunks, nDefinitions, sourceBytes, indexBytes, skipped } = numbers;
  const ratio =
    sourceBytes < minBytesForRatio ? '' : ` (${(indexBytes / sourceBytes).toFixed(2)} x the source)`;
  const held = table(
    ['What', 'How much'],
    [
      ['Files', readableCount(nFiles)],
      ['Lines', readableCount(nLines)],
      ['Chunks', readableCount(nChunks)],
      ['Definitions', readableCount(nDefinitions)],
      ['Source', readableBytes(sourceBytes)],
      ['Index', readableBytes(indexBytes) + ratio],
    ],
  );
  if (skipped.length === 0) return [...held, '', 'Nothing was left out.', ''];
  const left = table(
    ['Left out', 'Because'],
    skipped.map(({ count, because }) => [readableCount(count), because]),
  );
  return [...held, '', ...left, ''];
}

/** Columns stand below each other also where nobody renders the Markdown. */
function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const widths = head.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)];
}

/** A fence that is longer than any in the text. */
function fence(text: string): string {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
  const marks = '`'.repeat(longest + 1);
  return `${marks}\n${text}\n${marks}`;
}
