/** The packaged extension, installed as a user would, completes code with no file of the checkout but itself. */

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { archiveFileName } from '../../server/llama/embeddedArchive.ts';
import type { GitFixture } from '../support/gitFixture.ts';
import { installVsix, startEditorRun } from '../support/vscode/editorRun.ts';
import type { EditorRun } from '../support/vscode/editorRun.ts';
import { filesOf, processesOf } from '../support/vscode/processes.ts';
import { untilOutcome } from '../support/vscode/record.ts';
import { checkout, createRunFolder, testSettings } from '../support/vscode/runFolder.ts';
import { basketCursor, basketFile, basketLine, createWorkspace } from '../support/vscode/workspace.ts';

let workspace: GitFixture;
let run: EditorRun;
let installed: string;
let packagerOutput: string;

before(async () => {
  const made = spawnSync(process.execPath, [join(checkout, 'scripts', 'packageVsix.ts')], {
    cwd: checkout,
    encoding: 'utf8',
  });
  assert.equal(made.status, 0, made.stderr);
  packagerOutput = made.stdout;
  const folder = createRunFolder({ settings: testSettings(), link: false, path: '/usr/bin:/bin' });
  await installVsix(folder, join(checkout, `idiom-${process.platform}-${process.arch}.vsix`));
  const [name, ...others] = readdirSync(folder.editor.extensions).filter((each) => each.startsWith('idiom.'));
  assert.deepEqual(others, []);
  installed = join(folder.editor.extensions, name ?? '');
  workspace = createWorkspace({ 'shop/basket.ts': basketFile });
  run = await startEditorRun(folder);
});

after(async () => {
  await run.end('packagedExtension');
  workspace.dispose();
});

test('it completes code, and what became of it is recorded', async () => {
  const path = join(workspace.root, 'shop', 'basket.ts');
  const window = await run.open({ folder: workspace.root, file: path });
  await window.untilStatus(/^Idiom$/, 60_000);
  await window.openFile('basket.ts', basketCursor);
  await window.type(basketLine);
  const ghost = await window.untilGhostText();
  await window.screenshot('packagedExtension');
  await window.press('Tab');
  await window.save(path, (saved) => saved.includes(`  ${basketLine}${ghost}\n`));
  await untilOutcome(run.folder.idiomHome, path, 'accepted');
  await window.command('Idiom: Show Dashboard');
  const page = window.page.frameLocator('iframe.webview.ready').frameLocator('#active-frame');
  await page.getByText('No versions yet').waitFor();
});

test('its processes run from the installed folder and touch nothing of the checkout but Node', () => {
  const ours = processesOf(run.folder.idiomHome).filter(({ command }) => command.includes(installed));
  assert.ok(ours.some(({ command }) => /\bdaemon run\b/.test(command)));
  assert.ok(ours.some(({ command }) => /engineChild/.test(command)));
  const touched = ours.flatMap(({ pid }) => filesOf(pid)).filter((path) => path.startsWith(`${checkout}/`));
  assert.deepEqual(
    // Children of the daemon run in Node's own folder.
    [...new Set(touched)].filter((path) => path !== process.execPath && path !== dirname(process.execPath)),
    [],
  );
});

test('it knows where to get the base model without Python', () => {
  const path = join(installed, 'dist', archiveFileName);
  // A pip of before 22.2 does not tell the address; the packager then says so.
  if (/No pip of 22\.2/.test(packagerOutput)) return;
  const archive = JSON.parse(readFileSync(path, 'utf8')) as { readonly url: string };
  assert.match(archive.url, /^https:.*\.whl$/);
});

test('no file of it names the checkout', () => {
  const names = ['', 'webview'].flatMap((folder) =>
    readdirSync(join(installed, 'dist', folder)).map((name) => join(folder, name)),
  );
  const files = names.filter((name) => /\.(cjs|mjs|js)$/.test(name));
  assert.ok(files.includes(join('webview', 'dashboard.js')));
  assert.ok(files.length > 0);
  assert.deepEqual(
    files.filter((name) => readFileSync(join(installed, 'dist', name), 'utf8').includes(checkout)),
    [],
  );
});
