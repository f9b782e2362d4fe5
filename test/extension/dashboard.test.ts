/** The dashboard in a real VS Code, over a made-up past: what it shows, lives with, and does; and how it looks in each theme. */

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { FrameLocator, Locator } from 'playwright-core';
import { writeSettings } from '../../scripts/codeServer/startCodeServer.ts';
import type { GitFixture } from '../support/gitFixture.ts';
import { startEditorRun } from '../support/vscode/editorRun.ts';
import type { EditorRun } from '../support/vscode/editorRun.ts';
import { createRunFolder, quietSettings } from '../support/vscode/runFolder.ts';
import { startScriptedDaemon } from '../support/vscode/scriptedDaemon.ts';
import type { ScriptedDaemon } from '../support/vscode/scriptedDaemon.ts';
import { until } from '../support/vscode/until.ts';
import type { Workbench } from '../support/vscode/workbench.ts';
import { createWorkspace, pictureFiles } from '../support/vscode/workspace.ts';

const training = {
  state: 'training',
  detail: 'Training a new version.',
  progress: {
    stage: 'training',
    ...{ share: 0.62, secondsLeft: 214, step: 148, nSteps: 240, tokensPerSecond: 252.4 },
    losses: Array.from(
      { length: 74 },
      (_, index) => 1.05 + 1.1 * Math.exp(-index / 18) + 0.06 * Math.sin(index * 1.7),
    ),
  },
} as const;

const look = (theme: string) => ({
  ...quietSettings,
  'workbench.colorTheme': theme,
  'workbench.activityBar.location': 'hidden',
  'workbench.layoutControl.enabled': false,
  'typescript.validate.enable': false,
  'js/ts.validate.enabled': false,
});

let workspace: GitFixture;
let run: EditorRun;
let daemon: ScriptedDaemon;
let window: Workbench;
let page: FrameLocator;
/** Errors that the window told of since the dashboard was opened. */
const complaints: string[] = [];

before(async () => {
  workspace = createWorkspace(pictureFiles);
  const folder = createRunFolder({ settings: look('Default Light Modern') });
  daemon = await startScriptedDaemon(folder, join(workspace.root, 'shop'), {
    ...{ nSuggestions: 4600, nDays: 62, nVersions: 1000, nCasesPerReport: 24 },
  });
  run = await startEditorRun(folder);
  const shop = join(workspace.root, 'shop');
  const picture = { width: 1180, height: 1000, scale: 2 };
  window = await run.open({ folder: shop, file: join(shop, 'basket.ts'), picture });
  await window.untilStatus(/^Idiom$/, 60_000);
  window.page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text());
  });
  page = await openDashboard(window);
  await window.press('Control+b');
});

after(async () => {
  await run.end('dashboard');
  await daemon.dispose();
  workspace.dispose();
});

async function openDashboard(from: Workbench): Promise<FrameLocator> {
  await from.untilStatus(/^Idiom$/, 60_000);
  await from.command('Idiom: Show Dashboard');
  const frame = from.page.frameLocator('iframe.webview.ready').frameLocator('#active-frame');
  await frame.locator('#versions table').waitFor();
  return frame;
}

const text = async (locator: Locator): Promise<string> => (await locator.innerText()).replaceAll(/\s+/g, ' ');
const rows = () => page.locator('#versions tbody tr');
const action = (name: string) => page.locator(`.actions [data-action="${name}"]`);

async function open(id: string): Promise<void> {
  if ((await page.locator(`#${id}`).getAttribute('open')) === null)
    await page.locator(`#${id} > summary`).click();
}
const tile = (id: string) => text(page.locator(`[data-tile="${id}"]`));

test('the tiles answer whether it helps, with what was before', async () => {
  assert.match(await tile('accepted'), /\d+ % [\d,]+ of [\d,]+ shown, whole or in part/);
  assert.match(await tile('kept'), /[\d,]+ today [\d,]+ in the last 7 days \d+ % of the code you wrote/);
  assert.match(
    await tile('wait'),
    /0\.\d+ s from the last key, at the median; 95 % within .* of pauses brought/,
  );
  assert.match(
    await tile('learned'),
    /characters kept per suggestion since v999 \(95 % CI [+\u2212]\d+ % to/,
  );
});

test('another time range changes the figures', async () => {
  const before = await tile('accepted');
  await page.getByRole('button', { name: '7 days' }).click();
  await until('other figures', async () => (await tile('accepted')) !== before);
  assert.match(await tile('accepted'), /in the 7 days before/);
  await page.getByRole('button', { name: '30 days' }).click();
  await until('the same again', async () => (await tile('accepted')) === before);
});

test('versions come newest first, by number, with their use and evaluation, a page of a thousand', async () => {
  assert.equal(await rows().count(), 10);
  assert.match(await text(rows().nth(0)), /^v1000 on trial .* better than v\d+/);
  assert.match(await text(rows().nth(1)), /^v999 in use/);
  assert.match(await text(page.locator('#versions .pager')), /1 to 10 of 1,000/);
  assert.match(await text(page.locator('#versions')), /not better than v\d+/);
});

test('the pages of a thousand versions can be turned', async () => {
  await page.getByRole('button', { name: 'Next versions' }).click();
  await until('the second page', async () =>
    (await text(page.locator('#versions .pager'))).includes('11 to 20'),
  );
  await page.getByRole('button', { name: 'Previous versions' }).click();
});

test('days, places, versions, stages, costs and the log are told in words and figures', async () => {
  const label = await page.locator('#outcomes idiom-chart').getAttribute('aria-label');
  assert.match(label ?? '', /\d+ days, \d+ suggestions shown: accepted \d+/);
  assert.match(await text(page.locator('#places')), /typescript \d+ %.*src\/shop \d+ %/);
  for (const id of ['adapters', 'latency', 'cost', 'audit']) await open(id);
  assert.match(await text(page.locator('#adapters')), /v999 [\d.]+ [\d,]+/);
  assert.match(await text(page.locator('#latency')), /Reading the prompt \d+/);
  assert.match(await text(page.locator('#cost')), /processor time.*412 files in 3,120 chunks/);
  assert.match(await text(page.locator('#audit')), /put in use|not used/);
});

test('no word on the page is one of those who make Idiom', async () => {
  assert.doesNotMatch(
    await text(page.locator('body')),
    /champion|canary|promote|\bgate\b|serves|[0-9a-f]{10}/i,
  );
});

test('a chart tells the values below the pointer', async () => {
  await page.locator('#outcomes idiom-chart .u-over').hover();
  const tip = page.locator('#outcomes .chart-tip');
  await tip.waitFor();
  assert.match(await text(tip), /Accepted \d+/);
  await page.getByRole('group', { name: 'Versions to draw' }).getByRole('button').nth(2).click();
  await page.locator('#curves idiom-chart .u-over').hover();
  assert.match(await text(page.locator('#curves .chart-tip')), /step \d+ v\d+ training \d/);
});

test('nothing on the page broke the content-security policy', () => {
  assert.deepEqual(
    complaints.filter((text) => /content.security.policy/i.test(text)),
    [],
  );
});

/** Theme, the class that a page has in it, the picture's name, width of the window. */
for (const [theme, themeClass, name, width] of [
  ['Default Dark Modern', 'vscode-dark', 'Dark', 1180],
  ['Default High Contrast', 'vscode-high-contrast', 'HighContrast', 1180],
  ['Default Light Modern', 'vscode-light', 'Light', 1180],
  ['Default Light Modern', 'vscode-light', 'Narrow', 400],
  ['Default Dark Modern', 'vscode-dark', 'NarrowDark', 400],
] as const) {
  test(`how it looks: ${name}`, async () => {
    daemon.tell(training);
    writeSettings(run.folder.editor, look(theme));
    await window.page.setViewportSize({ width, height: 1180 });
    try {
      await page.locator(`body.${themeClass}`).waitFor();
      await page.locator('#outcomes idiom-chart canvas').waitFor();
      await page.locator('#now vscode-progress-bar').waitFor();
      const tooWide = await page
        .locator('body')
        .evaluate('document.body.scrollWidth - document.body.clientWidth');
      assert.equal(tooWide, 0);
      await page.locator('h1').scrollIntoViewIfNeeded();
      await window.command('Notifications: Clear All Notifications');
      await window.page.locator('.notification-toast').first().waitFor({ state: 'hidden' });
      await window.screenshot(`dashboard${name}`);
    } finally {
      await window.page.setViewportSize({ width: 1180, height: 1000 });
    }
  });
}

test('a training is seen live, with its loss, and can be cancelled', async () => {
  daemon.tell(training);
  await until('the progress', async () => (await text(page.locator('#now'))).includes('148 of 240'));
  assert.match(
    await text(page.locator('#now')),
    /^Training 62 %, 4 min left Step 148 of 240 Cancel Training/,
  );
  await page.locator('#now summary').click();
  await page.locator('#now idiom-chart canvas').waitFor();
  await window.screenshot('dashboardTraining');
  await page.locator('#now [data-action="cancel"]').click();
  await until('the end', async () => (await text(page.locator('#now'))).includes('Training canceled.'));
  assert.ok(daemon.asked.some(({ method }) => method === 'idiom/cancel'));
});

test('the details of a version compare it case by case, in colours', async () => {
  await rows().nth(1).locator('[data-version]').click();
  await page.locator('.case').first().waitFor();
  assert.match(await text(page.locator('.rules')), /holds It is 0\.\d+ nats per token better/);
  assert.ok((await page.locator('.case del').count()) > 0 && (await page.locator('.case ins').count()) > 0);
  await page.getByRole('button', { name: 'Worse', exact: true }).click();
  await until('only worse ones', async () =>
    (await page.locator('.case header .chip').allInnerTexts()).every((each) => each.startsWith('+')),
  );
  await page.getByRole('button', { name: 'All', exact: true }).click();
  await page.locator('.details').scrollIntoViewIfNeeded();
  await page.locator('.case').first().scrollIntoViewIfNeeded();
  await window.screenshot('dashboardComparison');
  await page.getByRole('button', { name: 'Close' }).click();
});

test('"Revert" takes effect at once, and is logged', async () => {
  await open('audit');
  await action('rollBack').click();
  await until('the older version as champion', async () => (await text(rows().nth(2))).includes('in use'));
  await until('the entry', async () =>
    (await text(page.locator('#audit tbody tr').first())).includes('reverted'),
  );
  await window.page.locator('.notification-toast', { hasText: 'Reverted.' }).first().waitFor();
});

test('using a version that did not pass needs a reason, which is logged', async () => {
  const refused = rows().filter({ hasText: 'not better' }).first();
  await refused.getByRole('button', { name: /^Use v/ }).click();
  const input = window.page.locator('.quick-input-widget input').first();
  await input.waitFor();
  await input.fill('It knows the new module.');
  await window.press('Enter');
  await until('the reason in the log', async () =>
    (await text(page.locator('#audit tbody tr').first())).includes('It knows the new module.'),
  );
});

test('forgetting counts first, and asks', async () => {
  await action('forget').click();
  await window.page.locator('.quick-input-list .monaco-list-row', { hasText: 'Everything' }).last().click();
  const dialog = window.page.locator('.monaco-dialog-box');
  await dialog.waitFor();
  assert.match(await text(dialog), /Forget 12 suggestions/);
  assert.deepEqual(daemon.asked.at(-1)?.params['isDryRun'], true);
  await dialog.getByRole('button', { name: 'Cancel' }).click();
  assert.deepEqual(daemon.asked.filter(({ method }) => method === 'idiom/forget').length, 1);
});

test('"Pause Learning" and "Resume Learning" change places, in the palette too', async () => {
  await action('pause').click();
  await page.locator('#now [data-action="resume"]').waitFor();
  await window.command('Idiom: Resume Learning');
  await action('pause').waitFor();
});

test('what the daemon cannot tell is told with a way to try again', async () => {
  daemon.trouble = 'The record cannot be read.';
  await window.command('Idiom: Show Dashboard');
  await page.getByText('The record cannot be read.').waitFor();
  daemon.trouble = undefined;
  await page.getByRole('button', { name: 'Try Again' }).click();
  await page.getByText('The record cannot be read.').waitFor({ state: 'hidden' });
});

test('keys alone reach the actions', async () => {
  await page.locator('h1').click();
  await window.press('Tab');
  await window.press('Tab');
  await window.press('Tab');
  await window.press('Tab');
  const first = () => page.locator('*:focus').first().getAttribute('data-action');
  await until('the first action in focus', async () => (await first()) === 'pause');
  await window.press('Tab');
  assert.equal(await first(), 'rollBack');
});

test('"Train Adapter Now" in the palette shows its progress in the status bar and in no notification', async () => {
  await window.command('Idiom: Train Adapter Now');
  await window.untilStatus(/Preparing training 10 %/);
  daemon.tell({ ...training, progress: { ...training.progress, isSlow: true } });
  await window.untilStatus(/Training 62 %, 4 min left/);
  await window.command('Idiom: Cancel Training');
  await window.untilStatus(/Training canceled\./);
  assert.equal(await window.page.locator('.notification-toast', { hasText: /train/i }).count(), 0);
});
