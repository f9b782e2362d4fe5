/** What every command may use; main.ts builds it, tests build their own. */

import type { Clock } from '../base/clock.ts';
import type { Disposable } from '../base/disposable.ts';
import type { IdiomError } from '../base/errors.ts';
import type { HomeFolders } from '../base/homeFolders.ts';
import type { Logger } from '../base/logger.ts';
import type { Completer } from '../completion/completer.ts';
import type { Check } from '../doctor/examine.ts';
import type { AdapterFile, BaseModelInfo, ScoringEngine } from '../llama/engine.ts';
import type { Retriever } from '../retrieval/snippet.ts';

export interface SuggesterWish {
  /** As in the setting `idiom.baseModel`. */
  readonly baseModel: string;
  readonly downloads: 'always' | 'never';
  readonly maxPromptTokens: number;
  readonly maxNewTokens: number;
  /** Undefined: without retrieval. */
  readonly repo: CliRepo | undefined;
}

export interface CliRepo {
  readonly repoId: string;
  readonly root: string;
  readonly name: string;
  /** Why the repository that the folder is in can't be used; commands that need its history say so. */
  readonly refusal?: IdiomError | undefined;
}

/** A base model of the command's own, and the pipeline over it; no daemon takes part. */
export interface OwnSuggester extends Disposable {
  readonly info: BaseModelInfo;
  readonly engine: ScoringEngine;
  readonly completer: Completer;
  /** From the next request on; undefined: the base model alone, as it is at first. */
  useAdapter(adapter: AdapterFile | undefined): void;
  readonly adapter: AdapterFile | undefined;
  /** What the rest of the repository is, for the next requests; finds nothing without retrieval. */
  readonly retrieval: Retriever & {
    seeWorkingTree(signal: AbortSignal): Promise<void>;
    seeCommit(commit: string, signal: AbortSignal): Promise<void>;
  };
}

export interface CliContext {
  readonly version: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly folders: HomeFolders;
  /** The ground database, `idiom.sqlite`. */
  readonly groundPath: string;
  readonly modelsDir: string;
  /** What comes with Idiom: `media/` of the checkout or of the extension. */
  readonly mediaDir: string;
  readonly socketPath: string;
  readonly lockPath: string;
  /** Names the daemon's process. */
  readonly processPath: string;
  readonly logger: Logger;
  /** The repository named by `--repo`, default here; a folder without git counts by its path. */
  repo(): Promise<CliRepo>;
  /** A line on standard output. */
  write(line: string): void;
  /** A line on standard error, for progress and remarks. */
  remark(line: string): void;
  nowMs(): number;
  readonly clock: Clock;
  /** Loads the base model; progress goes to `remark`. */
  openSuggester(wish: SuggesterWish): Promise<OwnSuggester>;
  /** Whether the base model is on this machine; uses no network. */
  checkBaseModel(ref: string): Promise<Check>;
  /** Runs the daemon in this process until it ends; false when another one is running. */
  runDaemon(): Promise<boolean>;
  /** Asks on the terminal; undefined when there is nobody to ask. */
  confirm(question: string): Promise<boolean | undefined>;
  /** Aborted by Ctrl+C. */
  readonly signal: AbortSignal;
}
