/**
 * Plays months of history with a scripted developer, who accepts what fits exactly, in three arms: one that never learns,
 * one that learns and asks the gate, one that learns and does not ask. Model, trainer and gate are passed in.
 */

import { digestOf } from '../base/digest.ts';
import { scoreCase } from '../evaluation/evaluationCase.ts';
import type { ReplayPeriod, TimedCase } from '../evaluation/replayPeriods.ts';
import { languageOfPath } from '../prompt/languageOfPath.ts';
import type { LearnableOutcome } from '../store/learnableOutcomes.ts';
import { maxPrefixChars, maxSuffixChars } from '../store/suggestions.ts';

export const armNames = ['never', 'gated', 'ungated'] as const;
export type ArmName = (typeof armNames)[number];

/** How learning after a period ended for an arm. */
export interface Learned {
  /** `declined`: there was too little to learn from. */
  readonly kind: 'promoted' | 'refused' | 'declined';
  /** Digest; absent when nothing was trained. */
  readonly candidate?: string | undefined;
  /** Full sentences. */
  readonly reason: string;
}

export type TrainedArm = { readonly adapter: string } | { readonly declined: string };

export interface ArmPeriod {
  /** What served: a digest, "task" or "base". */
  readonly adapter: string;
  /** What was suggested for each case; empty: nothing. Of the cases that were asked so far. */
  readonly texts: readonly string[];
  /** After the period; absent for `never`, for the last period, and before it was done. */
  readonly trained?: TrainedArm | undefined;
  readonly learned?: Learned | undefined;
}

/** All that was done so far, from which the rest can go on. Holds code text. */
export interface ReplayState {
  readonly periods: readonly Readonly<Partial<Record<ArmName, ArmPeriod>>>[];
}

export interface TrainTask {
  readonly periodIdx: number;
  /** A digest, "task" or "base". */
  readonly parent: string;
  readonly outcomes: readonly LearnableOutcome[];
  /** Nothing newer than this commit may be looked at. */
  readonly asOf: string;
  readonly untilMs: number;
}

export interface ReplaySteps {
  /** The first line that is suggested, or an empty text. */
  complete(one: TimedCase, adapter: string): Promise<string>;
  train(task: TrainTask): Promise<TrainedArm>;
  judge(task: {
    readonly candidate: string;
    readonly champion: string;
  }): Promise<{ readonly passed: boolean; readonly reason: string }>;
  /** After each case, each training and each judgement. */
  onState(state: ReplayState): void;
}

/** @param first what serves before anything is learned. */
export async function replayLearning(
  steps: ReplaySteps,
  periods: readonly ReplayPeriod[],
  first: string,
  done: ReplayState = { periods: [] },
): Promise<ReplayState> {
  const state = periods.map((_, i) => ({ ...done.periods[i] }));
  const save = () => steps.onState({ periods: state });
  for (const [i, period] of periods.entries()) {
    const now = state[i] as Partial<Record<ArmName, ArmPeriod>>;
    for (const arm of armNames) {
      now[arm] ??= { adapter: adapterAfter(state[i - 1]?.[arm]) ?? first, texts: [] };
    }
    await completeAll(steps, period, now, save);
    if (i < periods.length - 1) await learnAll(steps, periods, state, i, save);
  }
  return { periods: state };
}

/** What serves in the next period. */
function adapterAfter(arm: ArmPeriod | undefined): string | undefined {
  const { kind, candidate } = arm?.learned ?? {};
  return kind === 'promoted' && candidate !== undefined ? candidate : arm?.adapter;
}

/** Arms with the same adapter get the same suggestions, so each is asked for once. */
async function completeAll(
  steps: ReplaySteps,
  { cases }: ReplayPeriod,
  now: Partial<Record<ArmName, ArmPeriod>>,
  save: () => void,
): Promise<void> {
  for (const [i, one] of cases.entries()) {
    const known = new Map<string, string>();
    for (const arm of armNames) {
      const { adapter, texts, ...rest } = now[arm] as ArmPeriod;
      const text = texts[i] ?? known.get(adapter) ?? (await steps.complete(one, adapter));
      known.set(adapter, text);
      now[arm] = { ...rest, adapter, texts: [...texts.slice(0, i), text, ...texts.slice(i + 1)] };
    }
    save();
  }
}

async function learnAll(
  steps: ReplaySteps,
  periods: readonly ReplayPeriod[],
  state: Partial<Record<ArmName, ArmPeriod>>[],
  periodIdx: number,
  save: () => void,
): Promise<void> {
  const trained = new Map<string, TrainedArm>();
  for (const arm of ['gated', 'ungated'] as const) {
    const now = state[periodIdx]?.[arm];
    const last = periods[periodIdx]?.commits.at(-1);
    if (now === undefined || last === undefined || now.learned !== undefined) continue;
    const outcomes = outcomesOf(
      periods.slice(0, periodIdx + 1),
      state.map((each) => each[arm]?.texts ?? []),
    );
    const untilMs = Math.max(...(periods[periodIdx]?.commits ?? []).map((commit) => commit.timeMs));
    const task = { periodIdx, parent: now.adapter, outcomes, asOf: last.id, untilMs };
    const key = digestOf(JSON.stringify(task));
    const result = now.trained ?? trained.get(key) ?? (await steps.train(task));
    trained.set(key, result);
    state[periodIdx] = { ...state[periodIdx], [arm]: { ...now, trained: result } };
    save();
    const learned = await decide(steps, arm, now.adapter, result);
    state[periodIdx] = { ...state[periodIdx], [arm]: { ...now, trained: result, learned } };
    save();
  }
}

async function decide(
  steps: ReplaySteps,
  arm: 'gated' | 'ungated',
  champion: string,
  result: TrainedArm,
): Promise<Learned> {
  if ('declined' in result) return { kind: 'declined', reason: result.declined };
  const { adapter: candidate } = result;
  if (arm === 'ungated') return { kind: 'promoted', candidate, reason: 'Nobody was asked.' };
  const { passed, reason } = await steps.judge({ candidate, champion });
  return { kind: passed ? 'promoted' : 'refused', candidate, reason };
}

/** What the developer's editor would have recorded: accepted ones stay, in place of others stands what was really written. */
function outcomesOf(
  periods: readonly ReplayPeriod[],
  texts: readonly (readonly string[])[],
): LearnableOutcome[] {
  return periods.flatMap(({ cases }, i) =>
    cases.flatMap((one, k) => {
      const text = texts[i]?.[k] ?? '';
      if (text === '') return [];
      const { isExactMatch } = scoreCase(text, one.middle);
      return [
        {
          suggestionId: one.id,
          path: one.path,
          languageId: languageOfPath(one.path),
          atMs: one.timeMs,
          prefix: one.prefix.slice(-maxPrefixChars),
          suffix: one.suffix.slice(0, maxSuffixChars),
          text,
          kind: isExactMatch ? ('accepted' as const) : ('rejected' as const),
          keptText: one.middle,
          similarity: isExactMatch ? 1 : undefined,
          thumbs: undefined,
        },
      ];
    }),
  );
}
