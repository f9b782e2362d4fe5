/** What the retrieval bench keeps of each case, and what it makes of it. */

import assert from 'node:assert/strict';
import { appendFileSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { openRecords } from '../../../bench/retrieval/caseRecords.ts';
import type { CaseRecord } from '../../../bench/retrieval/caseRecords.ts';
import { summarise } from '../../../bench/retrieval/summarise.ts';
import { temporaryFolder } from '../../support/gitFixture.ts';

function record(caseId: string, method: string, recall: number | undefined, exact: number): CaseRecord {
  const model = { exact, similarity: exact, promptTokens: 100, ms: 5, text: 'x' };
  return {
    ...{ repo: 'r', caseId, method, setting: 's', line: 0, retrieveMs: 1, chars: 10, model },
    ...(recall === undefined ? {} : { recall }),
  };
}

test('records are there again, but for a torn line and those of another setting', () => {
  const folder = temporaryFolder();
  try {
    const path = join(folder, 'records.jsonl');
    openRecords(path, 's').add(record('a', 'ours', 1, 1));
    openRecords(path, 'other').add({ ...record('b', 'ours', 1, 1), setting: 'other' });
    appendFileSync(path, '{"repo":"r","caseId":"c"');
    const again = openRecords(path, 's');
    assert.deepEqual(again.all, [record('a', 'ours', 1, 1)]);
    again.add(record('c', 'ours', undefined, 0));
    const has = (caseId: string) => again.has({ repo: 'r', caseId, method: 'ours' });
    assert.deepEqual(['a', 'b', 'c'].map(has), [true, false, true]);
    assert.equal(openRecords(path, 's').all.length, 2);
    assert.equal(readFileSync(path, 'utf8').split('\n').length, 5);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('a summary tells of cases that all methods have, and pairs them', () => {
  const rows = [
    ...[record('a', 'none', 0, 0), record('a', 'ours', 0.5, 1)],
    ...[record('b', 'ours', undefined, 1), record('b', 'none', undefined, 1)],
    record('c', 'ours', 1, 1),
  ];
  const { cases, casesByRepository, methods } = summarise(rows);
  assert.deepEqual([cases, casesByRepository], [2, { r: 2 }]);
  const figures = methods.map((row) => [row.method, row.recall, row.exactMatch, row.editSimilarity]);
  assert.deepEqual(figures, [
    ['none', 0, 0.5, 0.5],
    ['ours', 0.5, 1, 1],
  ]);
  assert.deepEqual(methods[0]?.oursMinusThis.recall, { mean: 0.5, low: 0.5, high: 0.5 });
  assert.equal(methods[0]?.oursMinusThis.exactMatch?.mean, 0.5);
});
