/**
 * Measures retrieval on local repositories: lines that their newest commits added, retrieved from the tree before all of
 * those commits. bench/README.md has the options. Without a model: recall of names and latency. With one: exact match and
 * edit similarity too.
 */

import { mkdirSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { parseArgs } from 'node:util';
import { openRepository } from '../../server/git/repository.ts';
import type { Repository } from '../../server/git/repository.ts';
import { defaultRankOptions } from '../../server/retrieval/rankOptions.ts';
import type { RankOptions } from '../../server/retrieval/rankOptions.ts';
import { bm25, charWindowsOf, jaccard, windowsOf } from './baselines.ts';
import type { Method } from './baselines.ts';
import { openRecords } from './caseRecords.ts';
import type { CaseRecord } from './caseRecords.ts';
import { loadCases } from './cases.ts';
import type { RetrievalCase } from './cases.ts';
import { loadCorpus } from './corpus.ts';
import { openScorer } from './modelScores.ts';
import { openOurs } from './ours.ts';
import type { Ours } from './ours.ts';
import { cutToBudget, recallOf } from './recall.ts';
import { summarise } from './summarise.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    cases: { type: 'string', default: '100' },
    seed: { type: 'string', default: '7' },
    /** Also lines whose names are all in sight of the cursor, which need no retrieval. */
    'all-lines': { type: 'boolean', default: false },
    /** Of the lines that are drawn, so many of each repository are measured. */
    first: { type: 'string', default: 'Infinity' },
    model: { type: 'string' },
    /** As of the commands; default: what an editor would be served with. */
    adapter: { type: 'string' },
    'prompt-tokens': { type: 'string', default: '1024' },
    ablations: { type: 'boolean', default: false },
    /** Comma-separated; default: all. */
    methods: { type: 'string' },
    threads: { type: 'string', default: '0' },
    /** What was measured is kept in this file, and the same command goes on where it was. */
    records: { type: 'string' },
    /** Stop asking after this time. */
    minutes: { type: 'string', default: 'Infinity' },
    out: { type: 'string' },
  },
});

const budgetChars = defaultRankOptions.maxChars;
const promptTokens = Number(values['prompt-tokens']);
const endMs = performance.now() + Number(values.minutes) * 60_000;
const scorer =
  values.model === undefined
    ? undefined
    : await openScorer(values.model, {
        adapter: values.adapter,
        maxPromptTokens: promptTokens,
        threads: Number(values.threads),
      });
const drawn = [values.cases, values.seed, values['all-lines'] ? 'all lines' : 'lines with new names'];
const setting = [...drawn, budgetChars, scorer?.name, scorer && promptTokens].join(', ');
const records = openRecords(values.records, setting);
try {
  for (const folder of positionals) await measureRepository(folder);
} finally {
  scorer?.dispose();
}
const isDone = performance.now() < endMs;
if (!isDone) console.error('The time is over; the same command goes on.');
const facts = { lines: drawn[2], model: scorer?.name, promptTokens: scorer && promptTokens, budgetChars };
const text = JSON.stringify({ ...facts, ...summarise(records.all) }, null, 2);
console.log(text);
if (isDone) {
  const resultsFolder = new URL('../results/', import.meta.url);
  mkdirSync(resultsFolder, { recursive: true });
  const name = scorer === undefined ? 'retrieval.json' : 'retrievalModel.json';
  writeFileSync(values.out ?? new URL(name, resultsFolder), `${text}\n`);
}

async function measureRepository(folder: string): Promise<void> {
  const repository = await openRepository(folder);
  if (repository === undefined) throw new Error(`${folder} is in no git repository.`);
  // Not `repository.name`, which mirrors may share.
  const repo = basename(repository.root);
  const { split, cases } = await loadCases(repository, Number(values.cases), Number(values.seed));
  const { methods, opened } = await openMethods(repository, split);
  try {
    const chosen = cases.filter(isWanted).slice(0, Number(values.first));
    for (const [i, each] of chosen.entries()) {
      for (const [name, method] of Object.entries(methods)) {
        if (performance.now() >= endMs) return;
        const key = { repo, caseId: each.id, method: name };
        if (!records.has(key)) records.add({ ...key, setting, ...(await measureCase(repo, method, each)) });
      }
      if ((i + 1) % 20 === 0) console.error(`${repo}: ${i + 1} of ${chosen.length} cases`);
    }
  } finally {
    for (const each of opened) each.dispose();
  }
  console.error(`${repo}: split ${split.slice(0, 12)}`);
}

function isWanted(each: RetrievalCase): boolean {
  return values['all-lines'] || recallOf(each, [], defaultRankOptions).nNew > 0;
}

async function openMethods(repository: Repository, split: string) {
  const corpus = await loadCorpus(repository, split);
  const ours = await openOurs(repository, split);
  const variants = values.ablations ? await openVariants(repository, split) : {};
  const methods: Record<string, Method> = {
    none: () => Promise.resolve([]),
    bm25Windows: bm25(windowsOf(corpus, 20, 10), 20, 0),
    jaccardWindows: jaccard(corpus),
    tabbyLike: bm25(charWindowsOf(corpus, 500), 20, 0),
    ours: ours.method(defaultRankOptions),
  };
  if (values.ablations) {
    for (const [name, options] of Object.entries(ablations())) methods[name] = ours.method(options);
    for (const [name, variant] of Object.entries(variants))
      methods[name] = variant.method(defaultRankOptions);
  }
  const wanted = values.methods?.split(',');
  const chosen = Object.entries(methods).filter(([name]) => wanted?.includes(name) !== false);
  return { methods: Object.fromEntries(chosen), opened: [ours, ...Object.values(variants)] };
}

async function measureCase(
  repoName: string,
  method: Method,
  each: RetrievalCase,
): Promise<Omit<CaseRecord, 'repo' | 'caseId' | 'method' | 'setting'>> {
  const startMs = performance.now();
  const snippets = cutToBudget(await method(each), budgetChars);
  const retrieveMs = performance.now() - startMs;
  const { nNew, nFound, nChars, hasLine } = recallOf(each, snippets, defaultRankOptions);
  const result = {
    ...(nNew === 0 ? {} : { recall: nFound / nNew }),
    line: Number(hasLine),
    retrieveMs,
    chars: nChars,
  };
  if (scorer === undefined) return result;
  const score = await scorer.score(repoName, each, snippets);
  const { editSimilarity: similarity, nPromptTokens, nll, ms, text: suggested } = score;
  const exact = Number(score.isExactMatch);
  const model = { exact, similarity, promptTokens: nPromptTokens, ms, text: suggested };
  return { ...result, model: nll === undefined ? model : { ...model, nll } };
}

/** Each part of ranking switched off on its own. */
function ablations(): Record<string, RankOptions> {
  const { legs } = defaultRankOptions;
  const without = (name: keyof typeof legs) => ({ ...defaultRankOptions, legs: { ...legs, [name]: 0 } });
  return {
    withoutNear: without('near'),
    withoutSymbols: without('symbols'),
    withoutRecent: without('recent'),
    withoutLexical: without('lexical'),
    withoutFollowing: { ...defaultRankOptions, nFollowingLines: 0 },
    withoutParts: { ...defaultRankOptions, partWeight: 0 },
    withoutFocus: { ...defaultRankOptions, nFocusLines: Infinity },
    withoutOwnImports: { ...defaultRankOptions, maxImportChars: 0 },
  };
}

/** Indexes that lack something. */
async function openVariants(repository: Repository, split: string): Promise<Record<string, Ours>> {
  const prose = ['*.md', '*.mdx', '*.markdown', '*.rst', '*.txt', '*.adoc'];
  return {
    withoutSyntax: await openOurs(repository, split, { hasSyntax: false }),
    withoutProse: await openOurs(repository, split, { settingGlobs: prose }),
  };
}
