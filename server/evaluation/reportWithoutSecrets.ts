/** Takes secrets out of an evaluation report before anybody keeps, sends or prints it; its figures and its verdict stay. */

import type { CaseResult, CaseSide, EvalReport, RegressionResult } from '../../protocol/evalReport.ts';
import { scrubberVersion } from '../secrets/scrubberVersion.ts';
import { scrubParts } from '../secrets/scrubParts.ts';
import type { RegressionCase } from './regressionFile.ts';

/** @param regression what its regression cases were; of a report that was stored, their surroundings are not known any more. */
export async function reportWithoutSecrets(
  report: EvalReport,
  regression: readonly RegressionCase[] = [],
): Promise<EvalReport> {
  const byName = new Map(regression.map((each) => [each.name, each]));
  const cases: CaseResult[] = [];
  for (const each of report.cases) cases.push(await scrubCase(each));
  const results: RegressionResult[] = [];
  for (const each of report.regression) results.push(await scrubRegression(each, byName.get(each.name)));
  return { ...report, cases, regression: results, scrubberVersion };
}

async function scrubCase(one: CaseResult): Promise<CaseResult> {
  const { path } = one;
  const [before, middle] = await scrubParts([one.before, one.middle], path);
  const scrubSide = async (side: CaseSide): Promise<CaseSide> => {
    if (side.text === undefined) return side;
    const [, text] = await scrubParts([one.before, side.text], path);
    return { ...side, text };
  };
  const [champion, candidate] = [await scrubSide(one.champion), await scrubSide(one.candidate)];
  return { ...one, before, middle, champion, candidate };
}

async function scrubRegression(
  result: RegressionResult,
  one: RegressionCase | undefined,
): Promise<RegressionResult> {
  const { prefix = '', suffix = '', path = 'unknown.txt' } = one ?? {};
  const [, text] = await scrubParts([prefix, result.text, suffix], path);
  const reasons: string[] = [];
  for (const each of result.reasons) {
    const [reason] = await scrubParts([each], path);
    // A reason quotes what the file wants or does not want to see, which may be part of what was written.
    reasons.push(text === result.text ? reason : each.replace(/"[\s\S]*"/, '"<secret>"'));
  }
  return { ...result, text, reasons };
}
