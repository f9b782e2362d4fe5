/** A scripted developer: types the lines that they want, accepts what fits, takes a word where only that fits, rejects the rest. */

import type { Workbench } from '../vscode/workbench.ts';
import type { LaterLines } from './laterLines.ts';

export interface Tally {
  accepted: number;
  partiallyAccepted: number;
  rejected: number;
  /** Nothing came in time. */
  none: number;
}

export const noTally = (): Tally => ({ accepted: 0, partiallyAccepted: 0, rejected: 0, none: 0 });

/**
 * The editor as this developer needs it: it adds nothing by itself, and Tab and Enter take no entry of the pop-up, which
 * opens whenever it is ready.
 */
export const developerSettings = {
  'editor.autoIndent': 'none',
  'editor.autoClosingBrackets': 'never',
  'editor.autoClosingQuotes': 'never',
  'editor.autoSurround': 'never',
  'editor.formatOnType': false,
  'editor.acceptSuggestionOnCommitCharacter': false,
  'editor.suggestOnTriggerCharacters': false,
  'editor.quickSuggestions': { other: 'off', comments: 'off', strings: 'off' },
  'js/ts.validate.enabled': false,
  'typescript.validate.enable': false,
} as const;

/** Typed by hand before the rest is waited for. */
const typedShare = 0.4;

/** Types the lines into their file and saves it. `waitMs`: how long they wait for a suggestion. */
export async function typeLines(
  window: Workbench,
  wanted: LaterLines,
  waitMs: number,
  tally: Tally,
): Promise<void> {
  const { path, afterLine, afterLength, lines } = wanted;
  await window.openFile(path, { line: afterLine, column: afterLength + 1 });
  for (const [index, line] of lines.entries()) {
    await window.press('Enter');
    await typeLine(window, [line, ...lines.slice(index + 1)].join('\n'), line, waitMs, tally);
  }
  await window.press('Control+s');
}

/** `toCome`: the line and what follows it, since a suggestion may hold more than the line. */
async function typeLine(
  window: Workbench,
  toCome: string,
  line: string,
  waitMs: number,
  tally: Tally,
): Promise<void> {
  const indent = line.length - line.trimStart().length;
  const typed = indent + Math.max(2, Math.ceil((line.length - indent) * typedShare));
  await window.page.keyboard.insertText(line.slice(0, indent));
  await window.type(line.slice(indent, typed));
  const ghost = await window.untilGhostText(waitMs).catch(() => '');
  const rest = line.slice(typed);
  const word = /^\s*(?:\w+|[^\w\s]+)/.exec(ghost)?.[0] ?? '';
  let taken = 0;
  if (ghost === '') tally.none++;
  else if (toCome.slice(typed).startsWith(ghost) && !ghost.includes('\n')) {
    await window.press('Tab');
    taken = ghost.length;
    tally.accepted++;
  } else if (word !== '' && rest.startsWith(word)) {
    await window.press('Control+ArrowRight');
    taken = word.length;
    tally.partiallyAccepted++;
    await window.press('Escape');
  } else {
    await window.press('Escape');
    tally.rejected++;
  }
  if (rest.length > taken) await window.page.keyboard.insertText(rest.slice(taken));
}
