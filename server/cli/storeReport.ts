/** Keeps what the gate said, and logs a refusal with the rules that did not hold; one transaction. */

import type { EvalReport } from '../../protocol/evalReport.ts';
import type { AdapterRegistry } from '../registry/adapterRegistry.ts';

export function storeReport(registry: AdapterRegistry, repoId: string, report: EvalReport): void {
  registry.ground.db.transaction(() => {
    registry.addReport(repoId, report);
    if (report.verdict === 'pass') return;
    const why = report.rules.filter((rule) => !rule.holds).map((rule) => rule.reason);
    registry.record({ repoId, who: 'gate', what: 'refused', digest: report.candidate, why: why.join(' ') });
  });
}
