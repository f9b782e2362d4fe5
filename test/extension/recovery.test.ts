/** A real VS Code when things go wrong or are shared: killed processes, two windows, a workspace that is not trusted. */

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { writeSettings } from '../../scripts/codeServer/startCodeServer.ts';
import type { GitFixture } from '../support/gitFixture.ts';
import { startEditorRun } from '../support/vscode/editorRun.ts';
import type { EditorRun } from '../support/vscode/editorRun.ts';
import { processesOf } from '../support/vscode/processes.ts';
import type { RunningProcess } from '../support/vscode/processes.ts';
import { answersFor, recordOf } from '../support/vscode/record.ts';
import { createRunFolder, quietSettings, testSettings } from '../support/vscode/runFolder.ts';
import { until } from '../support/vscode/until.ts';
import type { Workbench } from '../support/vscode/workbench.ts';
import { basketCursor, basketFile, basketLine, createWorkspace } from '../support/vscode/workspace.ts';

const ready = /^Idiom$/;
const recovering = /Idiom: recovering/;
const files = Object.fromEntries(
  ['first', 'second', 'third'].map((name) => [`shop/${name}Basket.ts`, basketFile]),
);
let workspaces: readonly GitFixture[];
let run: EditorRun;
let window: Workbench;
let otherWindow: Workbench;

before(async () => {
  workspaces = [createWorkspace(files), createWorkspace(files), createWorkspace(files)];
  run = await startEditorRun(createRunFolder({ settings: testSettings() }));
  window = await openWindow(0);
  otherWindow = await openWindow(1);
});

after(async () => {
  await run.end('recovery');
  for (const workspace of workspaces) workspace.dispose();
});

async function openWindow(index: number): Promise<Workbench> {
  const folder = workspaces[index]?.root ?? '';
  return run.open({ folder, file: join(folder, 'src', 'clock.ts') });
}

async function suggest(where: Workbench, name: string): Promise<string> {
  await where.page.bringToFront();
  await where.openFile(`${name}Basket.ts`, basketCursor);
  await where.type(basketLine);
  return where.untilGhostText();
}

function daemons(): RunningProcess[] {
  return processesOf(run.folder.idiomHome).filter(({ command }) => /\bdaemon run\b/.test(command));
}

function engines(): RunningProcess[] {
  return processesOf(run.folder.idiomHome).filter(({ command }) => /engineChild/.test(command));
}

/** Kills it without a warning, sees the status bar say so and come back, and no pop-up in the way. */
async function checkRecovery(victim: RunningProcess | undefined, where: Workbench): Promise<void> {
  assert.ok(victim);
  const seen = where.untilStatus(recovering);
  process.kill(victim.pid, 'SIGKILL');
  await seen;
  await where.screenshot(victim.command.includes('engineChild') ? 'engineRecovering' : 'daemonRecovering');
  await where.untilStatus(ready, 60_000);
  assert.equal(await where.page.locator('.notification-toast').count(), 0);
}

test('two windows on two repositories share one daemon and one loaded model', async () => {
  await window.untilStatus(ready, 60_000);
  await otherWindow.untilStatus(ready, 60_000);
  assert.notEqual(await suggest(window, 'first'), '');
  assert.notEqual(await suggest(otherWindow, 'first'), '');
  await otherWindow.screenshot('secondWindow');
  assert.deepEqual(
    { nDaemons: daemons().length, engineParents: engines().map(({ parentPid }) => parentPid) },
    { nDaemons: 1, engineParents: daemons().map(({ pid }) => pid) },
  );
});

test('after the engine is killed, suggestions come back by themselves', async () => {
  const [daemon] = daemons();
  await window.page.bringToFront();
  await checkRecovery(engines()[0], window);
  assert.notEqual(await suggest(window, 'second'), '');
  assert.equal(daemons()[0]?.pid, daemon?.pid);
});

test('after the daemon is killed, suggestions come back by themselves in both windows', async () => {
  const [victim] = daemons();
  await window.page.bringToFront();
  await checkRecovery(victim, window);
  assert.notEqual(await suggest(window, 'third'), '');
  assert.notEqual(await suggest(otherWindow, 'third'), '');
  const [successor, ...more] = await until('one daemon', () => daemons().length === 1 && daemons());
  assert.deepEqual(more, []);
  assert.notEqual(successor?.pid, victim?.pid);
});

test('a workspace that is not trusted gets suggestions, and nothing of it is stored', async () => {
  const folder = workspaces[2]?.root ?? '';
  writeSettings(run.folder.editor, {
    ...quietSettings,
    ...testSettings(),
    'security.workspace.trust.enabled': true,
    'security.workspace.trust.startupPrompt': 'never',
    'security.workspace.trust.untrustedFiles': 'open',
  });
  const untrusted = await openWindow(2);
  await untrusted.untilStatus(/Restricted Mode/);
  await untrusted.untilStatus(/Idiom: not learning/, 60_000);
  const path = join(folder, 'shop', 'firstBasket.ts');
  assert.notEqual(await suggest(untrusted, 'first'), '');
  await untrusted.screenshot('untrustedWorkspace');
  await untrusted.press('Tab');
  await untrusted.save(path, (saved) => !saved.includes('  \n'));
  // What a trusted window did is there, so the record as such works; of this folder there is nothing.
  assert.ok(answersFor(run.folder.idiomHome, 'shop/firstBasket.ts').length > 0);
  assert.deepEqual(recordOf(run.folder.idiomHome, path), []);
});
