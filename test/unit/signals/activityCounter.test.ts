/** What counts as typed by hand and as a request that brought nothing, and when it is written. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ManualClock } from '../../../server/base/clock.ts';
import { ActivityCounter } from '../../../server/signals/activityCounter.ts';
import type { StoragePolicy } from '../../../server/signals/signalRecorder.ts';
import { openGround } from '../../../server/store/ground.ts';

const policy: StoragePolicy = (uri) =>
  uri === 'secret' ? { isStored: false, reason: 'ignored' } : { isStored: true, repoId: 'r', path: uri };

/** Texts that went in, and "reason waitedMs" of requests; expected: what is stored after a while. */
function check(
  name: string,
  { texts = [], none = [], uri = 'a.ts' }: { texts?: string[]; none?: string[]; uri?: string },
  expected: Readonly<Record<string, number>>,
): void {
  test(name, () => {
    const clock = new ManualClock(5_000_000);
    const { ground } = openGround(':memory:', clock);
    const onError = (error: unknown) => assert.fail(String(error));
    const counter = new ActivityCounter({ table: ground.activityCounts, clock, policy, onError });
    const read = () => Object.fromEntries(ground.activityCounts.sums('r', 0, 9_000_000));
    for (const text of texts) counter.changed(uri, [{ startOffset: 0, endOffset: 0, text }]);
    for (const each of none) {
      const [reason = '', waitedMs] = each.split(' ');
      counter.gaveNothing(uri, reason, Number(waitedMs));
    }
    assert.deepEqual(read(), {}, 'no key waits for the disk');
    clock.advance(20_000);
    assert.deepEqual(read(), expected);
    counter.dispose();
    assert.deepEqual(read(), expected);
    ground.dispose();
  });
}

check(
  'keys, a pair of brackets, Enter with its indentation',
  { texts: ['a', '()', '\n    '] },
  { typedChars: 4 },
);
check('a few keys that an editor sent together', { texts: ['return x'] }, { typedChars: 8 });
check('deleting types nothing', { texts: [''] }, {});
check('what was pasted or accepted is not typed', { texts: ['const total = 1;', 'a\nb'] }, {});
check(
  'reasons are told apart',
  { none: ['tooSlow 9000', 'emptyOutput 80', 'emptyOutput 70'] },
  { 'none:tooSlow': 1, 'none:emptyOutput': 2 },
);
check(
  'a request that the next key ended was not waited for',
  { none: ['aborted 400', 'superseded 999'] },
  {},
);
check('one that was waited for a second brought nothing', { none: ['aborted 1000'] }, { 'none:aborted': 1 });
check(
  'where none was wanted, none is missing',
  { none: ['disabled 5', 'insideWord 5', 'lineComplete 5'] },
  {},
);
check('of what is not recorded nothing is counted', { texts: ['a'], none: ['tooSlow 9'], uri: 'secret' }, {});

test('counts are by the quarter of an hour, go with their time, and with their repository', () => {
  const { ground } = openGround(':memory:', new ManualClock());
  const { activityCounts } = ground;
  for (const [repoId, minute] of [
    ['r', 1],
    ['r', 14],
    ['r', 16],
    ['other', 1],
  ] as const)
    activityCounts.add(repoId, minute * 60_000, 'typedChars', 10);
  const sum = (from: number, to: number) =>
    activityCounts.sums('r', from * 60_000, to * 60_000).get('typedChars') ?? 0;
  assert.deepEqual([sum(0, 15), sum(15, 30), sum(0, 30)], [20, 10, 30]);
  activityCounts.delete({ beforeMs: 900_000 });
  assert.deepEqual([sum(0, 15), sum(15, 30), activityCounts.sums('other', 0, 9e6).size], [0, 10, 0]);
  activityCounts.delete({ repoId: 'r' });
  assert.equal(sum(0, 30), 0);
  ground.dispose();
});

test('what a training took is added up over processes, and its curve comes with its version', () => {
  const { ground } = openGround(':memory:', new ManualClock());
  const run = { id: 'p', repoId: 'r', atMs: 5, cpuMs: 100 };
  const curve = { digest: 'd', nSteps: 2, losses: [2, 1], validation: [{ step: 0, nll: 2 }] };
  ground.trainingRuns.addCost(run);
  ground.trainingRuns.addCost({ ...run, atMs: 7 });
  ground.trainingRuns.addCost({ ...run, id: 'canceled', atMs: 8 });
  ground.trainingRuns.setCurve('p', curve);
  assert.deepEqual(ground.trainingRuns.cost('r', 6), { cpuMs: 300, nTrainings: 2 });
  assert.deepEqual(ground.trainingRuns.cost('r', 8), { cpuMs: 100, nTrainings: 1 });
  assert.deepEqual(ground.trainingRuns.curves('r', 5), [curve]);
  ground.dispose();
});
