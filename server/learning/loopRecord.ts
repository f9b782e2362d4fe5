/** A loop as text, as the database keeps it; what cannot be read any more is a loop that has not begun. */

import { z } from 'zod';
import { initialLoop } from './loopState.ts';
import type { Loop } from './loopState.ts';

const sinceMs = z.number();
const cause = z.enum(['volume', 'schedule', 'drift', 'command', 'forget']);
const plan = z.object({
  id: z.string(),
  cause,
  seed: z.int().min(0),
  asOf: z.string().optional(),
  untilMs: z.number(),
  parent: z.string(),
  budgetMs: z.number().positive(),
  nRetries: z.int().min(0),
});
const ending = { notice: z.string().optional(), wasCanceled: z.boolean().optional() };
const idle = z.object({ kind: z.literal('idle'), sinceMs, ...ending });
const collecting = z.object({
  kind: z.literal('collecting'),
  sinceMs,
  wish: cause.optional(),
  ...ending,
});
const building = z.object({ kind: z.literal('building'), sinceMs, plan });
const training = z.object({ kind: z.literal('training'), sinceMs, plan, datasetDigest: z.string() });
const judged = { sinceMs, plan, candidate: z.string(), champion: z.string() };
const evaluating = z.object({ kind: z.literal('evaluating'), ...judged });
const canary = z.object({ kind: z.literal('canary'), ...judged, awaitsApproval: z.string().optional() });
const failed = z.object({
  kind: z.literal('failed'),
  sinceMs,
  reason: z.string(),
  remedy: z.string().optional(),
  from: z.discriminatedUnion('kind', [building, training, evaluating]),
  retryAtMs: z.number(),
});
const unpaused = [idle, collecting, building, training, evaluating, canary, failed] as const;
const paused = z.object({ kind: z.literal('paused'), sinceMs, from: z.discriminatedUnion('kind', unpaused) });

const recordSchema = z.object({
  version: z.literal(1),
  state: z.discriminatedUnion('kind', [...unpaused, paused]),
  memory: z.object({
    lastEndedAtMs: z.number().optional(),
    learned: z.object({ untilMs: z.number(), asOf: z.string().optional() }).optional(),
  }),
});

export function writeLoop({ state, memory }: Loop): string {
  return JSON.stringify({ version: 1, state, memory });
}

/** @param text undefined: there is none yet. */
export function readLoop(text: string | undefined): Loop {
  if (text === undefined) return initialLoop;
  try {
    const { state, memory } = recordSchema.parse(JSON.parse(text));
    return { state, memory };
  } catch {
    return initialLoop;
  }
}
