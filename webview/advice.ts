/** What to do now: one sentence, and a button where a person is needed. Pure. */

import { progressDetail, progressTitle } from '../protocol/progressText.ts';
import { versionName } from '../protocol/versionName.ts';
import type { DashboardAction } from '../protocol/dashboard.ts';
import type { DashboardResult, RepositoryLearning } from '../protocol/learning.ts';
import type { NumberedVersion } from '../protocol/versionName.ts';
import { readableCount } from './readable.ts';

export interface Advice {
  readonly sentence: string;
  /** What is behind it, or what comes next. */
  readonly detail?: string;
  readonly tone: 'plain' | 'busy' | 'bad';
  readonly buttons: readonly AdviceButton[];
}
export interface AdviceButton {
  readonly action: DashboardAction;
  readonly text: string;
  readonly digest?: string;
}

const trainNow: AdviceButton = { action: 'train', text: 'Train Now' };

export function adviceOf(
  { learning, versions }: Pick<DashboardResult, 'learning' | 'versions'>,
  isTrusted: boolean,
): Advice {
  const { detail, awaitsApproval } = learning;
  if (!isTrusted)
    return {
      sentence: 'This workspace is not trusted, so Idiom does not learn from it.',
      tone: 'plain',
      buttons: [{ action: 'trust', text: 'Manage Workspace Trust' }],
    };
  const title = progressTitle(learning);
  if (title !== undefined) {
    const told = [progressDetail(learning), /paused|^starts/i.exec(lastSentence(detail))?.input];
    return {
      sentence: title,
      detail: told.filter((each) => each !== undefined && each !== '').join('. '),
      tone: 'busy',
      buttons: [{ action: 'cancel', text: 'Cancel Training' }],
    };
  }
  if (awaitsApproval !== undefined) {
    const name = versionName(versions.versions, awaitsApproval);
    return {
      sentence: `${name} passed its evaluation. Use it?`,
      tone: 'plain',
      buttons: [{ action: 'promote', text: `Use ${name}`, digest: awaitsApproval }],
    };
  }
  return adviceOfRest(learning, versions.versions);
}

function adviceOfRest(
  { state, detail, canary }: RepositoryLearning,
  versions: readonly NumberedVersion[],
): Advice {
  switch (state) {
    case 'failed':
      return {
        sentence: detail,
        tone: 'bad',
        buttons: [
          { action: 'train', text: 'Try Again' },
          { action: 'showLog', text: 'Show Log' },
        ],
      };
    case 'paused':
      return {
        sentence: 'Learning is paused. Suggestions continue.',
        tone: 'plain',
        buttons: [{ action: 'resume', text: 'Resume Learning' }],
      };
    case 'canary':
      return {
        sentence: canary === undefined ? detail : trialText(versionName(versions, canary.digest), canary),
        detail: 'It is put in use, or taken out, once that is certain.',
        tone: 'plain',
        buttons: [],
      };
    default:
      return {
        sentence: detail,
        tone: 'plain',
        buttons: [trainNow],
      };
  }
}

function trialText(
  name: string,
  { nScored, meanGain }: { readonly nScored: number; readonly meanGain: number },
): string {
  const lines = nScored === 1 ? '1 line' : `${readableCount(nScored)} lines`;
  const soFar =
    nScored === 0
      ? 'Nothing to compare yet.'
      : `So far ${meanGain > 0 ? 'slightly better' : 'not better'}; not certain yet.`;
  return `${name} is on trial: ${lines} compared. ${soFar}`;
}

const lastSentence = (text: string): string => text.split(/(?<=\.) /).at(-1) ?? '';
