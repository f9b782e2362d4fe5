/** Examples from files as they are at the split: windows of them, and cursors between lines that are there. Pure. */

import { languageOfPath } from '../../prompt/languageOfPath.ts';
import { cutWindow } from './cutWindow.ts';
import { drawFillIns } from './drawFillIns.ts';
import type { WindowExample } from './example.ts';
import type { DrawnExample } from './historyExamples.ts';
import { randomOf } from './ownRandom.ts';
import type { SnapshotFile } from './readSnapshot.ts';

export interface SnapshotFacts {
  readonly repoName: string;
  readonly commit: string;
  readonly timeMs: number;
  readonly weight: number;
  readonly seed: number;
}

export const maxSnapshotWindowsPerFile = 4;
const maxFillInsPerFile = 2;

export function drawSnapshotFillIns(
  files: readonly SnapshotFile[],
  max: number,
  facts: SnapshotFacts,
): DrawnExample[] {
  const perFile = Math.max(maxFillInsPerFile, Math.ceil(max / Math.max(1, files.length)));
  const examples: DrawnExample[] = [];
  for (const { path, text } of files) {
    if (examples.length >= max) break;
    const found = drawFillIns({
      path,
      text,
      ranges: [{ firstIdx: 0, lastIdx: text.split('\n').length - 1 }],
      max: perFile,
      restShare: 1,
      random: randomOf(facts.seed, `snapshot fill-ins\n${path}`),
    });
    examples.push(
      ...found.map((drawn) => ({ drawn, origin: originOf(facts, path, drawn.line), asOf: facts.commit })),
    );
  }
  return examples.slice(0, max);
}

export function snapshotWindows(
  files: readonly SnapshotFile[],
  size: { readonly windowChars: number; readonly maxChars: number },
  facts: SnapshotFacts,
): WindowExample[] {
  const windows: WindowExample[] = [];
  let left = size.maxChars;
  for (const { path, text } of files) {
    if (left <= 0) break;
    for (const { firstIdx, text: part } of windowsOf(path, text, size.windowChars, facts.seed)) {
      windows.push({
        kind: 'window',
        repoName: facts.repoName,
        languageId: languageOfPath(path),
        text: part,
        ...originOf(facts, path, firstIdx + 1),
      });
      left -= part.length;
    }
  }
  return windows;
}

function originOf(
  { commit, timeMs, weight }: SnapshotFacts,
  path: string,
  line: number,
): DrawnExample['origin'] {
  return { source: 'snapshot', weight, timeMs, path, commit, line };
}

/** The whole of a short file; of a longer one, windows one after the other, drawn when there are too many. */
function windowsOf(
  path: string,
  text: string,
  windowChars: number,
  seed: number,
): { firstIdx: number; text: string }[] {
  const lines = text.split('\n');
  const windows: { firstIdx: number; text: string }[] = [];
  for (let idx = 0; idx < lines.length;) {
    const cut = cutWindow(lines, idx, lines.length - 1, windowChars);
    windows.push(cut);
    idx = cut.lastIdx + 1;
  }
  if (windows.length <= maxSnapshotWindowsPerFile) return windows;
  return randomOf(seed, `windows\n${path}`).shuffle(windows).slice(0, maxSnapshotWindowsPerFile);
}
