/** Notifications about learning: only of what needs a person, and of each once. What they say is in learningStatus.ts. */

import { commands, window, workspace } from 'vscode';
import type { Disposable } from 'vscode';
import { commandIds } from './commandIds.ts';
import type { LearningBoard } from './learningBoard.ts';
import { isWithin, noticesOf } from './learningStatus.ts';
import type { LearningNotice } from './learningStatus.ts';

export function showLearningNotices(board: LearningBoard): Disposable {
  const told = new Set<string>();
  return board.onChange((repositories) => {
    for (const notice of noticesOf(repositories)) {
      if (told.has(notice.key) || !isOfThisWindow(notice.root)) continue;
      told.add(notice.key);
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
