/** One editor's share in learning: which repositories it may learn from, and what a request's address stands for. */

import { statSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import type { RepositoryLearning } from '../../protocol/learning.ts';
import type { Settings } from '../../protocol/settings.ts';
import type { Disposable } from '../base/disposable.ts';
import { Emitter } from '../base/emitter.ts';
import { IdiomError } from '../base/errors.ts';
import type { Choices } from './choices.ts';
import { describeNoLoop } from './describeLearning.ts';
import type { LearnedRepository } from './describeLearning.ts';
import type { LearningServices } from './learningServices.ts';
import { fileOf } from './workspaceFolders.ts';
import type { Home, WorkspaceFolders } from './workspaceFolders.ts';

export interface EditorLearningProps {
  /** Where there is no usable database: a sentence on why nothing is learned. */
  readonly services: LearningServices | string;
  readonly folders: WorkspaceFolders;
  readonly settingsOf: (uri: string) => Promise<Settings>;
  readonly choices: Choices;
  readonly isTrusted: boolean;
}

export class EditorLearning implements Disposable {
  readonly #props: EditorLearningProps;
  readonly #used = new Map<string, LearnedRepository & { readonly handle: Disposable | undefined }>();
  readonly #changes = new Emitter<undefined>();
  readonly #subscription: Disposable | undefined;

  constructor(props: EditorLearningProps) {
    this.#props = props;
    const { services } = props;
    if (typeof services === 'string') return;
    this.#subscription = services.loops.onChange((repoId) => {
      if (this.#used.has(repoId)) this.#changes.fire(undefined);
    });
  }

  /** Fires when one of this editor's repositories has something new to tell, has come or gone. */
  onChange(listener: () => void): Disposable {
    return this.#changes.on(listener);
  }

  /** Of this editor, in the order in which they were opened. */
  get repositories(): readonly RepositoryLearning[] {
    return [...this.#used.values()].map((each) => this.describe(each));
  }

  describe({ repoId, name, root }: LearnedRepository): RepositoryLearning {
    const { services } = this.#props;
    const repository = { repoId, name, root };
    return typeof services === 'string'
      ? describeNoLoop(repository, services)
      : services.describe(repository);
  }

  /** A file of this home was opened, or its settings have changed: learns from it where that is allowed. */
  know(home: Home, asked: Settings): void {
    const { root, repoId, name, gitDir, refusal } = home;
    const settings = this.#props.choices.apply(asked, repoId);
    // A repository that can't be used has a state too, which says why.
    if (root === undefined || (gitDir === undefined && refusal === undefined)) return;
    const { services, isTrusted } = this.#props;
    const isAllowed = isTrusted && settings.enabled && settings['learning.enabled'];
    const known = this.#used.get(repoId);
    if (known !== undefined && typeof services !== 'string')
      services.loops.setSettingGlobs(repoId, settings.ignore);
    if (isAllowed === (known !== undefined)) return;
    if (known === undefined) {
      const folder = { root, repoId, settingGlobs: settings.ignore };
      const handle = typeof services === 'string' ? undefined : services.loops.use(folder);
      this.#used.set(repoId, { repoId, name, root, handle });
    } else {
      this.#used.delete(repoId);
      known.handle?.dispose();
    }
    this.#changes.fire(undefined);
  }

  /** The editor's folders are learned from without a file being open. Never rejects. */
  async knowFolders(): Promise<void> {
    for (const folder of this.#props.folders.folders) {
      const uri = pathToFileURL(folder).href;
      const [home, settings] = await Promise.all([this.homeOf(uri), this.#props.settingsOf(uri)]);
      this.know(home, settings);
    }
  }

  /** Of any file or folder. */
  async homeOf(uri: string): Promise<Home> {
    const file = fileOf(uri);
    const isFolder = file !== undefined && statSync(file, { throwIfNoEntry: false })?.isDirectory() === true;
    // A home is that of the folder a file lies in, so a folder is asked for by a name within it.
    const { home } = await this.#props.folders.placeOf(isFolder ? `${uri.replace(/\/$/, '')}/any` : uri);
    return home;
  }

  /** @throws IdiomError with the reason why nothing is learned of this file or folder. */
  async find(uri: string): Promise<LearnedRepository & { readonly services: LearningServices }> {
    const { services, isTrusted, settingsOf } = this.#props;
    if (typeof services === 'string') throw new IdiomError('storeUnusable', services);
    const home = await this.homeOf(uri);
    const { root, repoId, name, gitDir, refusal } = home;
    if (!isTrusted)
      throw new IdiomError('wrongUse', 'Nothing is learned in a workspace that is not trusted.', {
        remedy: 'Trust the workspace first.',
      });
    if (refusal !== undefined) throw refusal;
    if (root === undefined || gitDir === undefined)
      throw new IdiomError('wrongUse', `${name} is in no git repository, and learning needs its history.`, {
        remedy: 'Open a file of a repository, or make one with "git init".',
      });
    const settings = await settingsOf(uri);
    this.know(home, settings);
    if (!this.#used.has(repoId))
      throw new IdiomError('wrongUse', `Learning is switched off for ${name}.`, {
        remedy:
          'Run "Idiom: Toggle Learning for This Repository", or turn the setting idiom.learning.enabled on.',
      });
    return { repoId, name, root, services };
  }

  dispose(): void {
    this.#subscription?.dispose();
    for (const { handle } of this.#used.values()) handle?.dispose();
    this.#used.clear();
  }
}
