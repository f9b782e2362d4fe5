/** The sentence and the buttons in each situation; curves on one axis, and what a chart's tooltip says. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AdapterVersion, DashboardResult, RepositoryLearning } from '../../../protocol/learning.ts';
import { adviceOf } from '../../../webview/advice.ts';
import { tipLines } from '../../../webview/chartTip.ts';
import { curveLines, curveSummary } from '../../../webview/curves.ts';
import { servingText, verdictText } from '../../../webview/learningText.ts';

const versions = {
  versions: [
    { digest: 'b', number: 8, createdAtMs: 0 },
    { digest: 'a', number: 7, createdAtMs: 0 },
  ],
  aliases: {},
} as unknown as DashboardResult['versions'];

function check(
  name: string,
  change: Partial<RepositoryLearning>,
  expected: readonly string[],
  isTrusted = true,
): void {
  test(name, () => {
    const plain = { state: 'idle', detail: 'Nothing new to learn.', nNewExamples: 0, nWanted: 200 };
    const learning = { ...plain, ...change } as RepositoryLearning;
    const { sentence, detail, buttons } = adviceOf({ learning, versions }, isTrusted);
    const told = detail === undefined || detail === '' ? [] : [detail];
    assert.deepEqual([sentence, ...told, ...buttons.map(({ text }) => `[${text}]`)], expected);
  });
}

check('nothing new', { nNewExamples: 200 }, ['Nothing new to learn.', '[Train Now]']);
check(
  'collecting',
  { state: 'collecting', detail: '34 new examples; training starts at 200.', nNewExamples: 34 },
  ['34 new examples; training starts at 200.', '[Train Now]'],
);
check(
  'ready',
  {
    state: 'collecting',
    detail: 'Ready to train. Starts when you have been away for 5 minutes.',
    nNewExamples: 2270,
  },
  ['Ready to train. Starts when you have been away for 5 minutes.', '[Train Now]'],
);
check(
  'training',
  {
    state: 'training',
    detail: 'Training a new version.',
    progress: { share: 0.12, secondsLeft: 540, stage: 'training', step: 12, nSteps: 240, isSlow: true },
  },
  [
    'Training 12 %, 9 min left',
    'Step 12 of 240; slow: other programs use the processor',
    '[Cancel Training]',
  ],
);
check(
  'training that waits',
  {
    state: 'building',
    detail: 'Preparing examples. Starts when the training of web has ended.',
    progress: { share: 0, stage: 'history' },
  },
  [
    'Preparing training 0 %',
    'Reading the git history. Starts when the training of web has ended.',
    '[Cancel Training]',
  ],
);
check('evaluating', { state: 'evaluating', progress: { share: 0.5, secondsLeft: 20 } }, [
  'Evaluating 50 %, less than a minute left',
  '[Cancel Training]',
]);
check('a decision', { state: 'canary', awaitsApproval: 'b' }, [
  'v8 passed its evaluation. Use it?',
  '[Use v8]',
]);
check(
  'on trial',
  {
    state: 'canary',
    canary: { digest: 'b', nScored: 14, meanGain: 0.02 } as NonNullable<RepositoryLearning['canary']>,
  },
  [
    'v8 is on trial: 14 lines compared. So far slightly better; not certain yet.',
    'It is put in use, or taken out, once that is certain.',
  ],
);
check('failed', { state: 'failed', detail: 'No memory. Close something.', nNewExamples: 200 }, [
  'No memory. Close something.',
  '[Try Again]',
  '[Show Log]',
]);
check('paused', { state: 'paused' }, ['Learning is paused. Suggestions continue.', '[Resume Learning]']);
check(
  'not trusted',
  {},
  ['This workspace is not trusted, so Idiom does not learn from it.', '[Manage Workspace Trust]'],
  false,
);

for (const [serving, expected] of [
  ['base', 'Using the base model, without an adapter.'],
  ['task', 'Using the built-in adapter. No version trained on this repository is in use yet.'],
  ['a', 'Using v7, trained 2 h ago.'],
] as const) {
  test(`in use: ${serving}`, () => {
    const learning = { serving } as RepositoryLearning;
    assert.equal(servingText({ learning, versions }, 7_200_000), expected);
  });
}

for (const [name, version, expected] of [
  ['none', {}, 'not evaluated'],
  ['passed', { verdict: 'pass', parentDigest: 'a' }, 'better than v7'],
  ['passed, the first', { verdict: 'pass' }, 'better than the built-in adapter'],
  ['no better', { verdict: 'refuse', parentDigest: 'a' }, 'not better than v7'],
  [
    'better, but failed by something else',
    { verdict: 'refuse', nllChange: { mean: -1, low: -2, high: -0.5 } },
    'did not pass',
  ],
] as const) {
  test(`evaluation: ${name}`, () =>
    assert.equal(verdictText(version as Partial<AdapterVersion>, versions.versions).text, expected));
}

test('curves stand on one axis of steps, training beside validation', () => {
  const curve = { digest: 'a', nSteps: 5, losses: [3, 2, 1], validation: [{ step: 0, nll: 4 }] };
  const { x, series } = curveLines([curve, { ...curve, digest: 'b', validation: [] }], versions.versions);
  assert.deepEqual(x, [0, 1, 3, 5]);
  assert.deepEqual(
    series.map(({ label, values }) => [label, ...values].join(' ')),
    ['v7 training  3 2 1', 'v7 validation 4   ', 'v8 training  3 2 1'],
  );
  assert.equal(
    curveSummary([curve], versions.versions),
    'v7: training loss 3.000 to 1.000, validation loss 4.000 to 4.000.',
  );
});

test('a tooltip has the nearest value of each line, and none of one that has ended', () => {
  const line = (label: string, values: readonly (number | null)[]) => ({ label, color: '--blue', values });
  const data = { kind: 'line', x: [1, 2, 3, 4], unit: 'step' } as const;
  const series = [line('a', [3, null, 1, null]), line('b', [null, null, null, 2])];
  assert.deepEqual(tipLines({ ...data, series }, 1), ['step 2', 'a 3.000', 'b 2.000']);
  assert.deepEqual(tipLines({ ...data, series }, 3), ['step 4', 'b 2.000']);
  assert.deepEqual(tipLines({ ...data, series, tip: () => ['Mar 1'] }, 3), ['Mar 1']);
});
