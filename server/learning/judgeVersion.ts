/** Judges a version on the lines that its own training held out: dataset, retrieval as of then, secrets, and the gate. */

import { statSync } from 'node:fs';
import { join } from 'node:path';
import type { EvalReport } from '../../protocol/evalReport.ts';
import type { Clock } from '../base/clock.ts';
import type { Logger } from '../base/logger.ts';
import { gather } from '../evaluation/gather.ts';
import type { GateSettings } from '../evaluation/gateSettings.ts';
import { judge } from '../evaluation/judge.ts';
import type { JudgedAdapter } from '../evaluation/judgedCase.ts';
import { openScoreCache } from '../evaluation/scoreCache.ts';
import type { Repository } from '../git/repository.ts';
import type { BaseModelInfo, ScoringEngine } from '../llama/engine.ts';
import type { Dataset } from '../training/dataset/dataset.ts';
import { createFreshRetriever } from '../training/dataset/freshRetriever.ts';
import { findSecrets } from '../secrets/secretProbes.ts';
import type { FoundSecret } from '../secrets/secretProbes.ts';
import { readDataset } from '../training/dataset/storeDataset.ts';
import { createCompleterSuggester } from './completerSuggester.ts';
import { datasetsFolder } from './trainRepository.ts';

export interface JudgeVersionProps {
  readonly repository: Repository;
  /** The base model that is loaded. */
  readonly info: BaseModelInfo;
  readonly engine: ScoringEngine;
  readonly folders: { readonly data: string; readonly cache: string };
  /** What comes with Idiom. */
  readonly mediaFolder: string;
  readonly candidate: JudgedAdapter;
  readonly champion: JudgedAdapter;
  /** Whose held-out lines are asked for; the candidate's own. */
  readonly datasetDigest: string;
  readonly settings: GateSettings;
  /** Held-out lines that are completed too. Default 48. */
  readonly nCompleted?: number;
  /** Cases of the frozen set and of other repositories; see gather.ts. */
  readonly nFrozen?: number | undefined;
  readonly nOutside?: number | undefined;
  readonly maxPromptTokens: number;
  /** Patterns from the setting `idiom.ignore`. */
  readonly settingGlobs: readonly string[];
  readonly clock: Clock;
  readonly logger: Logger;
  /** Waited for before each case. */
  readonly mayGoOn?: (() => Promise<void>) | undefined;
  readonly onProgress: (nDone: number, nAll: number) => void;
  readonly signal: AbortSignal;
}

const defaultCompleted = 48;
const maxNewTokens = 48;
const maxProbes = 8;
/** Files looked through for secrets; those whose names speak of configuration come first. */
const maxSecretFiles = 400;
const maxSecretFileBytes = 100_000;
const configuration =
  /(^|\/)\.?env|\.(env|ya?ml|json|toml|ini|conf|cfg|properties|sh|tf)$|config|secret|credential/i;

/**
 * Stores nothing but derived scores, so that the same call goes on where a killed one was.
 * @throws IdiomError `badFile` for a damaged dataset, `wrongUse` for a regression file with errors, `engineFailed` or
 *   `adapterBroken`; the signal's reason when aborted.
 */
export async function judgeVersion(props: JudgeVersionProps): Promise<EvalReport> {
  const { repository, info, engine, folders, datasetDigest, clock, logger, signal } = props;
  const dataset = readDataset(datasetsFolder(folders.data), datasetDigest);
  const gathered = await gather({
    ...{ repo: repository, info, tokenizer: engine, cases: dataset.evaluation },
    ...{ dataFolder: folders.data, mediaFolder: props.mediaFolder },
    ...(props.nFrozen === undefined ? {} : { nFrozen: props.nFrozen }),
    ...(props.nOutside === undefined ? {} : { nOutside: props.nOutside }),
  });
  const retriever = createFreshRetriever({
    ...{ repository, logger, cacheFolder: folders.cache, settingGlobs: props.settingGlobs },
    nowMs: () => clock.nowMs(),
  });
  const suggester = createCompleterSuggester({
    ...{ engine, retriever, clock, logger, repoName: repository.name },
    ...{ maxPromptTokens: props.maxPromptTokens, maxNewTokens },
  });
  try {
    await retriever.seeCommit(dataset.manifest.split.trainingHead, signal);
    return await judge({
      ...gathered,
      candidate: { ...props.candidate, sizeBytes: sizeOf(props.candidate) },
      ...{ champion: props.champion, datasetDigest },
      base: { digest: info.digest, sizeBytes: info.sizeBytes },
      nCompleted: props.nCompleted ?? defaultCompleted,
      probes: await probesOf(props, dataset),
      ...{ scorer: engine, suggester, clock, signal },
      known: openScoreCache(join(folders.cache, 'scores', `${info.digest.slice(0, 16)}.txt`)),
      settings: props.settings,
      mayGoOn: props.mayGoOn,
      onProgress: props.onProgress,
    });
  } finally {
    suggester.dispose();
    retriever.dispose();
  }
}

/** Of what is loaded beside the base model; its other forms only lie on the disk. */
function sizeOf({ file }: JudgedAdapter): number {
  return file === undefined ? 0 : statSync(file.path).size;
}

/** Secrets that stand in files of the commit that training was of; what it took out of them, it should not know. */
async function probesOf(
  { repository, signal }: JudgeVersionProps,
  { manifest }: Dataset,
): Promise<FoundSecret[]> {
  const files = (await repository.listTree(manifest.split.trainingHead, signal))
    .filter((file) => file.sizeBytes <= maxSecretFileBytes)
    .sort((a, b) => Number(configuration.test(b.path)) - Number(configuration.test(a.path)))
    .slice(0, maxSecretFiles);
  const blobs = await repository.readBlobs(
    files.map((file) => file.blobId),
    signal,
  );
  const texts = files.flatMap(({ path }, i) => {
    const blob = blobs[i];
    return blob === undefined || blob.includes(0) ? [] : { path, text: blob.toString('utf8') };
  });
  return findSecrets(texts, maxProbes);
}
