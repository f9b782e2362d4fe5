/** Reports that a person reads, as Markdown: the doctor's findings, the reasons of a suggestion, the indexes. Pure. */

import { join } from 'node:path';
import { indexSentence, readableAge, readableBytes, readableCount } from '../protocol/indexSentence.ts';
import { commandIds } from './commandIds.ts';
import type { AdapterVersion } from '../protocol/learning.ts';
import type {
  DoctorCheck,
  ExplainResult,
  FolderIndex,
  IndexNumbers,
  SnippetSource,
} from '../protocol/messages.ts';

const verdictWords = { ok: 'OK', warning: 'Warning', error: 'Error' } as const;
const order = ['error', 'warning', 'ok'] as const;

/** The worst first; a heading that says in one line whether anything is wrong. */
export function doctorReport(checks: readonly DoctorCheck[]): string {
  const nErrors = checks.filter((check) => check.verdict === 'error').length;
  const nWarnings = checks.filter((check) => check.verdict === 'warning').length;
  const lines = ['# Idiom diagnostics', '', summary(nErrors, nWarnings), ''];
  for (const verdict of order) {
    for (const check of checks.filter((other) => other.verdict === verdict)) {
      const remedy = check.remedy === undefined ? '' : ` **What to do:** ${check.remedy}`;
      lines.push(`- **${verdictWords[verdict]}:** ${check.name}. ${check.detail}${remedy}`);
    }
  }
  return `${lines.join('\n')}\n`;
}

function summary(nErrors: number, nWarnings: number): string {
  if (nErrors > 0) return `${count(nErrors, 'error')}, ${count(nWarnings, 'warning')}.`;
  if (nWarnings > 0) return `No errors, ${count(nWarnings, 'warning')}.`;
  return 'No problems found.';
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
  /** Absolute path of the folder that the snippets' paths are in. */
  readonly root: string | undefined;
  readonly nowMs: number;
}

/** What the suggestion was made from, which adapter answered and why, and how long each stage took. */
export function explanation(result: ExplainResult, by: ExplainedBy): string {
  const { path, reason } = readRoute(result.route);
  const lines = [
    '# The last suggestion in this file',
    '',
    fence(result.text),
    '',
    `- Model: ${[by.baseModelName, result.baseModel.slice(0, 12)].filter(Boolean).join(', ')}`,
    ...adapterLines(result, by),
    `- Answered by: ${path}`,
    ...(reason === undefined ? [] : [`- Reason: ${reason}`]),
    '',
    '## Code it read from this repository',
    '',
    ...(result.snippets.length === 0 ? ['None beside the open file.'] : []),
    ...result.snippets.map((snippet) => `- ${link(snippet, by.root)}`),
    '',
    '## Time',
    '',
    ...table(
      ['Stage', 'Milliseconds'],
      stagesWithTime(result.latencyMs).map(([stage, ms]) => [stage, ms.toFixed(1)]),
    ),
    '',
    'Good or bad? Run "Idiom: Rate Last Suggestion: Good" or "Idiom: Rate Last Suggestion: Bad".',
  ];
  return `${lines.join('\n').replaceAll(/\n{3,}/g, '\n\n')}\n`;
}

/** What took no time explains nothing. */
function stagesWithTime(latencyMs: ExplainResult['latencyMs']): [string, number][] {
  return Object.entries(latencyMs).filter(([, ms]) => ms >= 0.05);
}

/** A Markdown link that opens the first line, where the folder that the path is in is known. */
function link({ path, startLine, endLine }: SnippetSource, root: string | undefined): string {
  const text = `${path}:${startLine}-${endLine}`.replaceAll(/[[\]\\`*_<]/g, String.raw`\$&`);
  if (root === undefined) return text;
  const place = encodeURIComponent(JSON.stringify([join(root, path), startLine]));
  return `[${text}](command:${commandIds.openPlace}?${place.replaceAll('(', '%28').replaceAll(')', '%29')})`;
}

const routeWords: Readonly<Record<string, string>> = {
  base: 'the model alone',
  task: 'the built-in adapter',
  champion: 'the version in use',
  canary: 'the version on trial',
  previous: 'the previous version',
  named: 'a version that was asked for',
};

/** "local:champion+retrieval; It is the champion." as its two halves, in words. */
function readRoute(route: string): { readonly path: string; readonly reason: string | undefined } {
  const [, whole = route, reason] = /^(?:local:)?([^;]*)(?:; (.*))?$/s.exec(route) ?? [];
  const [who = '', withRetrieval] = whole.split('+');
  const words = routeWords[who] ?? who;
  const path = withRetrieval === undefined ? words : `${words}, with code from the repository`;
  return { path, reason };
}

function adapterLines({ adapter, route }: ExplainResult, { version, nowMs }: ExplainedBy): string[] {
  if (adapter === 'base') return ['- Adapter: none'];
  const name = adapter.slice(0, 12);
  if (version === undefined) {
    const isTask = adapter === 'task' || /^local:task\b/.test(route);
    return [isTask ? '- Adapter: the built-in one' : `- Adapter: ${name}`];
  }
  const sources = Object.entries(version.sources)
    .sort(([, a], [, b]) => b - a)
    .map(([source, n]) => `${readableCount(n)} ${source}`);
  return [
    `- Adapter: version ${name}, trained ${readableAge(version.createdAtMs, nowMs)}`,
    ...(sources.length === 0 ? [] : [`- Learned from: ${sources.join(', ')}`]),
  ];
}

/** What each folder's index holds, how old it is, and what was left out and why. */
export function indexReport(folders: readonly FolderIndex[], nowMs: number): string {
  const lines = ['# Repository index', ''];
  if (folders.length === 0) lines.push(noIndex);
  for (const folder of folders) {
    lines.push(`## ${folder.name}`, '', `\`${folder.root}\``, '', indexSentence(folder, true, nowMs), '');
    if (folder.numbers !== undefined) lines.push(...indexTables(folder.numbers));
  }
  if (folders.length > 0)
    lines.push(
      '`idiom index --explain FILE` in a terminal tells whether a file is indexed, and if not, why.',
    );
  return `${lines.join('\n')}\n`;
}

const noIndex =
  'There is no index in this window yet. Open a file of a trusted folder or repository to build it.';

/** Below, what any database takes says more than the source does. */
const minBytesForRatio = 1e6;

function indexTables(numbers: IndexNumbers): string[] {
  const { nFiles, nLines, nChunks, nDefinitions, sourceBytes, indexBytes, skipped } = numbers;
  const ratio =
    sourceBytes < minBytesForRatio ? '' : ` (${(indexBytes / sourceBytes).toFixed(2)} x the source)`;
  const held = table(
    ['Item', 'Amount'],
    [
      ['Files', readableCount(nFiles)],
      ['Lines', readableCount(nLines)],
      ['Chunks', readableCount(nChunks)],
      ['Definitions', readableCount(nDefinitions)],
      ['Source', readableBytes(sourceBytes)],
      ['Index', readableBytes(indexBytes) + ratio],
    ],
  );
  if (skipped.length === 0) return [...held, '', 'No file was skipped.', ''];
  const left = table(
    ['Skipped', 'Reason'],
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
