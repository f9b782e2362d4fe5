/** Takes the lines of forgotten files out of an evaluation report; its figures and its verdict stay. Pure. */

import type { EvalReport } from '../../protocol/evalReport.ts';
import { holdsFile, isEverything } from './forgetScope.ts';
import type { ForgetScope } from './forgetScope.ts';

export function scrubReport(report: EvalReport, scope: ForgetScope): EvalReport {
  const isKept = ({ path }: { readonly path: string }) => !holdsFile(scope, path);
  const { memorisation } = report;
  return {
    ...report,
    cases: report.cases.filter(isKept),
    regression: isEverything(scope)
      ? report.regression.map((each) => ({ ...each, text: '' }))
      : report.regression,
    memorisation: { ...memorisation, leaked: memorisation.leaked.filter(isKept) },
  };
}
