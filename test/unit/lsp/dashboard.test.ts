/** What the dashboard is told: figures of one repository, its log, and what takes space. */

import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { AdapterVersion, DashboardResult } from '../../../protocol/learning.ts';
import type { IndexNumbers } from '../../../protocol/messages.ts';
import { dashboardOf } from '../../../server/lsp/dashboard.ts';
import type { DashboardSources } from '../../../server/lsp/dashboard.ts';
import { listVersions } from '../../../server/registry/listVersions.ts';
import { seedLearning } from '../../support/seedLearning.ts';
import { withRegistry } from '../registry/registryFixture.ts';

const learning: DashboardSources['learning'] = {
  ...{ repoId: 'repo', name: 'shop', root: '/w/shop', state: 'idle', detail: 'Nothing new.' },
  ...{ nNewExamples: 0, nWanted: 60, serving: 'task' },
};
const index: IndexNumbers = {
  ...{ nFiles: 3, nLines: 30, nChunks: 6, nDefinitions: 4, sourceBytes: 900, indexBytes: 4000, skipped: [] },
};
const nowMs = new Date(2026, 2, 30, 12).getTime();

async function check(
  change: Partial<DashboardSources>,
  body: (result: DashboardResult, data: string) => void,
): Promise<void> {
  await withRegistry(async ({ registry, ground, root }) => {
    const past = { nSuggestions: 70, nDays: 7, nVersions: 4, nCasesPerReport: 2, nowMs };
    seedLearning(ground, { repoId: 'repo', baseDigest: 'base-1', ...past });
    const versions = { repoId: 'repo', name: 'shop', aliases: {}, versions: listVersions(registry, 'repo') };
    const folders = { data: root, models: join(root, 'models') };
    const facts = { learning, versions, ground, index, builtIn: undefined, folders, nowMs };
    body(await dashboardOf({ ...facts, ...change }), root);
  });
}

const sizes = ({ storage }: DashboardResult): number[] => storage.map(({ sizeBytes }) => sizeBytes);

test('everything of a repository in one answer', () =>
  check({}, ({ days, byAdapter, latency, versions, audit, index: told }) => {
    assert.equal(days.length, 8);
    assert.equal(
      days.reduce((sum, { shown }) => sum + shown, 0),
      70,
    );
    assert.ok(byAdapter.length > 1 && latency.some(({ stage }) => stage === 'total'));
    assert.deepEqual(
      versions.versions.map(({ aliases }) => aliases),
      [['canary'], ['champion'], ['previous'], []],
    );
    assert.deepEqual([audit.length, audit[0]?.who], [8, 'gate']);
    assert.deepEqual(told, { nFiles: 3, nChunks: 6, indexBytes: 4000 });
  }));

test('no code of a suggestion or of a case is in it', () =>
  check({}, (result) => assert.doesNotMatch(JSON.stringify(result), /return sum;|priceCents/)));

test('another repository has figures of its own', () =>
  check({ learning: { ...learning, repoId: 'other' } }, ({ days, audit }) =>
    assert.deepEqual([days, audit], [[], []]),
  ));

test('where nothing can be recorded, the rest is told', () =>
  check({ ground: undefined, index: undefined }, (result) => {
    assert.deepEqual([result.days, result.audit, result.index], [[], [], undefined]);
    assert.equal(result.versions.versions.length, 4);
  }));

test('a dataset that two versions share takes its space once', () =>
  withRegistry(async ({ root }) => {
    mkdirSync(join(root, 'datasets', 'd1'), { recursive: true });
    writeFileSync(join(root, 'datasets', 'd1', 'items.jsonl'), '12345');
    writeFileSync(join(root, 'idiom.sqlite'), '123');
    const one = { sizeBytes: 10, datasetDigest: 'd1' } as unknown as AdapterVersion;
    const versions = { repoId: 'repo', name: 'shop', aliases: {}, versions: [one, one] };
    const folders = { data: root, models: join(root, 'none') };
    const facts = { learning, versions, ground: undefined, index, builtIn: undefined, folders, nowMs };
    const result = await dashboardOf(facts);
    assert.deepEqual(sizes(result), [3, 20, 5, 4000, 0]);
  }));
