/** "Forget": asks what, counts it without deleting, asks once more, and reports what is gone. */

import { relative, sep } from 'node:path';
import { window } from 'vscode';
import type { QuickPickItem } from 'vscode';
import { learningMessages } from '../protocol/learning.ts';
import type { ForgetResult } from '../protocol/learning.ts';
import { forgetChoices, forgetQuestion, forgetReport } from './forgetText.ts';
import type { ForgetChoice } from './forgetText.ts';
import { withLearning } from './learningRequest.ts';
import type { Ask, LearningServices } from './learningRequest.ts';
import { isWithin } from './learningStatus.ts';

export async function forget(services: LearningServices, uri?: Ask['uri']): Promise<void> {
  await withLearning(
    services,
    async ({ uri: target, request }) => {
      const choice = await choose(services, target);
      if (choice === undefined) return;
      const counted = await request<ForgetResult>(learningMessages.forget, {
        ...choice.scope,
        isDryRun: true,
      });
      const question = forgetQuestion(choice, counted);
      if (question === undefined) {
        return void window.showInformationMessage(`Nothing is recorded ${choice.what}.`);
      }
      const { message, detail } = question;
      const answer = await window.showWarningMessage(message, { modal: true, detail }, 'Forget');
      if (answer !== 'Forget') return;
      const gone = await request<ForgetResult>(learningMessages.forget, choice.scope);
      void window.showInformationMessage(forgetReport(gone));
    },
    uri,
  );
}

async function choose({ board }: LearningServices, uri: Ask['uri']): Promise<ForgetChoice | undefined> {
  const repository = board.of(uri);
  const file = window.activeTextEditor?.document.uri.fsPath;
  const path =
    repository !== undefined && file !== undefined && isWithin(repository.root, file)
      ? relative(repository.root, file).split(sep).join('/')
      : undefined;
  const choices: (QuickPickItem & ForgetChoice)[] = forgetChoices(
    path,
    repository?.name ?? 'this folder',
    Date.now(),
  );
  return window.showQuickPick(choices, {
    title: 'Idiom: Delete Recorded Data',
    placeHolder: 'What? It is counted first; nothing is deleted yet',
    matchOnDescription: true,
  });
}
