/** Lets a person choose when Idiom trains: by itself, on command, or not at all. */

import { commands, ConfigurationTarget, window, workspace } from 'vscode';
import type { QuickPickItem } from 'vscode';
import { commandIds } from './commandIds.ts';
import { readSetting } from './suggestionSettings.ts';

/** Set once a person has chosen; a step of the walkthrough waits for it. */
const contextKey = 'idiom.isTrainingChosen';

interface Choice extends QuickPickItem {
  readonly run: () => Thenable<unknown>;
}

export async function chooseTraining(): Promise<void> {
  const isAutomatic = readSetting('learning.automatic', undefined);
  const choice = await window.showQuickPick(choices(isAutomatic), {
    title: 'Idiom: Choose When to Train',
    placeHolder: 'A training computes for about 15 minutes on this computer',
  });
  if (choice === undefined) return;
  await choice.run();
  await commands.executeCommand('setContext', contextKey, true);
}

function choices(isAutomatic: boolean): Choice[] {
  const idleMinutes = readSetting('learning.idleMinutes', undefined);
  const mark = (isCurrent: boolean) => (isCurrent ? { description: 'current' } : {});
  return [
    {
      label: '$(sync) Automatically',
      ...mark(isAutomatic),
      detail: `When there is enough to learn, the editor was left alone for ${idleMinutes} minutes, and the computer is plugged in.`,
      run: () => setAutomatic(true),
    },
    {
      label: '$(play) On command',
      ...mark(!isAutomatic),
      detail: 'Only when you run "Idiom: Train Adapter Now".',
      run: () => setAutomatic(false),
    },
    {
      label: '$(circle-slash) Turn learning on or off for this repository',
      detail: 'Off: suggestions continue; nothing is recorded or trained.',
      run: () => commands.executeCommand(commandIds.toggleLearning),
    },
  ];
}

function setAutomatic(isAutomatic: boolean): Thenable<void> {
  return workspace
    .getConfiguration('idiom')
    .update('learning.automatic', isAutomatic, ConfigurationTarget.Global);
}
