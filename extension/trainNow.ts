/** "Train Now": begins a training and says how it ended. How it goes is in the status bar (trainingItem.ts) and on the dashboard. */

import { commands, window } from 'vscode';
import { learningMessages } from '../protocol/learning.ts';
import type { VersionsResult } from '../protocol/learning.ts';
import { isComputing } from '../protocol/progressText.ts';
import { commandIds } from './commandIds.ts';
import { withLearning } from './learningRequest.ts';
import type { Ask, LearningServices } from './learningRequest.ts';
import { howItEnded } from './trainingEnd.ts';

/** A loop that has not begun by then waits for something; its detail says for what. */
const beginWithinMs = 10_000;

export async function trainNow(services: LearningServices, uri?: Ask['uri']): Promise<void> {
  await withLearning(
    services,
    async (ask) => {
      const before = await ask.request<VersionsResult>(learningMessages.versions);
      await ask.request<null>(learningMessages.train);
      await untilEnded(services, ask);
      const after = await ask.request<VersionsResult>(learningMessages.versions);
      await tellEnd(howItEnded(before, after, services.board.of(ask.uri)));
    },
    uri,
  );
}

export async function cancelTraining(services: LearningServices, uri?: Ask['uri']): Promise<void> {
  await withLearning(
    services,
    async ({ request }) => {
      await request(learningMessages.cancel);
      window.setStatusBarMessage('$(circle-slash) Training canceled.', 5_000);
    },
    uri,
  );
}

function untilEnded({ board }: LearningServices, ask: Ask): Promise<void> {
  return new Promise((resolve) => {
    let hasBegun = false;
    function look(): void {
      const learning = board.of(ask.uri);
      if (learning === undefined) return;
      if (isComputing(learning)) hasBegun = true;
      else if (hasBegun) end();
    }
    function end(): void {
      clearTimeout(timer);
      subscription.dispose();
      resolve();
    }
    const timer = setTimeout(() => (hasBegun ? undefined : end()), beginWithinMs);
    const subscription = board.onChange(look);
    look();
  });
}

async function tellEnd({ sentence, kind }: ReturnType<typeof howItEnded>): Promise<void> {
  // Whoever canceled it was told already.
  if (kind === 'canceled') return;
  if (kind === 'done') return void window.setStatusBarMessage(`$(mortar-board) ${sentence}`, 10_000);
  const look = 'Show Dashboard';
  const choice = await window.showInformationMessage(sentence, look);
  if (choice === look) await commands.executeCommand(commandIds.showDashboard);
}
