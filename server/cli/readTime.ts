/** Reads a point in time from a command line: a date, or how long ago. */

import { InvalidArgumentError } from 'commander';

const ago = /^(\d+)([mhd])$/;
const unitMs: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000 };

/** @param text as checkTime lets pass. @returns milliseconds since 1970; undefined in, undefined out. */
export function readTime(text: string | undefined, nowMs: number): number | undefined {
  if (text === undefined) return undefined;
  const [, count = '', unit = ''] = ago.exec(text) ?? [];
  const lengthMs = unitMs[unit];
  return lengthMs === undefined ? Date.parse(text) : nowMs - Number(count) * lengthMs;
}

/** For commander. */
export function checkTime(text: string): string {
  if (!Number.isNaN(readTime(text, 0))) return text;
  throw new InvalidArgumentError('It must be a date such as 2026-03-31, or 90m, 12h or 7d for a time ago.');
}
