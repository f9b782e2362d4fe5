/** "Explain Last Suggestion": fetches what is known of the newest suggestion of the active file, and shows it with links. */

import { window } from 'vscode';
import { learningMessages } from '../protocol/learning.ts';
import type { AdapterVersion, VersionsResult } from '../protocol/learning.ts';
import { messageNames } from '../protocol/messages.ts';
import type { ExplainResult } from '../protocol/messages.ts';
import type { LanguageLink } from './languageLink.ts';
import type { LearningServices } from './learningRequest.ts';
import { isWithin } from './learningStatus.ts';
import type { ReportPages } from './reportPages.ts';
import { explanation } from './reportText.ts';
import type { StatusBar } from './statusBar.ts';

export interface ExplainProps extends LearningServices {
  readonly reports: ReportPages;
  readonly statusBar: StatusBar;
}

export async function explain({ link, board, reports, statusBar }: ExplainProps): Promise<void> {
  const document = window.activeTextEditor?.document;
  const nothing =
    'There has been no suggestion in this file yet. Type some code and pause, or run "Idiom: Trigger Suggestion".';
  const running = link();
  if (document === undefined || running === undefined) return void window.showInformationMessage(nothing);
  const uri = document.uri.toString();
  let result: ExplainResult | null;
  try {
    result = (await running.request(messageNames.explain, { uri })) as ExplainResult | null;
  } catch {
    return void window.showInformationMessage(
      'The suggestion cannot be explained: the daemon did not answer.',
    );
  }
  if (result === null) return void window.showInformationMessage(nothing);
  const version = await versionOf(running, uri, result.adapter);
  const root = board.of(document.uri)?.root ?? indexedRoot(statusBar, document.uri.fsPath);
  const by = { baseModelName: statusBar.daemon?.baseModel, version, root, nowMs: Date.now() };
  await reports.show('Last Suggestion', explanation(result, by));
}

/** Undefined for what was not trained here, and when the daemon does not answer: the rest is worth showing. */
async function versionOf(
  link: LanguageLink,
  uri: string,
  digest: string,
): Promise<AdapterVersion | undefined> {
  try {
    const { versions } = (await link.request(learningMessages.versions, { uri })) as VersionsResult;
    return versions.find((version) => version.digest === digest);
  } catch {
    return undefined;
  }
}

function indexedRoot({ index }: StatusBar, path: string): string | undefined {
  return index.map(({ root }) => root).find((root) => isWithin(root, path));
}
