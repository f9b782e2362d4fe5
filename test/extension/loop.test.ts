/** The whole loop, short: typed, trained, judged, seen, promoted, rolled back, forgotten; with sizes that take seconds. */

import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { FrameLocator } from 'playwright-core';
import { quickLearning } from '../daemon/learningFixture.ts';
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
import { createGrowingRepository } from '../support/loop/growingRepository.ts';
import type { GrowingRepository } from '../support/loop/growingRepository.ts';
import { laterLines } from '../support/loop/laterLines.ts';
import { startEditorRun } from '../support/vscode/editorRun.ts';
import type { EditorRun } from '../support/vscode/editorRun.ts';
import { createRunFolder, testSettings } from '../support/vscode/runFolder.ts';
import { until } from '../support/vscode/until.ts';

const nPlaces = 3;

let repository: GrowingRepository;
let run: EditorRun;
let drive: LoopDrive;
let page: FrameLocator;

before(async () => {
  repository = createGrowingRepository();
  const settings = testSettings({
    ...developerSettings,
    'idiom.learning.automatic': false,
    'idiom.learning.budgetMinutes': 15,
    'idiom.learning.canaryDays': 0,
  });
  const folder = createRunFolder({ settings });
  mkdirSync(folder.idiomHome, { recursive: true, mode: 0o700 });
  writeFileSync(join(folder.idiomHome, 'learning.json'), JSON.stringify(quickLearning));
  run = await startEditorRun(folder);
  const { root } = repository.fixture;
  const window = await run.open({ folder: root, file: join(root, 'src', 'base', 'clock.ts') });
  await window.untilStatus(/^Idiom$/, 60_000);
  drive = { window, tell: (line) => console.log(`  ${line}`), trainingMs: 270_000 };
});

after(async () => {
  await run.end('loop');
  repository.fixture.dispose();
});

test('what a developer types becomes outcomes', async () => {
  const { fixture, base, later } = repository;
  const wanted = laterLines(fixture.root, base, later, 2).slice(0, nPlaces);
  const tally = await typeAll(drive, wanted);
  assert.ok(tally.accepted + tally.partiallyAccepted + tally.rejected > 0, JSON.stringify(tally));
});

test('"Train Adapter Now" trains a version, and the gate judges it with reasons', async () => {
  page = await openDashboard(drive);
  await drive.window.command('Idiom: Train Adapter Now');
  const row = await untilJudged(drive, page);
  drive.tell(row);
  await page.locator('#versions [data-version]').first().click();
  await page.locator('.rules li').first().waitFor();
  assert.match(await textOf(page.locator('.rules')), /(holds|fails) \S.+\./);
  await page.locator('.details').scrollIntoViewIfNeeded();
  await drive.window.screenshot('loopJudged');
});

test('a person promotes it, and rolls back', async () => {
  await makeChampion(drive, page);
  await until('the new version to serve', async () =>
    /^Using v\d+/.test(await textOf(page.locator('.serving'))),
  );
  await drive.window.screenshot('loopChampion');
  await rollBack(drive, page);
  assert.match(await textOf(page.locator('.serving')), /^Using the built-in adapter/);
});

test('everything is forgotten, the version too, and suggestions go on', async () => {
  const report = await forgetEverything(drive, page);
  assert.match(report, /Forgotten: [1-9]\d* suggestions?/);
  await until('the version to be marked', async () =>
    /forgot/i.test(await textOf(page.locator('#versions tbody tr').first())),
  );
  await drive.window.screenshot('loopForgotten');
});
