/** What `idiom versions`, `promote` and `rollback` print for people; pure text. */

import type { AdapterVersion, VersionsResult } from '../../protocol/learning.ts';

/** A line for each version, with its notices below it. */
export function describeVersions({ name, versions }: VersionsResult, nowMs: number): string[] {
  if (versions.length === 0) return [`${name} has no adapter versions yet; "idiom train" makes one.`];
  return versions.flatMap((version) => [
    describeVersion(version, nowMs),
    ...version.notices.map((notice) => `    ${notice}`),
  ]);
}

function describeVersion(version: AdapterVersion, nowMs: number): string {
  const { digest, createdAtMs, aliases, verdict, nllChange, sizeBytes, baseName } = version;
  const judged = { pass: 'passed', refuse: 'refused', none: 'not judged' }[verdict ?? 'none'];
  const change = nllChange === undefined ? '' : ` (${signed(nllChange.mean)} nats a token)`;
  return [
    digest.slice(0, 12),
    aliases.length === 0 ? '' : `[${aliases.join(', ')}]`,
    describeAge(nowMs - createdAtMs),
    `${judged}${change}`,
    `${(sizeBytes / 1e6).toFixed(1)} MB`,
    baseName,
  ]
    .filter(Boolean)
    .join('  ');
}

/** One line for what serves after a move. */
export function describeServing(serving: string): string {
  if (serving === 'base') return 'The base model alone is in use now.';
  return serving === 'task'
    ? 'The adapter that comes with Idiom is in use now.'
    : `Version ${serving.slice(0, 12)} is in use now.`;
}

/** A clock that was set back makes ages below 0. */
function describeAge(ageMs: number): string {
  const minutes = Math.max(0, Math.round(ageMs / 60_000));
  if (minutes < 90) return `${minutes} min old`;
  const hours = Math.round(minutes / 60);
  return hours < 48 ? `${hours} h old` : `${Math.round(hours / 24)} days old`;
}

const signed = (value: number): string => `${value >= 0 ? '+' : ''}${value.toFixed(3)}`;
