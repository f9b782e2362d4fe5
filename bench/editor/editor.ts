/** Typing at human pace in the real editor, on default settings: when ghost text comes, for this checkout and another. */

import { existsSync, globSync, readFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { IdiomError } from '../../server/base/errors.ts';
import { createGitFixture } from '../../test/support/gitFixture.ts';
import type { GitFixture } from '../../test/support/gitFixture.ts';
import { startEditorRun } from '../../test/support/vscode/editorRun.ts';
import { createRunFolder } from '../../test/support/vscode/runFolder.ts';
import { scaled } from '../benchmark.ts';
import type { BenchContext, Benchmark, BenchmarkResult, Figure } from '../benchmark.ts';
import { quantile } from '../measure.ts';
import { typeInEditor } from './typeInEditor.ts';
import type { TypedRun } from './typeInEditor.ts';
import { drawPlaces } from './typingPlan.ts';
import type { TypedPlace } from './typingPlan.ts';

const nPlaces = 3;
const seed = 20261128;

export const editor: Benchmark = {
  name: 'editor',
  question: 'When does ghost text come while lines are typed in the real VS Code, and in an older checkout?',
  isOnlyByName: true,
  run,
};

async function run(context: BenchContext): Promise<BenchmarkResult> {
  const { root, against } = context;
  const ours: TypedRun[] = [];
  const theirs: TypedRun[] = [];
  const loads: number[] = [];
  const nRounds = scaled(context, 2);
  for (let round = 0; round < nRounds; round++) {
    const places = drawPlaces(sources(root), nPlaces, seed + round);
    // In turn, and whoever comes first in one round comes second in the next.
    const turns = [[root, ours] as const, ...(against === undefined ? [] : [[against, theirs] as const])];
    for (const [checkout, runs] of round % 2 === 0 ? turns.reverse() : turns) {
      const typed = await typeIn(checkout, places, context);
      runs.push(typed);
      loads.push(loadavg()[0] ?? 0);
      context.tell(`${checkout}: ${JSON.stringify(describe(typed))}, load ${loads.at(-1)?.toFixed(1)}`);
    }
  }
  return {
    figures: figuresOf(ours, theirs),
    remarks: [
      `The load of this machine after the runs, the editor's own included: ${loads.map((load) => load.toFixed(1)).join(', ')}.`,
      ...(against === undefined ? [] : [`The reference is ${against}, typed in turn.`]),
    ],
    input: {
      ...{ rounds: nRounds, filesPerRound: nPlaces, pauses: count(ours, ({ pauses }) => pauses.length) },
      ...{ keys: count(ours, ({ nKeys }) => nKeys), source: 'zod and commander, as locked' },
    },
  };
}

/** A small repository that the lockfile pins, half of it TypeScript and half JavaScript. */
function sources(root: string): Record<string, string> {
  const from = (folder: string, pattern: string) => {
    const cwd = join(root, 'node_modules', folder);
    const paths = globSync(pattern, { cwd }).sort();
    return paths.map((path) => [join(folder, path), readFileSync(join(cwd, path), 'utf8')] as const);
  };
  return Object.fromEntries([
    ...from('zod/src/v4', '{core,classic,mini}/*.ts'),
    ...from('commander/lib', '*.js'),
  ]);
}

/** A fresh window with a fresh Idiom: nothing is indexed, merged, measured or remembered yet. */
async function typeIn(
  checkout: string,
  places: readonly TypedPlace[],
  { root, modelPath }: BenchContext,
): Promise<TypedRun> {
  if (!existsSync(join(checkout, 'dist', 'extension.cjs')))
    throw new IdiomError('internal', `${checkout} is not built.`, {
      remedy: `Run \`npm run build\` there.`,
    });
  const workspace = workspaceOf(sources(root), places);
  const folder = createRunFolder({ settings: editorSettings(modelPath), checkout });
  const editorRun = await startEditorRun(folder);
  try {
    const first = places[0]?.path ?? '';
    const window = await editorRun.open({ folder: workspace.root, file: join(workspace.root, first) });
    await window.untilStatus(/^Idiom$/, 120_000);
    return await typeInEditor(window, places);
  } finally {
    await editorRun.end('bench');
    workspace.dispose();
  }
}

/** VS Code's defaults and ours, but for where the model lies, and for keys that would take an entry of the pop-up. */
const editorSettings = (modelPath: string) => ({
  'idiom.baseModel': modelPath,
  'editor.acceptSuggestionOnCommitCharacter': false,
});

function workspaceOf(files: Readonly<Record<string, string>>, places: readonly TypedPlace[]): GitFixture {
  const typed = Object.fromEntries(places.map(({ path, textBefore }) => [path, textBefore]));
  const workspace = createGitFixture();
  workspace.commit({ ...files, ...typed });
  return workspace;
}

const count = (runs: readonly TypedRun[], of: (run: TypedRun) => number): number =>
  runs.reduce((sum, each) => sum + of(each), 0);

const ghostTimes = (runs: readonly TypedRun[]): number[] =>
  runs.flatMap(({ pauses }) => pauses.flatMap(({ ghostMs }) => ghostMs ?? []));

interface Row {
  readonly name: string;
  readonly unit: string;
  of(runs: readonly TypedRun[]): number;
  readonly budget?: Figure['budget'];
}

/** Where no text came within a run, its figure is left out. */
const mean = (values: readonly (number | undefined)[]): number => {
  const known = values.filter((value) => value !== undefined);
  return known.length === 0 ? NaN : known.reduce((sum, value) => sum + value, 0) / known.length;
};
const percent = (part: number, whole: number): number => (whole === 0 ? NaN : (100 * part) / whole);

const rows: readonly Row[] = [
  {
    ...{ name: 'first key to first text', unit: 'ms' },
    of: (runs) => mean(runs.map(({ firstAfterKeyMs }) => firstAfterKeyMs)),
  },
  {
    ...{ name: 'first pause to first text', unit: 'ms', budget: { of: 'measured', atMost: 2000 } },
    of: (runs) => mean(runs.map(({ firstAfterPauseMs }) => firstAfterPauseMs)),
  },
  {
    ...{ name: 'pauses with text in 6 s', unit: '%' },
    of: (runs) =>
      percent(
        ghostTimes(runs).length,
        count(runs, ({ pauses }) => pauses.length),
      ),
  },
  { name: 'last key to text, p50', unit: 'ms', of: (runs) => quantile(ghostTimes(runs), 0.5) },
  { name: 'last key to text, p95', unit: 'ms', of: (runs) => quantile(ghostTimes(runs), 0.95) },
  {
    ...{ name: 'keys with text in sight', unit: '%' },
    of: (runs) =>
      percent(
        count(runs, ({ nKeysInSight }) => nKeysInSight),
        count(runs, ({ nKeys }) => nKeys),
      ),
  },
  {
    ...{ name: 'pauses with the line right', unit: '%' },
    of: (runs) =>
      percent(
        count(runs, ({ pauses }) => pauses.filter(({ isRight }) => isRight).length),
        count(runs, ({ pauses }) => pauses.length),
      ),
  },
];

function figuresOf(ours: readonly TypedRun[], theirs: readonly TypedRun[]): Figure[] {
  return rows.map(({ name, unit, of, budget }) => {
    const measured = of(ours);
    const reference = theirs.length === 0 ? undefined : of(theirs);
    const isCompared = reference !== undefined && !Number.isNaN(reference);
    return {
      ...{ name, measured, unit },
      ...(isCompared ? { reference, ratio: measured / reference } : {}),
      ...(budget === undefined ? {} : { budget }),
    };
  });
}

function describe(typed: TypedRun): Record<string, number> {
  const runs = [typed];
  const figures = rows.map(({ name, of }) => [name, Math.round(of(runs))] as const);
  return { ...Object.fromEntries(figures), linesAsTyped: typed.nLinesRight };
}
