/** A judgement with a scorer and a suggester that are tables: what is asked of whom, in which order, and what comes out. */

import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { EvalReport } from '../../../protocol/evalReport.ts';
import { neverAborts } from '../../../server/base/abort.ts';
import { ManualClock } from '../../../server/base/clock.ts';
import { seededRandom } from '../../../server/base/random.ts';
import { frozenCases, frozenPath } from '../../../server/evaluation/frozenCases.ts';
import { defaultGateSettings } from '../../../server/evaluation/gateSettings.ts';
import { judge } from '../../../server/evaluation/judge.ts';
import type { JudgeProps } from '../../../server/evaluation/judge.ts';
import type { JudgedCase } from '../../../server/evaluation/judgedCase.ts';
import { kindOfCase } from '../../../server/evaluation/kindOfCase.ts';
import { randomLike } from '../../../server/evaluation/memorisation.ts';
import type { SecretProbe } from '../../../server/evaluation/memorisation.ts';
import { readOutsideCases } from '../../../server/evaluation/outsideCases.ts';
import { openScoreCache } from '../../../server/evaluation/scoreCache.ts';
import { chooseFimFormat } from '../../../server/prompt/fimFormats.ts';
import { FakeTokenizer } from '../prompt/fakeTokenizer.ts';

const info = {
  ...{ path: 'm.gguf', digest: 'base-1', architecture: 'llama', name: 'SmolLM2-135M-Instruct' },
  ...{ sizeBytes: 100e6, trainContextTokens: 2048, endTokens: [2], device: 'cpu' },
  specialTokens: { '<|endoftext|>': 0, '<repo_name>': 3, '<file_sep>': 5 },
};
const adapterOf = (name: string) => ({ name, file: { digest: name, path: `${name}.gguf` } });

function caseOf(i: number, changes: Partial<JudgedCase['case']> = {}): JudgedCase {
  const place = { id: `${i}`, commit: `c${i % 12}`, path: 'src/a.ts', line: i + 1 };
  const text = { prefix: 'const a = 1;\nlet ', suffix: '\n', middle: `b${i} = 2;` };
  return { case: { ...place, ...text, ...changes }, promptTokens: [1, 2, i], middleTokens: [7, 8] };
}
const cases = (n: number) => Array.from({ length: n }, (_, i) => caseOf(i));

interface World {
  /** Nats per token, by adapter and case; the default is 1.5 for the champion and 1.4 for the candidate. */
  nats(adapter: string, firstToken: number): number;
  text(adapter: string, at: { readonly path: string; readonly prefix: string }): string;
  /** Milliseconds that a completion takes. */
  takesMs(adapter: string): number;
}
const plain: World = {
  nats: (adapter) => (adapter === 'new' ? 1.4 : 1.5),
  text: () => 'b0 = 2;',
  takesMs: () => 100,
};

/** Everything that was asked, in order: `score new`, `suggest old`. */
interface Judged {
  readonly report: EvalReport;
  readonly asked: readonly string[];
  readonly progress: readonly string[];
}

async function judgeIn(world: Partial<World>, changes: Partial<JudgeProps> = {}): Promise<Judged> {
  const { nats, text, takesMs } = { ...plain, ...world };
  const asked: string[] = [];
  const progress: string[] = [];
  const clock = new ManualClock(5000);
  const report = await judge({
    ...{ candidate: { ...adapterOf('new'), sizeBytes: 1e6 }, champion: adapterOf('old') },
    base: { digest: info.digest, sizeBytes: info.sizeBytes },
    datasetDigest: 'd',
    sets: { repository: cases(48), frozen: [], outside: cases(20) },
    nCompleted: 24,
    ...{ regression: [], hasSyntaxError: () => undefined, probes: [] },
    scorer: {
      score: ({ tokens, from, adapter }) => {
        asked.push(`score ${adapter?.digest ?? 'base'}`);
        const each = nats(adapter?.digest ?? 'base', tokens[from] ?? 0) + ((tokens[2] ?? 0) % 5) / 1000;
        return Promise.resolve(tokens.slice(from).map(() => each));
      },
    },
    suggester: {
      suggest: (at, adapter) => {
        const name = adapter?.digest ?? 'base';
        asked.push(`suggest ${name}`);
        return Promise.resolve({ text: text(name, at), latencyMs: takesMs(name) });
      },
    },
    prompting: { bound: chooseFimFormat(info), tokenizer: new FakeTokenizer(), repoName: 'repo' },
    ...{ settings: defaultGateSettings, clock, signal: neverAborts },
    onProgress: (nDone, nAll) => progress.push(`${nDone}/${nAll}`),
    ...changes,
  });
  return { report, asked, progress };
}

const brokenRules = ({ report }: Judged) =>
  report.rules.filter((rule) => !rule.holds).map((rule) => rule.rule);

test('a better candidate passes, and the report says by how much', async () => {
  const judged = await judgeIn({});
  const { report } = judged;
  assert.deepEqual(brokenRules(judged), []);
  assert.equal(report.verdict, 'pass');
  assert.deepEqual([report.candidate, report.champion, report.datasetDigest], ['new', 'old', 'd']);
  const { repository, outside, frozen } = report.sets;
  assert.equal(repository?.nCases, 48);
  assert.equal(repository.nCompleted, 24);
  assert.equal(repository.nll.mean.toFixed(3), '-0.100');
  assert.equal(outside?.nCompleted, undefined);
  assert.equal(frozen, undefined);
  assert.equal(report.cases.length, 68);
  assert.deepEqual(JSON.parse(JSON.stringify(report)), report, 'it is plain JSON');
});

test('both sides take turns in coming first, and only so many lines are completed, at even distances', async () => {
  const { asked, progress, report } = await judgeIn({});
  assert.deepEqual(asked.slice(0, 4), ['suggest old', 'score old', 'suggest new', 'score new']);
  assert.equal(asked.filter((each) => each.startsWith('suggest')).length, 48);
  const completed = report.cases.flatMap(({ champion }, i) => (champion.text === undefined ? [] : i));
  assert.deepEqual(completed.slice(0, 4), [0, 2, 4, 6]);
  assert.deepEqual([progress[0], progress.at(-1), progress.length], ['0/68', '67/68', 68]);
  const odd = await judgeIn({}, { nCompleted: 48 });
  assert.deepEqual(odd.asked.slice(4, 8), ['suggest new', 'score new', 'suggest old', 'score old']);
});

async function checkRefused(world: Partial<World>, rules: readonly string[], changes?: Partial<JudgeProps>) {
  assert.deepEqual(brokenRules(await judgeIn(world, changes)), rules);
}
test('a worse one is refused', () =>
  checkRefused({ nats: (adapter) => (adapter === 'new' ? 1.6 : 1.5) }, ['nll', 'outside']));
test('the same one is refused', () => checkRefused({ nats: () => 1.5 }, ['nll']));
test('a slower one is refused', () =>
  checkRefused({ takesMs: (adapter) => (adapter === 'new' ? 130 : 100) }, ['latency']));
test('one that gets lines wrong is refused', () =>
  checkRefused(
    { text: (adapter, { prefix }) => (adapter === 'old' && prefix !== '' ? 'x' : '') },
    ['exactMatch'],
    {
      sets: {
        repository: cases(48).map((each) => ({ ...each, case: { ...each.case, middle: 'x' } })),
        frozen: [],
        outside: cases(9),
      },
    },
  ));
test('without a suggester nothing is promoted', () =>
  checkRefused({}, ['exactMatch', 'latency'], { suggester: undefined }));
test('cases of too few commits prove nothing', () =>
  checkRefused({}, ['enoughCases', 'nll'], {
    sets: {
      repository: cases(48).map((each) => ({ ...each, case: { ...each.case, commit: 'one' } })),
      frozen: [],
      outside: cases(9),
    },
  }));

test('one impossible token does not outweigh a set', async () => {
  const { report } = await judgeIn({ nats: (adapter) => (adapter === 'new' ? 744 : 1.5) });
  assert.equal(report.cases[0]?.candidate.nll, 20);
});

test('what is known is not scored again', async () => {
  const root = mkdtempSync(join(tmpdir(), 'idiom-scores-'));
  try {
    const path = join(root, 'cache', 'scores.txt');
    const first = await judgeIn({}, { known: openScoreCache(path) });
    assert.equal(first.asked.filter((each) => each === 'score old').length, 48);
    const second = await judgeIn({}, { known: openScoreCache(path) });
    assert.equal(second.asked.filter((each) => each.startsWith('score')).length, 0);
    assert.deepEqual(second.report.cases, first.report.cases);
    assert.equal(statSync(path).mode & 0o777, 0o600);
    // A line that was cut, and what is none, are just not known.
    const text = readFileSync(path, 'utf8');
    writeFileSync(path, `${text.slice(0, text.indexOf('\n', 5) + 30)}\nnonsense\n`);
    const third = await judgeIn({}, { known: openScoreCache(path) });
    assert.deepEqual(third.report.cases, first.report.cases);
    assert.equal(openScoreCache(path).get('old', 'unheard of'), undefined);
  } finally {
    rmSync(root, { recursive: true });
  }
});

test('a judgement gives way before each case, and ends when aborted', async () => {
  let nTurns = 0;
  const abort = new AbortController();
  const mayGoOn = () => {
    if (++nTurns === 3) abort.abort();
    return Promise.resolve();
  };
  await assert.rejects(judgeIn({}, { mayGoOn, signal: abort.signal }), { name: 'AbortError' });
  assert.equal(nTurns, 3);
});

test('weaknesses are named by kind, language and folder, the largest first', async () => {
  const weak = caseOf(0, { path: 'docs/guide/a.md' });
  const repository = cases(48).map((each, i) =>
    i % 4 === 0 ? { ...each, case: { ...weak.case, commit: each.case.commit }, middleTokens: [9, 9] } : each,
  );
  const nats = (adapter: string, token: number) => (adapter === 'new' ? (token === 9 ? 2 : 1) : 1.5);
  const { report } = await judgeIn({ nats }, { sets: { repository, frozen: [], outside: [] } });
  assert.deepEqual(
    report.weaknesses.map(({ by, name, nCases, nWorse }) => `${by} ${name}: ${nWorse} of ${nCases}`),
    ['kind prose: 12 of 12', 'language markdown: 12 of 12', 'folder docs/guide: 12 of 12'],
  );
});

const regressionCase = {
  name: 'a',
  path: 'a.ts',
  prefix: 'p',
  suffix: '',
  mustParse: false,
  isAdversarial: false,
};
test('regression cases are asked of the candidate alone', async () => {
  const one = { ...regressionCase, expectedContains: ['info'], notContains: [] };
  const text = (adapter: string, { prefix }: { prefix: string }) =>
    prefix === 'p' ? `${adapter} info` : 'b0 = 2;';
  const judged = await judgeIn({ text }, { regression: [one, { ...one, name: 'b', notContains: ['new'] }] });
  assert.deepEqual(
    judged.report.regression.map(({ name, passed }) => [name, passed]),
    [
      ['a', true],
      ['b', false],
    ],
  );
  assert.deepEqual(brokenRules(judged), ['regression']);
});

test('no secret that cases or candidates write is in the report, and figures stay as they are', async () => {
  const key = 'qX7vT2mK9pLw4RzN8bHc';
  const asked = caseOf(1, { prefix: `token = "${key}"\npassword = `, middle: `"${key}"` });
  const one = {
    ...regressionCase,
    prefix: 'password = ',
    expectedContains: [],
    notContains: [key],
  };
  const { report } = await judgeIn(
    { text: (adapter) => (adapter === 'new' ? `"${key}"` : 'read()') },
    { sets: { repository: [asked], frozen: [], outside: [] }, regression: [{ ...one, path: 'a.py' }] },
  );
  assert.ok(!JSON.stringify(report).includes(key.slice(0, 8)));
  const [told] = report.cases;
  assert.deepEqual(
    [told?.before, told?.middle, told?.champion.text, told?.candidate.text],
    ['token = "<secret>"\npassword = ', '"<secret>"', 'read()', '"<secret>"'],
  );
  assert.equal(told?.candidate.isExactMatch, true);
  assert.deepEqual(report.regression[0]?.reasons, ['The suggestion has "<secret>" in it.']);
});

const probe: SecretProbe = {
  ...{ path: 'deploy.sh', line: 4, prefix: 'export TOKEN=', suffix: '\n' },
  secret: 'ghp_a1B2c3D4e5F6g7H8i9',
};
/** @param nats by whether the secret itself is scored, which the tokenizer saw first after the prompt. */
async function checkProbe(world: Partial<World>, why: RegExp | undefined): Promise<void> {
  const { report } = await judgeIn(world, {
    probes: [probe],
    sets: { repository: [], frozen: [], outside: [] },
  });
  assert.equal(report.memorisation.nProbes, 1);
  assert.equal(report.memorisation.leaked.length, why === undefined ? 0 : 1);
  if (why !== undefined) assert.match(report.memorisation.leaked[0]?.why ?? '', why);
  assert.ok(!JSON.stringify(report).includes('a1B2c3'), 'the secret itself is in no report');
}
test('a secret that is as likely as others of its form was not learned', () => checkProbe({}, undefined));
test('a secret that is written was learned', () =>
  checkProbe({ text: (adapter) => (adapter === 'new' ? probe.secret : '') }, /candidate writes it/));
test('so was one of which half is written', () =>
  checkProbe({ text: () => probe.secret.slice(0, 12) }, /candidate writes it/));
test('a secret that became likelier while others of its form did not was learned', () => {
  let nScored = 0;
  const nats = (adapter: string) => (adapter === 'new' && nScored++ === 0 ? 0.5 : 3);
  return checkProbe({ nats }, /nats likelier than random texts of its form, at most 7/);
});
test('a form that became likelier as a whole is no leak', () =>
  checkProbe({ nats: (adapter) => (adapter === 'new' ? 0.5 : 3) }, undefined));

test('random texts have the form of the secret, and its beginning', () => {
  const like = randomLike(probe.secret, seededRandom(1));
  assert.match(like, /^ghp_[a-z]\d[A-Z]\d[a-z]\d[A-Z]\d[a-z]\d[A-Z]\d[a-z]\d[A-Z]\d[a-z]\d$/);
  assert.notEqual(like, probe.secret);
});

test('the first held-out cases are frozen, and stay', () => {
  const dataFolder = mkdtempSync(join(tmpdir(), 'idiom-frozen-'));
  const props = { ...{ dataFolder, repoId: 'r', baseDigest: 'b' }, nCases: 4 };
  try {
    assert.deepEqual(frozenCases(props, []), []);
    const first = frozenCases(props, cases(40));
    assert.deepEqual(
      first.map((each) => each.case.id),
      ['0', '10', '20', '30'],
    );
    assert.deepEqual(frozenCases(props, cases(9)), first);
    assert.notDeepEqual(frozenCases({ ...props, baseDigest: 'other' }, cases(9)), first);
    writeFileSync(frozenPath(props), '{"cut');
    assert.equal(frozenCases(props, cases(2)).length, 2);
  } finally {
    rmSync(dataFolder, { recursive: true });
  }
});

test('the set of other repositories fits any base model, and is always the same', async () => {
  const path = fileURLToPath(new URL('../../../media/taskAdapter/heldOut.jsonl.gz', import.meta.url));
  const props = { path, bound: chooseFimFormat(info), tokenizer: new FakeTokenizer(), nCases: 12 };
  const drawn = await readOutsideCases(props);
  assert.equal(drawn.length, 12);
  assert.ok(new Set(drawn.map((each) => each.case.commit)).size > 3, 'of several packages');
  for (const { promptTokens, middleTokens } of drawn)
    assert.ok(promptTokens.length <= 415 && middleTokens.length > 0 && middleTokens.length <= 96);
  assert.deepEqual(await readOutsideCases({ ...props, tokenizer: new FakeTokenizer() }), drawn);
  await assert.rejects(readOutsideCases({ ...props, path: 'nowhere' }), /cannot be read/);
});

for (const [line, languageId, kind] of [
  ['// say what ', 'typescript', 'comment'],
  ['# say what ', 'python', 'comment'],
  ['#include ', 'cpp', 'import'],
  ['import { a } from ', 'typescript', 'import'],
  ['from a import ', 'python', 'import'],
  ['export async function ', 'typescript', 'definition'],
  ['    def f(', 'python', 'definition'],
  ['pub(crate) fn ', 'rust', 'definition'],
  ['    ', 'go', 'wholeLine'],
  ['    return ', 'go', 'restOfLine'],
  ['importantThing(', 'typescript', 'restOfLine'],
  ['The way ', 'markdown', 'prose'],
] as const) {
  test(`${line}| in ${languageId} is of kind ${kind}`, () =>
    assert.equal(kindOfCase({ languageId, before: `x\n${line}`, middle: 'zz\nfunction' }), kind));
}
