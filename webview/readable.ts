/** Figures, times and names as a person reads them. Pure. */

import { readableAge, readableBytes, readableCount } from '../protocol/indexSentence.ts';

export { readableAge, readableBytes, readableCount };

/** What stands where there is no figure. */
export const noFigure = '–';

export const minus = '\u2212';

/** In the reader's language and time zone. */
export function readableTime(atMs: number): string {
  return new Date(atMs).toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'short' });
}

/** "2026-03-01" as "Mar 1". */
export function readableDay(day: string): string {
  const [year = 0, month = 1, date = 1] = day.split('-').map(Number);
  return new Date(year, month - 1, date).toLocaleDateString(undefined, { month: 'short', day: 'numeric' });
}

export function readableDuration(ms: number): string {
  const seconds = Math.round(ms / 1000);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return seconds % 60 === 0 ? `${minutes} min` : `${minutes} min ${seconds % 60} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

export function readableMs(ms: number): string {
  return ms < 10 ? ms.toFixed(1) : readableCount(Math.round(ms));
}

/** "0.18 s", "2.4 s" */
export function readableSeconds(ms: number): string {
  return `${(ms / 1000).toFixed(ms < 995 ? 2 : 1)} s`;
}

/** With its sign, a true minus: "−0.042". */
export function signed(value: number, digits = 3): string {
  const text = Math.abs(value).toFixed(digits);
  if (Number(text) === 0) return text;
  return `${value < 0 ? minus : '+'}${text}`;
}

/** A change of nats per token with its interval; below zero is better. */
export function readableChange(change: {
  readonly mean: number;
  readonly low: number;
  readonly high: number;
}): string {
  return `${signed(change.mean)} (${signed(change.low)} to ${signed(change.high)})`;
}

export function percent(share: number): string {
  return `${Math.floor(share * 100)} %`;
}
