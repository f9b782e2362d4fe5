/** "Train Now": begins a training and shows its progress until it ends, with a way to cancel; then says how it ended. */

import { commands, ProgressLocation, window } from 'vscode';
import type { CancellationToken, Progress } from 'vscode';
import { learningMessages } from '../protocol/learning.ts';
import type { RepositoryLearning, VersionsResult } from '../protocol/learning.ts';
import { commandIds } from './commandIds.ts';
import { withLearning } from './learningRequest.ts';
import type { Ask, LearningServices } from './learningRequest.ts';
import { isComputing } from './learningStatus.ts';
import { howItEnded } from './trainingEnd.ts';

/** A loop that has not begun by then waits for something; its detail says for what. */
const beginWithinMs = 10_000;

export async function trainNow(services: LearningServices, uri?: Ask['uri']): Promise<void> {
  await withLearning(
    services,
    async (ask) => {
      const before = await ask.request<VersionsResult>(learningMessages.versions);
      await ask.request<null>(learningMessages.train);
      const end = await followTraining(services, ask);
      if (end === 'cancelled') return;
      const after = await ask.request<VersionsResult>(learningMessages.versions);
      await tellEnd(howItEnded(before, after, services.board.of(ask.uri)));
    },
    uri,
  );
}

export async function cancelTraining(services: LearningServices, uri?: Ask['uri']): Promise<void> {
  await withLearning(services, (ask) => ask.request<void>(learningMessages.cancel), uri);
}

function followTraining(services: LearningServices, ask: Ask): Thenable<'ended' | 'cancelled'> {
  const name = services.board.of(ask.uri)?.name;
  const title = name === undefined ? 'Idiom learns' : `Idiom learns ${name}`;
  return window.withProgress(
    { location: ProgressLocation.Notification, title, cancellable: true },
    (progress, token) => untilEnded(services, ask, { progress, token }),
  );
}

interface Shown {
  readonly progress: Progress<{ message?: string; increment?: number }>;
  readonly token: CancellationToken;
}

function untilEnded(
  { board }: LearningServices,
  ask: Ask,
  { progress, token }: Shown,
): Promise<'ended' | 'cancelled'> {
  return new Promise((resolve) => {
    let hasBegun = false;
    let percent = 0;
    function look(): void {
      const learning = board.of(ask.uri);
      if (learning === undefined) return;
      if (isComputing(learning)) {
        hasBegun = true;
        const now = Math.floor((learning.progress?.share ?? 0) * 100);
        // Each stage counts from the start, and a bar goes forward only.
        progress.report({ message: progressMessage(learning), increment: Math.max(0, now - percent) });
        percent = Math.max(percent, now);
      } else if (hasBegun) end('ended');
    }
    function end(how: 'ended' | 'cancelled'): void {
      clearTimeout(timer);
      subscription.dispose();
      cancel.dispose();
      resolve(how);
    }
    const timer = setTimeout(() => (hasBegun ? undefined : end('ended')), beginWithinMs);
    const subscription = board.onChange(look);
    const cancel = token.onCancellationRequested(() => {
      ask.request(learningMessages.cancel).catch(() => undefined);
      end('cancelled');
    });
    look();
  });
}

function progressMessage({ detail, progress }: RepositoryLearning): string {
  const pace =
    progress?.tokensPerSecond === undefined ? '' : ` ${Math.round(progress.tokensPerSecond)} tokens/s.`;
  return `${detail}${pace}`;
}

async function tellEnd({ sentence, needsPerson }: ReturnType<typeof howItEnded>): Promise<void> {
  if (!needsPerson) return void window.setStatusBarMessage(`$(mortar-board) ${sentence}`, 10_000);
  const look = 'Show Dashboard';
  const choice = await window.showWarningMessage(sentence, look);
  if (choice === look) await commands.executeCommand(commandIds.showDashboard);
}
