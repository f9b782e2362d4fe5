/** What the daemon last told of the learning loops, and which of them the person in front of the editor means. */

import { commands, EventEmitter, Uri, window, workspace } from 'vscode';
import type { Disposable } from 'vscode';
import type { LearningParams, RepositoryLearning } from '../protocol/learning.ts';
import { isComputing } from '../protocol/progressText.ts';
import { isServedScheme } from './documentFilter.ts';
import { repositoryOf } from './learningStatus.ts';

export class LearningBoard implements Disposable {
  readonly #changes = new EventEmitter<readonly RepositoryLearning[]>();
  readonly #subscription: Disposable;
  #repositories: readonly RepositoryLearning[] = [];

  constructor() {
    this.#subscription = window.onDidChangeActiveTextEditor(() => this.#setContext());
  }

  readonly onChange = this.#changes.event;

  get repositories(): readonly RepositoryLearning[] {
    return this.#repositories;
  }

  set({ repositories }: LearningParams): void {
    this.#repositories = repositories;
    this.#setContext();
    this.#changes.fire(repositories);
  }

  /** The loop of the repository that this is in; undefined before the daemon told of it. */
  of(uri: Uri | undefined): RepositoryLearning | undefined {
    return uri === undefined ? undefined : repositoryOf(this.#repositories, uri.fsPath);
  }

  /** That of the active file, else of the first folder. */
  get current(): RepositoryLearning | undefined {
    return this.of(currentUri());
  }

  dispose(): void {
    this.#subscription.dispose();
    this.#changes.dispose();
  }

  /** Conditions of the palette's entries. */
  #setContext(): void {
    const { current } = this;
    const isTraining = current !== undefined && isComputing(current);
    void commands.executeCommand('setContext', 'idiom.isTraining', isTraining);
    void commands.executeCommand('setContext', 'idiom.isPaused', current?.state === 'paused');
  }
}

/** What a command is about: the active file, else the first folder; undefined in an empty window. */
export function currentUri(): Uri | undefined {
  const document = window.activeTextEditor?.document;
  if (document !== undefined && isServedScheme(document.uri.scheme) && document.uri.scheme !== 'untitled') {
    return document.uri;
  }
  return workspace.workspaceFolders?.[0]?.uri;
}

/** A file of the repository, for messages that name it so. */
export const uriOfRoot = (root: string): Uri => Uri.file(root);
