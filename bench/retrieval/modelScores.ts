/**
 * What is suggested with given snippets: the pipeline of serving with the real base model and adapter, one line, compared
 * with what was written.
 */

import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { neverAborts } from '../../server/base/abort.ts';
import { systemClock } from '../../server/base/clock.ts';
import type { Disposable } from '../../server/base/disposable.ts';
import { homeFolders } from '../../server/base/homeFolders.ts';
import { silentLogger } from '../../server/base/logger.ts';
import { chooseAdapter } from '../../server/cli/chooseAdapter.ts';
import { suggestAt } from '../../server/cli/suggestAt.ts';
import { Completer } from '../../server/completion/completer.ts';
import { fixedRouter } from '../../server/completion/route.ts';
import { scoreCase } from '../../server/evaluation/evaluationCase.ts';
import type { Score } from '../../server/evaluation/evaluationCase.ts';
import { EngineProcess } from '../../server/llama/engineProcess.ts';
import { heldBackOf } from '../../server/prompt/buildPrompt.ts';
import { buildMiddle } from '../../server/prompt/buildTraining.ts';
import { chooseFimFormat } from '../../server/prompt/fimFormats.ts';
import type { Snippet } from '../../server/retrieval/snippet.ts';
import { rememberPrompt } from '../rememberPrompt.ts';
import type { RetrievalCase } from './cases.ts';
import { meanOf } from '../../server/stats/mean.ts';

export interface ModelScore extends Score {
  /** First line of the suggestion, empty where none came. */
  readonly text: string;
  /** 0 where the model was not asked. */
  readonly nPromptTokens: number;
  /** Negative log-likelihood of what was really written, in nats a token; undefined where the model was not asked. */
  readonly nll: number | undefined;
  /** From the request to the answer, retrieval not counted. */
  readonly ms: number;
}

export interface Scorer extends Disposable {
  /** Base model and adapter, in words. */
  readonly name: string;
  score(repoName: string, each: RetrievalCase, snippets: readonly Snippet[]): Promise<ModelScore>;
}

export interface ScorerOptions {
  /** As `--adapter` of the commands; undefined: what an editor would be served with. */
  readonly adapter: string | undefined;
  readonly maxPromptTokens: number;
  /** 0: as many as the engine finds best. */
  readonly threads: number;
}

const maxNewTokens = 48;
const maxWaitMs = 600_000;
const mediaFolder = join(import.meta.dirname, '../../media');

/** @throws IdiomError for a base model or an adapter that cannot be used. */
export async function openScorer(modelPath: string, options: ScorerOptions): Promise<Scorer> {
  const { maxPromptTokens, threads } = options;
  const contextTokens = maxPromptTokens + maxNewTokens;
  const shared = { clock: systemClock, logger: silentLogger };
  const engine = new EngineProcess({ ...shared, gpu: 'auto', threads, contextTokens });
  const info = await engine.load(modelPath);
  const { data } = homeFolders(process.env);
  const adapter = await chooseAdapter(options.adapter, { data, media: mediaFolder }, info.digest);
  let snippets: readonly Snippet[] = [];
  const remembered = rememberPrompt(engine);
  const completer = new Completer({
    ...shared,
    engine: remembered.engine,
    retriever: { retrieve: () => Promise.resolve(snippets) },
    router: fixedRouter(() => adapter),
    newId: randomUUID,
    maxWaitMs,
  });
  const bound = chooseFimFormat(info);
  async function nllOf(promptTokens: readonly number[], prefix: string, middle: string): Promise<number> {
    const { tokens } = await buildMiddle(bound, heldBackOf(bound, prefix), middle, engine);
    const all = [...promptTokens, ...tokens];
    const nats = await engine.score({ tokens: all, from: promptTokens.length, adapter }, neverAborts);
    return meanOf(nats);
  }
  return {
    name: `${info.name}, ${adapter === undefined ? 'no adapter' : `adapter ${adapter.digest.slice(0, 12)}`}`,
    async score(repoName, { path, prefix, suffix, middle }, given) {
      snippets = given;
      remembered.forget();
      const limits = { maxNewTokens, maxPromptTokens, useRetrieval: true, isMultilineAllowed: false };
      const startMs = performance.now();
      const { text } = await suggestAt(completer, { path, prefix, suffix, repoName, ...limits }, neverAborts);
      const ms = performance.now() - startMs;
      const [line = ''] = text.split('\n');
      const { promptTokens } = remembered;
      const nll = promptTokens.length === 0 ? undefined : await nllOf(promptTokens, prefix, middle);
      return { ...scoreCase(text, middle), text: line, nPromptTokens: promptTokens.length, nll, ms };
    },
    dispose() {
      completer.dispose();
      engine.dispose();
    },
  };
}
