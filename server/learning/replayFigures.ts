/** What the arms of a replay were worth: retained characters for each suggestion that was shown. Figures only, no code text. Pure. */

import { seededRandom } from '../base/random.ts';
import { scoreCase } from '../evaluation/evaluationCase.ts';
import type { ReplayPeriod } from '../evaluation/replayPeriods.ts';
import { pairedBootstrap } from '../stats/pairedBootstrap.ts';
import { armNames } from './replayLearning.ts';
import type { ArmName, ArmPeriod, ReplayState } from './replayLearning.ts';

export interface ArmFigures {
  readonly nShown: number;
  readonly nAccepted: number;
  readonly retainedChars: number;
  /** The figure to optimise; 0 when nothing was shown. */
  readonly retainedCharsPerShown: number;
}

export interface PeriodFigures {
  readonly fromMs: number;
  readonly untilMs: number;
  readonly nCommits: number;
  readonly nCases: number;
  readonly arms: Readonly<
    Record<ArmName, ArmFigures & { readonly adapter: string; readonly learned?: ArmPeriod['learned'] }>
  >;
}

export interface ReplayFigures {
  readonly periods: readonly PeriodFigures[];
  readonly total: Readonly<
    Record<
      ArmName,
      ArmFigures & {
        /** Retained characters for each case, minus those of `never`, with a 95 % paired bootstrap interval. */
        readonly gainPerCase: { readonly mean: number; readonly low: number; readonly high: number };
      }
    >
  >;
}

/** Of the periods that are done. */
export function replayFigures(periods: readonly ReplayPeriod[], state: ReplayState): ReplayFigures {
  const done = periods.filter((period, i) =>
    armNames.every((arm) => state.periods[i]?.[arm]?.texts.length === period.cases.length),
  );
  const retainedOf = (arm: ArmName, i: number) => retained(done[i] as ReplayPeriod, state.periods[i]?.[arm]);
  const all = (arm: ArmName) => done.flatMap((_, i) => retainedOf(arm, i));
  const never = all('never');
  return {
    periods: done.map(({ commits, cases }, i) => {
      const times = commits.map((commit) => commit.timeMs);
      const arm = (name: ArmName) => {
        const { adapter = '', learned } = state.periods[i]?.[name] ?? {};
        return { ...sum(retainedOf(name, i)), adapter, ...(learned === undefined ? {} : { learned }) };
      };
      return {
        ...{ fromMs: Math.min(...times), untilMs: Math.max(...times) },
        ...{ nCommits: commits.length, nCases: cases.length },
        arms: { never: arm('never'), gated: arm('gated'), ungated: arm('ungated') },
      };
    }),
    total: {
      never: compare(never, never),
      gated: compare(all('gated'), never),
      ungated: compare(all('ungated'), never),
    },
  };
}

/** Of each case; undefined: nothing was shown. */
type Retained = readonly (number | undefined)[];

function retained({ cases }: ReplayPeriod, arm: ArmPeriod | undefined): Retained {
  return cases.map(({ middle }, i) => {
    const text = arm?.texts[i] ?? '';
    if (text === '') return undefined;
    return scoreCase(text, middle).isExactMatch ? middle.trimEnd().length : 0;
  });
}

function sum(values: Retained): ArmFigures {
  const shown = values.filter((value) => value !== undefined);
  const retainedChars = shown.reduce((total, value) => total + value, 0);
  const nShown = shown.length;
  const nAccepted = shown.filter((value) => value > 0).length;
  return { nShown, nAccepted, retainedChars, retainedCharsPerShown: retainedChars / Math.max(1, nShown) };
}

function compare(values: Retained, never: Retained): ReplayFigures['total'][ArmName] {
  const changes = values.map((value, i) => (value ?? 0) - (never[i] ?? 0));
  const gainPerCase =
    changes.length === 0
      ? { mean: 0, low: 0, high: 0 }
      : pairedBootstrap(changes, { random: seededRandom(1) });
  return { ...sum(values), gainPerCase };
}
