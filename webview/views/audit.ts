/** The log: who did what to which version, when, and why. */

import type { TemplateResult } from 'lit';
import type { DashboardResult } from '../../protocol/learning.ts';
import type { DashboardState } from '../dashboardState.ts';
import { noFigure } from '../readable.ts';
import { pageOf } from '../versionRows.ts';
import { adapterName, age, empty, foldedPanel, pager, table } from './elements.ts';
import type { Hands } from './page.ts';

const entriesPerPage = 10;

/** As they are stored -> as they are read. */
const deeds: Readonly<Record<string, string>> = {
  promoted: 'put in use',
  rolledBack: 'reverted',
  refused: 'not used',
  trained: 'trained',
  canaryStarted: 'trial started',
  canaryEnded: 'trial ended',
  stateChanged: 'learning changed',
  forgotten: 'data deleted',
  imported: 'imported',
  collected: 'files removed',
};
const doers: Readonly<Record<string, string>> = {
  gate: 'evaluation',
  canary: 'trial',
  person: 'you',
  policy: 'automatic',
  forget: 'deletion',
};

export function auditPanel(
  { auditPage }: DashboardState,
  { audit, versions: { versions } }: DashboardResult,
  { click }: Hands,
): TemplateResult {
  // What the loop does by itself between two trainings is no event for a reader.
  const told = audit.filter(({ who, what }) => who !== 'policy' || what !== 'stateChanged');
  if (told.length === 0) return foldedPanel('audit', 'Log', empty('Nothing has happened yet.'));
  const page = pageOf(told, auditPage, entriesPerPage);
  const columns = [
    { title: 'When' },
    { title: 'By' },
    { title: 'What' },
    { title: 'Version' },
    { title: 'Why' },
  ];
  const rows = page.rows.map(({ atMs, who, what, digest, why }) => [
    age(atMs),
    doers[who] ?? who,
    deeds[what] ?? what,
    digest === undefined ? noFigure : adapterName(versions, digest),
    why,
  ]);
  return foldedPanel('audit', 'Log', [
    table('Log, newest first', columns, rows, 'cards'),
    pager('entries', page, (index) => click({ kind: 'page', of: 'auditPage', index })),
  ]);
}
