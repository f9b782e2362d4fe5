/** The cases that a trained adapter is measured on: lines of held-out commits, and of held-out files. Pure. */

import { casesOfFile } from '../../cursors/casesOfFile.ts';
import type { CursorCase } from '../../cursors/cursorCase.ts';
import { randomOf } from './ownRandom.ts';
import type { HistoryCommit } from './readHistory.ts';
import { secretMark } from '../../secrets/scrubSecrets.ts';
import { maxCasesPerCommit } from './splitHistory.ts';
import type { HistorySplit } from './splitHistory.ts';

export interface HeldOutCase extends CursorCase {
  /** `time`: of a commit that is newer than all of training. `file`: of a file that training never sees. */
  readonly heldOutBy: 'time' | 'file';
  readonly timeMs: number;
}

const maxCasesPerFile = 3;
/** Cases of held-out files, for each case of held-out commits. */
const fileCaseShare = 0.25;

/** At most `nCases` of commits, newest first, and a quarter as many of files. */
export function evaluationCases(split: HistorySplit, nCases: number, seed: number): HeldOutCase[] {
  const byTime = draw(split.heldOut, 'time', nCases, seed);
  const byFile = draw(split.heldOutFiles, 'file', Math.ceil(nCases * fileCaseShare), seed);
  return [...byTime, ...byFile];
}

function draw(
  commits: readonly HistoryCommit[],
  heldOutBy: HeldOutCase['heldOutBy'],
  max: number,
  seed: number,
): HeldOutCase[] {
  const cases: HeldOutCase[] = [];
  for (const { commit, files } of commits) {
    if (cases.length >= max) break;
    const random = randomOf(seed, `cases\n${commit.id}`);
    const ofCommit: CursorCase[] = [];
    for (const file of random.shuffle(files)) {
      const room = Math.min(maxCasesPerFile, maxCasesPerCommit - ofCommit.length);
      ofCommit.push(...casesOfFile(file, room, random).filter((each) => !each.middle.includes(secretMark)));
    }
    cases.push(...ofCommit.map((each) => ({ ...each, heldOutBy, timeMs: commit.timeMs })));
  }
  return cases.slice(0, max);
}
