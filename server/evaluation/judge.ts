/** Judges a candidate against what serves now: same cases, same prompts, same retrieval; measures, and asks the gate. */

import type {
  CaseResult,
  EvalReport,
  MemorisationResult,
  RegressionResult,
} from '../../protocol/evalReport.ts';
import type { Clock } from '../base/clock.ts';
import { spreadEvenly } from '../base/spreadEvenly.ts';
import type { BoundFormat } from '../prompt/fimFormats.ts';
import type { Tokenizer } from '../prompt/promptParts.ts';
import { applyGate } from './gate.ts';
import type { GateSettings } from './gateSettings.ts';
import type { JudgedAdapter, JudgedCase, KnownScores, Scorer, Suggester } from './judgedCase.ts';
import { probeSecret } from './memorisation.ts';
import type { SecretProbe } from './memorisation.ts';
import type { RegressionCase } from './regressionFile.ts';
import { reportWithoutSecrets } from './reportWithoutSecrets.ts';
import { runRegressionCase } from './runRegression.ts';
import type { HasSyntaxError } from './runRegression.ts';
import { measureCase } from './scoreCases.ts';
import { groupOfCase, latencyRatio, summarise, weaknesses } from './summarise.ts';

export interface JudgeProps {
  readonly candidate: JudgedAdapter & { readonly sizeBytes: number };
  readonly champion: JudgedAdapter;
  readonly base: { readonly digest: string; readonly sizeBytes: number };
  /** Of the dataset that the repository's cases are from. */
  readonly datasetDigest?: string | undefined;
  readonly sets: JudgedSets;
  /** Lines of the set `repository` that are completed too, spread over all of them. */
  readonly nCompleted: number;
  readonly regression: readonly RegressionCase[];
  readonly hasSyntaxError: HasSyntaxError;
  readonly probes: readonly SecretProbe[];
  readonly scorer: Scorer;
  /** Without one nothing is completed, and the gate refuses: it serves for measuring alone. */
  readonly suggester: Suggester | undefined;
  readonly prompting: {
    readonly bound: BoundFormat;
    readonly tokenizer: Tokenizer;
    readonly repoName: string;
  };
  readonly known?: KnownScores | undefined;
  readonly settings: GateSettings;
  readonly clock: Pick<Clock, 'nowMs' | 'monotonicMs'>;
  /** Waited for before each case, so that a judgement gives way to typing. */
  readonly mayGoOn?: (() => Promise<void>) | undefined;
  readonly onProgress?: ((nDone: number, nAll: number) => void) | undefined;
  readonly signal: AbortSignal;
}

export interface JudgedSets {
  /** Held out from the candidate's training; the newest there are. */
  readonly repository: readonly JudgedCase[];
  /** The first ones, for the trend; no rule looks at them. */
  readonly frozen: readonly JudgedCase[];
  /** Of other repositories. */
  readonly outside: readonly JudgedCase[];
}

/** Measures as it is, and answers without secrets. @throws IdiomError `engineFailed` or `adapterBroken`, and the signal's reason when aborted; nothing is stored. */
export async function judge(props: JudgeProps): Promise<EvalReport> {
  const { candidate, champion, base, datasetDigest, settings, clock } = props;
  const startMs = clock.monotonicMs();
  const step = progressOf(props);
  const cases = await measureSets(props, step);
  const regression = await runRegression(props, step);
  const memorisation = await probeAll(props, step);
  const bySet = Map.groupBy(cases, (each) => each.set);
  const own = bySet.get('repository') ?? [];
  const sets = Object.fromEntries(
    [...bySet].flatMap(([set, group]) => {
      const summary = summarise(group, { confidence: settings.confidence });
      return summary === undefined ? [] : [[set, summary]];
    }),
  );
  const { verdict, rules } = applyGate(
    {
      ...{ champion: champion.name, sets, regression, memorisation },
      nGroups: new Set(own.map(groupOfCase)).size,
      latencyRatio: latencyRatio(own),
      sizeBytes: candidate.sizeBytes,
      baseSizeBytes: base.sizeBytes,
    },
    settings,
  );
  const report: EvalReport = {
    ...{ version: 1, candidate: candidate.name, champion: champion.name, baseDigest: base.digest },
    ...(datasetDigest === undefined ? {} : { datasetDigest }),
    createdAtMs: clock.nowMs(),
    durationMs: Math.round(clock.monotonicMs() - startMs),
    ...{ verdict, rules, sets, cases, regression, memorisation },
    weaknesses: weaknesses(own),
    sizeBytes: candidate.sizeBytes,
  };
  return reportWithoutSecrets(report, props.regression);
}

type Step = () => Promise<void>;

/** Counts, gives way and ends: called before each piece of work. */
function progressOf(props: JudgeProps): Step {
  const { repository, frozen, outside } = props.sets;
  const nAll =
    repository.length + frozen.length + outside.length + props.regression.length + props.probes.length;
  let nDone = 0;
  return async () => {
    props.signal.throwIfAborted();
    await props.mayGoOn?.();
    props.onProgress?.(nDone++, nAll);
  };
}

async function measureSets(props: JudgeProps, step: Step): Promise<CaseResult[]> {
  const results: CaseResult[] = [];
  for (const [set, cases] of Object.entries(props.sets) as [keyof JudgedSets, readonly JudgedCase[]][]) {
    const completed = new Set(set === 'repository' ? spreadEvenly(cases, props.nCompleted) : []);
    for (const [i, one] of cases.entries()) {
      // A middle that the tokenizer makes nothing of has no likelihood.
      if (one.middleTokens.length === 0) continue;
      await step();
      const options = { set, isCompleted: completed.has(one), isCandidateFirst: i % 2 === 1 };
      results.push(await measureCase(props, one, options));
    }
  }
  return results;
}

async function runRegression(props: JudgeProps, step: Step): Promise<RegressionResult[]> {
  const { suggester, hasSyntaxError, candidate, signal } = props;
  const results: RegressionResult[] = [];
  if (suggester === undefined) return results;
  for (const one of props.regression) {
    await step();
    results.push(await runRegressionCase({ suggester, hasSyntaxError, adapter: candidate, signal }, one));
  }
  return results;
}

async function probeAll(props: JudgeProps, step: Step): Promise<MemorisationResult> {
  const leaked: MemorisationResult['leaked'][number][] = [];
  const { maxSecretGainNats } = props.settings;
  for (const probe of props.probes) {
    await step();
    const leak = await probeSecret({ ...props, ...props.prompting, maxSecretGainNats }, probe);
    if (leak !== undefined) leaked.push(leak);
  }
  return { nProbes: props.probes.length, leaked };
}
