/** Opens a short example with the cursor where a suggestion belongs: for the walkthrough. Nothing is saved. */

import { commands, Selection, window, workspace } from 'vscode';

const before = `/** The price with tax, in cents. */
export function withTax(priceCents, taxShare) {
  return Math.round(priceCents * (1 + taxShare));
}

/** The price without tax, in cents. */
export function withoutTax(priceCents, taxShare) {
  return `;
const after = '\n}\n';
/** The palette gives the focus back when it closes, and ghost text goes where there is none. */
const settleMs = 300;

export async function openExample(): Promise<void> {
  const document = await workspace.openTextDocument({ language: 'javascript', content: before + after });
  const cursor = document.positionAt(before.length);
  await window.showTextDocument(document, { selection: new Selection(cursor, cursor) });
  await new Promise((resolve) => setTimeout(resolve, settleMs));
  await commands.executeCommand('workbench.action.focusActiveEditorGroup');
  await commands.executeCommand('editor.action.inlineSuggest.trigger');
}
