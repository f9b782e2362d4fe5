/** What an evaluation says about single languages: whether a version is worse there than what it was compared with. Pure. */

import type { EvalReport } from '../../protocol/evalReport.ts';
import { seededRandom } from '../base/random.ts';
import { pairedBootstrap } from '../stats/pairedBootstrap.ts';

/** Nats per token of what was really written, candidate minus the version it was compared with: above 0 is worse. */
export interface LanguageFigure {
  readonly languageId: string;
  /** Digest of the version that was judged. */
  readonly candidate: string;
  /** Digest, "task" or "base". */
  readonly comparedWith: string;
  readonly nCases: number;
  readonly meanNllChange: number;
  /** 95 % paired bootstrap interval. */
  readonly low: number;
  readonly high: number;
}

/** Fewer cases say nothing about a language; they are left out. */
const minCases = 10;
/** Only lines of the repository itself count, not those of others. */
const ownSets: ReadonlySet<string> = new Set(['repository', 'frozen']);
const nResamples = 2000;

/** One for each language with enough cases, in alphabetical order; takes some milliseconds, so it is done once a report. */
export function languageFigures(
  report: Pick<EvalReport, 'candidate' | 'champion' | 'cases'>,
): LanguageFigure[] {
  const cases = report.cases.filter((each) => ownSets.has(each.set));
  const byLanguage = [...Map.groupBy(cases, (each) => each.languageId)];
  return byLanguage
    .filter(([, ofLanguage]) => ofLanguage.length >= minCases)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([languageId, ofLanguage]) => {
      const changes = ofLanguage.map((each) => each.candidate.nll - each.champion.nll);
      const { mean, low, high } = pairedBootstrap(changes, { random: seededRandom(1), nResamples });
      const what = { languageId, candidate: report.candidate, comparedWith: report.champion };
      return { ...what, nCases: ofLanguage.length, meanNllChange: mean, low, high };
    });
}
