/** What the loop is doing and what is in use, in words for the top of the page. Pure. */

import type { AdapterVersion, DashboardResult, RepositoryLearning } from '../protocol/learning.ts';
import { versionName } from '../protocol/versionName.ts';
import { readableAge } from './readable.ts';

const stateNames = {
  idle: 'Idle',
  collecting: 'Collecting examples',
  building: 'Preparing training',
  training: 'Training',
  evaluating: 'Evaluating',
  canary: 'Version on trial',
  paused: 'Paused',
  failed: 'Failed',
} as const satisfies Record<RepositoryLearning['state'], string>;

export const stateName = (state: RepositoryLearning['state']): string => stateNames[state];

export function servingText(
  { learning, versions }: Pick<DashboardResult, 'learning' | 'versions'>,
  nowMs: number,
): string {
  const { serving } = learning;
  if (serving === 'base') return 'Using the base model, without an adapter.';
  if (serving === 'task')
    return 'Using the built-in adapter. No version trained on this repository is in use yet.';
  const version = versions.versions.find(({ digest }) => digest === serving);
  const trained = version === undefined ? '' : `, trained ${readableAge(version.createdAtMs, nowMs)}`;
  return `Using ${versionName(versions.versions, serving)}${trained}.`;
}

/** How a version's evaluation went, for its row. */
export function verdictText(
  { verdict, nllChange, parentDigest }: Pick<AdapterVersion, 'verdict' | 'nllChange' | 'parentDigest'>,
  versions: readonly AdapterVersion[],
): { readonly text: string; readonly tone: 'good' | 'none' } {
  if (verdict === undefined) return { text: 'not evaluated', tone: 'none' };
  // What is no version of this repository came with Idiom.
  const parent = versions.find(({ digest }) => digest === parentDigest);
  const other = parent === undefined ? 'the built-in adapter' : `v${parent.number}`;
  if (verdict === 'pass') return { text: `better than ${other}`, tone: 'good' };
  const isBetter = nllChange !== undefined && nllChange.high < 0;
  return { text: isBetter ? 'did not pass' : `not better than ${other}`, tone: 'none' };
}

export const aliasNames = { champion: 'in use', previous: 'in use before', canary: 'on trial' } as const;
