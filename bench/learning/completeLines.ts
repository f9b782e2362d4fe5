/** Completes held-out lines with an adapter through the pipeline that serves, and scores them against what was written. */

import { join } from 'node:path';
import { neverAborts } from '../../server/base/abort.ts';
import { systemClock } from '../../server/base/clock.ts';
import type { Disposable } from '../../server/base/disposable.ts';
import { silentLogger } from '../../server/base/logger.ts';
import { scoreCase } from '../../server/evaluation/evaluationCase.ts';
import type { Repository } from '../../server/git/repository.ts';
import { createCompleterSuggester } from '../../server/learning/completerSuggester.ts';
import type { AdapterFile } from '../../server/llama/engine.ts';
import type { EngineProcess } from '../../server/llama/engineProcess.ts';
import type { Dataset } from '../../server/training/dataset/dataset.ts';
import { createFreshRetriever } from '../../server/training/dataset/freshRetriever.ts';
import { rememberPrompt } from '../rememberPrompt.ts';
import type { SuggestedLine } from './records.ts';
import { sightOf, wordsOf } from './wordsInSight.ts';

type HeldOut = Dataset['evaluation'][number]['case'];
type Score = SuggestedLine['before'];

export interface LineCompleter extends Disposable {
  /** The same line with the same adapter is completed once. */
  compare(one: HeldOut, before: AdapterFile, after: AdapterFile): Promise<SuggestedLine>;
}

export interface LineCompleterProps {
  readonly engine: EngineProcess;
  readonly repository: Repository;
  /** The newest commit that training saw, full id; retrieval sees it too, and nothing newer. */
  readonly commit: string;
  readonly workFolder: string;
}

export const lineLimits = { maxPromptTokens: 1024, maxNewTokens: 48 };

export async function openLineCompleter(props: LineCompleterProps): Promise<LineCompleter> {
  const { engine, repository, commit, workFolder } = props;
  const retriever = createFreshRetriever({
    ...{ repository, cacheFolder: join(workFolder, 'lines'), settingGlobs: [], logger: silentLogger },
    nowMs: () => Date.now(),
  });
  await retriever.seeCommit(commit, neverAborts);
  const remembered = rememberPrompt(engine);
  const suggester = createCompleterSuggester({
    ...{ engine: remembered.engine, retriever, clock: systemClock, logger: silentLogger },
    ...{ repoName: repository.name, ...lineLimits },
  });
  const known = await wordsOfCommit(repository, commit);
  const done = new Map<string, Promise<Score & { readonly promptTokens: readonly number[] }>>();
  async function complete(one: HeldOut, adapter: AdapterFile) {
    remembered.forget();
    const { text } = await suggester.suggest(one, adapter, neverAborts);
    const { isExactMatch, editSimilarity } = scoreCase(text, one.middle);
    return { exactMatch: isExactMatch ? 1 : 0, editSimilarity, promptTokens: remembered.promptTokens };
  }
  function once(one: HeldOut, adapter: AdapterFile) {
    const key = `${adapter.path}\n${one.id}`;
    const found = done.get(key) ?? complete(one, adapter);
    done.set(key, found);
    return found;
  }
  return {
    async compare(one, before, after) {
      const { promptTokens, ...old } = await once(one, before);
      const { exactMatch, editSimilarity } = await once(one, after);
      const isAsked = promptTokens.length > 0;
      const prompt = isAsked ? await engine.detokenize(promptTokens) : one.prefix + one.suffix;
      return {
        sight: sightOf(one.middle, prompt, known),
        before: old,
        after: { exactMatch, editSimilarity },
      };
    },
    dispose() {
      suggester.dispose();
      retriever.dispose();
    },
  };
}

const batchSize = 64;
const maxBlobBytes = 400_000;

async function wordsOfCommit(repository: Repository, commit: string): Promise<ReadonlySet<string>> {
  const words = new Set<string>();
  const files = (await repository.listTree(commit)).filter((file) => file.sizeBytes <= maxBlobBytes);
  for (let at = 0; at < files.length; at += batchSize) {
    const blobs = await repository.readBlobs(files.slice(at, at + batchSize).map((file) => file.blobId));
    for (const blob of blobs)
      if (blob !== undefined) for (const word of wordsOf(blob.toString('utf8'))) words.add(word);
  }
  return words;
}
