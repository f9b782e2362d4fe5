/** Pictures of ghost text for the README, in a dark and in a light theme: artifacts/screenshots/readme*.png. */

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { writeSettings } from '../../scripts/codeServer/startCodeServer.ts';
import type { GitFixture } from '../support/gitFixture.ts';
import { startEditorRun } from '../support/vscode/editorRun.ts';
import type { EditorRun } from '../support/vscode/editorRun.ts';
import { createRunFolder, quietSettings, testSettings } from '../support/vscode/runFolder.ts';
import { basketCursor, basketLine, createWorkspace, pictureFiles } from '../support/vscode/workspace.ts';

const workspaces: GitFixture[] = [];
let run: EditorRun;

before(async () => {
  run = await startEditorRun(createRunFolder({ settings: testSettings() }));
});

after(async () => {
  await run.end('pictures');
  for (const workspace of workspaces) workspace.dispose();
});

async function picture(name: string, theme: string): Promise<void> {
  writeSettings(run.folder.editor, {
    ...quietSettings,
    ...testSettings(),
    'workbench.colorTheme': theme,
    'js/ts.validate.enabled': false,
    'typescript.validate.enable': false,
    'workbench.layoutControl.enabled': false,
    'editor.scrollBeyondLastLine': false,
    'files.autoSave': 'afterDelay',
    'breadcrumbs.enabled': false,
  });
  const workspace = createWorkspace(pictureFiles);
  workspaces.push(workspace);
  const folder = join(workspace.root, 'shop');
  const size = { scale: 2, width: 1120, height: 480 };
  const window = await run.open({ folder, file: join(folder, 'basket.ts'), picture: size });
  await window.untilStatus(/^Idiom$/, 60_000);
  await window.openFile('basket.ts', basketCursor);
  await window.type(basketLine);
  assert.notEqual(await window.untilGhostText(), '');
  await window.screenshot(name);
  await window.close();
}

test('dark', () => picture('readmeDark', 'Default Dark Modern'));
test('light', () => picture('readmeLight', 'Default Light Modern'));
