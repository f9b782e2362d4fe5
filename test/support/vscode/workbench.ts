/** What a person sees and does in one window of the real editor: open, type, ghost text, keys, commands, status bar. */

import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import type { CodeServer } from '../../../scripts/codeServer/startCodeServer.ts';
import { checkout } from './runFolder.ts';
import { until } from './until.ts';

export interface OpenOptions {
  /** Absolute path of the folder; none: an empty window. */
  readonly folder?: string;
  /** Absolute path of a file to open. */
  readonly file?: string;
}

export interface Workbench {
  readonly page: Page;
  /** Types at the cursor, a key at a time. */
  type(text: string): Promise<void>;
  press(key: string): Promise<void>;
  /** Moves the cursor to the end of the document. */
  goToEnd(): Promise<void>;
  /** The ghost text in sight, lines joined by "\n"; empty when there is none. */
  ghostText(): Promise<string>;
  /** Waits for ghost text and returns it. */
  untilGhostText(deadlineMs?: number): Promise<string>;
  untilNoGhostText(): Promise<void>;
  /** Texts of the status bar's items. */
  statusBar(): Promise<string[]>;
  /** Waits until an item of the status bar matches and returns its text. */
  untilStatus(pattern: RegExp, deadlineMs?: number): Promise<string>;
  /** Runs a command by its title in the palette. */
  command(title: string): Promise<void>;
  /** Saves the file in focus, and returns what is on disk once `isSaved` holds for it. */
  save(path: string, isSaved: (text: string) => boolean): Promise<string>;
  /** Writes `artifacts/screenshots/NAME.png`. */
  screenshot(name: string): Promise<void>;
  close(): Promise<void>;
}

const startDeadlineMs = 60_000;
const typingDelayMs = 30;
const ghostSelector = '.monaco-editor .ghost-text-decoration, .monaco-editor .ghost-text';

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
  const statusBar = (): Promise<string[]> => page.locator('.statusbar-item').allInnerTexts();
  const ghostText = async (): Promise<string> => plain(await page.locator(ghostSelector).allInnerTexts());
  return {
    page,
    type: (text) => keyboard.type(text, { delay: typingDelayMs }),
    press: (key) => keyboard.press(key),
    goToEnd: () => keyboard.press('Control+End'),
    ghostText,
    untilGhostText: (deadlineMs) =>
      until('ghost text', async () => (await ghostText()) || undefined, deadlineMs),
    untilNoGhostText: async () => void (await until('no ghost text', async () => (await ghostText()) === '')),
    statusBar,
    untilStatus: (pattern, deadlineMs) =>
      until(
        `a status bar item like ${String(pattern)}`,
        async () => (await statusBar()).find((text) => pattern.test(text)),
        deadlineMs,
      ),
    command: (title) => runCommand(page, title),
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

async function runCommand(page: Page, title: string): Promise<void> {
  await page.keyboard.press('F1');
  const input = page.locator('.quick-input-widget input').first();
  await input.waitFor();
  await input.fill(`>${title}`);
  await page.locator('.quick-input-list .monaco-list-row', { hasText: title }).first().waitFor();
  await page.keyboard.press('Enter');
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
