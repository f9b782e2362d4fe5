/** One code-server and one browser for the tests of a file: started once, ended with everything they started. */

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import type { Browser, BrowserContext } from 'playwright-core';
import { ensureChromium } from '../../../scripts/codeServer/chromium.ts';
import { installCodeServer } from '../../../scripts/codeServer/installCodeServer.ts';
import { runCodeServer, startCodeServer } from '../../../scripts/codeServer/startCodeServer.ts';
import type { CodeServer } from '../../../scripts/codeServer/startCodeServer.ts';
import { killAllOf } from './processes.ts';
import { checkout } from './runFolder.ts';
import type { RunFolder } from './runFolder.ts';
import { openWorkbench } from './workbench.ts';
import type { OpenOptions, Workbench } from './workbench.ts';

export interface EditorRun {
  readonly folder: RunFolder;
  readonly server: CodeServer;
  /** Opens a window, as a page of the one browser. */
  open(options: OpenOptions): Promise<Workbench>;
  /** Keeps the logs under `artifacts/`, ends every process and removes the folder. */
  end(name: string): Promise<void>;
}

const say = (line: string): void => void process.stderr.write(`${line}\n`);

/** Installs what is missing, then starts both. When a start fails, nothing is left running. */
export async function startEditorRun(folder: RunFolder): Promise<EditorRun> {
  const atExit = (): void => killAllOf(folder.idiomHome);
  process.once('exit', atExit);
  const executablePath = ensureChromium(say);
  const { entryPath } = await installCodeServer(say);
  const options = { entryPath, folders: folder.editor, env: folder.env };
  let server: CodeServer | undefined;
  let browser: Browser | undefined;
  async function endProcesses(): Promise<void> {
    await browser?.close();
    await server?.stop();
    killAllOf(folder.idiomHome);
    process.off('exit', atExit);
  }
  try {
    server = await startCodeServer(options);
    browser = await chromium.launch({ executablePath, headless: true, args: browserArgs });
    const windows = { browser, server, context: await browser.newContext({ viewport: defaultSize }) };
    return {
      folder,
      server,
      open: (what) => openWindow(windows, what),
      async end(name) {
        await keepPictures(browser, name).catch(() => undefined);
        await endProcesses();
        folder.keepLogs(name);
        folder.dispose();
      },
    };
  } catch (error) {
    await endProcesses();
    throw error;
  }
}

/** Installs a packaged extension into the run's own extensions folder. @throws Error with code-server's own words. */
export async function installVsix(folder: RunFolder, vsixPath: string): Promise<void> {
  const { entryPath } = await installCodeServer(say);
  const args = ['--install-extension', vsixPath, '--force'];
  const options = { entryPath, folders: folder.editor, env: folder.env, args };
  const { code, output } = await runCodeServer(options);
  if (code !== 0) throw new Error(`code-server did not install ${vsixPath}:\n${output}`);
}

const defaultSize = { width: 1280, height: 800 };
const browserArgs = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-dev-shm-usage',
  '--disable-background-networking',
  '--disable-component-update',
  '--no-first-run',
];

interface Windows {
  readonly browser: Browser;
  readonly server: CodeServer;
  /** Of all windows but those for pictures, so that they share what windows of one editor share. */
  readonly context: BrowserContext;
}

/** The windows as they look at the end, for whoever wonders why a test failed. */
async function keepPictures(browser: Browser | undefined, name: string): Promise<void> {
  const folder = join(checkout, 'artifacts', 'editor-logs', name);
  mkdirSync(folder, { recursive: true });
  const pages = browser?.contexts().flatMap((context) => context.pages()) ?? [];
  for (const [index, page] of pages.entries()) {
    await page.screenshot({ path: join(folder, `window${index + 1}.png`) });
  }
}

async function openWindow({ browser, server, context }: Windows, what: OpenOptions): Promise<Workbench> {
  if (what.picture === undefined) return openWorkbench(await context.newPage(), server, what);
  const { scale, width, height } = what.picture;
  const own = await browser.newContext({ viewport: { width, height }, deviceScaleFactor: scale });
  return openWorkbench(await own.newPage(), server, what);
}
