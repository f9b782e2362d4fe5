/** The commands that turn suggestions and learning on and off, each in the narrowest place that fits. */

import { ConfigurationTarget, window, workspace } from 'vscode';
import type { ConfigurationScope, QuickPickItem, TextDocument } from 'vscode';
import { isServedScheme } from './documentFilter.ts';
import { readSetting } from './suggestionSettings.ts';

interface Choice extends QuickPickItem {
  readonly run: () => Thenable<void>;
}

/** Asks where: everywhere, in this folder, or in this language. */
export async function toggleSuggestions(): Promise<void> {
  const document = activeCode();
  const choice = await window.showQuickPick(choices(document), {
    title: 'Idiom: Turn Suggestions On or Off',
    placeHolder: 'Where?',
  });
  await choice?.run();
}

/** Turns learning on or off in the folder of the active file, and says which. */
export async function toggleLearning(): Promise<void> {
  const { target, where, scope } = folderTarget(activeCode());
  const isOn = readSetting('learning.enabled', scope);
  await workspace.getConfiguration('idiom', scope ?? null).update('learning.enabled', !isOn, target);
  const consequence = isOn
    ? 'Suggestions go on, nothing is recorded.'
    : 'What becomes of suggestions is recorded on this machine.';
  void window.showInformationMessage(`Learning is now ${isOn ? 'off' : 'on'} ${where}. ${consequence}`);
}

/** Undefined while a panel or a report is in front. */
function activeCode(): TextDocument | undefined {
  const document = window.activeTextEditor?.document;
  return document !== undefined && isServedScheme(document.uri.scheme) ? document : undefined;
}

function choices(document: TextDocument | undefined): Choice[] {
  const list = [enabledChoice(undefined, ConfigurationTarget.Global, 'everywhere')];
  if (workspace.workspaceFolders !== undefined) {
    const { target, where, scope } = folderTarget(document);
    list.unshift(enabledChoice(scope, target, where));
  }
  if (document !== undefined) list.unshift(languageChoice(document));
  return list;
}

function enabledChoice(
  scope: ConfigurationScope | undefined,
  target: ConfigurationTarget,
  where: string,
): Choice {
  const configuration = workspace.getConfiguration('idiom', scope ?? null);
  const found = configuration.inspect<boolean>('enabled');
  const isOn =
    target === ConfigurationTarget.Global ? (found?.globalValue ?? true) : readSetting('enabled', scope);
  return {
    label: `Turn ${isOn ? 'off' : 'on'} ${where}`,
    run: () => configuration.update('enabled', !isOn, target),
  };
}

function languageChoice({ languageId }: TextDocument): Choice {
  const configuration = workspace.getConfiguration('idiom');
  const disabled = configuration.inspect<string[]>('disabledLanguages')?.globalValue ?? [];
  const isOn = !disabled.includes(languageId);
  const next = isOn ? [...disabled, languageId] : disabled.filter((other) => other !== languageId);
  return {
    label: `Turn ${isOn ? 'off' : 'on'} in every ${languageId} file`,
    run: () => configuration.update('disabledLanguages', next, ConfigurationTarget.Global),
  };
}

interface FolderTarget {
  readonly target: ConfigurationTarget;
  readonly where: string;
  readonly scope: ConfigurationScope | undefined;
}

/** The folder of the document, else the workspace, else the user's settings. */
function folderTarget(document: TextDocument | undefined): FolderTarget {
  const folder = (document && workspace.getWorkspaceFolder(document.uri)) ?? workspace.workspaceFolders?.[0];
  if (folder === undefined) {
    return { target: ConfigurationTarget.Global, where: 'everywhere', scope: undefined };
  }
  const isOnlyFolder = workspace.workspaceFolders?.length === 1 && workspace.workspaceFile === undefined;
  return {
    target: isOnlyFolder ? ConfigurationTarget.Workspace : ConfigurationTarget.WorkspaceFolder,
    where: `in the folder ${folder.name}`,
    scope: folder.uri,
  };
}
