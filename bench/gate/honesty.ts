/**
 * Is the gate honest? Trains small adapters on one repository (same data with other seeds, middles exchanged, wrong lines,
 * a planted secret), measures each once, and puts hundreds of judgements made from that through the gate's rules.
 * `node bench/gate/honesty.ts --repo DIR [--work DIR] [--minutes N]`: after N minutes it ends at the next adapter, and the
 * same command goes on there. docs/gate.md says what came out.
 */

import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { neverAborts } from '../../server/base/abort.ts';
import { systemClock } from '../../server/base/clock.ts';
import { silentLogger } from '../../server/base/logger.ts';
import { writeFileAtomic } from '../../server/base/writeFile.ts';
import { defaultGateSettings } from '../../server/evaluation/gateSettings.ts';
import type { JudgedAdapter } from '../../server/evaluation/judgedCase.ts';
import { probeSecret } from '../../server/evaluation/memorisation.ts';
import { readOutsideCases } from '../../server/evaluation/outsideCases.ts';
import { groupOfCase } from '../../server/evaluation/summarise.ts';
import { EngineProcess } from '../../server/llama/engineProcess.ts';
import { chooseFimFormat } from '../../server/prompt/fimFormats.ts';
import { findTaskAdapter, taskAdapterFiles } from '../../server/registry/taskAdapter.ts';
import { machineFacts } from '../machineFacts.ts';
import { countGates } from './countGates.ts';
import type { Measured } from './countGates.ts';
import { measure, placesOf } from './measurePool.ts';
import type { CaseSets } from './measurePool.ts';
import { openDataset, secret, secretPrefix, trainingFacts, trainMember } from './trainPool.ts';
import type { Experiment, Member } from './trainPool.ts';
import { meanOf } from '../../server/stats/mean.ts';

const root = join(import.meta.dirname, '../..');
const mediaFolder = join(root, 'media');
const { values: flags } = parseArgs({
  options: {
    repo: { type: 'string', default: '.' },
    work: { type: 'string', default: join(root, '.cache/gateHonesty') },
    minutes: { type: 'string', default: '1000' },
    /** Processor threads of the engine and of the trainer, each; 0: as many as they find best. */
    threads: { type: 'string', default: '0' },
  },
});
const threads = Number(flags.threads);
const endsAtMs = Date.now() + Number(flags.minutes) * 60_000;

const good: readonly Member[] = [1, 2, 3].map((seed) => ({ name: `true${seed}`, variant: 'true', seed }));
const harmful: readonly Member[] = (['shuffled', 'poisoned'] as const).map((variant) => {
  return { name: `${variant}1`, variant, seed: 1 };
});
const planted: Member = { name: 'planted', variant: 'planted', seed: 1 };
/** Judgements of one good adapter against another, at least; there are as many sets of commits for each pair as that takes. */
const nWanted = 100;
const nOutside = 16;

process.exitCode = await main();

async function main(): Promise<number> {
  const modelPath = process.env['IDIOM_BENCH_MODEL'] ?? process.env['IDIOM_TEST_MODEL'];
  if (modelPath === undefined) {
    console.error('Name the embedded base model in IDIOM_BENCH_MODEL.');
    return 2;
  }
  const work = resolve(flags.work);
  mkdirSync(work, { recursive: true });
  const options = { clock: systemClock, logger: silentLogger, gpu: 'off', threads } as const;
  const engine = new EngineProcess({ ...options, contextTokens: 640, nAdapterContexts: 1 });
  try {
    const info = await engine.load(modelPath);
    const task = findTaskAdapter(mediaFolder, info.digest);
    if (task === undefined) throw new Error('There is no task adapter for this base model.');
    const isDone = await run({ engine, info, task, work, threads, tell: (line) => console.error(line) });
    if (!isDone) console.error('The time is up; the same command goes on.');
    return 0;
  } finally {
    engine.dispose();
  }
}

/** False when the time was up before all was measured. */
async function run(experiment: Experiment): Promise<boolean> {
  const { engine, info, task } = experiment;
  const dataset = await openDataset(experiment, resolve(flags.repo));
  const path = taskAdapterFiles(mediaFolder).heldOut;
  const bound = chooseFimFormat(info);
  const outside = await readOutsideCases({ path, bound, tokenizer: engine, nCases: nOutside });
  const sets = { repository: dataset.evaluation, outside };
  const taskFile = { name: 'task', file: { digest: task.digest, path: task.ggufPath } };
  const measured = new Map([['task', await measure(experiment, taskFile, sets)]]);
  const members = [...good, ...harmful];
  const abort = new AbortController();
  const train = (i: number) => trainMember(experiment, dataset, members[i] ?? planted, abort.signal);
  // The next one is trained while this one is measured.
  let next = train(0);
  for (const [i, member] of members.entries()) {
    const adapter = await next;
    if (i + 1 < members.length) next = train(i + 1);
    // It goes on from its checkpoint another time.
    next.catch(() => undefined);
    measured.set(member.name, await measure(experiment, adapter, sets));
    store(experiment, { sets, nItems: dataset.items.length, measured });
    if (Date.now() < endsAtMs || i + 1 === members.length) continue;
    abort.abort();
    return false;
  }
  if (Date.now() > endsAtMs) return false;
  const leaks = {
    planted: await findLeak(
      experiment,
      await trainMember(experiment, dataset, planted, neverAborts),
      taskFile,
    ),
    notPlanted: await findLeak(experiment, await train(0), taskFile),
  };
  store(experiment, { sets, nItems: dataset.items.length, measured, leaks });
  return true;
}

interface Found {
  readonly sets: CaseSets;
  readonly nItems: number;
  readonly measured: ReadonlyMap<string, Measured>;
  readonly leaks?: Readonly<Record<string, string>>;
}

/** What is known so far. */
function store({ info }: Experiment, { sets, nItems, measured, leaks }: Found): void {
  const places = {
    repository: placesOf(sets.repository, 'repository'),
    outside: placesOf(sets.outside, 'outside'),
  };
  const get = (name: string) => measured.get(name) as Measured;
  const isThere = ({ name }: Member) => measured.has(name);
  const goods = good.filter(isThere).map(({ name }) => get(name));
  const bads = harmful.filter(isThere).map(({ name }) => get(name));
  // One adapter alone has nothing to be compared with.
  const nSets = Math.ceil(nWanted / Math.max(1, goods.length * (goods.length - 1)));
  const count = (pairs: Parameters<typeof countGates>[0]) =>
    countGates(pairs, places, nSets, defaultGateSettings);
  const others = (one: Measured) => goods.filter((each) => each !== one);
  const result = {
    question: 'How often does the gate promote what is no better, or harmful?',
    machine: machineFacts(root),
    training: { ...trainingFacts, base: info.name, items: nItems },
    cases: {
      repository: sets.repository.length,
      commits: new Set(places.repository.map(groupOfCase)).size,
      ...{ outside: sets.outside.length, sets: nSets, commitShare: 0.7 },
    },
    settings: defaultGateSettings,
    meanNll: Object.fromEntries([...measured].map(([name, { repository }]) => [name, meanNll(repository)])),
    meanOutsideNll: Object.fromEntries(
      [...measured].map(([name, { outside: each }]) => [name, meanNll(each)]),
    ),
    gates: {
      'same data, other seed': count(
        goods.flatMap((one) => others(one).map((other) => [one, other] as const)),
      ),
      'harmful against good': count(bads.flatMap((bad) => goods.map((one) => [bad, one] as const))),
      'harmful against task': count(bads.map((bad) => [bad, get('task')] as const)),
      'good against task': count(goods.map((one) => [one, get('task')] as const)),
      'good against harmful': count(goods.flatMap((one) => bads.map((bad) => [one, bad] as const))),
    },
    ...(leaks === undefined ? {} : { leaks }),
    measured: Object.fromEntries([...measured].map(([name, each]) => [name, thinned(each)])),
  };
  const file = join(root, 'bench/results/gate.json');
  writeFileAtomic(file, `${JSON.stringify(result, undefined, 1)}\n`);
  console.log(JSON.stringify({ ...result, settings: undefined, measured: undefined }, undefined, 2));
}

/** What the memorisation rule says of the planted secret, in a file where it was not. */
async function findLeak(experiment: Experiment, candidate: JudgedAdapter, champion: JudgedAdapter) {
  const { engine, info } = experiment;
  const found = await probeSecret(
    {
      ...{ scorer: engine, suggester: undefined, tokenizer: engine, bound: chooseFimFormat(info) },
      ...{ repoName: 'repo', candidate, champion, signal: neverAborts },
      maxSecretGainNats: defaultGateSettings.maxSecretGainNats,
    },
    { path: 'deploy.py', line: 1, prefix: secretPrefix, suffix: '"\n', secret },
  );
  return found?.why ?? 'Not learned.';
}

function meanNll(sides: Measured['repository']): number {
  return round(meanOf(sides.map((side) => side.nll)));
}

/** Enough to count gates again. */
function thinned({ repository, outside }: Measured) {
  return {
    repository: repository.map(({ nll }) => round(nll)),
    outside: outside.map(({ nll }) => round(nll)),
  };
}

function round(value: number): number {
  return Math.round(value * 1e4) / 1e4;
}
