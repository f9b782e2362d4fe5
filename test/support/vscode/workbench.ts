/** What a person sees and does in one window of the real editor: open, type, ghost text, keys, commands, status bar. */

import { mkdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { FrameLocator, Page } from 'playwright-core';
import type { CodeServer } from '../../../scripts/codeServer/startCodeServer.ts';
import { checkout } from './runFolder.ts';
import { until } from './until.ts';

export interface OpenOptions {
  /** Absolute path of the folder; none: an empty window. */
  readonly folder?: string;
  /** Absolute path of a file to open. */
  readonly file?: string;
  /** For pictures: pixels to a point, and the window's size in points. Default: 1, and 1280 by 800. */
  readonly picture?: { readonly scale: number; readonly width: number; readonly height: number };
}

export interface Workbench {
  readonly page: Page;
  /** Types at the cursor, a key at a time. */
  type(text: string): Promise<void>;
  press(key: string): Promise<void>;
  /** Opens a file of the folder by its name or path, with the cursor there. 1-based; it must be the first that is found. */
  openFile(name: string, at?: { readonly line: number; readonly column: number }): Promise<void>;
  /** The ghost text in sight, lines joined by "\n"; empty when there is none. */
  ghostText(): Promise<string>;
  /** Waits for ghost text and returns it. */
  untilGhostText(deadlineMs?: number): Promise<string>;
  untilNoGhostText(): Promise<void>;
  /** Texts of the status bar's items. */
  statusBar(): Promise<string[]>;
  /** Waits until an item of the status bar matches and returns its text. */
  untilStatus(pattern: RegExp, deadlineMs?: number): Promise<string>;
  /** Runs a command by its whole title in the palette. */
  command(title: string): Promise<void>;
  /** The page of the report that was opened last. */
  renderedPage(): FrameLocator;
  /** Saves the file in focus, and returns what is on disk once `isSaved` holds for it. */
  save(path: string, isSaved: (text: string) => boolean): Promise<string>;
  /** Writes `artifacts/screenshots/NAME.png`. */
  screenshot(name: string): Promise<void>;
  close(): Promise<void>;
}

const startDeadlineMs = 60_000;
const typingDelayMs = 30;

/** Runs in the page and gives its lines. Ghost text is coloured, so a line of it is made of many pieces. */
export const readGhostText = `(() => {
  // Beside the pop-up, what goes beyond its entry is of another class.
  const classes = ['ghost-text-decoration', 'ghost-text-decoration-preview', 'ghost-text'];
  const selector = classes.map((name) => '.monaco-editor .' + name).join(', ');
  const pieces = [...document.querySelectorAll(selector)].filter((each) => !each.querySelector(selector));
  const lines = new Map();
  for (const piece of pieces) {
    const line = piece.closest('.view-line') ?? piece;
    lines.set(line, (lines.get(line) ?? '') + piece.textContent);
  }
  const top = (line) => line.getBoundingClientRect().top;
  return [...lines].sort(([a], [b]) => top(a) - top(b)).map(([, text]) => text);
})()`;

/** Loads the window in `page` and waits until its editor is there. */
export async function openWorkbench(page: Page, server: CodeServer, what: OpenOptions): Promise<Workbench> {
  const payload = what.file === undefined ? [] : [['openFile', server.fileScheme + what.file]];
  const query = new URLSearchParams({
    ...(what.folder === undefined ? { ew: 'true' } : { folder: what.folder }),
    payload: JSON.stringify(payload),
  });
  await page.goto(`${server.url}/?${query.toString()}`);
  await page.locator('.monaco-workbench').waitFor({ timeout: startDeadlineMs });
  if (what.file !== undefined) {
    const editor = page.locator('.editor-instance .monaco-editor .view-lines').first();
    await editor.waitFor({ timeout: startDeadlineMs });
    await editor.click();
  }
  return workbenchOf(page);
}

function workbenchOf(page: Page): Workbench {
  const { keyboard } = page;
  const statusBar = async (): Promise<string[]> =>
    (await page.locator('.statusbar-item').allInnerTexts()).map((text) => plain([text]).trim());
  const ghostText = async (): Promise<string> => plain(await page.evaluate<string[]>(readGhostText));
  return {
    page,
    type: (text) => keyboard.type(text, { delay: typingDelayMs }),
    press: (key) => keyboard.press(key),
    openFile: (name, at) => openFile(page, name, at),
    ghostText,
    untilGhostText: (deadlineMs) =>
      until('ghost text', async () => (await ghostText()) || undefined, deadlineMs),
    untilNoGhostText: async () => void (await until('no ghost text', async () => (await ghostText()) === '')),
    statusBar,
    untilStatus: (pattern, deadlineMs) => untilStatus(statusBar, pattern, deadlineMs),
    command: (title) => runCommand(page, title),
    renderedPage: () => page.frameLocator('iframe.webview.ready').last().frameLocator('#active-frame'),
    async save(path, isSaved) {
      await keyboard.press('Control+s');
      return until(`${path} to be saved`, () => {
        const text = readFileSync(path, 'utf8');
        return isSaved(text) ? text : undefined;
      });
    },
    screenshot: (name) => screenshot(page, name),
    close: () => page.close(),
  };
}

async function untilStatus(
  statusBar: () => Promise<string[]>,
  pattern: RegExp,
  deadlineMs: number | undefined,
): Promise<string> {
  const what = `a status bar item like ${String(pattern)}`;
  let seen: readonly string[] = [];
  try {
    return await until(
      what,
      async () => (seen = await statusBar()).find((text) => pattern.test(text)),
      deadlineMs,
    );
  } catch (error) {
    throw new Error(`The status bar has ${JSON.stringify(seen)}, not ${what}.`, { cause: error });
  }
}

async function openFile(
  page: Page,
  name: string,
  at: { readonly line: number; readonly column: number } | undefined,
): Promise<void> {
  const place = at === undefined ? '' : `:${at.line}:${at.column}`;
  const label = basename(name);
  await fillQuickInput(page, 'Control+p', name + place);
  await page.locator('.quick-input-list .monaco-list-row', { hasText: label }).first().waitFor();
  await page.keyboard.press('Enter');
  await page.locator('.tab.active', { hasText: label }).first().waitFor();
  await page.locator('.quick-input-widget').first().waitFor({ state: 'hidden' });
  if (at === undefined) return;
  const cursor = page.locator('.statusbar-item', { hasText: `Ln ${at.line}, Col ${at.column}` });
  await cursor.first().waitFor();
}

/** A slow window may close the box again as its focus moves; then one asks for it again. */
async function fillQuickInput(page: Page, key: string, text: string): Promise<void> {
  const input = page.locator('.quick-input-widget input').first();
  await until(`the box that ${key} opens to take "${text}"`, async () => {
    if (!(await input.isVisible())) await page.keyboard.press(key);
    await input.fill(text, { timeout: 2000 });
    return true;
  });
}

async function runCommand(page: Page, title: string): Promise<void> {
  await fillQuickInput(page, 'F1', `>${title}`);
  const label = page.locator('.label-name').getByText(title, { exact: true });
  await page.locator('.quick-input-list .monaco-list-row', { has: label }).first().click();
}

async function screenshot(page: Page, name: string): Promise<void> {
  const folder = join(checkout, 'artifacts', 'screenshots');
  mkdirSync(folder, { recursive: true });
  await page.screenshot({ path: join(folder, `${name}.png`) });
}

/** The editor shows blanks as U+00A0. */
function plain(texts: readonly string[]): string {
  return texts.join('\n').replaceAll('\u00a0', ' ');
}
