/** Whether what stays of a version's suggestions has fallen, against the version before it and over time. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom } from '../../../server/base/random.ts';
import { defaultCanaryRules } from '../../../server/learning/judgeCanary.ts';
import { describeLoss, hasDrifted } from '../../../server/learning/watchRetained.ts';

/** Of `n` suggestions a share is accepted, with 30 characters that stay. */
function suggestions(n: number, share: number, seed = 1): number[] {
  const random = seededRandom(seed);
  return Array.from({ length: n }, () => (random.next() < share ? 30 : 0));
}

function check(
  name: string,
  champion: number[],
  previous: number[],
  expected: { isLoss: boolean; isDrift: boolean },
): void {
  test(name, () => {
    const facts = { champion, previous };
    const found = {
      isLoss: describeLoss(facts, defaultCanaryRules) !== undefined,
      isDrift: hasDrifted(facts, defaultCanaryRules),
    };
    assert.deepEqual(found, expected);
  });
}

const fine = { isLoss: false, isDrift: false };
check('nothing is known yet', [], [], fine);
check('as good as before', suggestions(600, 0.3), suggestions(600, 0.3, 2), fine);
check('much worse than the version before', suggestions(600, 0.05), suggestions(600, 0.5, 2), {
  ...fine,
  isLoss: true,
});
check('a few suggestions are no proof', suggestions(10, 0), suggestions(600, 0.5), fine);
check('better and better', [...suggestions(400, 0.1), ...suggestions(400, 0.5)], [], fine);
check('it fitted once', [...suggestions(400, 0.6), ...suggestions(400, 0.1)], [], { ...fine, isDrift: true });
