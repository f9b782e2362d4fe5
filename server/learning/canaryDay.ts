/** Whether a canary serves today: all day or not at all, drawn by repository and day, so that nobody sees it flicker. Pure. */

import { digestOf } from '../base/digest.ts';

/** @param share of all days, 0 to 1. @param day ISO 8601, in the daemon's time zone. */
export function isCanaryDay(repoId: string, candidate: string, day: string, share: number): boolean {
  const drawn =
    Number.parseInt(digestOf(`canary\n${repoId}\n${candidate}\n${day}`).slice(0, 8), 16) / 2 ** 32;
  return drawn < share;
}

/** Of a moment, in the time zone of this process. */
export function dayOf(atMs: number): string {
  const date = new Date(atMs);
  const two = (value: number) => String(value).padStart(2, '0');
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}
