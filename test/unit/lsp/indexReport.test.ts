/** When a client is told of its indexes, and in which words the doctor is. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { IndexParams } from '../../../protocol/messages.ts';
import { ManualClock } from '../../../server/base/clock.ts';
import { Emitter } from '../../../server/base/emitter.ts';
import { checkIndexes, reportIndexes } from '../../../server/lsp/indexReport.ts';
import type { ToldIndex } from '../../../server/lsp/indexReport.ts';
import type { IndexStatus } from '../../../server/retrieval/indexStatus.ts';
import type { LiveIndexState } from '../../../server/retrieval/liveIndex.ts';

const status: IndexStatus = {
  nFiles: 20,
  nLines: 200,
  nChunks: 40,
  nSymbols: 30,
  skipped: { binary: 1, gitignore: 3 },
  sourceBytes: 1e6,
  indexBytes: 3e5,
  completeAtMs: 1e12,
};

function told(state: LiveIndexState, isOpen = true): ToldIndex {
  return { root: '/w/web', name: 'web', index: { state, status: () => (isOpen ? status : undefined) } };
}

/** Each step: milliseconds that pass, then the state that the index takes; the result: what was sent, and when. */
function check(
  name: string,
  steps: readonly (readonly [number, LiveIndexState])[],
  expected: readonly string[],
) {
  test(name, () => {
    const clock = new ManualClock(0);
    const changes = new Emitter<undefined>();
    const sent: string[] = [];
    let now = told({ kind: 'starting' });
    const report = reportIndexes({
      clock,
      indexes: () => [now],
      onChange: (listener) => changes.on(listener),
      send: ({ folders: [folder] }: IndexParams) =>
        sent.push(`${clock.nowMs()} ${folder?.state} ${folder?.nFilesSoFar ?? folder?.reason ?? ''}`.trim()),
    });
    for (const [afterMs, state] of steps) {
      clock.advance(afterMs);
      now = told(state);
      changes.fire(undefined);
    }
    clock.advance(1000);
    report.dispose();
    changes.fire(undefined);
    clock.advance(1000);
    assert.deepEqual(sent, expected);
  });
}

const indexing = (nFiles: number): LiveIndexState => ({
  kind: 'indexing',
  nFiles,
  nChangedFiles: nFiles,
  folder: '',
});

check(
  'a long walk is told four times a second',
  [[0, indexing(0)], ...Array.from({ length: 10 }, (_, i) => [100, indexing(100 * (i + 1))] as const)],
  ['250 indexing 200', '550 indexing 500', '850 indexing 800', '1150 indexing 1000'],
);
check(
  'a walk that is over at once is told as its end',
  [
    [0, indexing(5)],
    [100, { kind: 'ready' }],
  ],
  ['250 ready'],
);
check(
  'nothing new is not told again',
  [
    [0, { kind: 'ready' }],
    [300, { kind: 'ready' }],
  ],
  ['250 ready'],
);
check(
  'stopped',
  [
    [0, indexing(5)],
    [300, { kind: 'stopped' }],
  ],
  ['250 indexing 5', '550 stopped'],
);
check('trouble', [[0, { kind: 'trouble', reason: 'Full.' }]], ['250 trouble Full.']);
check('an index that is being opened', [[0, { kind: 'starting' }]], ['250 indexing 0']);

test('the numbers in the words of the protocol, the most frequent reason first', () => {
  const sent: IndexParams[] = [];
  const clock = new ManualClock(0);
  const changes = new Emitter<undefined>();
  const report = reportIndexes({
    clock,
    indexes: () => [told({ kind: 'ready' })],
    onChange: (listener) => changes.on(listener),
    send: (params) => sent.push(params),
  });
  changes.fire(undefined);
  clock.advance(250);
  report.dispose();
  assert.deepEqual(sent[0]?.folders[0]?.numbers, {
    nFiles: 20,
    nLines: 200,
    nChunks: 40,
    nDefinitions: 30,
    sourceBytes: 1e6,
    indexBytes: 3e5,
    completeAtMs: 1e12,
    skipped: [
      { count: 3, reason: 'gitignore', because: 'a .gitignore rule excludes it' },
      { count: 1, reason: 'binary', because: 'it is not text' },
    ],
  });
});

test('the doctor warns of an index in trouble, and of no other', () => {
  const trouble = told({ kind: 'trouble', reason: 'The disk is full.' }, false);
  assert.deepEqual(checkIndexes([told({ kind: 'ready' }), trouble], 1e12), [
    {
      name: 'index',
      verdict: 'ok',
      detail: 'Index of web: 20 files in 40 chunks, 300 kB, complete less than a minute ago; 4 left out.',
    },
    { name: 'index', verdict: 'warning', detail: 'Index of web in trouble: The disk is full.' },
  ]);
});
