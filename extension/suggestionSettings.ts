/** What the settings say about one document. The daemon asks them too; here they save a request and feed the status bar. */

import { workspace } from 'vscode';
import type { ConfigurationScope, TextDocument } from 'vscode';
import type { SettingName, Settings } from '../protocol/settings.ts';
import { defaultSettings } from '../protocol/settings.ts';
import { isServedScheme } from './documentFilter.ts';
import { isSwitchedOff } from './switchedOff.ts';
import type { Situation } from './statusText.ts';

/** One setting for a document, a folder, or the window. */
export function readSetting<Name extends SettingName>(
  name: Name,
  scope: ConfigurationScope | undefined,
): Settings[Name] {
  return (
    workspace.getConfiguration('idiom', scope ?? null).get<Settings[Name]>(name) ?? defaultSettings[name]
  );
}

export function hasSuggestions(document: TextDocument): boolean {
  return (
    isServedScheme(document.uri.scheme) &&
    readSetting('enabled', document) &&
    !isSwitchedOff(document.uri.fsPath, 'suggestions') &&
    !readSetting('disabledLanguages', document).includes(document.languageId)
  );
}

/** A workspace can switch recording off, and never on for someone who has it off. */
export function isLearningOffForUser(): boolean {
  return workspace.getConfiguration('idiom').inspect<boolean>('learning.enabled')?.globalValue === false;
}

export function learningOf(document: TextDocument | undefined): Situation['learning'] {
  if (!workspace.isTrusted) return 'untrusted';
  if (document !== undefined && isSwitchedOff(document.uri.fsPath, 'learning')) return 'off';
  return readSetting('learning.enabled', document) && !isLearningOffForUser() ? 'on' : 'off';
}
