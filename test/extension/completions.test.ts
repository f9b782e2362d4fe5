/** Ghost text in a real VS Code: it appears, is accepted whole or in part, rejected, typed along, and recorded. */

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import type { GitFixture } from '../support/gitFixture.ts';
import { startEditorRun } from '../support/vscode/editorRun.ts';
import type { EditorRun } from '../support/vscode/editorRun.ts';
import { answersFor, untilOutcome } from '../support/vscode/record.ts';
import { checkout, createRunFolder, testSettings } from '../support/vscode/runFolder.ts';
import { until } from '../support/vscode/until.ts';
import type { Workbench } from '../support/vscode/workbench.ts';
import {
  basketCursor,
  basketFile,
  basketLine,
  createWorkspace,
  notebookFile,
} from '../support/vscode/workspace.ts';

const caseNames = ['accept', 'partial', 'reject', 'along', 'popUp'];
let workspace: GitFixture;
let run: EditorRun;
let window: Workbench;

before(async () => {
  const files = caseNames.map((name) => [`shop/${name}Basket.ts`, basketFile]);
  workspace = createWorkspace({
    ...(Object.fromEntries(files) as Record<string, string>),
    'shop/prices.ipynb': notebookFile,
    '.env': 'BASKET=full\n',
  });
  run = await startEditorRun(createRunFolder({ settings: testSettings() }));
  window = await run.open({ folder: workspace.root, file: join(workspace.root, 'src', 'clock.ts') });
  await window.untilStatus(/^Idiom$/, 30_000);
});

after(async () => {
  await run.end('completions');
  workspace.dispose();
});

const popUp = () => window.page.locator('.suggest-widget.visible');

/** Opens the case's own file and types the line; returns the ghost text that comes. */
async function suggest(name: string): Promise<{ ghost: string; path: string; wholeLine: string }> {
  const path = join(workspace.root, 'shop', `${name}Basket.ts`);
  await window.openFile(`${name}Basket.ts`, basketCursor);
  await window.type(basketLine);
  const ghost = await window.untilGhostText();
  return { ghost, path, wholeLine: `  ${basketLine}${ghost}\n` };
}

test('ghost text appears while typing, and Tab accepts it', async () => {
  const { ghost, path, wholeLine } = await suggest('accept');
  await window.screenshot('ghostText');
  await window.press('Tab');
  const text = await window.save(path, (saved) => saved.includes(wholeLine));
  assert.equal(text, basketFile.replace('  \n', wholeLine));
  await window.screenshot('accepted');
  const outcome = await untilOutcome(run.folder.idiomHome, path, 'accepted');
  assert.equal(outcome.acceptedChars, ghost.length);
});

test('Ctrl+Right accepts a word, and its characters are counted', async () => {
  const { ghost, path } = await suggest('partial');
  await window.press('Control+ArrowRight');
  const rest = await until('a shorter ghost text', async () => {
    const now = await window.ghostText();
    return now !== '' && now.length < ghost.length && now;
  });
  await window.screenshot('partiallyAccepted');
  assert.ok(ghost.endsWith(rest), `"${rest}" is not the end of "${ghost}"`);
  const taken = ghost.slice(0, ghost.length - rest.length);
  await window.press('Escape');
  await window.untilNoGhostText();
  await window.save(path, (saved) => saved.includes(`  ${basketLine}${taken}\n`));
  const outcome = await untilOutcome(run.folder.idiomHome, path, 'partiallyAccepted');
  assert.equal(outcome.acceptedChars, taken.length);
});

test('Escape rejects it explicitly', async () => {
  const { path } = await suggest('reject');
  await window.press('Escape');
  await window.untilNoGhostText();
  await window.screenshot('rejected');
  const outcome = await untilOutcome(run.folder.idiomHome, path, 'rejected');
  assert.equal(outcome.isExplicit, true);
  await window.save(path, (saved) => saved.includes(`  ${basketLine}`.trimEnd()));
});

test('typing its first letters keeps the rest, without asking the model again', async () => {
  const { ghost, path, wholeLine } = await suggest('along');
  const nModelAnswers = answersFor(run.folder.idiomHome, 'shop/alongBasket.ts', 'no').length;
  await window.type(ghost.slice(0, 4));
  await until('the rest of the ghost text', async () => (await window.ghostText()) === ghost.slice(4));
  await window.screenshot('typedAlong');
  const kept = await until('answers from memory', () => {
    const answers = answersFor(run.folder.idiomHome, 'shop/alongBasket.ts', 'typeAlong');
    return answers.length > 0 && answers;
  });
  assert.ok(kept.length > 0);
  assert.equal(answersFor(run.folder.idiomHome, 'shop/alongBasket.ts', 'no').length, nModelAnswers);
  // Beside the pop-up of completions, Tab takes its entry.
  if (await popUp().isVisible()) await window.press('Escape');
  await popUp().waitFor({ state: 'hidden' });
  await window.press('Tab');
  await window.save(path, (saved) => saved.includes(wholeLine));
  await untilOutcome(run.folder.idiomHome, path, 'accepted');
});

test('beside the pop-up of completions, ghost text continues the highlighted entry', async () => {
  await window.openFile('popUpBasket.ts', basketCursor);
  await window.type(`${basketLine}it`);
  // It opens by itself where no ghost text is in sight, and by its key anywhere.
  await window.press('Control+Space');
  const entry = popUp().locator('.monaco-list-row.focused .label-name').first();
  await until('ghost text that begins with the entry', async () => {
    const [label, ghost] = [await entry.innerText(), await window.ghostText()];
    return ghost !== '' && `it${ghost}`.startsWith(label) && `it${ghost}`.length > label.length;
  });
  await window.screenshot('besidePopUp');
  await window.press('Escape');
  await window.press('Escape');
});

test('"Idiom: Explain Last Suggestion" names its model, and its snippets are links', async () => {
  await window.command('Idiom: Explain Last Suggestion');
  const page = window.renderedPage();
  await page.getByText('Model: SmolLM2-135M').waitFor();
  await window.screenshot('explainLastSuggestion');
  const link = page.getByRole('link').first();
  const [, file = ''] = /([^/]+\.ts):/.exec(await link.innerText()) ?? [];
  await link.click();
  await window.page.locator('.tab.active', { hasText: file }).first().waitFor();
  await window.command('View: Close Editor');
});

test('"Idiom: Run Diagnostics" says in words what it finds', async () => {
  await window.command('Idiom: Run Diagnostics');
  const page = window.renderedPage();
  await page.getByText('The editor shows inline suggestions').waitFor();
  await window.screenshot('diagnostics');
});

test('"Idiom: Show Repository Index" tells what the index holds, and the status bar does too', async () => {
  await window.command('Idiom: Show Repository Index');
  const page = window.renderedPage();
  await page
    .getByText(/Index: [1-9]\d* files in [1-9]\d* chunks, .*, complete less than a minute ago; 1 left out\./)
    .waitFor();
  await page.getByRole('row', { name: /^Definitions [1-9]/ }).waitFor();
  await page.getByRole('row', { name: '1 files of this name usually hold passwords or keys' }).waitFor();
  await window.page.locator('.statusbar-item[id*="idiom.status"]').hover();
  await window.page
    .locator('.monaco-hover', { hasText: /Index:\s[1-9]\d*\sfiles/ })
    .first()
    .waitFor();
  await window.screenshot('index');
  await window.page.keyboard.press('Escape');
});

test('"idiom signals" lists what became of the suggestions', async () => {
  const main = join(checkout, 'server', 'main.ts');
  const args = [main, 'signals', '--repo', workspace.root, '--json'];
  const { stdout } = await promisify(execFile)(process.execPath, args, { env: run.folder.env });
  for (const path of ['acceptBasket', 'partialBasket', 'rejectBasket'])
    assert.match(stdout, new RegExp(path));
});

test('the walkthrough opens', async () => {
  await window.command('Idiom: Open Walkthrough');
  await window.page.getByText('Get Started with Idiom').first().waitFor();
  await window.screenshot('walkthrough');
});

test("the walkthrough's example gets ghost text, in an untitled document", async () => {
  await window.command('Idiom: Open Example');
  await window.page.locator('.tab.active', { hasText: /The price with tax/ }).waitFor();
  assert.notEqual(await window.untilGhostText(), '');
  await window.screenshot('untitled');
  await window.press('Tab');
  await window.untilNoGhostText();
});

test('snoozed, nothing is suggested, and the status bar says so', async () => {
  await window.command('Idiom: Snooze...');
  await window.page.locator('.quick-input-list .monaco-list-row', { hasText: /^5 minutes/ }).click();
  await window.untilStatus(/^Idiom: snoozed$/);
  await window.command('Idiom: End Snooze');
  await window.untilStatus(/^Idiom$/);
});

test('a cell of a notebook gets ghost text', async () => {
  await window.openFile('prices.ipynb');
  const cell = window.page.locator('.notebookOverlay .cell-editor-container .monaco-editor').last();
  await cell.click();
  await window.press('Control+End');
  await window.type(basketLine);
  assert.notEqual(await window.untilGhostText(), '');
  await window.screenshot('notebookCell');
});
