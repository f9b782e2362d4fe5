/** Many judgements from few measurements: pairs of adapters on resampled commits, through the rules of the gate. Pure. */

import type { CaseResult, CaseSide } from '../../protocol/evalReport.ts';
import { seededRandom } from '../../server/base/random.ts';
import { applyGate } from '../../server/evaluation/gate.ts';
import type { GateSettings } from '../../server/evaluation/gateSettings.ts';
import { groupOfCase, summarise } from '../../server/evaluation/summarise.ts';

/** What one adapter did on all cases, in their order. */
export interface Measured {
  readonly name: string;
  readonly repository: readonly CaseSide[];
  readonly outside: readonly CaseSide[];
}
export type CasePlace = Omit<CaseResult, 'champion' | 'candidate'>;
export interface Places {
  readonly repository: readonly CasePlace[];
  readonly outside: readonly CasePlace[];
}

export interface GateCount {
  readonly nGates: number;
  readonly nPromoted: number;
  /** Rule -> gates that it refused. */
  readonly brokenBy: Readonly<Record<string, number>>;
  /** Range over the gates of the mean change of NLL as a share of the champion's; below 0 is better. */
  readonly change: { readonly least: number; readonly most: number } | undefined;
}

/** Share of the commits that one judgement sees, drawn without putting back. */
const commitShare = 0.7;

/** @param nSets resampled case sets for each pair, the same ones for all pairs. */
export function countGates(
  pairs: readonly (readonly [candidate: Measured, champion: Measured])[],
  places: Places,
  nSets: number,
  settings: GateSettings,
): GateCount {
  let nPromoted = 0;
  const brokenBy: Record<string, number> = {};
  const changes: number[] = [];
  for (let seed = 1; seed <= nSets; seed++) {
    const isIn = drawCommits(places.repository, seed);
    for (const [candidate, champion] of pairs) {
      const own = pairUp(places.repository, candidate.repository, champion.repository).filter(isIn);
      const outside = pairUp(places.outside, candidate.outside, champion.outside);
      const repository = summarise(own, { confidence: settings.confidence });
      const elsewhere = summarise(outside, { confidence: settings.confidence });
      if (repository === undefined || elsewhere === undefined) throw new Error('There are no cases.');
      const { verdict, rules } = applyGate(
        {
          ...{ champion: champion.name, sets: { repository, outside: elsewhere } },
          nGroups: new Set(own.map(groupOfCase)).size,
          // All have one shape, and were measured one after the other: their times tell nothing.
          latencyRatio: 1,
          ...{ regression: [], memorisation: { nProbes: 0, leaked: [] }, sizeBytes: 0, baseSizeBytes: 1 },
        },
        settings,
      );
      if (verdict === 'pass') nPromoted++;
      for (const { rule, holds } of rules) if (!holds) brokenBy[rule] = (brokenBy[rule] ?? 0) + 1;
      changes.push(repository.nll.mean / repository.nll.champion);
    }
  }
  const change =
    changes.length === 0 ? undefined : { least: Math.min(...changes), most: Math.max(...changes) };
  return { nGates: pairs.length * nSets, nPromoted, brokenBy, change };
}

function drawCommits(places: readonly CasePlace[], seed: number): (each: CasePlace) => boolean {
  const all = [...new Set(places.map(groupOfCase))];
  const drawn = new Set(
    seededRandom(seed)
      .shuffle(all)
      .slice(0, Math.ceil(all.length * commitShare)),
  );
  return (each) => drawn.has(groupOfCase(each));
}

function pairUp(
  places: readonly CasePlace[],
  candidate: readonly CaseSide[],
  champion: readonly CaseSide[],
): CaseResult[] {
  return places.map((place, i) => ({
    ...place,
    candidate: candidate[i] as CaseSide,
    champion: champion[i] as CaseSide,
  }));
}
