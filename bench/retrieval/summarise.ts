/** Means of what was measured, and how far Idiom is ahead of each other method on the same cases. Pure. */

import { seededRandom } from '../../server/base/random.ts';
import { pairedBootstrap } from '../../server/stats/pairedBootstrap.ts';
import type { CaseRecord } from './caseRecords.ts';
import { meanOf } from '../../server/stats/mean.ts';

type Pick = (record: CaseRecord) => number | undefined;

const recall: Pick = (record) => record.recall;
const line: Pick = (record) => record.line;
const exactMatch: Pick = (record) => record.model?.exact;
const editSimilarity: Pick = (record) => record.model?.similarity;
const nll: Pick = (record) => record.model?.nll;

/** Cases that not all methods have are left out, so that all rows tell of the same cases. */
export function summarise(records: readonly CaseRecord[]) {
  const byMethod = Map.groupBy(records, (record) => record.method);
  const complete = [...Map.groupBy(records, caseKey)].filter(([, list]) => list.length === byMethod.size);
  const keys = complete.map(([key]) => key);
  const rows = [...byMethod].map(([method, list]) => {
    const byCase = new Map(list.map((record) => [caseKey(record), record]));
    return { method, list: keys.flatMap((key) => byCase.get(key) ?? []) };
  });
  const ours = rows.find((row) => row.method === 'ours')?.list ?? [];
  return {
    cases: keys.length,
    casesByRepository: count(complete.map(([, list]) => list[0]?.repo ?? '')),
    methods: rows.map(({ method, list }) => ({
      method,
      recall: mean(list, recall),
      lineFound: mean(list, line),
      exactMatch: mean(list, exactMatch),
      editSimilarity: mean(list, editSimilarity),
      nllPerToken: mean(list, nll),
      snippetChars: mean(list, (record) => record.chars),
      promptTokens: mean(list, (record) => record.model?.promptTokens),
      retrieveMsP50: quantile(list, (record) => record.retrieveMs, 0.5),
      retrieveMsP95: quantile(list, (record) => record.retrieveMs, 0.95),
      modelMsP50: quantile(list, (record) => record.model?.ms, 0.5),
      oursMinusThis: {
        recall: interval(ours, list, recall),
        lineFound: interval(ours, list, line),
        exactMatch: interval(ours, list, exactMatch),
        editSimilarity: interval(ours, list, editSimilarity),
        nllPerToken: interval(ours, list, nll),
      },
    })),
  };
}

const caseKey = ({ repo, caseId }: CaseRecord): string => `${repo} ${caseId}`;

function interval(a: readonly CaseRecord[], b: readonly CaseRecord[], pick: Pick) {
  const differences = a.flatMap((record, i) => {
    const other = b[i];
    const mine = pick(record);
    const theirs = other === undefined ? undefined : pick(other);
    return mine === undefined || theirs === undefined ? [] : [mine - theirs];
  });
  if (differences.length === 0) return undefined;
  const { mean: middle, low, high } = pairedBootstrap(differences, { random: seededRandom(1) });
  return { mean: round(middle), low: round(low), high: round(high) };
}

function known(list: readonly CaseRecord[], pick: Pick): number[] {
  return list.map(pick).filter((value) => value !== undefined);
}

function mean(list: readonly CaseRecord[], pick: Pick): number | undefined {
  const values = known(list, pick);
  return values.length === 0 ? undefined : round(meanOf(values));
}

function quantile(list: readonly CaseRecord[], pick: Pick, share: number): number | undefined {
  const sorted = known(list, pick).sort((a, b) => a - b);
  const value = sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
  return value === undefined ? undefined : round(value);
}

function count(names: readonly string[]): Record<string, number> {
  return Object.fromEntries(
    [...Map.groupBy(names, (name) => name)].map(([name, list]) => [name, list.length]),
  );
}

const round = (value: number): number => Math.round(value * 10_000) / 10_000;
