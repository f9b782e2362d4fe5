/** Reports that a person reads, as Markdown: the doctor's findings, the reasons of a suggestion, the indexes. Pure. */

import { indexSentence, readableAge, readableBytes, readableCount } from '../protocol/indexSentence.ts';
import type { AdapterVersion } from '../protocol/learning.ts';
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

/** What is known beside the suggestion itself, as far as it is. */
export interface ExplainedBy {
  /** Of the model in use, which may have changed since. */
  readonly baseModelName: string | undefined;
  /** The adapter's, where it was trained here. */
  readonly version: AdapterVersion | undefined;
  readonly nowMs: number;
}

/** What the suggestion was made from, which way it went and why, and how long each stage took. */
export function explanation(result: ExplainResult, by: ExplainedBy): string {
  const { path, reason } = readRoute(result.route);
  const lines = [
    '# Idiom: Why this suggestion',
    '',
    fence(result.text),
    '',
    `- Base model: ${[by.baseModelName, result.baseModel.slice(0, 12)].filter(Boolean).join(', ')}`,
    ...adapterLines(result, by),
    `- Route: ${path}`,
    ...(reason === undefined ? [] : [`- Why this route: ${reason}`]),
    '',
    result.snippets.length === 0
      ? 'No other part of the repository was read for it.'
      : 'These parts of the repository were read for it:',
    '',
    ...result.snippets.map(({ path: file, startLine, endLine }) => `- ${file}:${startLine}-${endLine}`),
    '',
    'Time by stage:',
    '',
    ...Object.entries(result.latencyMs).map(([stage, ms]) => `- ${stage}: ${ms.toFixed(1)} ms`),
    '',
    'Was it good or bad? "Idiom: Thumbs Up" and "Idiom: Thumbs Down" tell Idiom so.',
  ];
  return `${lines.join('\n').replaceAll(/\n{3,}/g, '\n\n')}\n`;
}

/** "local:champion+retrieval; It is the champion." as its two halves. */
function readRoute(route: string): { readonly path: string; readonly reason: string | undefined } {
  const [, path = route, reason] = /^(?:local:)?([^;]*)(?:; (.*))?$/s.exec(route) ?? [];
  return { path: path.replace('+retrieval', ', with retrieval'), reason };
}

function adapterLines({ adapter, route }: ExplainResult, { version, nowMs }: ExplainedBy): string[] {
  if (adapter === 'base') return ['- Adapter: none, the base model alone'];
  const name = adapter.slice(0, 12);
  if (version === undefined) {
    const isTask = adapter === 'task' || /^local:task\b/.test(route);
    return [isTask ? '- Adapter: the task adapter, which comes with Idiom' : `- Adapter: ${name}`];
  }
  const worn = version.aliases.length === 0 ? '' : `, now ${version.aliases.join(' and ')}`;
  const sources = Object.entries(version.sources)
    .sort(([, a], [, b]) => b - a)
    .map(([source, n]) => `${readableCount(n)} ${source}`);
  return [
    `- Adapter: version ${name}, trained ${readableAge(version.createdAtMs, nowMs)}${worn}`,
    ...(sources.length === 0 ? [] : [`- Learned from: ${sources.join(', ')}`]),
  ];
}

export interface PlaceInReport {
  /** In the report's text, in UTF-16 units. */
  readonly start: number;
  readonly end: number;
  /** Relative to the repository, with forward slashes. */
  readonly path: string;
  /** 1-based. */
  readonly line: number;
}

/** Where a report names lines of a file in an entry of a list: these become links. */
export function placesIn(text: string): PlaceInReport[] {
  return [...text.matchAll(/^- (\S.*?):(\d+)-\d+$/gm)].map((match) => {
    const [whole, path = '', line = '1'] = match;
    return { start: match.index + 2, end: match.index + whole.length, path, line: Number(line) };
  });
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
