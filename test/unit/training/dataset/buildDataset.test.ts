/** The whole way from a repository to a dataset: what may be in it, and when there is none. */

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { digestOf } from '../../../../server/base/digest.ts';
import { silentLogger } from '../../../../server/base/logger.ts';
import { canonicalJson } from '../../../../server/training/dataset/canonicalJson.ts';
import { checkDataset, defaultDatasetLimits } from '../../../../server/training/dataset/checkDataset.ts';
import type { Dataset } from '../../../../server/training/dataset/dataset.ts';
import type { Example } from '../../../../server/training/dataset/example.ts';
import { createFreshRetriever } from '../../../../server/training/dataset/freshRetriever.ts';
import { isHeldOutFile } from '../../../../server/training/dataset/splitHistory.ts';
import { temporaryFolder } from '../../../support/gitFixture.ts';
import {
  build,
  createHistory,
  growingHistory,
  open,
  recordingRetriever,
  smallSettings,
} from './historyFixture.ts';
import type { CommitFiles } from './historyFixture.ts';

const grown = createHistory(growingHistory(60));
after(() => grown.dispose());

async function built(...args: Parameters<typeof build>): Promise<Dataset> {
  const result = await build(...args);
  assert(result.kind === 'built', result.kind === 'refused' ? result.reasons.join('\n') : '');
  return result.dataset;
}

/** The default build, once. */
const retriever = recordingRetriever();
const whole = built(grown, { sources: { retriever } });

test('a history of some length gives windows, fill-ins and held-out cases', async () => {
  const { manifest, items, examples, evaluation } = await whole;
  assert.deepEqual(Object.keys(manifest.counts), [
    'history fillIn',
    'history window',
    'snapshot fillIn',
    'snapshot window',
  ]);
  assert.equal(items.length, examples.length);
  assert(evaluation.length >= 20);
  for (const item of items) {
    assert.equal(item.tokens.length, item.lossWeights.length);
    assert(item.tokens.length <= smallSettings.maxItemTokens);
  }
  const nWindowTokens = items.filter((item) => item.kind === 'window').flatMap((item) => item.tokens).length;
  assert.equal(nWindowTokens, manifest.tokens.window);
});

test('nothing of a held-out commit or file is trained on, and retrieval never saw what came later', async () => {
  const { examples, evaluation, manifest } = await whole;
  const commits = (await (await open(grown)).commits({ max: 999 })).map((commit) => commit.id);
  const ageOf = (commit: string) => commits.indexOf(commit);
  const splitAge = ageOf(manifest.split.trainingHead);
  assert(splitAge > 0);
  for (const example of examples) {
    assert(ageOf(example.commit) >= splitAge);
    assert(!isHeldOutFile(example.path, 1, smallSettings));
  }
  assert(evaluation.some((each) => each.case.heldOutBy === 'file'));
  for (const { case: each } of evaluation) {
    if (each.heldOutBy === 'time') assert(ageOf(each.commit) < splitAge);
    else assert(isHeldOutFile(each.path, 1, smallSettings));
  }
  const parents = new Set(evaluation.map((each) => `${each.case.parent} ${each.case.path}`));
  for (const { commit, path } of retriever.asked) {
    assert(ageOf(commit) >= splitAge || parents.has(`${commit} ${path}`), `${commit} was seen for ${path}`);
  }
});

test('same seed, same dataset; another seed, another', async () => {
  const [first, again, other] = [
    await whole,
    await built(grown),
    await built(grown, { options: { seed: 2 } }),
  ];
  assert.deepEqual(again, first);
  assert.notDeepEqual(
    other.examples.map((each) => each.line),
    first.examples.map((each) => each.line),
  );
});

test('with real retrieval too, the same seed gives the same dataset, and the index goes', async () => {
  const cacheFolder = temporaryFolder();
  try {
    const repository = await open(grown);
    const digests: string[] = [];
    for (const seed of [1, 1]) {
      const logger = silentLogger;
      const retriever = createFreshRetriever({
        repository,
        cacheFolder,
        settingGlobs: [],
        logger,
        nowMs: () => 1,
      });
      const dataset = await built(grown, { sources: { retriever, repository }, options: { seed } });
      retriever.dispose();
      assert(dataset.examples.some((each) => each.kind === 'fillIn' && each.parts.snippets.length > 0));
      digests.push(digestOf(canonicalJson(dataset)));
    }
    assert.equal(digests[0], digests[1]);
    assert.deepEqual(readdirSync(cacheFolder), []);
  } finally {
    rmSync(cacheFolder, { recursive: true, force: true });
  }
});
test('as of an older commit, newer ones do not exist', async () => {
  const repository = await open(grown);
  const older = (await repository.commits({ max: 12 })).at(-1)?.id ?? '';
  const { manifest, examples } = await built(grown, { options: { asOf: older } });
  assert.equal(manifest.asOf, older);
  const newer = new Set((await repository.commits({ max: 11 })).map((commit) => commit.id));
  assert.deepEqual(
    examples.filter((each) => newer.has(each.commit)),
    [],
  );
});

test('newer lines weigh more', async () => {
  const { examples } = await whole;
  const ofHistory = examples.filter((each) => each.source === 'history');
  const [oldest, newest] = [...ofHistory]
    .sort((a, b) => a.timeMs - b.timeMs)
    .flatMap((each, i, all) => (i === 0 || i === all.length - 1 ? [each.weight] : []));
  assert((oldest ?? 1) < (newest ?? 0));
});

test('replay examples are a share of the rest, and weigh less', async () => {
  const replay = Array.from({ length: 99 }, (_, i): Example => ({
    ...{ kind: 'window', source: 'replay', repoName: 'other', path: `o${i}.py`, languageId: 'python' },
    ...{
      text: `def replayed_${i}(argument):\n    return argument\n`,
      weight: 1,
      timeMs: 0,
      commit: '',
      line: 1,
    },
  }));
  const { examples } = await built(grown, { sources: { replay } });
  const drawn = examples.filter((each) => each.source === 'replay');
  assert.equal(drawn.length, Math.round((examples.length - drawn.length) * smallSettings.replayShare));
  assert(drawn.every((each) => each.weight === smallSettings.replayWeight));
});

test('snippets are scrubbed, and none comes from a held-out file', async () => {
  const heldOut = Array.from({ length: 99 }, (_, i) => `lib/f${i}.ts`).find((path) =>
    isHeldOutFile(path, 1, smallSettings),
  );
  const snippet = (path: string, text: string) => ({ path, text, startLine: 1, endLine: 1 });
  const found = recordingRetriever([
    snippet('lib/a.ts', `const password = "hunter2go4it";`),
    snippet(heldOut ?? '', 'const heldOutLine = 1;'),
  ]);
  const { examples } = await built(grown, { sources: { retriever: found } });
  const texts = examples.flatMap((each) =>
    each.kind === 'fillIn' ? each.parts.snippets.map((one) => one.text) : [],
  );
  assert.deepEqual([...new Set(texts)], ['const password = "<secret>";']);
});

test('progress comes for each stage', async () => {
  const stages = new Set<string>();
  await built(grown, { options: { onProgress: ({ stage }) => stages.add(stage) } });
  assert.deepEqual([...stages], ['history', 'files', 'prompts', 'tokens']);
});

for (const at of ['history', 'files', 'prompts', 'tokens']) {
  test(`an abort while at ${at} ends the work there`, async () => {
    const controller = new AbortController();
    let nLater = 0;
    const onProgress = ({ stage }: { stage: string }) => {
      if (controller.signal.aborted) nLater++;
      else if (stage === at) controller.abort();
    };
    const { signal } = controller;
    await assert.rejects(build(grown, { options: { onProgress, signal } }), { name: 'AbortError' });
    assert.equal(nLater, 0);
  });
}

test('a held-out line that was only moved is no case', async () => {
  const moved = Array.from({ length: 3 }, (_, k) => ({
    [`lib/moved${k}.ts`]: growingHistory(20)
      .slice(4 * k, 4 * k + 4)
      .flatMap((files) => Object.values(files))
      .join('\n'),
  }));
  const fixture = createHistory([...growingHistory(60), ...moved]);
  try {
    const limits = { ...defaultDatasetLimits, minEvaluationCases: 5 };
    const { evaluation, manifest } = await built(fixture, { options: { limits } });
    assert((manifest.dropped['evaluation case: stands in training text'] ?? 0) > 3);
    assert(evaluation.filter((each) => each.case.path.startsWith('lib/')).length < 9);
  } finally {
    fixture.dispose();
  }
});

test('a dataset whose parts do not keep apart is refused', async () => {
  const dataset = await whole;
  const [first] = dataset.evaluation;
  assert(first !== undefined);
  const leaked: Example = {
    ...{
      kind: 'window',
      source: 'history',
      repoName: 'r',
      languageId: 'typescript',
      weight: 1,
      timeMs: 0,
      line: 1,
    },
    ...{ path: first.case.path, commit: first.case.commit, text: first.case.prefix + first.case.middle },
  };
  const reasons = checkDataset({ ...dataset, examples: [...dataset.examples, leaked] });
  assert.match(reasons.join('\n'), /held-out lines? stand in the training text/);
  assert.match(reasons.join('\n'), /of commits that are held out/);
  const [one] = dataset.examples;
  const same = dataset.examples.map((each) => ({
    ...each,
    path: one?.path ?? '',
    commit: one?.commit ?? '',
  }));
  const unbalanced = checkDataset({ ...dataset, examples: same }).join('\n');
  assert.match(unbalanced, /has 100 % of the examples; one file would be learned by heart/);
  assert.match(unbalanced, /The commit \w+ has 100 % of the examples from history/);
});

async function checkRefusal(commits: readonly CommitFiles[], ...patterns: RegExp[]): Promise<void> {
  const fixture = createHistory(commits);
  try {
    const result = await build(fixture);
    assert(result.kind === 'refused', 'a dataset was built');
    for (const pattern of patterns) assert.match(result.reasons.join('\n'), pattern);
    assert.match(result.remedy, /^[A-Z].*\.$/);
  } finally {
    fixture.dispose();
  }
}

test('five commits are too few', () =>
  checkRefusal(
    growingHistory(5),
    /at least 8 are needed/,
    /Of 5 commits, 4 added lines that can be learned/,
  ));
test('generated code alone is nothing to learn', () =>
  checkRefusal(
    growingHistory(30).map((files) =>
      Object.fromEntries(
        Object.entries(files).map(([path, text]) => [path, `// @generated\n${text as string}`]),
      ),
    ),
    /29 changed files were left out as generated/,
  ));
test('one giant commit shows no order in time', () =>
  checkRefusal(
    [Object.fromEntries(growingHistory(300).flatMap((files) => Object.entries(files)))],
    /Of 1 commit, 0 added lines/,
  ));
test('binary and non-UTF-8 files are left out and said', () =>
  checkRefusal(
    growingHistory(20).map((_, i) => ({
      'data.bin': new Uint8Array([0, i, 2]),
      'old.ts': new Uint8Array([0x63, 0xe4, 0xe4, 10, 0x61 + i]),
    })),
    /19 changed files were left out because they are no readable UTF-8 text/,
  ));
test('a repository without commits has nothing', () => checkRefusal([], /no commits yet/));

test('a shallow clone is told as one', async () => {
  const folder = temporaryFolder();
  try {
    const root = join(folder, 'clone');
    execFileSync('git', ['clone', '-q', '--depth', '3', `file://${grown.root}`, root]);
    const result = await build({ root });
    assert(result.kind === 'refused');
    assert.match(result.reasons.join('\n'), /shallow.*git fetch --unshallow/);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
