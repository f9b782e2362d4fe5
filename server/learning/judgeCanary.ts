/** What a canary's figures say: promote, wait, or roll back. Pure; bounds hold however often one looks. */

import { confidenceSequence } from '../stats/confidenceSequence.ts';

/** Each number can be set in `learning.json`; docs/learning-loop.md has the reasons. */
export interface CanaryRules {
  /** A difference beyond this counts as this, in nats per token: one odd line must not decide. */
  readonly boundNats: number;
  /** Chance that the bounds are ever wrong. */
  readonly alpha: number;
  /** Promoted when the mean gain is surely above this, in nats per token. */
  readonly promoteAbove: number;
  /** Rolled back when it is surely below this. */
  readonly rollBackBelow: number;
  /** Fewer lines than this decide nothing by themselves. */
  readonly minScored: number;
  /** After so many days, a candidate with a strong report is promoted if nothing speaks against it. */
  readonly quietDays: number;
  /** A report is strong when even the lower bound of its gain is at least this, in nats per token. */
  readonly strongGain: number;
  /** After so many days without a decision the candidate is taken back: it makes no difference. */
  readonly maxDays: number;
  /** Retained characters of one suggestion beyond this count as this. */
  readonly maxRetainedChars: number;
}

export const defaultCanaryRules: CanaryRules = {
  boundNats: 0.5,
  alpha: 0.05,
  promoteAbove: 0,
  rollBackBelow: 0,
  minScored: 20,
  quietDays: 7,
  strongGain: 0.02,
  maxDays: 28,
  maxRetainedChars: 100,
};

export interface CanaryFacts {
  readonly nowMs: number;
  readonly sinceMs: number;
  /** Champion's minus candidate's nats per token, of what was really typed, in the order in which they were scored. */
  readonly gains: readonly number[];
  /** Lower bound of the gain in the gate's report, in nats per token; undefined when unknown. */
  readonly gateGainLow: number | undefined;
  /** Of each shown suggestion since the canary began: accepted characters that are still there. */
  readonly retained: { readonly candidate: readonly number[]; readonly champion: readonly number[] };
}

export interface Standing {
  readonly nScored: number;
  readonly meanGain: number;
  readonly low: number;
  readonly high: number;
}
export interface CanaryJudgement {
  readonly standing: Standing;
  readonly decision: 'promote' | 'wait' | 'rollBack';
  /** A full sentence with the figures. */
  readonly why: string;
}

const dayMs = 86_400_000;

export function judgeCanary(facts: CanaryFacts, rules: CanaryRules): CanaryJudgement {
  const { n, mean, low, high } = confidenceSequence(facts.gains, {
    bound: rules.boundNats,
    alpha: rules.alpha,
  });
  const standing = { nScored: n, meanGain: mean, low, high };
  return { standing, ...decide(facts, rules, standing) };
}

function decide(
  facts: CanaryFacts,
  rules: CanaryRules,
  standing: Standing,
): Pick<CanaryJudgement, 'decision' | 'why'> {
  const { nScored, meanGain, low, high } = standing;
  const figures = `${describeGain(meanGain)} on ${nScored} lines that were really typed (${nats(low)} to ${nats(high)})`;
  const fall = describeFall(facts.retained.candidate, facts.retained.champion, rules);
  if (fall !== undefined) return { decision: 'rollBack', why: fall };
  const isEnough = nScored >= rules.minScored;
  if (isEnough && high < rules.rollBackBelow)
    return { decision: 'rollBack', why: `It is measurably worse: ${figures}.` };
  if (isEnough && low > rules.promoteAbove)
    return { decision: 'promote', why: `It is measurably better: ${figures}.` };
  const nDays = Math.max(0, facts.nowMs - facts.sinceMs) / dayMs;
  const isQuiet = nScored === 0 || meanGain >= 0;
  const isStrong = facts.gateGainLow !== undefined && facts.gateGainLow >= rules.strongGain;
  if (nDays >= rules.quietDays && isQuiet && isStrong) {
    const gate = `the gate measured a gain of at least ${nats(facts.gateGainLow ?? 0)}`;
    return {
      decision: 'promote',
      why: `In ${rules.quietDays} days nothing spoke against it, and ${gate} nats per token: ${figures}.`,
    };
  }
  if (nDays >= rules.maxDays)
    return {
      decision: 'rollBack',
      why: `In ${rules.maxDays} days it made no measurable difference: ${figures}.`,
    };
  return { decision: 'wait', why: `Not sure yet: ${figures}.` };
}

/** Undefined unless retained characters for each shown suggestion are surely fewer than with the other adapter. A sentence. */
export function describeFall(
  now: readonly number[],
  before: readonly number[],
  { maxRetainedChars, alpha }: Pick<CanaryRules, 'maxRetainedChars' | 'alpha'>,
): string | undefined {
  // The sequence is of values around 0; half of alpha for each of the two means.
  const bound = maxRetainedChars / 2;
  const boundsOf = (values: readonly number[]) =>
    confidenceSequence(
      values.map((chars) => Math.min(maxRetainedChars, chars) - bound),
      { bound, alpha: alpha / 2 },
    );
  const [own, other] = [boundsOf(now), boundsOf(before)];
  if (own.high >= other.low) return undefined;
  const [few, many] = [own.mean + bound, other.mean + bound].map((chars) => chars.toFixed(1));
  return `Of its suggestions fewer characters stay: ${few} for each shown, and ${many} with the other version.`;
}

function describeGain(gain: number): string {
  return `${nats(Math.abs(gain))} nats per token ${gain >= 0 ? 'likelier' : 'less likely'}`;
}

const nats = (value: number): string => value.toFixed(3);
