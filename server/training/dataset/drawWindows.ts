/** Draws the plain windows: around what commits added first, then of present files, without repetition. */

import type { Tokenizer } from '../../prompt/promptParts.ts';
import type { DatasetSettings } from './datasetSettings.ts';
import type { WindowExample } from './example.ts';
import { historyWindows } from './historyExamples.ts';
import { limitByPath } from './limitByPath.ts';
import { withoutNearDuplicates } from './nearDuplicates.ts';
import type { HistoryCommit } from './readHistory.ts';
import type { SnapshotFile } from './readSnapshot.ts';
import { snapshotWindows } from './snapshotExamples.ts';
import type { SnapshotFacts } from './snapshotExamples.ts';
import type { Tally } from './tally.ts';

export interface DrawWindowsProps {
  /** Newest first. */
  readonly history: readonly HistoryCommit[];
  readonly files: readonly SnapshotFile[];
  readonly facts: SnapshotFacts;
  readonly settings: DatasetSettings;
  readonly charsPerToken: number;
  readonly dropped: Tally;
}

/** Room in a window for the path and special tokens. */
const frameTokens = 24;
/** Drawn beyond what is wanted, as near-duplicates go. */
const margin = 1.3;
const pathLimit = { share: 0.15, min: 4 };

export function drawWindows(props: DrawWindowsProps): WindowExample[] {
  const { history, files, facts, settings, charsPerToken, dropped } = props;
  const windowChars = Math.floor(charsPerToken * Math.max(16, settings.maxItemTokens - frameTokens));
  const maxChars = settings.windowTokens * charsPerToken;
  const historyChars = maxChars * settings.windowHistoryShare;
  const ofHistory = takeChars(
    clean(
      historyWindows(history, facts.repoName, { windowChars, maxChars: historyChars * margin }, settings),
    ),
    historyChars,
  );
  const restChars = Math.max(0, maxChars - ofHistory.reduce((sum, each) => sum + each.text.length, 0));
  const ofFiles = snapshotWindows(files, { windowChars, maxChars: restChars * margin }, facts);
  return takeChars(clean([...ofHistory, ...ofFiles]), maxChars);

  function clean(windows: readonly WindowExample[]): WindowExample[] {
    const distinct = withoutNearDuplicates(windows, (each) => each.text, settings.duplicateShare);
    dropped.add('window: near-duplicate', windows.length - distinct.length);
    const limited = limitByPath(distinct, (each) => each.path, pathLimit);
    dropped.add('window: one of too many in its file', distinct.length - limited.length);
    return limited;
  }
}

/** Characters to a token in these files; 3 where there are none. */
export async function measureCharsPerToken(
  files: readonly SnapshotFile[],
  tokenizer: Tokenizer,
): Promise<number> {
  const samples = files.slice(0, nSamples).map((file) => file.text.slice(0, sampleChars));
  const nTokens = (await tokenizer.tokenize(samples)).reduce((sum, tokens) => sum + tokens.length, 0);
  const nChars = samples.reduce((sum, text) => sum + text.length, 0);
  return nTokens === 0 ? 3 : nChars / nTokens;
}

const nSamples = 24;
const sampleChars = 4000;

function takeChars(windows: readonly WindowExample[], maxChars: number): WindowExample[] {
  let left = maxChars;
  return windows.filter((each) => {
    const isWanted = left > 0;
    left -= each.text.length;
    return isWanted;
  });
}
