/** The commands that turn suggestions and learning on and off. What is for one folder is stored with Idiom's data, not in the folder. */

import { ConfigurationTarget, window, workspace } from 'vscode';
import type { QuickPickItem, TextDocument, Uri } from 'vscode';
import { messageNames } from '../protocol/messages.ts';
import type { SwitchParams } from '../protocol/messages.ts';
import { defaultSettings } from '../protocol/settings.ts';
import { isServedScheme } from './documentFilter.ts';
import { refusalSentence } from './learningRequest.ts';
import type { LearningServices } from './learningRequest.ts';
import { isLearningOffForUser, readSetting } from './suggestionSettings.ts';
import { isSwitchedOff } from './switchedOff.ts';

type Link = LearningServices['link'];

interface Choice extends QuickPickItem {
  readonly run: () => Thenable<unknown>;
}

/** Asks where: everywhere, in this folder, or in this language. */
export async function toggleSuggestions(link: Link): Promise<void> {
  const document = activeCode();
  const choice = await window.showQuickPick(choices(link, document), {
    title: 'Idiom: Toggle Suggestions',
    placeHolder: 'Where?',
  });
  await choice?.run();
}

/** Turns learning on or off in the folder of the active file, and says which. */
export async function toggleLearning(link: Link): Promise<void> {
  const folder = folderOf(activeCode());
  if (folder === undefined || isLearningOffForUser()) return toggleLearningEverywhere();
  const isOff = isSwitchedOff(folder.uri.fsPath, 'learning');
  if (!isOff && !readSetting('learning.enabled', folder.uri)) {
    void window.showInformationMessage(
      `The settings of the folder ${folder.name} turn learning off, for everyone who works in it.`,
    );
    return;
  }
  if (await flip(link, folder.uri, 'learning', !isOff)) tellLearning(isOff, `in the folder ${folder.name}`);
}

async function toggleLearningEverywhere(): Promise<void> {
  const isOn = !isLearningOffForUser();
  await workspace
    .getConfiguration('idiom')
    .update('learning.enabled', isOn ? false : undefined, ConfigurationTarget.Global);
  tellLearning(!isOn, 'everywhere');
}

function tellLearning(isOn: boolean, where: string): void {
  const consequence = isOn
    ? 'Idiom records on this computer whether you keep its suggestions.'
    : 'Suggestions continue; nothing is recorded.';
  void window.showInformationMessage(`Learning is now ${isOn ? 'on' : 'off'} ${where}. ${consequence}`);
}

/** False when the daemon could not store it, which is said. */
async function flip(link: Link, uri: Uri, what: SwitchParams['what'], isOff: boolean): Promise<boolean> {
  const params: SwitchParams = { uri: uri.toString(), what, isOff };
  const running = link();
  try {
    if (running === undefined)
      throw new Error('Idiom has no connection to its daemon yet; try again in a moment.');
    await running.request(messageNames.switch, params);
    return true;
  } catch (error) {
    void window.showWarningMessage(refusalSentence(error));
    return false;
  }
}

/** Undefined while a panel or a report is in front. */
function activeCode(): TextDocument | undefined {
  const document = window.activeTextEditor?.document;
  return document !== undefined && isServedScheme(document.uri.scheme) ? document : undefined;
}

function choices(link: Link, document: TextDocument | undefined): Choice[] {
  const list = [everywhereChoice()];
  const folder = folderOf(document);
  if (folder !== undefined) {
    const isOff = isSwitchedOff(folder.uri.fsPath, 'suggestions');
    list.unshift({
      label: `Turn ${isOff ? 'on' : 'off'} in the folder ${folder.name}`,
      run: () => flip(link, folder.uri, 'suggestions', !isOff),
    });
  }
  if (document !== undefined) list.unshift(languageChoice(document));
  return list;
}

function everywhereChoice(): Choice {
  const configuration = workspace.getConfiguration('idiom');
  const isOn = configuration.inspect<boolean>('enabled')?.globalValue ?? true;
  return {
    label: `Turn ${isOn ? 'off' : 'on'} everywhere`,
    run: () => configuration.update('enabled', !isOn, ConfigurationTarget.Global),
  };
}

function languageChoice({ languageId }: TextDocument): Choice {
  const configuration = workspace.getConfiguration('idiom');
  const disabled =
    configuration.inspect<string[]>('disabledLanguages')?.globalValue ?? defaultSettings.disabledLanguages;
  const isOn = !disabled.includes(languageId);
  const next = isOn ? [...disabled, languageId] : disabled.filter((other) => other !== languageId);
  return {
    label: `Turn ${isOn ? 'off' : 'on'} in every ${languageId} file`,
    run: () => configuration.update('disabledLanguages', next, ConfigurationTarget.Global),
  };
}

/** The workspace folder of the document, else the first. */
function folderOf(
  document: TextDocument | undefined,
): { readonly uri: Uri; readonly name: string } | undefined {
  return (document && workspace.getWorkspaceFolder(document.uri)) ?? workspace.workspaceFolders?.[0];
}
