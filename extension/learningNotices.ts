/** Notifications about learning: only of what needs a person, and of each once. What they say is in learningStatus.ts. */

import { commands, window, workspace } from 'vscode';
import type { Disposable, Memento } from 'vscode';
import { commandIds } from './commandIds.ts';
import type { LearningBoard } from './learningBoard.ts';
import { isWithin, noticesOf } from './learningStatus.ts';
import type { LearningNotice } from './learningStatus.ts';

const memoryKey = 'idiom.toldNotices';
const nRemembered = 50;

/** @param memory of all windows, as news of what serves needs no second telling; what waits for an answer is told in each. */
export function showLearningNotices(board: LearningBoard, memory: Memento): Disposable {
  const told = new Set<string>();
  return board.onChange((repositories) => {
    for (const notice of noticesOf(repositories)) {
      const { key, kind, root } = notice;
      const before = memory.get<readonly string[]>(memoryKey, []);
      if (told.has(key) || before.includes(key) || !isOfThisWindow(root)) continue;
      told.add(key);
      if (kind === 'serving') void memory.update(memoryKey, [...before, key].slice(-nRemembered));
      void show(notice);
    }
  });
}

/** The daemon serves other windows too, and each tells its own. */
function isOfThisWindow(root: string): boolean {
  const folders = workspace.workspaceFolders ?? [];
  return folders.some(({ uri }) => isWithin(root, uri.fsPath) || isWithin(uri.fsPath, root));
}

async function show({ kind, sentence, digest }: LearningNotice): Promise<void> {
  const look = 'Show Dashboard';
  const promote = 'Use This Version';
  const choice =
    kind === 'approval'
      ? await window.showInformationMessage(sentence, promote, look)
      : await window.showWarningMessage(sentence, look);
  if (choice === look) await commands.executeCommand(commandIds.showDashboard);
  if (choice === promote) await commands.executeCommand(commandIds.promote, digest);
}
