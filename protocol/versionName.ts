/** What a person calls an adapter, and how its evaluation went in a few words. Pure. */

import type { AdapterVersion } from './learning.ts';

export interface NumberedVersion {
  readonly digest: string;
  /** Counted by repository, from 1. */
  readonly number: number;
}

/** @param adapter a digest, or "task" or "base", as the protocol names what serves. */
export function versionName(versions: readonly NumberedVersion[], adapter: string): string {
  if (adapter === 'task') return 'built-in adapter';
  if (adapter === 'base') return 'base model';
  const version = versions.find(({ digest }) => digest === adapter);
  // Of this repository every version is known, so this one came with another Idiom.
  return version === undefined ? 'earlier built-in adapter' : `v${version.number}`;
}

/** "was not better than v7", or what else it failed by; of a version that the gate refused. */
export function whyNotUsed({ nllChange }: Pick<AdapterVersion, 'nllChange'>, other: string): string {
  const isBetter = nllChange !== undefined && nllChange.high < 0;
  return isBetter ? 'did not pass its evaluation' : `was not better than ${other}`;
}
