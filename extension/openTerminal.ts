/** Opens a terminal in which `idiom` is a command, though nothing was installed: the bundle runs under the editor's own Node. */

import { delimiter, join } from 'node:path';
import { window } from 'vscode';

/** `command`: is run in it at once. The search path of that one terminal is changed, no other. */
export function openTerminal(extensionPath: string, command?: string): void {
  const commandDir = join(extensionPath, 'dist', 'bin');
  const searchPath = process.env['PATH'] ?? '';
  const terminal = window.createTerminal({
    name: 'Idiom',
    env: {
      PATH: commandDir + delimiter + searchPath,
      IDIOM_NODE: process.execPath,
      // Windows would take a program of the open folder that has this name.
      NoDefaultCurrentDirectoryInExePath: '1',
    },
    message: 'Type "idiom --help", or "idiom signals" to see and delete what is recorded.',
  });
  terminal.show();
  if (command !== undefined) terminal.sendText(command);
}
