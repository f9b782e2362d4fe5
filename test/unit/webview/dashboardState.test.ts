/** How messages and clicks change what the page shows. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ToDashboard } from '../../../protocol/dashboard.ts';
import type { EvalReport } from '../../../protocol/evalReport.ts';
import type { DashboardResult, RepositoryLearning } from '../../../protocol/learning.ts';
import {
  clicked,
  emptyState,
  missingReports,
  received,
  shownCurves,
} from '../../../webview/dashboardState.ts';
import type { Click, DashboardState } from '../../../webview/dashboardState.ts';

const learning = (repoId: string, detail: string) => ({ repoId, detail }) as unknown as RepositoryLearning;
const digests = Array.from({ length: 40 }, (_, index) => `v${index}`);

function dashboard(repoId = 'r'): Extract<ToDashboard, { kind: 'dashboard' }> {
  const versions = { versions: digests.map((digest) => ({ digest })), aliases: {} };
  const result = { learning: learning(repoId, 'old'), versions } as unknown as DashboardResult;
  return { kind: 'dashboard', result, repositories: [], isTrusted: true };
}

const report = (digest: string): ToDashboard => ({ kind: 'report', digest, report: {} as EvalReport });
const open = (digest: string | undefined): Click => ({ kind: 'openVersion', digest });

function after(...steps: readonly (ToDashboard | Click)[]): DashboardState {
  return steps.reduce<DashboardState>(
    (state, step) =>
      ['dashboard', 'learning', 'report', 'trouble'].includes(step.kind)
        ? received(state, step as ToDashboard)
        : clicked(state, step as Click),
    emptyState,
  );
}

test('before the first answer live news are not for anyone', () =>
  assert.equal(after({ kind: 'learning', learning: learning('r', 'new') }), emptyState));
test('live news of the repository are shown', () =>
  assert.equal(
    after(dashboard(), { kind: 'learning', learning: learning('r', 'new') }).result?.learning.detail,
    'new',
  ));
test('live news of another repository are not', () =>
  assert.equal(
    after(dashboard(), { kind: 'learning', learning: learning('other', 'new') }).result?.learning.detail,
    'old',
  ));
test('trouble stands beside old figures, and goes with new ones', () => {
  const trouble = { kind: 'trouble', sentence: 'Gone.', remedy: 'Wait.' } as const;
  const state = after(dashboard(), trouble);
  assert.deepEqual([state.trouble?.sentence, state.result === undefined], ['Gone.', false]);
  assert.equal(received(state, dashboard()).trouble, undefined);
});
test('opening a version shows its page of the table', () =>
  assert.equal(after(dashboard(), open('v20')).versionPage, 2));
test('the report of an open version is asked for, until it comes', () => {
  const state = after(dashboard(), open('v1'));
  assert.deepEqual(missingReports(state), ['v1']);
  assert.deepEqual(missingReports(received(state, report('v1'))), []);
});
test('a report that could not be had is not asked for again before the version is opened again', () => {
  const refused = { kind: 'trouble', digest: 'v1', sentence: 'No.', remedy: 'Try.' } as const;
  const state = after(dashboard(), open('v1'), refused);
  assert.deepEqual(missingReports(state), []);
  assert.deepEqual(missingReports(clicked(state, open('v1'))), ['v1']);
});
test('the other side of a comparison needs its report too, unless it is no version', () => {
  const state = after(dashboard(), open('v1'), report('v1'), { kind: 'compareWith', digest: 'v2' });
  assert.deepEqual(missingReports(state), ['v2']);
  assert.deepEqual(missingReports(clicked(state, { kind: 'compareWith', digest: 'task' })), []);
});
test('a version that was not judged may have been since the figures are new', () => {
  const state = after(dashboard(), open('v1'), { kind: 'report', digest: 'v1', report: null });
  assert.deepEqual(missingReports(received(state, dashboard())), ['v1']);
});
test('figures of the same repository leave the page as it is, of another one not', () => {
  const state = after(dashboard(), open('v1'), { kind: 'page', of: 'auditPage', index: 2 });
  assert.deepEqual(
    [received(state, dashboard()).openVersion, received(state, dashboard()).auditPage],
    ['v1', 2],
  );
  assert.equal(received(state, dashboard('other')).openVersion, undefined);
});
test('another filter begins with its first cases', () =>
  assert.equal(
    after(dashboard(), { kind: 'page', of: 'casePage', index: 3 }, { kind: 'caseFilter', filter: 'worse' })
      .casePage,
    0,
  ));

test('the newest curves are drawn until others are chosen', () => {
  const message = dashboard();
  const curves = ['v0', 'v1', 'v2'].map((digest) => ({ digest }));
  const state = received(emptyState, {
    ...message,
    result: { ...message.result, curves },
  } as unknown as ToDashboard);
  const shown = (of: DashboardState) => shownCurves(of).map(({ digest }) => digest);
  assert.deepEqual(shown(state), ['v0', 'v1']);
  const other = clicked(clicked(state, { kind: 'curve', digest: 'v2' }), { kind: 'curve', digest: 'v0' });
  assert.deepEqual(shown(other), ['v1', 'v2']);
});
test('what helps where trying again does not is kept', () => {
  const trouble = { kind: 'trouble', sentence: 'No.', remedy: '', action: 'trust' } as const;
  assert.equal(received(emptyState, trouble).trouble?.action, 'trust');
});
