/** How often the gate's statistics promote what is no better, and what is better: simulated judgements, no model. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CaseResult } from '../../../protocol/evalReport.ts';
import { seededRandom } from '../../../server/base/random.ts';
import type { Random } from '../../../server/base/random.ts';
import { applyGate } from '../../../server/evaluation/gate.ts';
import { defaultGateSettings } from '../../../server/evaluation/gateSettings.ts';
import { groupOfCase, summarise } from '../../../server/evaluation/summarise.ts';

/** What one simulated candidate differs by; all in nats per token. */
interface World {
  /** Mean change; below 0 is better. */
  readonly shift: number;
  /** Standard deviation of a case's change. */
  readonly spread: number;
  /** Share of the variance that all cases of a commit have in common. */
  readonly withinCommit: number;
  readonly draw: (random: Random) => number;
  readonly nCommits: number;
}

const normal = (random: Random): number =>
  Math.sqrt(-2 * Math.log(1 - random.next())) * Math.cos(2 * Math.PI * random.next());
/** Student's t with 3 degrees of freedom, scaled to a standard deviation of 1: now and then very large. */
const heavy = (random: Random): number =>
  normal(random) / Math.sqrt(normal(random) ** 2 + normal(random) ** 2 + normal(random) ** 2);
/** Exponential: mostly a little better, now and then much worse. */
const skewed = (random: Random): number => -Math.log(1 - random.next()) - 1;

function simulate(world: World, random: Random): CaseResult[] {
  const { shift, spread, withinCommit, draw } = world;
  const cases: CaseResult[] = [];
  for (let commit = 0; commit < world.nCommits; commit++) {
    const shared = Math.sqrt(withinCommit) * draw(random);
    for (let i = 2 + random.int(7); i > 0; i--) {
      const change = shift + spread * (shared + Math.sqrt(1 - withinCommit) * draw(random));
      const champion = 1 + random.next();
      const place = {
        set: 'repository',
        path: 'a.ts',
        languageId: 'typescript',
        line: 1,
        commit: `${commit}`,
      };
      cases.push({
        ...place,
        before: '',
        middle: '',
        champion: { nll: champion },
        candidate: { nll: champion + change },
      });
    }
  }
  return cases;
}

/** Of `nGates` judgements those that the rules on likelihood let pass. */
function countPromoted(world: Partial<World>, nGates: number, seed = 1): number {
  const random = seededRandom(seed);
  const whole = { shift: 0, spread: 0.12, withinCommit: 0.25, draw: normal, nCommits: 14, ...world };
  let nPromoted = 0;
  for (let gate = 0; gate < nGates; gate++) {
    const cases = simulate(whole, random);
    const summary = summarise(cases, { confidence: defaultGateSettings.confidence, nResamples: 500 });
    const { rules } = applyGate(
      {
        ...{ champion: 'task', sets: summary === undefined ? {} : { repository: summary } },
        nGroups: new Set(cases.map(groupOfCase)).size,
        ...{ latencyRatio: 1, regression: [], memorisation: { nProbes: 0, leaked: [] } },
        ...{ sizeBytes: 1, baseSizeBytes: 100 },
      },
      defaultGateSettings,
    );
    if (rules.every((rule) => rule.holds || !['nll', 'enoughCases'].includes(rule.rule))) nPromoted++;
  }
  return nPromoted;
}

function checkAtMost(what: string, world: Partial<World>, most: number): void {
  test(`${what}: of 400 gates at most ${most} promote`, () => {
    const nPromoted = countPromoted(world, 400);
    assert.ok(nPromoted <= most, `${nPromoted} promoted`);
  });
}

checkAtMost('no difference', {}, 20);
checkAtMost('no difference, with heavy tails', { draw: heavy }, 20);
// The worst shape known: what would speak against the candidate is seldom among the cases.
checkAtMost('no difference, mostly a little better and now and then much worse', { draw: skewed }, 28);
checkAtMost('no difference, commits that resemble themselves much', { withinCommit: 0.6 }, 20);
checkAtMost('no difference, the fewest commits that are allowed', { nCommits: 9, draw: heavy }, 20);
checkAtMost('a gain that is too small to matter', { shift: -0.005 }, 24);
checkAtMost('2 % worse', { shift: 0.03 }, 2);
checkAtMost('2 % worse, with heavy tails', { shift: 0.03, draw: heavy }, 2);
checkAtMost('harmful: 10 % worse', { shift: 0.15, spread: 0.4, draw: heavy }, 0);

test('what is 5 % better is mostly promoted, from 20 commits nearly always; what is 3 % better every other time', () => {
  const shares = [
    countPromoted({ shift: -0.075 }, 100),
    countPromoted({ shift: -0.075, nCommits: 20 }, 100),
    countPromoted({ shift: -0.045 }, 100),
  ];
  const atLeast = [75, 90, 40];
  assert.ok(
    shares.every((share, i) => share >= (atLeast[i] ?? 0)),
    `${shares.join()} of 100`,
  );
});
