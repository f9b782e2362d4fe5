/** The audit log: who did what to which version, when, and why. */

import type { TemplateResult } from 'lit';
import type { AuditEntry } from '../../protocol/learning.ts';
import type { DashboardState } from '../dashboardState.ts';
import { noFigure } from '../readable.ts';
import { pageOf } from '../versionRows.ts';
import { age, empty, pager, panel, table, versionName } from './elements.ts';
import type { Hands } from './page.ts';

const entriesPerPage = 10;

/** As they are stored -> as they are read. */
const deeds: Readonly<Record<string, string>> = {
  promoted: 'promoted',
  rolledBack: 'rolled back',
  refused: 'refused',
  trained: 'trained',
  canaryStarted: 'candidate on trial',
  stateChanged: 'state changed',
  forgotten: 'forgotten',
  imported: 'imported',
  collected: 'files removed',
};

export function auditPanel(
  { auditPage }: DashboardState,
  audit: readonly AuditEntry[],
  { click }: Hands,
): TemplateResult {
  if (audit.length === 0)
    return panel('audit', 'Audit Log', empty('Nothing has happened yet.'), { isWide: true });
  const page = pageOf(audit, auditPage, entriesPerPage);
  const columns = [
    { title: 'When' },
    { title: 'Who' },
    { title: 'What' },
    { title: 'Version', isExtra: true },
    { title: 'Why' },
  ];
  const rows = page.rows.map(({ atMs, who, what, digest, why }) => [
    age(atMs),
    who,
    deeds[what] ?? what,
    digest === undefined ? noFigure : versionName(digest),
    why,
  ]);
  return panel(
    'audit',
    'Audit Log',
    [
      table('Audit log, newest first', columns, rows),
      pager('entries', page, (index) => click({ kind: 'page', of: 'auditPage', index })),
    ],
    { isWide: true },
  );
}
