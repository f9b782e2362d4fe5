/** What commands say: how a training ended, versions to choose from, what would be forgotten; and the page's policy. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { dashboardHtml } from '../../../extension/dashboardHtml.ts';
import { forgetChoices, forgetQuestion, forgetReport } from '../../../extension/forgetText.ts';
import { howItEnded } from '../../../extension/trainingEnd.ts';
import { servingSentence, versionChoices } from '../../../extension/versionChoices.ts';
import type {
  AdapterVersion,
  ForgetResult,
  RepositoryLearning,
  VersionsResult,
} from '../../../protocol/learning.ts';
import { versionName } from '../../../protocol/versionName.ts';

const nowMs = 1e12;

function version(digest: string, change: Partial<AdapterVersion> = {}): AdapterVersion {
  return {
    digest,
    createdAtMs: nowMs - 7_200_000,
    aliases: [],
    notices: [],
    ...change,
  } as unknown as AdapterVersion;
}
function result(versions: readonly AdapterVersion[], champion?: string): VersionsResult {
  return { versions, aliases: champion === undefined ? {} : { champion } } as unknown as VersionsResult;
}

const old = version('0000000000ff', { number: 7 });
function checkEnd(
  name: string,
  trained: Partial<AdapterVersion> | undefined,
  expected: { readonly sentence: string; readonly kind: string },
  learning: Partial<RepositoryLearning> = {},
): void {
  test(name, () => {
    const versions =
      trained === undefined ? [old] : [version('1234567890ab', { number: 8, ...trained }), old];
    const end = howItEnded(result([old]), result(versions, old.digest), learning as RepositoryLearning);
    assert.deepEqual(end, expected);
  });
}
checkEnd(
  'nothing was trained, with the reason',
  undefined,
  { sentence: 'There are 3 commits.', kind: 'told' },
  { detail: 'There are 3 commits.' },
);
checkEnd(
  'canceled, and nothing else',
  undefined,
  { sentence: 'Training canceled.', kind: 'canceled' },
  { detail: 'Training canceled. 2,255 new examples.', wasCanceled: true },
);
checkEnd(
  'not better',
  { verdict: 'refuse', nllChange: { mean: -0.01, low: -0.04, high: 0.02 } },
  { sentence: 'v8 was not better than v7 and is not used.', kind: 'told' },
);
checkEnd(
  'better, and refused for another reason',
  { verdict: 'refuse', nllChange: { mean: -0.05, low: -0.08, high: -0.02 } },
  { sentence: 'v8 did not pass its evaluation and is not used.', kind: 'told' },
);
checkEnd(
  'passed and in use',
  { verdict: 'pass', aliases: ['champion'] },
  { sentence: 'v8 passed its evaluation and is in use.', kind: 'done' },
);
checkEnd(
  'passed and on trial',
  { verdict: 'pass', aliases: ['canary'] },
  { sentence: 'v8 passed its evaluation and is on trial.', kind: 'done' },
);
checkEnd('not judged', {}, { sentence: 'v8 was trained and is not evaluated yet.', kind: 'done' });

test('adapters have names, not digests', () =>
  assert.deepEqual(
    [old.digest, 'task', 'base', 'ffff'].map((adapter) => versionName([old], adapter)),
    ['v7', 'built-in adapter', 'base model', 'earlier built-in adapter'],
  ));

test('all but the champion can be chosen', () => {
  const choices = versionChoices(
    result([
      version('aaaaaaaaaa11', { number: 3, verdict: 'refuse', notices: ['Not better.'] }),
      version('bbbbbbbbbb11', { number: 2, aliases: ['champion'] }),
      version('cccccccccc11', { number: 1, aliases: ['previous'], verdict: 'pass' }),
    ]),
    nowMs,
  );
  assert.deepEqual(
    choices.map(({ label, description, detail }) => [label, description, detail]),
    [
      ['v3', 'did not pass its evaluation, 2 h ago', 'Not better.'],
      ['v1', 'in use before, passed its evaluation, 2 h ago', undefined],
    ],
  );
});
test('what serves', () => {
  assert.match(servingSentence(result([old], old.digest)), /^v7 is in use/);
  assert.match(servingSentence(result([])), /^The built-in adapter is in use/);
});

function checkScopes(path: string | undefined, expected: readonly string[]): void {
  assert.deepEqual(
    forgetChoices(path, 'web', nowMs).map(({ label, scope }) => `${label}: ${Object.keys(scope).join(' ')}`),
    expected,
  );
}
const always = [
  'The last hour: sinceMs',
  'The last 24 hours: sinceMs',
  'The last 7 days: sinceMs',
  'Everything older than 30 days: untilMs',
  'Everything: ',
];
test('without a file, times alone', () => checkScopes(undefined, always));
test('a file at the top has no folder of its own', () => checkScopes('a.ts', ['This file: path', ...always]));
test('a file in a folder', () =>
  checkScopes('src/a.ts', ['This file: path', 'This folder: path', ...always]));
test('the folder is the one that the file is in', () =>
  assert.equal(forgetChoices('src/x/a.ts', 'web', nowMs)[1]?.scope.path, 'src/x'));

const none: ForgetResult = {
  nSuggestions: 0,
  nOutcomes: 0,
  nExamples: 0,
  nDatasets: 0,
  adapters: [],
  isRetraining: false,
};
const [thisFile] = forgetChoices('a.ts', 'web', nowMs);
const ask = (change: Partial<ForgetResult>) =>
  thisFile === undefined ? undefined : forgetQuestion(thisFile, { ...none, ...change });

test('nothing to forget is no question', () => assert.equal(ask({}), undefined));
test('the question counts', () => {
  const question = ask({ nSuggestions: 1200, nOutcomes: 1, nExamples: 2, adapters: ['x'] });
  assert.equal(question?.message, 'Forget 1,200 suggestions of a.ts?');
  assert.match(question.detail, /^1 outcome and 2 examples go with them\. 1 version learned from them/);
  assert.match(question.detail, /cannot be undone\.$/);
});
test('the report tells what serves now', () =>
  assert.equal(
    forgetReport({
      ...none,
      nSuggestions: 3,
      adapters: ['x', 'y'],
      rolledBackTo: 'task',
      isRetraining: true,
    }),
    'Forgotten: 3 suggestions and 0 examples. 2 versions had learned from them. The task adapter is in use now. A new training has begun.',
  ));

test('the page runs its own script and nothing else', () => {
  const files = { script: 'S', style: 'C', source: 'https://own', nonce: 'N0nce', language: 'en' };
  const html = dashboardHtml(files);
  const policy = /Content-Security-Policy" content="([^"]*)"/.exec(html)?.[1]?.split('; ');
  assert.deepEqual(policy?.slice(0, 3), [
    "default-src 'none'",
    "script-src 'nonce-N0nce'",
    'style-src https://own',
  ]);
  assert.doesNotMatch(policy.join(' '), /unsafe|\*|data:/);
  assert.deepEqual(
    [...html.matchAll(/<script[^>]*>([^<]*)/g)].map(([, inline]) => inline),
    [''],
  );
  assert.doesNotMatch(html, / style=| on\w+=/);
});
