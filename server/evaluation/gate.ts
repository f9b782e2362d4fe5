/** The gate: from what was measured to a verdict, one rule after the other, each with its reason. Pure; no model, no clock. */

import type {
  EvalReport,
  MemorisationResult,
  PairedChange,
  RegressionResult,
  RuleResult,
  SetSummary,
} from '../../protocol/evalReport.ts';
import type { GateSettings } from './gateSettings.ts';

export interface Measurements {
  /** What the candidate is compared with: a digest, "task" or "base". */
  readonly champion: string;
  /** Keyed as in EvalReport.sets. */
  readonly sets: Readonly<Record<string, SetSummary>>;
  /** Commits that the cases of the set `repository` come from. */
  readonly nGroups: number;
  /** Median over the completed lines of candidate's time / champion's; undefined when none was completed. */
  readonly latencyRatio: number | undefined;
  readonly regression: readonly RegressionResult[];
  readonly memorisation: MemorisationResult;
  readonly sizeBytes: number;
  readonly baseSizeBytes: number;
}

export interface Verdict {
  readonly verdict: EvalReport['verdict'];
  readonly rules: readonly RuleResult[];
}

export function applyGate(measured: Measurements, settings: GateSettings): Verdict {
  const rules = [
    enoughCases(measured, settings),
    nll(measured, settings),
    exactMatch(measured, settings),
    outside(measured, settings),
    regression(measured),
    memorisation(measured),
    latency(measured, settings),
    size(measured, settings),
  ];
  return { verdict: rules.every((rule) => rule.holds) ? 'pass' : 'refuse', rules };
}

function enoughCases({ sets, nGroups }: Measurements, settings: GateSettings): RuleResult {
  const n = sets['repository']?.nCases ?? 0;
  const { minCases, minGroups } = settings;
  const holds = n >= minCases && nGroups >= minGroups;
  const wanted = holds ? '' : `; at least ${minCases} of ${minGroups} are needed to prove anything`;
  return {
    rule: 'enoughCases',
    holds,
    reason: `There are ${n} held-out lines of ${nGroups} commits${wanted}.`,
  };
}

function nll({ sets }: Measurements, { minNllGain, confidence }: GateSettings): RuleResult {
  const change = sets['repository']?.nll;
  if (change === undefined || !isMeasured(change)) return notMeasured('nll', 'No held-out line was scored');
  const isSure = change.high < 0;
  const isEnough = -change.mean >= minNllGain * change.champion;
  const figures = `${signed(change.mean)} nats per token (${percent(confidence)} interval ${signed(change.low)} to ${signed(change.high)})`;
  const what = !isSure
    ? 'It is not measurably better on held-out lines'
    : isEnough
      ? 'It is better on held-out lines'
      : `It is better on held-out lines, but by less than ${percent(minNllGain)}`;
  return { rule: 'nll', holds: isSure && isEnough, reason: `${what}: ${figures}.` };
}

function exactMatch({ sets }: Measurements, settings: GateSettings): RuleResult {
  const found = sets['repository']?.exactMatch;
  const n = sets['repository']?.nCompleted ?? 0;
  if (found === undefined || n < settings.minCompleted)
    return notMeasured('exactMatch', `${n} lines were completed, and ${settings.minCompleted} are needed`);
  const fall = found.champion - found.candidate;
  const isNoise = found.mcnemarP > settings.exactMatchNoiseP;
  const isWithin = fall <= settings.exactMatchMargin + 1e-9;
  const holds = isWithin || (isNoise && fall <= settings.exactMatchLimit + 1e-9);
  const figures = `${percent(found.candidate)} of ${n} lines after ${percent(found.champion)}, ${found.onlyCandidate} won and ${found.onlyChampion} lost`;
  const what = !holds
    ? 'It gets fewer lines exactly right'
    : isWithin
      ? 'It gets lines exactly right as often'
      : 'It gets fewer lines exactly right, by what chance explains';
  return { rule: 'exactMatch', holds, reason: `${what}: ${figures}.` };
}

function outside({ sets }: Measurements, { maxOutsideLoss }: GateSettings): RuleResult {
  const change = sets['outside']?.nll;
  if (change === undefined || !isMeasured(change))
    return notMeasured('outside', 'No line of other repositories was scored');
  const loss = change.mean / change.champion;
  const holds = loss <= maxOutsideLoss;
  const figures = `${signed(100 * loss, 1)} % nats per token, at most ${signed(100 * maxOutsideLoss, 0)} % allowed`;
  const what = holds
    ? 'It keeps what it knew of other repositories'
    : 'It forgets what other repositories need';
  return { rule: 'outside', holds, reason: `${what}: ${figures}.` };
}

function regression(measured: Measurements): RuleResult {
  const failed = measured.regression.filter((each) => !each.passed);
  const n = measured.regression.length;
  const reason =
    n === 0
      ? 'The repository has no regression cases.'
      : failed.length === 0
        ? `All ${n} regression cases pass.`
        : `${failed.length} of ${n} regression cases fail: ${failed.map((each) => `"${each.name}"`).join(', ')}.`;
  return { rule: 'regression', holds: failed.length === 0, reason };
}

function memorisation({ memorisation: { nProbes, leaked } }: Measurements): RuleResult {
  const [first] = leaked;
  const reason =
    nProbes === 0
      ? 'There was no secret to look for.'
      : first === undefined
        ? `None of ${nProbes} secrets was learned.`
        : `${leaked.length} of ${nProbes} secrets were learned, first the one in ${first.path} at line ${first.line}: ${first.why}`;
  return { rule: 'memorisation', holds: leaked.length === 0, reason };
}

function latency({ latencyRatio, champion }: Measurements, settings: GateSettings): RuleResult {
  if (latencyRatio === undefined) return notMeasured('latency', 'No line was completed');
  const limit = champion === 'base' ? settings.maxSlowerThanBase : settings.maxSlower;
  const holds = latencyRatio <= 1 + limit;
  const change = signed(100 * (latencyRatio - 1), 0);
  return {
    ...{ rule: 'latency', holds },
    reason: `A line takes ${change} % of time, at most ${signed(100 * limit, 0)} % allowed.`,
  };
}

function size({ sizeBytes, baseSizeBytes }: Measurements, { maxSizeShare }: GateSettings): RuleResult {
  const holds = sizeBytes <= maxSizeShare * baseSizeBytes;
  const limit = megabytes(maxSizeShare * baseSizeBytes);
  return { rule: 'size', holds, reason: `It has ${megabytes(sizeBytes)} MB, at most ${limit} allowed.` };
}

function notMeasured(rule: string, why: string): RuleResult {
  return { rule, holds: false, reason: `${why}, so nothing is proved.` };
}

/** A mean of nothing is NaN, also after a detour through JSON, where it is null. */
function isMeasured(change: PairedChange): boolean {
  return [change.champion, change.candidate, change.mean, change.high].every(Number.isFinite);
}

const signed = (value: number, nDigits = 3): string => `${value > 0 ? '+' : ''}${value.toFixed(nDigits)}`;
const percent = (share: number): string => `${Number((100 * share).toFixed(1))} %`;
const megabytes = (bytes: number): string => (bytes / 1e6).toFixed(1);
