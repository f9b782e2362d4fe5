/** The folder in which one test of the real editor lives: home, settings, Idiom's data, logs; nothing outside it is used. */

import { cpSync, existsSync, mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { linkExtension, makeEditorFolders } from '../../../scripts/codeServer/startCodeServer.ts';
import type { EditorFolders } from '../../../scripts/codeServer/startCodeServer.ts';

export const checkout = join(import.meta.dirname, '..', '..', '..');

export interface RunFolder {
  readonly root: string;
  readonly idiomHome: string;
  readonly editor: EditorFolders;
  readonly env: Readonly<NodeJS.ProcessEnv>;
  /** Copies the logs to `artifacts/editor-logs/NAME`, where they outlive the folder. */
  keepLogs(name: string): void;
  dispose(): void;
}

export type EditorSettings = Readonly<Record<string, unknown>>;

/**
 * What keeps a real editor still: no news, no updates, no marketplace, no blinking. What a developer meets while typing is as
 * VS Code has it, the pop-up of completions included.
 */
export const quietSettings: EditorSettings = {
  'workbench.startupEditor': 'none',
  'workbench.enableExperiments': false,
  'workbench.reduceMotion': 'on',
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'workbench.tips.enabled': false,
  'telemetry.telemetryLevel': 'off',
  'extensions.autoUpdate': false,
  'extensions.autoCheckUpdates': false,
  'extensions.ignoreRecommendations': true,
  'update.mode': 'none',
  'chat.disableAIFeatures': true,
  'security.workspace.trust.enabled': false,
  'window.restoreWindows': 'none',
  'files.hotExit': 'off',
  'files.autoSave': 'off',
  'git.enabled': false,
  'editor.accessibilitySupport': 'off',
  'editor.cursorBlinking': 'solid',
  'editor.minimap.enabled': false,
};

/** Path of the embedded model for tests. @throws Error when the test command did not set it. */
export function testModelPath(): string {
  const path = process.env['IDIOM_TEST_MODEL'];
  if (path === undefined || !existsSync(path)) {
    throw new Error('IDIOM_TEST_MODEL must name the embedded model; `npm test` sets it.');
  }
  return path;
}

/**
 * The embedded model, a log that tells where each suggestion came from, and little to compute: one thread does not
 * stand still on a busy machine where several wait for each other.
 */
export function testSettings(more: EditorSettings = {}): EditorSettings {
  return {
    'idiom.baseModel': testModelPath(),
    'idiom.logLevel': 'debug',
    'idiom.threads': 1,
    'idiom.maxPromptTokens': 512,
    // Prompts that do not depend on how busy the machine is.
    'idiom.latencyBudgetMs': 0,
    'idiom.maxNewTokens': 32,
    ...more,
  };
}

/** Makes the folder; `link` makes a checkout, this one by default, the installed extension; it must have been built. */
export function createRunFolder(options: {
  readonly settings?: EditorSettings;
  readonly link?: boolean;
  readonly checkout?: string;
  /** Search path of commands; default: that of this process. */
  readonly path?: string;
}): RunFolder {
  // Short, since a Unix socket is to lie in it.
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'idiom-')));
  const home = join(root, 'home');
  const idiomHome = join(root, 'idiom');
  const runtime = join(root, 'run');
  for (const folder of [home, runtime]) mkdirSync(folder, { mode: 0o700 });
  const editor = makeEditorFolders(root, { ...quietSettings, ...options.settings });
  if (options.link !== false) linkBuiltExtension(editor, options.checkout ?? checkout);
  return {
    root,
    idiomHome,
    editor,
    env: {
      PATH: options.path ?? `${dirname(process.execPath)}:${process.env['PATH'] ?? ''}`,
      HOME: home,
      LANG: 'C.UTF-8',
      XDG_CONFIG_HOME: join(home, '.config'),
      XDG_DATA_HOME: join(home, '.local', 'share'),
      XDG_CACHE_HOME: join(home, '.cache'),
      XDG_STATE_HOME: join(home, '.local', 'state'),
      XDG_RUNTIME_DIR: runtime,
      IDIOM_HOME: idiomHome,
      EXTENSIONS_GALLERY: '{}',
    },
    keepLogs: (name) => keepLogs({ root, name, idiomHome, editor }),
    dispose: () => rmSync(root, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 }),
  };
}

function linkBuiltExtension(editor: EditorFolders, of: string): void {
  if (!existsSync(join(of, 'dist', 'extension.cjs'))) {
    throw new Error('The extension is not built; run `npm run build`. `npm test` does it by itself.');
  }
  linkExtension(editor, of);
}

function keepLogs(from: {
  readonly root: string;
  readonly name: string;
  readonly idiomHome: string;
  readonly editor: EditorFolders;
}): void {
  const target = join(checkout, 'artifacts', 'editor-logs', from.name);
  for (const [path, name] of [
    [from.editor.log, 'code-server.log'],
    [join(from.editor.userData, 'logs'), 'vscode'],
    [join(from.idiomHome, 'logs'), 'idiom'],
  ] as const) {
    rmSync(join(target, name), { recursive: true, force: true });
    if (existsSync(path)) cpSync(path, join(target, name), { recursive: true });
  }
}
