/**
 * The whole loop in a real VS Code: a developer types, an adapter trains, the gate judges it, the dashboard shows it, a
 * person promotes, rolls back and forgets. Used by the short test and by `npm run e2e:loop`.
 */

import assert from 'node:assert/strict';
import type { FrameLocator, Locator } from 'playwright-core';
import { until } from '../vscode/until.ts';
import type { Workbench } from '../vscode/workbench.ts';
import { noTally, typeLines } from './developer.ts';
import type { Tally } from './developer.ts';
import type { LaterLines } from './laterLines.ts';

export interface LoopDrive {
  readonly window: Workbench;
  /** What a run has to tell, a line at a time. */
  readonly tell: (line: string) => void;
  /** For a training with its judgement. */
  readonly trainingMs: number;
}

/** A loop without a trial promotes at once. */
const promotionMs = 10_000;
const isNotBetter = /not better than|did not pass/;
const isJudged = /better than|did not pass/;
const isInUse = /\bin use\b(?! before)/;
/** How long this developer waits for a suggestion. */
const patienceMs = 8000;

export async function typeAll({ window, tell }: LoopDrive, wanted: readonly LaterLines[]): Promise<Tally> {
  const tally = noTally();
  for (const each of wanted) await typeLines(window, each, patienceMs, tally);
  const { accepted, partiallyAccepted, rejected, none } = tally;
  tell(
    `Typed ${wanted.reduce((sum, { lines }) => sum + lines.length, 0)} lines: ${accepted} suggestions accepted, ` +
      `${partiallyAccepted} in part, ${rejected} rejected; for ${none} lines none came in time.`,
  );
  return tally;
}

export async function openDashboard({ window }: LoopDrive): Promise<FrameLocator> {
  await window.command('Idiom: Show Dashboard');
  const page = window.page.frameLocator('iframe.webview.ready').frameLocator('#active-frame');
  await page.locator('#versions').waitFor({ timeout: 60_000 });
  return page;
}

export const textOf = async (locator: Locator): Promise<string> =>
  (await locator.innerText()).replaceAll(/\s+/g, ' ');

/** Waits until the newest version is judged; @returns its row's text. @throws Error when learning ends without one. */
export async function untilJudged({ tell, trainingMs }: LoopDrive, page: FrameLocator): Promise<string> {
  const rows = page.locator('#versions tbody tr');
  let seen = '';
  let hasBegun = false;
  const look = async (): Promise<boolean> => {
    const state = await textOf(page.locator('.page-header .chip').first());
    const detail = await textOf(page.locator('#now .advice-words'));
    if (`${state}: ${detail}` !== seen) tell((seen = `${state}: ${detail}`));
    if ((await rows.count()) > 0 && isJudged.test(await textOf(rows.first()))) return true;
    const isAtWork = /^(Preparing training|Training|Evaluating)/.test(state);
    hasBegun ||= isAtWork;
    return hasBegun && !isAtWork && state !== 'Version on trial' && (await rows.count()) === 0;
  };
  await until('the gate to judge a new version', look, trainingMs).catch((error: unknown) => {
    throw new Error(`The last that the dashboard told: ${seen}`, { cause: error });
  });
  assert.ok((await rows.count()) > 0, seen);
  return textOf(rows.first());
}

/** Makes the newest version champion, unless the gate and the trial did so; @returns whether a person had to. */
export async function makeChampion({ window, tell }: LoopDrive, page: FrameLocator): Promise<boolean> {
  const row = page.locator('#versions tbody tr').first();
  const isChampion = async () => isInUse.test(await textOf(row));
  const isRefused = isNotBetter.test(await textOf(row));
  if (!isRefused && (await until('the loop to promote it', isChampion, promotionMs).catch(() => false))) {
    tell('Promoted by itself.');
    return false;
  }
  await row.getByRole('button', { name: /^Use v/ }).click();
  if (isRefused) {
    const input = window.page.locator('.quick-input-widget input').first();
    await input.waitFor();
    await input.fill('To see whether the way back works.');
    await window.press('Enter');
  }
  await until('the new champion', isChampion);
  tell(isRefused ? 'Promoted against the gate, with a reason.' : 'Promoted by a person.');
  return true;
}

export async function rollBack({ tell }: LoopDrive, page: FrameLocator): Promise<void> {
  const startMs = Date.now();
  await page.locator('.actions [data-action="rollBack"]').click();
  await until('the way back', async () =>
    // In a section that is closed.
    /reverted/.test((await page.locator('#audit tbody tr').first().textContent()) ?? ''),
  );
  assert.doesNotMatch(await textOf(page.locator('#versions tbody tr').first()), isInUse);
  tell(`Rolled back in ${Date.now() - startMs} ms, as seen on the dashboard.`);
}

/** Forgets everything through the dashboard; @returns the report. */
export async function forgetEverything({ window, tell }: LoopDrive, page: FrameLocator): Promise<string> {
  await page.locator('.actions [data-action="forget"]').click();
  const label = window.page.locator('.label-name').getByText('Everything', { exact: true });
  await window.page.locator('.quick-input-list .monaco-list-row', { has: label }).click();
  const dialog = window.page.locator('.monaco-dialog-box');
  await dialog.waitFor();
  tell(await textOf(dialog));
  await dialog.getByRole('button', { name: 'Forget' }).click();
  const toast = window.page.locator('.notification-toast', { hasText: 'Forgotten:' }).first();
  await toast.waitFor({ timeout: 60_000 });
  const report = await textOf(toast);
  tell(report);
  return report;
}
