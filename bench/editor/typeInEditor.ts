/** Types a plan in a window of the real editor and reads from the screen when ghost text came, as a person would see it. */

import { setTimeout as wait } from 'node:timers/promises';
import type { Page } from 'playwright-core';
import { readGhostText } from '../../test/support/vscode/workbench.ts';
import type { Workbench } from '../../test/support/vscode/workbench.ts';
import type { TypedLine, TypedPlace } from './typingPlan.ts';

export interface Pause {
  /** From the last key to ghost text; undefined: none came. */
  readonly ghostMs: number | undefined;
  /** Its first line is what is typed next, up to the end of the line. */
  readonly isRight: boolean;
}

export interface TypedRun {
  readonly pauses: readonly Pause[];
  /** From the first key, and from the first pause, to the first ghost text; undefined: none came. */
  readonly firstAfterKeyMs: number | undefined;
  readonly firstAfterPauseMs: number | undefined;
  readonly nKeys: number;
  /** Keys that were pressed with ghost text in sight. */
  readonly nKeysInSight: number;
  /** Lines that stand in the file as they were typed. */
  readonly nLinesRight: number;
}

const patienceMs = 6000;
/** Nobody reads faster. */
const readingMs = 250;
const pollMs = 50;

/** Runs in the page: notes each key, and each change of the ghost text, with the page's own clock. */
const watchScreen = `(() => {
  const read = () => ${readGhostText}.join('\\n').replaceAll('\\u00a0', ' ');
  const seen = (window.idiomSeen = { keys: [], ghosts: [{ atMs: 0, text: '' }] });
  document.addEventListener('keydown', (event) => {
    if (!['Shift', 'Control', 'Alt'].includes(event.key)) seen.keys.push(performance.now());
  }, true);
  let isDue = false;
  const look = () => {
    isDue = false;
    const text = read();
    if (text !== seen.ghosts.at(-1).text) seen.ghosts.push({ atMs: performance.now(), text });
  };
  new MutationObserver(() => {
    if (isDue) return;
    isDue = true;
    queueMicrotask(look);
  }).observe(document.body, { subtree: true, childList: true, characterData: true });
})()`;

interface Seen {
  readonly keys: readonly number[];
  readonly ghosts: readonly { readonly atMs: number; readonly text: string }[];
}

/** A pause, as it was met: after how many keys, and what is typed next. */
interface Met {
  readonly nKeys: number;
  readonly rest: string;
}

export async function typeInEditor(window: Workbench, places: readonly TypedPlace[]): Promise<TypedRun> {
  const { page } = window;
  await page.evaluate(watchScreen);
  const met: Met[] = [];
  let nLinesRight = 0;
  for (const place of places) {
    await window.openFile(place.path, { line: place.line, column: place.column });
    const nBefore = (await lookAt(page)).keys.length;
    // The box in which a file is opened takes keys too.
    await page.evaluate(`window.idiomSeen.keys.length = ${nBefore}`);
    await wait(1500);
    for (const [i, line] of place.lines.entries()) {
      if (i > 0) await startLine(page);
      await typeLine(page, line, met);
    }
    const shown = await textInSight(page);
    nLinesRight += place.lines.filter(({ text }) => shown.includes(text)).length;
  }
  return summarise(await lookAt(page), met, nLinesRight);
}

async function typeLine(page: Page, { text, keys }: TypedLine, met: Met[]): Promise<void> {
  for (const [i, { key, waitMs, isPause }] of keys.entries()) {
    await wait(waitMs);
    await page.keyboard.type(key);
    if (!isPause) continue;
    const { keys: pressed } = await lookAt(page);
    met.push({ nKeys: pressed.length, rest: text.slice(i + 1) });
    await untilGhost(page);
    await wait(readingMs);
  }
}

/** With the pop-up open, Enter would take its entry; a person closes it. */
async function startLine(page: Page): Promise<void> {
  if (await page.locator('.suggest-widget.visible').isVisible()) await page.keyboard.press('Escape');
  await page.keyboard.press('Enter');
}

async function untilGhost(page: Page): Promise<void> {
  const end = Date.now() + patienceMs;
  while (Date.now() < end) {
    const { keys, ghosts } = await lookAt(page);
    const last = ghosts.at(-1);
    // Text that was there before the key is taken off or changed by it.
    if (last !== undefined && last.text !== '' && last.atMs >= (keys.at(-1) ?? 0)) return;
    await wait(pollMs);
  }
}

async function textInSight(page: Page): Promise<string> {
  const texts = await page.locator('.editor-instance .view-lines').allInnerTexts();
  return texts.join('\n').replaceAll('\u00a0', ' ');
}

const lookAt = (page: Page): Promise<Seen> => page.evaluate<Seen>('window.idiomSeen');

function summarise({ keys, ghosts }: Seen, met: readonly Met[], nLinesRight: number): TypedRun {
  const firstGhost = ghosts.find(({ text }) => text !== '');
  const pauses = met.map(({ nKeys, rest }) => {
    const keyMs = keys[nKeys - 1] ?? 0;
    const endMs = Math.min(keys[nKeys] ?? Infinity, keyMs + patienceMs);
    const ghost = ghosts.find(({ atMs, text }) => atMs >= keyMs && atMs < endMs && text !== '');
    const last = ghosts.findLast(({ atMs, text }) => atMs >= keyMs && atMs < endMs && text !== '');
    return {
      ghostMs: ghost === undefined ? undefined : ghost.atMs - keyMs,
      isRight: last !== undefined && isSame(last.text.split('\n')[0] ?? '', rest),
    };
  });
  const sinceKey = (keyMs: number | undefined) =>
    firstGhost === undefined || keyMs === undefined ? undefined : Math.max(0, firstGhost.atMs - keyMs);
  const inSight = keys.filter((keyMs) => ghosts.findLast(({ atMs }) => atMs < keyMs)?.text !== '');
  return {
    pauses,
    firstAfterKeyMs: sinceKey(keys[0]),
    firstAfterPauseMs: sinceKey(keys[(met[0]?.nKeys ?? 1) - 1]),
    nKeys: keys.length,
    nKeysInSight: inSight.length,
    nLinesRight,
  };
}

/** Closers that the editor had put in are no part of the ghost text. */
const isSame = (ghost: string, rest: string): boolean => withoutClosers(ghost) === withoutClosers(rest);
const withoutClosers = (text: string): string => text.trim().replace(/[)\]}'"`;,\s]+$/, '');
