/** Measures one case on both sides: how likely what was really written is, and what is written instead. */

import type { CaseResult, CaseSide } from '../../protocol/evalReport.ts';
import { digestOf } from '../base/digest.ts';
import type { AdapterFile } from '../llama/engine.ts';
import { languageOfPath } from '../prompt/languageOfPath.ts';
import { scoreCase } from './evaluationCase.ts';
import type { JudgedAdapter, JudgedCase, KnownScores, Scorer, Suggester } from './judgedCase.ts';
import { maxTokenNats } from './summarise.ts';

export interface MeasureProps {
  readonly scorer: Scorer;
  /** Undefined: nothing is completed. */
  readonly suggester: Suggester | undefined;
  readonly champion: JudgedAdapter;
  readonly candidate: JudgedAdapter;
  readonly known?: KnownScores | undefined;
  readonly signal: AbortSignal;
}

/** Lines before the cursor that a report shows. */
const nLinesBefore = 4;
const maxBeforeChars = 600;

/**
 * @param isCandidateFirst whoever comes second finds caches warm, so callers take turns.
 * @throws what the scorer throws, AbortError included; a completion that fails is one that did not come.
 */
export async function measureCase(
  props: MeasureProps,
  one: JudgedCase,
  options: { readonly set: string; readonly isCompleted: boolean; readonly isCandidateFirst: boolean },
): Promise<CaseResult> {
  const { champion, candidate } = props;
  const order = options.isCandidateFirst ? [candidate, champion] : [champion, candidate];
  const sides = new Map<JudgedAdapter, CaseSide>();
  for (const adapter of order) {
    // Completed before it is scored: a score that is known already would leave only one side's cache warm.
    const completion = await completed(props, one, adapter, options);
    sides.set(adapter, { nll: await nllOf(props, one, adapter), ...completion });
  }
  const { path, line, commit, middle, prefix } = one.case;
  return {
    ...{ set: options.set, path, languageId: languageOfPath(path), line, commit },
    before: prefix.split('\n').slice(-nLinesBefore).join('\n').slice(-maxBeforeChars),
    middle,
    champion: sides.get(champion) as CaseSide,
    candidate: sides.get(candidate) as CaseSide,
  };
}

/** Mean over the middle's tokens, in nats. */
async function nllOf(props: MeasureProps, one: JudgedCase, adapter: JudgedAdapter): Promise<number> {
  const tokens = [...one.promptTokens, ...one.middleTokens];
  const what = digestOf(`${one.promptTokens.length} ${tokens.join(' ')}`);
  const known = props.known?.get(adapter.name, what);
  if (known !== undefined) return known;
  const request = { tokens, from: one.promptTokens.length, adapter: adapter.file };
  const nats = await props.scorer.score(request, props.signal);
  const nll = nats.reduce((sum, each) => sum + Math.min(each, maxTokenNats), 0) / nats.length;
  props.known?.put(adapter.name, what, nll);
  return nll;
}

async function completed(
  { suggester, signal }: MeasureProps,
  one: JudgedCase,
  { file }: { readonly file: AdapterFile | undefined },
  { isCompleted }: { readonly isCompleted: boolean },
): Promise<Omit<CaseSide, 'nll'>> {
  if (!isCompleted || suggester === undefined) return {};
  const { path, prefix, suffix, middle } = one.case;
  const { text, latencyMs } = await suggester.suggest({ path, prefix, suffix }, file, signal);
  return { text, latencyMs, ...scoreCase(text, middle) };
}
