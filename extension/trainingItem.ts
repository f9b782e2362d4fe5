/** An item in the status bar while this window's repository is trained on: how far it is and how long still. A click opens the dashboard. */

import { MarkdownString, StatusBarAlignment, window } from 'vscode';
import type { Disposable } from 'vscode';
import { progressDetail, progressTitle } from '../protocol/progressText.ts';
import { commandIds } from './commandIds.ts';
import type { LearningBoard } from './learningBoard.ts';

/** Left of Idiom's own item. */
const priority = 101;

export function showTrainingItem(board: LearningBoard): Disposable {
  const item = window.createStatusBarItem('idiom.training', StatusBarAlignment.Right, priority);
  item.name = 'Idiom Training';
  item.command = commandIds.showDashboard;
  let drawn = '';
  const subscriptions = [board.onChange(draw), window.onDidChangeActiveTextEditor(draw)];
  draw();

  function draw(): void {
    const learning = board.current ?? board.repositories[0];
    const title = learning === undefined ? undefined : progressTitle(learning);
    if (learning === undefined || title === undefined) {
      drawn = '';
      return item.hide();
    }
    const detail = progressDetail(learning);
    if (drawn === title + detail) return;
    drawn = title + detail;
    item.text = `$(mortar-board) ${title}`;
    const tooltip = new MarkdownString();
    [`${learning.name}: ${learning.detail}`, detail, 'Click to open the dashboard.']
      .filter((sentence) => sentence !== '')
      .forEach((sentence, index) => tooltip.appendMarkdown(index > 0 ? '\n\n' : '').appendText(sentence));
    item.tooltip = tooltip;
    item.accessibilityInformation = { label: `Idiom: ${title}. ${detail}`, role: 'button' };
    item.show();
  }
  return {
    dispose() {
      for (const subscription of subscriptions) subscription.dispose();
      item.dispose();
    },
  };
}
