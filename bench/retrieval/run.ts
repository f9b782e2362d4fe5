/**
 * Measures retrieval on local repositories: lines that their newest commits added, retrieved from the tree before all of
 * those commits. `node bench/retrieval/run.ts [--cases N] [--model FILE.gguf] [--ablations] REPOSITORY...`
 * Without a model: recall of identifiers and latency. With one: exact match and edit similarity too.
 */

import { mkdirSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { seededRandom } from '../../server/base/random.ts';
import { openRepository } from '../../server/git/repository.ts';
import type { Repository } from '../../server/git/repository.ts';
import { defaultRankOptions } from '../../server/retrieval/rankOptions.ts';
import type { RankOptions } from '../../server/retrieval/rankOptions.ts';
import { pairedBootstrap } from '../../server/stats/pairedBootstrap.ts';
import { bm25, charWindowsOf, jaccard, windowsOf } from './baselines.ts';
import type { Method } from './baselines.ts';
import { loadCases } from './cases.ts';
import { loadCorpus } from './corpus.ts';
import { openScorer } from './modelScores.ts';
import type { Scorer } from './modelScores.ts';
import { openOurs } from './ours.ts';
import type { Ours } from './ours.ts';
import { cutToBudget, recallOf } from './recall.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    cases: { type: 'string', default: '100' },
    seed: { type: 'string', default: '7' },
    model: { type: 'string' },
    'prompt-tokens': { type: 'string', default: '1024' },
    ablations: { type: 'boolean', default: false },
    /** Comma-separated; default: all. */
    methods: { type: 'string' },
    threads: { type: 'string', default: '0' },
    out: { type: 'string' },
  },
});

interface Result {
  readonly recall: number | undefined;
  readonly ms: number;
  readonly chars: number;
  readonly exact: number | undefined;
  readonly similarity: number | undefined;
  readonly snippetTokens: number | undefined;
}

const budgetChars = defaultRankOptions.maxChars;
const results = new Map<string, Result[]>();

const resultsFolder = new URL('../results/', import.meta.url);
mkdirSync(resultsFolder, { recursive: true });
for (const folder of positionals) {
  await measureRepository(folder);
  const text = JSON.stringify(summarise(), null, 2);
  writeFileSync(values.out ?? new URL('retrieval.json', resultsFolder), `${text}\n`);
  if (folder === positionals.at(-1)) console.log(text);
}

async function measureRepository(folder: string): Promise<void> {
  const repository = await openRepository(folder);
  if (repository === undefined) throw new Error(`${folder} is in no git repository.`);
  const { split, cases } = await loadCases(repository, Number(values.cases), Number(values.seed));
  const corpus = await loadCorpus(repository, split);
  const ours = await openOurs(repository, split);
  const variants = values.ablations ? await openVariants(repository, split) : {};
  const scorer =
    values.model === undefined
      ? undefined
      : await openScorer(values.model, repository.name, {
          maxPromptTokens: Number(values['prompt-tokens']),
          threads: Number(values.threads),
        });
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
  const wanted = values.methods?.split(',') ?? Object.keys(methods);
  try {
    for (const [i, each] of cases.entries()) {
      for (const [name, method] of Object.entries(methods)) {
        if (!wanted.includes(name)) continue;
        const measured = await measureCase(method, each, scorer);
        results.set(name, [...(results.get(name) ?? []), measured]);
      }
      if ((i + 1) % 20 === 0) console.error(`${repository.name}: ${i + 1} of ${cases.length} cases`);
    }
  } finally {
    scorer?.dispose();
    ours.dispose();
    for (const variant of Object.values(variants)) variant.dispose();
  }
  console.error(`${repository.name}: split ${split.slice(0, 12)}, ${cases.length} cases`);
}

async function measureCase(
  method: Method,
  each: Awaited<ReturnType<typeof loadCases>>['cases'][number],
  scorer: Scorer | undefined,
): Promise<Result> {
  const startMs = performance.now();
  const snippets = cutToBudget(await method(each), budgetChars);
  const ms = performance.now() - startMs;
  const { nNew, nFound, nChars } = recallOf(each, snippets, defaultRankOptions);
  const score = await scorer?.score(each, snippets);
  return {
    recall: nNew === 0 ? undefined : nFound / nNew,
    ms,
    chars: nChars,
    exact: score === undefined ? undefined : Number(score.isExactMatch),
    similarity: score?.editSimilarity,
    snippetTokens: score?.nSnippetTokens,
  };
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

function summarise() {
  const ours = results.get('ours') ?? [];
  const methods = [...results].map(([name, list]) => ({
    method: name,
    cases: list.length,
    recall: mean(list.map((each) => each.recall)),
    exactMatch: mean(list.map((each) => each.exact)),
    editSimilarity: mean(list.map((each) => each.similarity)),
    snippetChars: mean(list.map((each) => each.chars)),
    snippetTokens: mean(list.map((each) => each.snippetTokens)),
    msP50: quantile(
      list.map((each) => each.ms),
      0.5,
    ),
    msP95: quantile(
      list.map((each) => each.ms),
      0.95,
    ),
    oursMinusThis: {
      recall: interval(ours, list, (each) => each.recall),
      exactMatch: interval(ours, list, (each) => each.exact),
      editSimilarity: interval(ours, list, (each) => each.similarity),
    },
  }));
  return { cases: ours.length, promptTokens: Number(values['prompt-tokens']), budgetChars, methods };
}

function interval(a: readonly Result[], b: readonly Result[], pick: (each: Result) => number | undefined) {
  const differences = a.flatMap((each, i) => {
    const mine = pick(each);
    const other = b[i] === undefined ? undefined : pick(b[i]);
    return mine === undefined || other === undefined ? [] : [mine - other];
  });
  if (differences.length === 0) return undefined;
  const { mean: middle, low, high } = pairedBootstrap(differences, { random: seededRandom(1) });
  return { mean: round(middle), low: round(low), high: round(high) };
}

function mean(numbers: readonly (number | undefined)[]): number | undefined {
  const known = numbers.filter((each) => each !== undefined);
  return known.length === 0 ? undefined : round(known.reduce((sum, each) => sum + each, 0) / known.length);
}

function quantile(numbers: readonly number[], share: number): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  return round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0);
}

function round(value: number): number {
  return Math.round(value * 10_000) / 10_000;
}
