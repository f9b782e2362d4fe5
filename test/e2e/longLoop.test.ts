/** The whole loop, long: a developer types what a real repository's later commits added, and learning begins by itself. */

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { FrameLocator } from 'playwright-core';
import { writeSettings } from '../../scripts/codeServer/startCodeServer.ts';
import { temporaryFolder } from '../support/gitFixture.ts';
import { developerSettings } from '../support/loop/developer.ts';
import {
  forgetEverything,
  makeChampion,
  openDashboard,
  rollBack,
  textOf,
  typeAll,
  untilJudged,
} from '../support/loop/driveLoop.ts';
import type { LoopDrive } from '../support/loop/driveLoop.ts';
import { laterLines } from '../support/loop/laterLines.ts';
import type { LaterLines } from '../support/loop/laterLines.ts';
import { startEditorRun } from '../support/vscode/editorRun.ts';
import type { EditorRun } from '../support/vscode/editorRun.ts';
import { createRunFolder, quietSettings, testSettings } from '../support/vscode/runFolder.ts';
import { until } from '../support/vscode/until.ts';

const given = (name: string, otherwise: string): string => process.env[name] ?? otherwise;
const source = given('IDIOM_E2E_REPO', '');
const nLaterCommits = Number(given('IDIOM_E2E_COMMITS', '20'));
const nPlaces = Number(given('IDIOM_E2E_PLACES', '40'));
const budgetMinutes = Number(given('IDIOM_E2E_MINUTES', '10'));

const typing = testSettings({
  ...developerSettings,
  'idiom.threads': 0,
  'idiom.learning.automatic': false,
  'idiom.learning.budgetMinutes': budgetMinutes,
  'idiom.learning.canaryDays': 0,
});
/** From now on enough is new, and nothing has to be waited for. */
const learning = {
  ...typing,
  'idiom.learning.automatic': true,
  'idiom.learning.minNewExamples': Math.max(1, Math.floor(nPlaces / 4)),
  'idiom.learning.minIntervalHours': 0,
  'idiom.learning.idleMinutes': 0,
  'idiom.learning.onBattery': true,
};

let root: string;
let wanted: readonly LaterLines[];
let run: EditorRun;
let drive: LoopDrive;
let page: FrameLocator;

before(async () => {
  root = temporaryFolder();
  const git = (...args: string[]) => execFileSync('git', args, { cwd: root, encoding: 'utf8' }).trim();
  git('clone', '-q', '--no-hardlinks', source, '.');
  const later = git('rev-parse', 'HEAD');
  git('checkout', '-q', '-b', 'idiom-loop', `HEAD~${nLaterCommits}`);
  wanted = laterLines(root, 'HEAD', later, 4).slice(0, nPlaces);
  assert.ok(
    wanted.length > 0,
    `The last ${nLaterCommits} commits add no lines of code to files that were there.`,
  );
  run = await startEditorRun(createRunFolder({ settings: typing }));
  const window = await run.open({ folder: root, file: join(root, wanted[0]?.path ?? '') });
  await window.untilStatus(/^Idiom$/, 120_000);
  drive = { window, tell: (line) => console.log(`  ${line}`), trainingMs: (budgetMinutes + 40) * 60_000 };
});

after(async () => {
  await run.end('longLoop');
  rmSync(root, { recursive: true, force: true });
});

test('a developer types what comes next', async () => {
  const tally = await typeAll(drive, wanted);
  assert.ok(tally.accepted + tally.partiallyAccepted + tally.rejected > 0, JSON.stringify(tally));
});

test('learning begins by itself, and the gate judges what comes of it', async () => {
  page = await openDashboard(drive);
  writeSettings(run.folder.editor, { ...quietSettings, ...learning });
  const row = await untilJudged(drive, page);
  drive.tell(row);
  await page.locator('#versions [data-version]').first().click();
  await page.locator('.rules li').first().waitFor();
  for (const rule of await page.locator('.rules li').allInnerTexts())
    drive.tell(rule.replaceAll(/\s+/g, ' '));
  await drive.window.screenshot('longLoopJudged');
});

test('it is promoted, or a person does so, and there is a way back', async () => {
  await makeChampion(drive, page);
  await until('the new version to serve', async () =>
    /^Using v\d+/.test(await textOf(page.locator('.serving'))),
  );
  await drive.window.screenshot('longLoopChampion');
  await rollBack(drive, page);
});

test('everything is forgotten', async () => {
  assert.match(await forgetEverything(drive, page), /Forgotten: [1-9]/);
  await drive.window.screenshot('longLoopForgotten');
});
