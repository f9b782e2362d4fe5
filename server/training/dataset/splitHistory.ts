/** Holds out the newest commits, and whole files, for evaluation. Pure. */

import { isWorthAsking } from '../../cursors/casesOfFile.ts';
import type { DatasetSettings } from './datasetSettings.ts';
import { shareOf } from './ownRandom.ts';
import type { HistoryCommit } from './readHistory.ts';

export interface HistorySplit {
  /** Newest first. */
  readonly heldOut: readonly HistoryCommit[];
  /** Newest first, without changes of files that are held out. */
  readonly training: readonly HistoryCommit[];
  /** Changes of held-out files in the commits of `training`. */
  readonly heldOutFiles: readonly HistoryCommit[];
  /** The newest commit that training may see anything of; undefined when there is none. */
  readonly trainingHead: string | undefined;
  /** Author time of the oldest held-out commit. */
  readonly splitTimeMs: number | undefined;
}

type SplitSettings = Pick<DatasetSettings, 'nEvaluationCases' | 'heldOutCommitShare' | 'heldOutFileShare'>;

/** Cases that one commit can give to an evaluation; see evaluationCases.ts. */
export const maxCasesPerCommit = 8;

export function isHeldOutFile(path: string, seed: number, settings: SplitSettings): boolean {
  return shareOf(seed, `held out\n${path}`) < settings.heldOutFileShare;
}

/** @param history newest first. */
export function splitHistory(
  history: readonly HistoryCommit[],
  seed: number,
  settings: SplitSettings,
): HistorySplit {
  const maxHeldOut = Math.floor(history.length * settings.heldOutCommitShare);
  let nCases = 0;
  let nHeldOut = 0;
  while (nHeldOut < maxHeldOut && nCases < settings.nEvaluationCases) {
    nCases += Math.min(maxCasesPerCommit, nPlaces(history[nHeldOut++] as HistoryCommit));
  }
  const rest = history.slice(nHeldOut);
  const oldest = history[nHeldOut - 1]?.commit;
  const pick = (isWanted: (path: string) => boolean) =>
    rest
      .map((each) => ({ ...each, files: each.files.filter((file) => isWanted(file.path)) }))
      .filter((each) => each.files.length > 0);
  const isOut = (path: string) => isHeldOutFile(path, seed, settings);
  return {
    heldOut: history.slice(0, nHeldOut),
    training: pick((path) => !isOut(path)),
    heldOutFiles: pick(isOut),
    trainingHead: oldest === undefined ? history[0]?.commit.id : oldest.firstParent,
    splitTimeMs: oldest?.timeMs,
  };
}

function nPlaces({ files }: HistoryCommit): number {
  return files
    .flatMap((file) => file.blocks)
    .reduce((sum, block) => sum + block.lines.filter(isWorthAsking).length, 0);
}
