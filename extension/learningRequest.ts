/** How a command asks the daemon about a repository's learning: who may, about what, and how a refusal is told. */

import { window, workspace } from 'vscode';
import type { Uri } from 'vscode';
import type { LanguageLink } from './languageLink.ts';
import { currentUri } from './learningBoard.ts';
import type { LearningBoard } from './learningBoard.ts';

export interface LearningServices {
  /** Undefined while there is no daemon. */
  readonly link: () => LanguageLink | undefined;
  readonly board: LearningBoard;
}

export interface Ask {
  readonly uri: Uri;
  /** @throws LearningRefusal with the daemon's sentence. */
  request<T>(method: string, params?: object): Promise<T>;
}

/** A sentence for a person; with what to do where the daemon said it. */
export class LearningRefusal extends Error {}

/**
 * Runs `body` where learning can be asked for, and says in a sentence where not: no daemon, no folder, no trust.
 * What the daemon refuses is shown as a warning. `uri`: default the active file's.
 */
export async function withLearning(
  { link }: LearningServices,
  body: (ask: Ask) => Promise<void>,
  uri: Uri | undefined = currentUri(),
): Promise<void> {
  const found = link();
  const hindrance = !workspace.isTrusted
    ? 'This workspace is not trusted, so Idiom learns nothing here. Run "Workspaces: Manage Workspace Trust" if you trust its authors.'
    : found === undefined
      ? 'Idiom has no connection to its daemon yet; try again in a moment.'
      : uri === undefined
        ? 'Open a folder first: Idiom learns a repository.'
        : undefined;
  if (found === undefined || uri === undefined || hindrance !== undefined) {
    return void window.showWarningMessage(hindrance ?? '');
  }
  const request = async <T>(method: string, params: object = {}): Promise<T> => {
    try {
      return (await found.request(method, { uri: uri.toString(), ...params })) as T;
    } catch (error) {
      throw new LearningRefusal(refusalSentence(error), { cause: error });
    }
  };
  try {
    await body({ uri, request });
  } catch (error) {
    if (!(error instanceof LearningRefusal)) throw error;
    void window.showWarningMessage(error.message);
  }
}

/** The protocol library puts its own words before a handler's: "Request idiom/train failed with message: ...". */
export function refusalSentence(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.replace(/^Request \S+ failed with message: /, '');
}
