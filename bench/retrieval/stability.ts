/**
 * What keeping the earlier snippets costs and saves: a developer writes ten lines on, line by line; how often does the set
 * change (each change re-reads the whole prompt), and how many identifiers of the next line are still there?
 * `node bench/retrieval/stability.ts [--cases N] REPOSITORY...`
 */

import { mkdirSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { openRepository } from '../../server/git/repository.ts';
import { defaultRankOptions } from '../../server/retrieval/rankOptions.ts';
import type { Retrieved } from '../../server/retrieval/retrieveSnippets.ts';
import { createStableSnippets } from '../../server/retrieval/stableSnippets.ts';
import type { StableSnippets } from '../../server/retrieval/stableSnippets.ts';
import { loadCases } from './cases.ts';
import type { RetrievalCase } from './cases.ts';
import { openOurs } from './ours.ts';
import { recallOf } from './recall.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { cases: { type: 'string', default: '20' }, seed: { type: 'string', default: '7' } },
});
const keepShares = [1, 0.9, 0.8, 0.7, 0.6, 0.5, 0.3, 0];
const nLinesOn = 10;

interface Count {
  nSteps: number;
  nChanges: number;
  recall: number;
  nRecalls: number;
}

const counts = new Map<number, Count>(
  keepShares.map((share) => [share, { nSteps: 0, nChanges: 0, recall: 0, nRecalls: 0 }]),
);
for (const folder of positionals) {
  const repository = await openRepository(folder);
  if (repository === undefined) throw new Error(`${folder} is in no git repository.`);
  const { split, cases } = await loadCases(repository, Number(values.cases), Number(values.seed));
  const ours = await openOurs(repository, split);
  for (const each of cases) {
    const stables = keepShares.map((share) => ({ share, stable: createStableSnippets(share), last: '' }));
    for (const step of stepsOf(each)) {
      const found = await ours.retrieve(step, defaultRankOptions);
      for (const state of stables) observe(state, step, found);
    }
  }
  ours.dispose();
}
const table = [...counts].map(([keepShare, { nSteps, nChanges, recall, nRecalls }]) => ({
  keepShare,
  changesPerLine: Math.round((nChanges / nSteps) * 1000) / 1000,
  recall: Math.round((recall / nRecalls) * 1000) / 1000,
  nLines: nSteps,
}));
console.log(JSON.stringify(table, null, 2));
const resultsFolder = new URL('../results/', import.meta.url);
mkdirSync(resultsFolder, { recursive: true });
writeFileSync(new URL('retrievalStability.json', resultsFolder), `${JSON.stringify(table, null, 2)}\n`);

interface Keeping {
  readonly share: number;
  readonly stable: StableSnippets;
  /** The set of the line before. */
  last: string;
}

function observe(state: Keeping, step: RetrievalCase, found: Retrieved): void {
  const query = { path: step.path, languageId: '', prefix: step.prefix, suffix: step.suffix };
  const snippets = state.stable.choose(query, found);
  const key = snippets.map(({ path, startLine }) => `${path}:${startLine}`).join(' ');
  const count = counts.get(state.share) as Count;
  count.nSteps++;
  if (state.last !== '' && key !== state.last) count.nChanges++;
  state.last = key;
  const { nNew, nFound } = recallOf(step, snippets, defaultRankOptions);
  if (nNew === 0) return;
  count.recall += nFound / nNew;
  count.nRecalls++;
}

/** The case and the lines after it, each with the lines before it written. */
function stepsOf(each: RetrievalCase): RetrievalCase[] {
  const rest = each.suffix.replace(/^\n/, '').split('\n');
  const steps = [each];
  let prefix = `${each.prefix}${each.middle}`;
  for (let i = 0; i < nLinesOn && i < rest.length; i++) {
    const line = rest[i] as string;
    steps.push({ ...each, prefix: `${prefix}\n`, middle: line, suffix: `\n${rest.slice(i + 1).join('\n')}` });
    prefix += `\n${line}`;
  }
  return steps;
}
