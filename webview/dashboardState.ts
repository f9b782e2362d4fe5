/** What the page knows and shows, and how messages and clicks change it. Pure; dashboard.ts draws it. */

import type { RepositoryChoice, ToDashboard } from '../protocol/dashboard.ts';
import type { EvalReport } from '../protocol/evalReport.ts';
import type { DashboardResult, TrainingCurve } from '../protocol/learning.ts';
import type { CaseFilter } from './compareCases.ts';
import { pageWith } from './versionRows.ts';

const nCurvesAtFirst = 2;

export interface Trouble {
  readonly sentence: string;
  readonly remedy: string;
  /** What would help, where trying again would not. */
  readonly action?: 'trust' | undefined;
}

export interface DashboardState {
  /** Undefined before the first answer. */
  readonly result: DashboardResult | undefined;
  readonly repositories: readonly RepositoryChoice[];
  readonly isTrusted: boolean;
  /** Why there is no answer, or why it is old. */
  readonly trouble: Trouble | undefined;
  /** By digest; null: that version was not judged. */
  readonly reports: ReadonlyMap<string, EvalReport | null>;
  /** Digests whose report could not be had, and why. */
  readonly reportTroubles: ReadonlyMap<string, Trouble>;
  readonly versionPage: number;
  readonly auditPage: number;
  /** The version whose details are open. */
  readonly openVersion: string | undefined;
  /** What it is compared with; undefined: what it was judged against. */
  readonly compareWith: string | undefined;
  readonly caseFilter: CaseFilter;
  readonly casePage: number;
  /** Of the menu of actions, where the page is narrow. */
  readonly isMenuOpen: boolean;
  /** Versions whose curves are drawn; undefined: the newest two. */
  readonly curves: readonly string[] | undefined;
}

export const emptyState: DashboardState = {
  result: undefined,
  repositories: [],
  isTrusted: true,
  trouble: undefined,
  reports: new Map(),
  reportTroubles: new Map(),
  versionPage: 0,
  auditPage: 0,
  openVersion: undefined,
  compareWith: undefined,
  caseFilter: 'all',
  casePage: 0,
  isMenuOpen: false,
  curves: undefined,
};

export type Click =
  | { readonly kind: 'openVersion'; readonly digest: string | undefined }
  | { readonly kind: 'compareWith'; readonly digest: string }
  | { readonly kind: 'caseFilter'; readonly filter: CaseFilter }
  | { readonly kind: 'menu'; readonly isOpen: boolean }
  | { readonly kind: 'curve'; readonly digest: string }
  | {
      readonly kind: 'page';
      readonly of: 'versionPage' | 'auditPage' | 'casePage';
      readonly index: number;
    };

export function received(state: DashboardState, message: ToDashboard): DashboardState {
  switch (message.kind) {
    case 'dashboard': {
      const { result, repositories, isTrusted } = message;
      const isOther = state.result !== undefined && state.result.learning.repoId !== result.learning.repoId;
      // A version that was judged meanwhile is asked about again.
      const reports = new Map([...state.reports].filter(([, report]) => report !== null));
      const kept = isOther ? emptyState : { ...state, reports };
      return { ...kept, result, repositories, isTrusted, trouble: undefined };
    }
    case 'learning':
      if (state.result === undefined || state.result.learning.repoId !== message.learning.repoId)
        return state;
      return { ...state, result: { ...state.result, learning: message.learning } };
    case 'report':
      return { ...state, reports: new Map([...state.reports, [message.digest, message.report]]) };
    case 'trouble': {
      const { sentence, remedy, action } = message;
      const trouble = { sentence, remedy, action };
      if (message.digest === undefined) return { ...state, trouble };
      return { ...state, reportTroubles: new Map([...state.reportTroubles, [message.digest, trouble]]) };
    }
  }
}

export function clicked(state: DashboardState, click: Click): DashboardState {
  switch (click.kind) {
    case 'openVersion': {
      const { digest } = click;
      const versions = state.result?.versions.versions ?? [];
      const versionPage = digest === undefined ? undefined : pageWith(versions, digest);
      const reportTroubles = new Map([...state.reportTroubles].filter(([each]) => each !== digest));
      return {
        ...state,
        reportTroubles,
        openVersion: digest,
        compareWith: undefined,
        casePage: 0,
        versionPage: versionPage ?? state.versionPage,
      };
    }
    case 'compareWith':
      return { ...state, compareWith: click.digest, casePage: 0 };
    case 'caseFilter':
      return { ...state, caseFilter: click.filter, casePage: 0 };
    case 'menu':
      return { ...state, isMenuOpen: click.isOpen };
    case 'curve': {
      const shown = shownCurves(state).map(({ digest }) => digest);
      const isShown = shown.includes(click.digest);
      const curves = isShown ? shown.filter((each) => each !== click.digest) : [...shown, click.digest];
      return { ...state, curves };
    }
    case 'page':
      return { ...state, [click.of]: click.index };
  }
}

/** The curves that are drawn, in the order in which they are listed. */
export function shownCurves({ result, curves }: DashboardState): readonly TrainingCurve[] {
  const all = result?.curves ?? [];
  return curves === undefined
    ? all.slice(0, nCurvesAtFirst)
    : all.filter(({ digest }) => curves.includes(digest));
}

/** Reports that the page needs for what it shows, and that were neither given nor refused yet. */
export function missingReports(state: DashboardState): string[] {
  const { openVersion, compareWith, reports, reportTroubles, result } = state;
  const known = new Set(result?.versions.versions.map(({ digest }) => digest));
  return [openVersion, compareWith]
    .filter((digest) => digest !== undefined)
    .filter((digest) => known.has(digest) && !reports.has(digest) && !reportTroubles.has(digest));
}
