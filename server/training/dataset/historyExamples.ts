/** Examples from what commits added: cursors in the added lines, and windows around them. Newer ones weigh more. */

import type { ChangedFile } from '../../cursors/casesOfFile.ts';
import { languageOfPath } from '../../prompt/languageOfPath.ts';
import type { DatasetSettings } from './datasetSettings.ts';
import { drawFillIns } from './drawFillIns.ts';
import type { DrawnFillIn } from './drawFillIns.ts';
import type { ExampleOrigin, WindowExample } from './example.ts';
import { randomOf } from './ownRandom.ts';
import type { HistoryCommit } from './readHistory.ts';
import { cutWindow } from './cutWindow.ts';

/** A cursor that is yet without snippets. */
export interface DrawnExample {
  readonly drawn: DrawnFillIn;
  readonly origin: ExampleOrigin;
  /** The commit that retrieval may see: the one before the lines were added. */
  readonly asOf: string;
}

/** In a fifth of the cases there is more below the cursor than serving would find while a block is first typed. */
const restShare = 0.2;
const maxFillInsPerFile = 6;
/** Of one commit, at least and at most, whatever the length of the history. */
const fillInsPerCommit = { min: 3, max: 16 };
const maxWindowsPerFile = 2;
const maxWindowsPerCommit = 8;

/** @param history newest first. */
export function drawHistoryFillIns(
  history: readonly HistoryCommit[],
  max: number,
  seed: number,
  settings: DatasetSettings,
): DrawnExample[] {
  const wanted = Math.ceil((2 * max) / Math.max(1, history.length));
  const perCommit = Math.min(fillInsPerCommit.max, Math.max(fillInsPerCommit.min, wanted));
  const examples: DrawnExample[] = [];
  for (const [age, { commit, files }] of history.entries()) {
    if (examples.length >= max) break;
    const random = randomOf(seed, `fill-ins\n${commit.id}`);
    let room = perCommit;
    for (const file of random.shuffle(files)) {
      const found = drawFillIns({
        path: file.path,
        text: file.text,
        ranges: rangesOf(file),
        max: Math.min(maxFillInsPerFile, room),
        restShare,
        random,
      });
      room -= found.length;
      examples.push(
        ...found.map((drawn) => ({
          drawn,
          origin: originOf(history, age, file.path, drawn.line, settings),
          asOf: commit.firstParent ?? commit.id,
        })),
      );
    }
  }
  return examples.slice(0, max);
}

/** Windows of about `windowChars` around added lines, until they have `maxChars` together. */
export function historyWindows(
  history: readonly HistoryCommit[],
  repoName: string,
  size: { readonly windowChars: number; readonly maxChars: number },
  settings: DatasetSettings,
): WindowExample[] {
  const windows: WindowExample[] = [];
  let left = size.maxChars;
  for (const [age, { files }] of history.entries()) {
    if (left <= 0) break;
    const ofCommit = files
      .flatMap((file) => windowsOfFile(file, size.windowChars))
      .slice(0, maxWindowsPerCommit);
    for (const { file, firstIdx, text } of ofCommit) {
      const languageId = languageOfPath(file.path);
      const origin = originOf(history, age, file.path, firstIdx + 1, settings);
      windows.push({ kind: 'window', repoName, languageId, text, ...origin });
      left -= text.length;
    }
  }
  return windows;
}

function originOf(
  history: readonly HistoryCommit[],
  age: number,
  path: string,
  line: number,
  settings: DatasetSettings,
): ExampleOrigin {
  const { id, timeMs } = (history[age] as HistoryCommit).commit;
  const weight = Math.max(settings.minHistoryWeight, 2 ** (-age / settings.halfLifeCommits));
  return { source: 'history', weight, timeMs, path, commit: id, line };
}

function windowsOfFile(
  file: ChangedFile,
  windowChars: number,
): { file: ChangedFile; firstIdx: number; text: string }[] {
  const lines = file.text.split('\n');
  const windows: { file: ChangedFile; firstIdx: number; text: string }[] = [];
  let coveredIdx = -1;
  for (const { firstIdx, lastIdx } of rangesOf(file)) {
    while (coveredIdx < lastIdx && windows.length < maxWindowsPerFile) {
      const from = Math.max(firstIdx, coveredIdx + 1);
      const cut = cutWindow(lines, from, lastIdx, windowChars);
      windows.push({ file, firstIdx: cut.firstIdx, text: cut.text });
      coveredIdx = cut.lastIdx;
    }
  }
  return windows;
}

function rangesOf({ blocks }: ChangedFile): { firstIdx: number; lastIdx: number }[] {
  return blocks.map(({ startLine, lines }) => ({
    firstIdx: startLine - 1,
    lastIdx: startLine - 2 + lines.length,
  }));
}
