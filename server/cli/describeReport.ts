/** What `idiom eval` prints for people: figures of each set, rules with their reasons, where it is weak. Pure text. */

import type { EvalReport, PairedChange, SetSummary } from '../../protocol/evalReport.ts';

const setTexts: Readonly<Record<string, string>> = {
  repository: 'held-out lines of this repository',
  frozen: 'its first held-out lines, for the trend',
  outside: 'lines of other repositories',
};
const maxWeaknesses = 5;

export function describeReport(report: EvalReport): string[] {
  const { candidate, champion, sets, rules, regression, weaknesses, verdict } = report;
  const failed = regression.filter((each) => !each.passed);
  return [
    `${nameOf(candidate)} against ${nameOf(champion)}, ${(report.durationMs / 60_000).toFixed(1)} min`,
    ...table(sets),
    '',
    ...rules.map(({ holds, rule, reason }) => `${holds ? 'holds ' : 'BROKEN'}  ${rule.padEnd(13)} ${reason}`),
    ...failed.flatMap(({ name, reasons }) => reasons.map((reason) => `        "${name}": ${reason}`)),
    ...(weaknesses.length === 0 ? [] : ['', 'Where it is weaker than before:']),
    ...weaknesses
      .slice(0, maxWeaknesses)
      .map(
        ({ by, name, nWorse, nCases, meanNllChange }) =>
          `  ${by} ${name}: ${nWorse} of ${nCases} lines worse, ${signed(meanNllChange, 3)} nats a token`,
      ),
    '',
    verdict === 'pass' ? 'The gate lets it pass.' : 'The gate refuses it.',
  ];
}

function table(sets: EvalReport['sets']): string[] {
  const rows = Object.entries(sets).flatMap(([set, summary]) => rowsOf(setTexts[set] ?? set, summary));
  const header = ['', 'before', 'after', 'change', '95 % interval'];
  const all = [header, ...rows];
  const widths = header.map((_, i) => Math.max(...all.map((row) => row[i]?.length ?? 0)));
  return all.map((row) =>
    row
      .map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0)))
      .join('  ')
      .trimEnd(),
  );
}

function rowsOf(what: string, summary: SetSummary): string[][] {
  const { nCases, nCompleted, nll, exactMatch, editSimilarity, latencyMs } = summary;
  const rows = [changeRow(`${nCases} ${what}: nats a token`, nll, 1, 3)];
  const completed = `${nCompleted ?? 0} of them completed`;
  if (exactMatch !== undefined) rows.push(changeRow(`  ${completed}: exact, %`, exactMatch, 100, 1));
  if (editSimilarity !== undefined) rows.push(changeRow('  edit similarity, %', editSimilarity, 100, 1));
  if (latencyMs !== undefined)
    rows.push(['  median ms', latencyMs.champion.toFixed(0), latencyMs.candidate.toFixed(0)]);
  return rows;
}

function changeRow(what: string, change: PairedChange, factor: number, nDigits: number): string[] {
  const plain = (value: number) => (factor * value).toFixed(nDigits);
  const { champion, candidate, mean, low, high } = change;
  return [
    ...[what, plain(champion), plain(candidate), signed(factor * mean, nDigits)],
    `${signed(factor * low, nDigits)} to ${signed(factor * high, nDigits)}`,
  ];
}

function nameOf(adapter: string): string {
  if (adapter === 'base') return 'The base model alone';
  return adapter === 'task' ? 'the adapter that comes with Idiom' : adapter.slice(0, 12);
}

const signed = (value: number, nDigits: number): string =>
  `${value >= 0 ? '+' : ''}${value.toFixed(nDigits)}`;
