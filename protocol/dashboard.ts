/** What the dashboard's page and the extension tell each other, by `postMessage`. The daemon never sees these. */

import type { EvalReport } from './evalReport.ts';
import type { DashboardResult, RepositoryLearning } from './learning.ts';

/** Extension to page. */
export type ToDashboard =
  /** The answer to `ready`, `reload` and `choose`; also unasked, when the figures have changed. */
  | {
      readonly kind: 'dashboard';
      readonly result: DashboardResult;
      /** All that the window has, for the choice. */
      readonly repositories: readonly RepositoryChoice[];
      /** Whether the workspace is trusted; where it is not, nothing is learned and no action offered. */
      readonly isTrusted: boolean;
    }
  /** Live, while the page shows the repository. */
  | { readonly kind: 'learning'; readonly learning: RepositoryLearning }
  /** The answer to `report`; null: that version was not judged. */
  | { readonly kind: 'report'; readonly digest: string; readonly report: EvalReport | null }
  /** There is no answer; `sentence` and `remedy` are full sentences. With a digest: only its report is missing. */
  | {
      readonly kind: 'trouble';
      readonly sentence: string;
      readonly remedy: string;
      /** What would help, where trying again would not. */
      readonly action?: 'trust';
      readonly digest?: string;
    };

export interface RepositoryChoice {
  /** Absolute path on the daemon's machine. */
  readonly root: string;
  readonly name: string;
}

export type DashboardAction =
  'train' | 'cancel' | 'rollBack' | 'promote' | 'pause' | 'resume' | 'forget' | 'showLog' | 'trust';

/** Page to extension. */
export type FromDashboard =
  /** The page can draw now. */
  | { readonly kind: 'ready' }
  | { readonly kind: 'reload' }
  | { readonly kind: 'choose'; readonly root: string }
  /** Figures of so many days from now on. */
  | { readonly kind: 'range'; readonly nDays: number }
  | { readonly kind: 'report'; readonly digest: string }
  /** The extension asks for a reason or a confirmation where one is needed; `digest` goes with `promote`. */
  | { readonly kind: 'act'; readonly action: DashboardAction; readonly digest?: string }
  /** A place in the repository; `line` is 1-based. */
  | { readonly kind: 'open'; readonly path: string; readonly line: number };
