/** `npm run editor -- DIR`: a real VS Code with Idiom on a folder; the desktop one, else code-server on loopback. */

import { spawnSync } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';
import { describeError, IdiomError } from '../../server/base/errors.ts';
import { installCodeServer } from './installCodeServer.ts';
import { linkExtension, makeEditorFolders, startCodeServer } from './startCodeServer.ts';

const root = join(import.meta.dirname, '..', '..');

/** Only what a trial needs; the settings of the user's own VS Code are not touched. */
const settings = {
  'idiom.baseModel': 'embedded',
  'editor.inlineSuggest.enabled': true,
  'workbench.startupEditor': 'none',
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'chat.disableAIFeatures': true,
  'telemetry.telemetryLevel': 'off',
  'extensions.autoUpdate': false,
};

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

async function open(args: readonly string[]): Promise<number> {
  const flags = args.filter((arg) => arg.startsWith('--'));
  const folder = resolve(args.find((arg) => !arg.startsWith('--')) ?? root);
  const unknown = flags.find((flag) => flag !== '--browser');
  if (unknown !== undefined || !existsSync(folder) || !statSync(folder).isDirectory()) {
    throw new IdiomError('wrongUse', `${unknown ?? folder} is not a folder.`, {
      remedy: 'Use: npm run editor -- [--browser] DIR',
    });
  }
  build();
  const desktop = flags.includes('--browser') ? undefined : findDesktopEditor();
  return desktop === undefined ? await openInBrowser(folder) : openOnDesktop(desktop, folder);
}

function build(): void {
  say('Building the extension ...');
  const result = spawnSync(process.execPath, [join(root, 'scripts', 'build.ts')], {
    cwd: root,
    stdio: 'inherit',
  });
  if (result.status !== 0) throw new IdiomError('internal', 'The build failed; its message is above.');
}

function findDesktopEditor(): string | undefined {
  const file = process.platform === 'win32' ? 'code.cmd' : 'code';
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  return folders.map((folder) => join(folder, file)).find((path) => existsSync(path));
}

/** A window of its own with the extension from the checkout; nothing is installed into the user's VS Code. */
function openOnDesktop(command: string, folder: string): number {
  say(`Opening ${folder} in VS Code with Idiom ...`);
  const args = ['--new-window', `--extensionDevelopmentPath=${root}`, folder];
  // A .cmd file needs a shell, and a shell needs quotes around blanks.
  const result =
    process.platform === 'win32'
      ? spawnSync(
          `"${command}"`,
          args.map((arg) => `"${arg}"`),
          { stdio: 'inherit', shell: true },
        )
      : spawnSync(command, args, { stdio: 'inherit' });
  say('In that window: type code, press Tab to accept. Close the window to end.');
  return result.status ?? 1;
}

async function openInBrowser(folder: string): Promise<number> {
  if (process.platform === 'win32') {
    throw new IdiomError('wrongUse', 'There is no `code` command, and code-server does not run on Windows.', {
      remedy: 'Install Visual Studio Code, then run the command again.',
    });
  }
  say('There is no `code` command here, so VS Code runs in your browser (code-server).');
  const install = await installCodeServer(say);
  const folders = makeEditorFolders(join(root, '.cache', 'editor'), settings);
  linkExtension(folders, root);
  const server = await startCodeServer({ entryPath: install.entryPath, folders, env: process.env });
  say('');
  say(`  Open ${server.url}/?folder=${encodeURIComponent(folder)}`);
  say('');
  say('Only this machine can reach it. Type code, press Tab to accept. Ctrl+C here ends it.');
  const interrupted = new Promise<void>((done) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => done());
  });
  await Promise.race([interrupted, server.ended]);
  await server.stop();
  return 0;
}

try {
  process.exitCode = await open(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`${describeError(error)}\n`);
  process.exitCode = error instanceof IdiomError ? error.exitCode : 1;
}
