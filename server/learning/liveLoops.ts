/** The loops of the repositories that editors are in: one a repository, shared by all windows, with the base model that is loaded. */

import { existsSync } from 'node:fs';
import { toDisposable } from '../base/disposable.ts';
import type { Disposable } from '../base/disposable.ts';
import { Emitter } from '../base/emitter.ts';
import { describeError } from '../base/errors.ts';
import type { Logger } from '../base/logger.ts';
import type { Repository } from '../git/repository.ts';
import type { BaseModelInfo, Engine } from '../llama/engine.ts';
import type { LearningLoop, LoopChange } from './loop.ts';

export interface LearnedFolder {
  readonly root: string;
  readonly repoId: string;
  /** Patterns from the setting `idiom.ignore`. */
  readonly settingGlobs: readonly string[];
}

export interface LiveLoopsProps {
  readonly engine: Engine;
  readonly logger: Logger;
  /** Undefined for a folder that is in no repository. */
  open(root: string): Promise<Repository | undefined>;
  /** @throws when its state cannot be read. */
  create(repository: Repository, info: BaseModelInfo, settingGlobs: () => readonly string[]): LearningLoop;
}

interface Entry {
  folder: LearnedFolder;
  nUsers: number;
  repository: Repository | undefined;
  loop: LearningLoop | undefined;
  /** The base model that the loop is for. */
  baseDigest: string | undefined;
  trouble: string | undefined;
  opening: Promise<void>;
}

export class LiveLoops implements Disposable {
  readonly #props: LiveLoopsProps;
  readonly #entries = new Map<string, Entry>();
  readonly #changes = new Emitter<{ readonly repoId: string; readonly change: LoopChange }>();
  readonly #subscription: Disposable;

  constructor(props: LiveLoopsProps) {
    this.#props = props;
    this.#subscription = props.engine.onState(() => {
      for (const entry of this.#entries.values()) this.#begin(entry);
    });
  }

  /** Opens the repository's loop, or joins its users; dispose when the editor needs it no more. */
  use(folder: LearnedFolder): Disposable {
    const known = this.#entries.get(folder.repoId);
    const entry: Entry = known ?? {
      ...{ folder, nUsers: 0 },
      ...{ repository: undefined, loop: undefined, baseDigest: undefined, trouble: undefined },
      opening: Promise.resolve(),
    };
    // Another clone or worktree of the same repository may be in use; where the folder is gone, it was renamed.
    const isGone = known !== undefined && known.folder.root !== folder.root && !existsSync(known.folder.root);
    entry.folder =
      known === undefined || isGone ? folder : { ...known.folder, settingGlobs: folder.settingGlobs };
    entry.nUsers++;
    this.#entries.set(folder.repoId, entry);
    if (isGone) this.#rest(entry);
    if (known === undefined || isGone) entry.opening = this.#open(entry);
    return toDisposable(() => this.#leave(entry));
  }

  /** Of a repository that is in use. */
  setSettingGlobs(repoId: string, settingGlobs: readonly string[]): void {
    const entry = this.#entries.get(repoId);
    if (entry !== undefined) entry.folder = { ...entry.folder, settingGlobs };
  }

  /** Resolves when the repository was looked at: from then on it has a loop as soon as a base model is loaded, or a trouble. */
  opened(repoId: string): Promise<void> {
    return this.#entries.get(repoId)?.opening ?? Promise.resolve();
  }

  of(repoId: string): LearningLoop | undefined {
    return this.#entries.get(repoId)?.loop;
  }

  /** Why a repository has no loop; undefined when it has, or will have one as soon as the base model is loaded. */
  troubleOf(repoId: string): string | undefined {
    return this.#entries.get(repoId)?.trouble;
  }

  onChange(listener: (repoId: string, change: LoopChange) => void): Disposable {
    return this.#changes.on(({ repoId, change }) => listener(repoId, change));
  }

  dispose(): void {
    this.#subscription.dispose();
    for (const entry of this.#entries.values()) entry.loop?.dispose();
    this.#entries.clear();
  }

  async #open(entry: Entry): Promise<void> {
    try {
      const repository = await this.#props.open(entry.folder.root);
      // What it was known by before counts, not what it would be called today.
      entry.repository = repository && { ...repository, repoId: entry.folder.repoId };
    } catch (error) {
      entry.trouble = describeError(error);
    }
    this.#begin(entry);
  }

  #rest(entry: Entry): void {
    entry.loop?.dispose();
    Object.assign(entry, { repository: undefined, loop: undefined, baseDigest: undefined });
  }

  /** A loop belongs to a base model; while another one is loaded, it rests. */
  #begin(entry: Entry): void {
    const { engine, create, logger } = this.#props;
    const { repository, folder } = entry;
    const { state } = engine;
    if (this.#entries.get(folder.repoId) !== entry || repository === undefined || state.kind !== 'ready')
      return;
    if (entry.baseDigest === state.info.digest) return;
    entry.loop?.dispose();
    entry.baseDigest = state.info.digest;
    try {
      const loop = create(repository, state.info, () => entry.folder.settingGlobs);
      entry.loop = loop;
      entry.trouble = undefined;
      loop.onChange((change) => this.#changes.fire({ repoId: folder.repoId, change }));
    } catch (error) {
      entry.loop = undefined;
      entry.trouble = describeError(error);
      logger.error('learning', 'no loop', { repository: folder.repoId, error: entry.trouble });
    }
    this.#changes.fire({ repoId: folder.repoId, change: 'state' });
  }

  #leave(entry: Entry): void {
    entry.nUsers--;
    if (entry.nUsers > 0 || this.#entries.get(entry.folder.repoId) !== entry) return;
    this.#entries.delete(entry.folder.repoId);
    entry.loop?.dispose();
  }
}
