/** What every command may use; main.ts builds it, tests build their own. */

import type { HomeFolders } from '../base/homeFolders.ts';
import type { Logger } from '../base/logger.ts';

export interface CliContext {
  readonly version: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly folders: HomeFolders;
  /** The ground database, `idiom.sqlite`. */
  readonly groundPath: string;
  readonly modelsDir: string;
  readonly socketPath: string;
  readonly lockPath: string;
  readonly logger: Logger;
  /** The repository named by `--repo`, default here; a folder without git counts by its path. */
  repo(): Promise<{ readonly repoId: string; readonly root: string; readonly name: string }>;
  /** A line on standard output. */
  write(line: string): void;
  /** A line on standard error, for progress and remarks. */
  remark(line: string): void;
  nowMs(): number;
  /** Aborted by Ctrl+C. */
  readonly signal: AbortSignal;
}
