/** Which version is in use, chosen by a person; one that did not pass its evaluation only with a reason. */

import { window } from 'vscode';
import type { QuickPickItem } from 'vscode';
import { learningMessages } from '../protocol/learning.ts';
import type { AdapterVersion, VersionsResult } from '../protocol/learning.ts';
import { withLearning } from './learningRequest.ts';
import type { Ask, LearningServices } from './learningRequest.ts';
import { servingSentence, versionChoices } from './versionChoices.ts';

export interface PromoteWish {
  readonly digest?: string | undefined;
  readonly uri?: Ask['uri'] | undefined;
}

export async function promote(services: LearningServices, { digest, uri }: PromoteWish): Promise<void> {
  await withLearning(
    services,
    async ({ request }) => {
      const known = await request<VersionsResult>(learningMessages.versions);
      const version = await choose(known, digest);
      if (version === undefined) return;
      const reason = version.verdict === 'pass' ? undefined : await askReason(version);
      if (version.verdict !== 'pass' && reason === undefined) return;
      const now = await request<VersionsResult>(learningMessages.promote, {
        digest: version.digest,
        ...(reason === undefined ? {} : { overrideReason: reason }),
      });
      window.setStatusBarMessage(`$(check) ${servingSentence(now)}`, 10_000);
    },
    uri,
  );
}

export async function rollBack(services: LearningServices, uri?: Ask['uri']): Promise<void> {
  await withLearning(
    services,
    async ({ request }) => {
      const now = await request<VersionsResult>(learningMessages.rollback);
      void window.showInformationMessage(`Reverted. ${servingSentence(now)}`);
    },
    uri,
  );
}

async function choose(
  known: VersionsResult,
  digest: string | undefined,
): Promise<AdapterVersion | undefined> {
  const find = (wanted: string) => known.versions.find((version) => version.digest === wanted);
  if (digest !== undefined) return find(digest);
  const items = versionChoices(known, Date.now());
  if (items.length === 0) {
    void window.showInformationMessage(`${known.name} has no other version yet.`);
    return undefined;
  }
  const picked = await window.showQuickPick<QuickPickItem & { digest: string }>(items, {
    title: `Idiom: Use a Version of ${known.name}`,
    placeHolder: 'In use from the next suggestion on',
    matchOnDescription: true,
    matchOnDetail: true,
  });
  return picked === undefined ? undefined : find(picked.digest);
}

/** Undefined: the person thought better of it. */
async function askReason({ number, verdict, notices }: AdapterVersion): Promise<string | undefined> {
  const why =
    verdict === 'refuse'
      ? `This version did not pass its evaluation. ${notices[0] ?? ''}`
      : 'This version is not evaluated.';
  const reason = await window.showInputBox({
    title: `Idiom: Use v${number} Anyway`,
    prompt: `${why.trim()} Your reason is kept in the log.`,
    placeHolder: 'Why it should be used anyway',
    ignoreFocusOut: true,
    validateInput: (text) => (text.trim() === '' ? 'A reason is needed.' : undefined),
  });
  return reason?.trim();
}
