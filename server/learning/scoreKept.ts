/** How likely two adapters hold what a developer really kept after a suggestion, given the same prompt. Stores nothing. */

import type { AdapterFile, BaseModelInfo, ScoringEngine } from '../llama/engine.ts';
import { buildPrompt } from '../prompt/buildPrompt.ts';
import { buildMiddle } from '../prompt/buildTraining.ts';
import { chooseFimFormat } from '../prompt/fimFormats.ts';
import { defaultShares } from '../prompt/tokenBudget.ts';
import type { Snippet } from '../retrieval/snippet.ts';
import type { KeptSuggestion } from '../store/shadowScores.ts';
import type { SnippetPlace } from '../store/suggestions.ts';
import { meanOf } from '../stats/mean.ts';

export interface ScoreKeptProps {
  readonly engine: ScoringEngine;
  readonly info: BaseModelInfo;
  readonly repoName: string;
  readonly maxPromptTokens: number;
  /** The snippet's lines as the file has them now; undefined when it is gone or may not be read. */
  readonly readSnippet: (place: SnippetPlace) => Promise<string | undefined>;
}

/** What follows after so many characters says little about the suggestion. */
const maxKeptChars = 300;

/**
 * Mean nats per token of the kept text; undefined when there is nothing to score.
 * @throws IdiomError `engineFailed` or `adapterBroken`; AbortError when aborted.
 */
export async function scoreKept(
  props: ScoreKeptProps,
  { suggestion, keptText }: KeptSuggestion,
  adapters: { readonly candidate: AdapterFile; readonly champion: AdapterFile | undefined },
  signal: AbortSignal,
): Promise<{ readonly candidateNll: number; readonly championNll: number } | undefined> {
  const { engine, info, repoName, maxPromptTokens } = props;
  const bound = chooseFimFormat(info);
  const { path, languageId, prefix, suffix, offset } = suggestion;
  const prompt = await buildPrompt(
    bound,
    {
      ...{ repoName, path, languageId },
      prefix: unixLines(prefix),
      prefixOffset: Math.max(0, offset - prefix.length),
      suffix: unixLines(suffix),
      snippets: await readSnippets(props, suggestion.snippets),
    },
    { maxPromptTokens, shares: defaultShares },
    engine,
  );
  const kept = unixLines(keptText).slice(0, maxKeptChars);
  const middle = await buildMiddle(bound, prompt.heldBack, kept, engine);
  const room = (info.contextTokens ?? Infinity) - prompt.tokens.length;
  const target = middle.tokens.slice(0, Math.max(0, room));
  if (target.length === 0 || prompt.tokens.length === 0) return undefined;
  const tokens = [...prompt.tokens, ...target];
  const nllOf = async (adapter: AdapterFile | undefined) => {
    const nll = await engine.score({ tokens, from: prompt.tokens.length, adapter }, signal);
    return meanOf(nll);
  };
  return { candidateNll: await nllOf(adapters.candidate), championNll: await nllOf(adapters.champion) };
}

async function readSnippets(props: ScoreKeptProps, places: readonly SnippetPlace[]): Promise<Snippet[]> {
  const texts = await Promise.all(places.map((place) => props.readSnippet(place)));
  return places.flatMap((place, i) => {
    const text = texts[i];
    return text === undefined ? [] : [{ ...place, text }];
  });
}

const unixLines = (text: string): string => text.replaceAll('\r\n', '\n');
