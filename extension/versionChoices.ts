/** Adapter versions as entries of a list to choose from, and what serves now in a sentence. Pure. */

import { readableAge } from '../protocol/indexSentence.ts';
import type { AdapterVersion, VersionsResult } from '../protocol/learning.ts';

export interface VersionChoice {
  readonly digest: string;
  readonly label: string;
  readonly description: string;
  readonly detail?: string;
}

const verdictWords = { pass: 'passed the gate', refuse: 'refused by the gate' } as const;

/** All but the champion, newest first. */
export function versionChoices({ versions }: VersionsResult, nowMs: number): VersionChoice[] {
  return versions
    .filter(({ aliases }) => !aliases.includes('champion'))
    .map((version) => choice(version, nowMs));
}

function choice(
  { digest, aliases, createdAtMs, verdict, notices }: AdapterVersion,
  nowMs: number,
): VersionChoice {
  const words = [
    ...aliases,
    verdict === undefined ? 'not judged' : verdictWords[verdict],
    readableAge(createdAtMs, nowMs),
  ];
  const [detail] = notices;
  const entry = { digest, label: digest.slice(0, 10), description: words.join(', ') };
  return detail === undefined ? entry : { ...entry, detail };
}

export function servingSentence({ aliases }: VersionsResult): string {
  return aliases.champion === undefined
    ? 'No version of this repository serves now; the task adapter or the base model does.'
    : `Version ${aliases.champion.slice(0, 10)} serves from the next suggestion on.`;
}
