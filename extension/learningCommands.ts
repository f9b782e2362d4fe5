/** The learning commands by id, each with what a click on the dashboard or an entry of the palette may give it. */

import { commands, window } from 'vscode';
import type { Uri } from 'vscode';
import { learningMessages } from '../protocol/learning.ts';
import type { ThumbsParams } from '../protocol/learning.ts';
import type { DashboardAction } from '../protocol/dashboard.ts';
import { commandIds } from './commandIds.ts';
import { forget } from './forget.ts';
import { withLearning } from './learningRequest.ts';
import type { LearningServices } from './learningRequest.ts';
import type { ShownItem } from './shownSuggestion.ts';
import { promote, rollBack } from './promote.ts';
import { cancelTraining, trainNow } from './trainNow.ts';

/** A click on the dashboard; `uri` is of its repository. The page stays usable meanwhile. */
export async function actOnDashboard(
  services: LearningServices,
  action: DashboardAction,
  uri: Uri,
  digest: string | undefined,
): Promise<void> {
  switch (action) {
    case 'train':
      void trainNow(services, uri);
      return;
    case 'cancel':
      return cancelTraining(services, uri);
    case 'rollBack':
      return rollBack(services, uri);
    case 'promote':
      return promote(services, { digest, uri });
    case 'pause':
    case 'resume':
      return pauseLearning(services, action === 'pause', uri);
    case 'forget':
      return forget(services, uri);
    case 'showLog':
      return void commands.executeCommand(commandIds.showLog);
    case 'trust':
      return void commands.executeCommand('workbench.trust.manage');
  }
}

/** Enough to recognize a suggestion by in the status bar. */
const maxRatedChars = 40;

export async function pauseLearning(services: LearningServices, isPaused: boolean, uri?: Uri): Promise<void> {
  await withLearning(
    services,
    async ({ request }) => {
      await request(learningMessages.pause, { isPaused });
      const sentence = isPaused ? 'Learning paused; suggestions continue.' : 'Learning resumed.';
      window.setStatusBarMessage(`$(mortar-board) ${sentence}`, 5_000);
    },
    uri,
  );
}

export async function giveThumbs(
  services: LearningServices,
  thumbs: ThumbsParams['thumbs'],
  suggestion: ShownItem | undefined,
): Promise<void> {
  await withLearning(services, async ({ request }) => {
    if (suggestion === undefined)
      return void window.showInformationMessage('There has been no suggestion in this window yet.');
    await request(learningMessages.thumbs, { suggestionId: suggestion.id, thumbs } satisfies ThumbsParams);
    const [line = ''] = suggestion.rest.trim().split('\n');
    const name = line.length > maxRatedChars ? `${line.slice(0, maxRatedChars)}...` : line;
    const rating = thumbs === 'up' ? 'good' : 'bad';
    window.setStatusBarMessage(`$(thumbs${thumbs}) Rated "${name}" as ${rating}.`, 8_000);
  });
}
