/** The list behind a click on the status bar: what is going on, and the actions that fit. */

import { commands, window } from 'vscode';
import { statusActions } from './commandIds.ts';
import type { StatusView } from './statusText.ts';

export async function showStatusMenu(view: StatusView): Promise<void> {
  const picked = await window.showQuickPick(
    view.actions.map((action) => statusActions[action]),
    { title: view.label, placeHolder: view.tooltip.join(' ') },
  );
  if (picked !== undefined) await commands.executeCommand(picked.command);
}
