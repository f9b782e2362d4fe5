/** Which examples from outcomes go into a dataset: allowed, without secrets, and with nothing that an evaluation asks for. */

import { explainText } from '../../retrieval/contentRules.ts';
import type { DatasetSettings } from './datasetSettings.ts';
import type { HeldOutCase } from './evaluationCases.ts';
import { askedRows } from './findLeaks.ts';
import type { AskedRows } from './findLeaks.ts';
import type { DrawnExample } from './historyExamples.ts';
import { lineKey } from './outcomeExamples.ts';
import type { OutcomeExample } from './outcomeExamples.ts';
import { secretMark } from '../../secrets/scrubSecrets.ts';
import { scrubParts } from '../../secrets/scrubParts.ts';
import { isHeldOutFile } from './splitHistory.ts';
import type { Tally } from './tally.ts';
import type { TextFilter } from './textFilter.ts';

export interface ChooseOutcomesProps {
  readonly filter: TextFilter;
  readonly dropped: Tally;
  readonly settings: DatasetSettings;
  readonly seed: number;
  /** Retrieval for them sees this commit and nothing newer. */
  readonly trainingHead: string;
}

/** In their order. What is left out is counted. */
export async function chooseOutcomes(
  props: ChooseOutcomesProps,
  outcomes: readonly OutcomeExample[],
  cases: readonly HeldOutCase[],
): Promise<DrawnExample[]> {
  const asked = askedRows(cases);
  const chosen: DrawnExample[] = [];
  for (const outcome of outcomes) {
    const fit = await choose(props, outcome, asked);
    if ('reason' in fit) props.dropped.add(`outcome: ${fit.reason}`);
    else chosen.push(toDrawn(fit, props.trainingHead));
  }
  return chosen;
}

/**
 * A line that history has too is learned once: the cursor from history stays, with the greater weight of the two.
 * @returns the cursors of history, and the outcomes that are left.
 */
export function mergeWithHistory(
  history: readonly DrawnExample[],
  outcomes: readonly DrawnExample[],
  dropped: Tally,
): { readonly history: DrawnExample[]; readonly outcomes: DrawnExample[] } {
  const known = new Set(history.map(({ drawn }) => lineKey(drawn.path, drawn)));
  const weights = new Map<string, number>();
  const left = outcomes.filter(({ drawn, origin }) => {
    const key = lineKey(drawn.path, drawn);
    if (!known.has(key)) return true;
    weights.set(key, Math.max(origin.weight, weights.get(key) ?? 0));
    return false;
  });
  dropped.add('outcome: stands in history', outcomes.length - left.length);
  const merged = history.map((each) => {
    const weight = weights.get(lineKey(each.drawn.path, each.drawn)) ?? 0;
    return weight <= each.origin.weight ? each : { ...each, origin: { ...each.origin, weight } };
  });
  return { history: merged, outcomes: left };
}

async function choose(
  { filter, settings, seed }: ChooseOutcomesProps,
  outcome: OutcomeExample,
  asked: AskedRows,
): Promise<OutcomeExample | { readonly reason: string }> {
  const { path, prefix, middle, suffix } = outcome;
  if (!filter.isReadable(path)) return { reason: 'file that may not be read' };
  if (isHeldOutFile(path, seed, settings)) return { reason: 'held-out file' };
  const reason = explainText(prefix + middle + suffix);
  if (reason !== undefined) return { reason };
  // As one text: what makes a secret of a line may stand in the lines above it.
  const scrubbed = await scrubParts([prefix, middle, suffix], path);
  const line = `${lastLine(scrubbed[0])}${scrubbed[1]}${firstLine(scrubbed[2])}`;
  if (line.includes(secretMark)) return { reason: 'secret' };
  const apart = keepApart({ ...outcome, prefix: scrubbed[0], suffix: scrubbed[2] }, asked);
  return apart ?? { reason: 'asked for in evaluation' };
}

/** Without lines around the cursor that an evaluation asks for; undefined when it asks for the middle itself. */
function keepApart(outcome: OutcomeExample, asked: AskedRows): OutcomeExample | undefined {
  const { prefix, middle, suffix } = outcome;
  const lines = (prefix + middle + suffix).split('\n');
  const cursorIdx = prefix.split('\n').length - 1;
  const lastIdx = cursorIdx + middle.split('\n').length - 1;
  const found = asked.lineIndexes(lines);
  if (found.some((i) => i >= cursorIdx && i <= lastIdx)) return undefined;
  const above = found.filter((i) => i < cursorIdx).at(-1);
  const below = found.find((i) => i > lastIdx);
  return {
    ...outcome,
    prefix:
      above === undefined
        ? prefix
        : prefix
            .split('\n')
            .slice(above + 1)
            .join('\n'),
    suffix:
      below === undefined
        ? suffix
        : suffix
            .split('\n')
            .slice(0, below - lastIdx)
            .join('\n'),
  };
}

function toDrawn(outcome: OutcomeExample, trainingHead: string): DrawnExample {
  const { source, weight, timeMs, path, prefix, suffix, middle, isCut } = outcome;
  const line = prefix.split('\n').length;
  const shape = middle.includes('\n') ? 'block' : 'line';
  return {
    drawn: { path, line, prefix, suffix, middle, isCut, shape },
    origin: { source, weight, timeMs, path, commit: '', line },
    asOf: trainingHead,
  };
}

function firstLine(text: string): string {
  return text.split('\n', 1)[0] ?? '';
}

function lastLine(text: string): string {
  return text.slice(text.lastIndexOf('\n') + 1);
}
