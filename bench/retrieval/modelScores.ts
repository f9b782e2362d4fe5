/** What a base model makes of the snippets: the prompt of serving, one line generated, compared with what was written. */

import { silentLogger } from '../../server/base/logger.ts';
import { systemClock } from '../../server/base/clock.ts';
import type { Disposable } from '../../server/base/disposable.ts';
import { scoreCase } from '../../server/evaluation/evaluationCase.ts';
import type { Score } from '../../server/evaluation/evaluationCase.ts';
import { EngineProcess } from '../../server/llama/engineProcess.ts';
import { buildPrompt } from '../../server/prompt/buildPrompt.ts';
import { chooseFimFormat } from '../../server/prompt/fimFormats.ts';
import { defaultShares } from '../../server/prompt/tokenBudget.ts';
import type { Snippet } from '../../server/retrieval/snippet.ts';
import type { RetrievalCase } from './cases.ts';

export interface ModelScore extends Score {
  readonly nPromptTokens: number;
  readonly nSnippetTokens: number;
}

export interface Scorer extends Disposable {
  score(each: RetrievalCase, snippets: readonly Snippet[]): Promise<ModelScore>;
}

const maxNewTokens = 48;
/** Context of the document that completion reads around the cursor. */
const maxSideChars = 8000;

export async function openScorer(
  modelPath: string,
  repoName: string,
  options: { readonly maxPromptTokens: number; readonly threads: number },
): Promise<Scorer> {
  const { maxPromptTokens, threads } = options;
  const contextTokens = maxPromptTokens + maxNewTokens;
  const engine = new EngineProcess({
    clock: systemClock,
    logger: silentLogger,
    gpu: 'auto',
    threads,
    contextTokens,
  });
  const info = await engine.load(modelPath);
  const signal = new AbortController().signal;
  return {
    async score(each, snippets) {
      const parts = {
        repoName,
        path: each.path,
        languageId: '',
        prefix: each.prefix.slice(-maxSideChars),
        prefixOffset: Math.max(0, each.prefix.length - maxSideChars),
        suffix: each.suffix.slice(0, maxSideChars),
        snippets,
      };
      const prompt = await buildPrompt(
        chooseFimFormat(info),
        parts,
        { maxPromptTokens, shares: defaultShares },
        engine,
      );
      const result = await engine.generate(
        {
          tokens: prompt.tokens,
          maxNewTokens,
          stopTokens: prompt.stopTokens,
          stopTexts: [...prompt.stopTexts, '\n'],
          adapter: undefined,
          priority: 'foreground',
        },
        signal,
      );
      const text = result.text.startsWith(prompt.heldBack)
        ? result.text.slice(prompt.heldBack.length)
        : result.text;
      const { snippets: nSnippetTokens } = prompt.nTokensByPart;
      return { ...scoreCase(text, each.middle), nPromptTokens: prompt.tokens.length, nSnippetTokens };
    },
    dispose: () => engine.dispose(),
  };
}
