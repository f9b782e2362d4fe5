/** Measures each adapter once on all cases; judgements are then made from these figures, as many as one likes. */

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CaseSide } from '../../protocol/evalReport.ts';
import { neverAborts } from '../../server/base/abort.ts';
import { systemClock } from '../../server/base/clock.ts';
import { digestOf } from '../../server/base/digest.ts';
import { silentLogger } from '../../server/base/logger.ts';
import { writeFileAtomic } from '../../server/base/writeFile.ts';
import { scoreCase } from '../../server/evaluation/evaluationCase.ts';
import type { JudgedAdapter, JudgedCase } from '../../server/evaluation/judgedCase.ts';
import { openScoreCache } from '../../server/evaluation/scoreCache.ts';
import { createCompleterSuggester } from '../../server/learning/completerSuggester.ts';
import { noRetrieval } from '../../server/retrieval/snippet.ts';
import type { CasePlace, Measured } from './countGates.ts';
import type { Experiment } from './trainPool.ts';
import { meanOf } from '../../server/stats/mean.ts';

export interface CaseSets {
  readonly repository: readonly JudgedCase[];
  readonly outside: readonly JudgedCase[];
}

/** Of the repository's lines every second is completed too. */
const completedEvery = 2;
const suggesting = { repoName: 'repo', maxPromptTokens: 208, maxNewTokens: 32 };

export function placesOf(cases: readonly JudgedCase[], set: string): CasePlace[] {
  return cases.map(({ case: { path, line, commit, middle } }) => {
    return { set, path, line, commit, middle, languageId: '', before: '' };
  });
}

/** Reads what it wrote before. */
export async function measure(
  { engine, work, tell }: Experiment,
  adapter: JudgedAdapter,
  sets: CaseSets,
): Promise<Measured> {
  const path = join(work, `${adapter.name}.json`);
  if (existsSync(path)) return JSON.parse(readFileSync(path, 'utf8')) as Measured;
  const startMs = performance.now();
  const suggester = createCompleterSuggester({
    ...{ engine, retriever: noRetrieval, clock: systemClock, logger: silentLogger, ...suggesting },
  });
  const known = openScoreCache(join(work, 'scores.txt'));
  const nllOf = async ({ case: { id }, promptTokens, middleTokens }: JudgedCase) => {
    const what = digestOf(id);
    const before = known.get(adapter.name, what);
    if (before !== undefined) return before;
    const request = { tokens: [...promptTokens, ...middleTokens], from: promptTokens.length };
    const nats = await engine.score({ ...request, adapter: adapter.file }, neverAborts);
    const nll = meanOf(nats);
    known.put(adapter.name, what, nll);
    return nll;
  };
  const repository: CaseSide[] = [];
  for (const [i, one] of sets.repository.entries()) {
    const nll = await nllOf(one);
    if (i % completedEvery !== 0) repository.push({ nll });
    else {
      const { text } = await suggester.suggest(one.case, adapter.file, neverAborts);
      repository.push({ nll, ...scoreCase(text, one.case.middle) });
    }
  }
  const outside: CaseSide[] = [];
  for (const one of sets.outside) outside.push({ nll: await nllOf(one) });
  suggester.dispose();
  const measured = { name: adapter.name, repository, outside };
  writeFileAtomic(path, JSON.stringify(measured));
  tell(`${adapter.name}: measured in ${Math.round((performance.now() - startMs) / 1000)} s`);
  return measured;
}
