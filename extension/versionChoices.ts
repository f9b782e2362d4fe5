/** Adapter versions as entries of a list to choose from, and what serves now in a sentence. Pure. */

import { readableAge } from '../protocol/indexSentence.ts';
import type { AdapterVersion, Aliases, VersionsResult } from '../protocol/learning.ts';
import { versionName } from '../protocol/versionName.ts';

export interface VersionChoice {
  readonly digest: string;
  readonly label: string;
  readonly description: string;
  readonly detail?: string;
}

const verdictWords = { pass: 'passed its evaluation', refuse: 'did not pass its evaluation' } as const;
const aliasWords: Readonly<Record<keyof Aliases, string>> = {
  champion: 'in use',
  previous: 'in use before',
  canary: 'on trial',
};

/** All but the champion, newest first. */
export function versionChoices({ versions }: VersionsResult, nowMs: number): VersionChoice[] {
  return versions
    .filter(({ aliases }) => !aliases.includes('champion'))
    .map((version) => choice(version, nowMs));
}

function choice(
  { digest, number, aliases, createdAtMs, verdict, notices }: AdapterVersion,
  nowMs: number,
): VersionChoice {
  const words = [
    ...aliases.map((alias) => aliasWords[alias]),
    verdict === undefined ? 'not evaluated' : verdictWords[verdict],
    readableAge(createdAtMs, nowMs),
  ];
  const [detail] = notices;
  const entry = { digest, label: `v${number}`, description: words.join(', ') };
  return detail === undefined ? entry : { ...entry, detail };
}

export function servingSentence({ versions, aliases }: VersionsResult): string {
  return aliases.champion === undefined
    ? 'The built-in adapter is in use; no version trained on this repository is.'
    : `${versionName(versions, aliases.champion)} is in use from the next suggestion on.`;
}
