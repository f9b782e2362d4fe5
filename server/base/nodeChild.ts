/** How Idiom starts a further process of its own, so that it picks up nothing from the folder somebody works in. */

import { dirname } from 'node:path';

/** With these a process loads other modules and libraries than its own, or listens for a debugger. */
const loading: ReadonlySet<string> = new Set([
  ...[
    'NODE_OPTIONS',
    'NODE_PATH',
    'NODE_REPL_EXTERNAL_MODULE',
    'VSCODE_INSPECTOR_OPTIONS',
    'GGML_BACKEND_PATH',
  ],
]);

/**
 * Options for `fork` and `spawn`: this very Node (or VS Code's Electron as Node). It runs in the folder where the
 * program itself lies: Windows looks for libraries in both, and a repository or a folder for temporary files, where
 * others may have put some, is neither.
 */
export function nodeChild(env: NodeJS.ProcessEnv = process.env): {
  readonly execPath: string;
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  readonly windowsHide: true;
} {
  const kept = Object.entries(env).filter(([name]) => !loading.has(name.toUpperCase()));
  return {
    execPath: process.execPath,
    cwd: dirname(process.execPath),
    env: { ...Object.fromEntries(kept), ELECTRON_RUN_AS_NODE: '1' },
    windowsHide: true,
  };
}
