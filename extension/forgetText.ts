/** What can be forgotten, and what that would take along, in words. Pure. */

import { counted } from '../protocol/indexSentence.ts';
import type { ForgetParams, ForgetResult } from '../protocol/learning.ts';

export type ForgetScope = Omit<ForgetParams, 'uri' | 'isDryRun'>;

export interface ForgetChoice {
  readonly label: string;
  readonly description: string;
  readonly scope: ForgetScope;
  /** Fits after "Forget ... suggestions". */
  readonly what: string;
}

const hourMs = 3_600_000;

/** `path`: of the active file, relative to the repository with forward slashes; undefined when there is none. */
export function forgetChoices(path: string | undefined, repository: string, nowMs: number): ForgetChoice[] {
  const since = (label: string, hours: number): ForgetChoice => ({
    label,
    description: 'What was recorded in that time',
    scope: { sinceMs: nowMs - hours * hourMs },
    what: `of ${label.toLowerCase()}`,
  });
  return [
    ...(path === undefined ? [] : placeChoices(path)),
    since('The last hour', 1),
    since('The last 24 hours', 24),
    since('The last 7 days', 7 * 24),
    {
      label: 'Everything older than 30 days',
      description: 'What is newer stays',
      scope: { untilMs: nowMs - 30 * 24 * hourMs },
      what: 'older than 30 days',
    },
    {
      label: 'Everything',
      description: `All that was recorded in ${repository}`,
      scope: {},
      what: `of ${repository}`,
    },
  ];
}

function placeChoices(path: string): ForgetChoice[] {
  const folder = path.includes('/') ? path.slice(0, path.lastIndexOf('/')) : undefined;
  const file = { label: 'This file', description: path, scope: { path }, what: `of ${path}` };
  if (folder === undefined) return [file];
  return [
    file,
    { label: 'This folder', description: `${folder}/`, scope: { path: folder }, what: `of ${folder}/` },
  ];
}

/** Undefined: there is nothing of it. */
export function forgetQuestion(
  { what }: ForgetChoice,
  { nSuggestions, nOutcomes, nExamples, nDatasets, adapters }: ForgetResult,
): { readonly message: string; readonly detail: string } | undefined {
  if (nSuggestions + nExamples + nDatasets + adapters.length === 0) return undefined;
  const learned =
    adapters.length === 0
      ? 'No version has learned from them.'
      : `${counted(adapters.length, 'version')} learned from them and will be marked; if one of them is in use, an older one takes its place and a new training begins.`;
  return {
    message: `Forget ${counted(nSuggestions, 'suggestion')} ${what}?`,
    detail: `${counted(nOutcomes, 'outcome')} and ${counted(nExamples, 'example')} go with them. ${learned} This cannot be undone.`,
  };
}

export function forgetReport({
  nSuggestions,
  nExamples,
  adapters,
  rolledBackTo,
  isRetraining,
}: ForgetResult): string {
  const sentences = [
    `Forgotten: ${counted(nSuggestions, 'suggestion')} and ${counted(nExamples, 'example')}.`,
  ];
  if (adapters.length > 0) sentences.push(`${counted(adapters.length, 'version')} had learned from them.`);
  if (rolledBackTo !== undefined) sentences.push(`${serving(rolledBackTo)} is in use now.`);
  if (isRetraining) sentences.push('A new training has begun.');
  return sentences.join(' ');
}

function serving(adapter: string): string {
  if (adapter === 'task') return 'The task adapter';
  return adapter === 'base' ? 'The base model' : `Version ${adapter.slice(0, 10)}`;
}
