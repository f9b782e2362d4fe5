/** Fills a ground database with a made-up past of a repository: suggestions, versions, reports, log. The same seed, the same past. */

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CaseResult, EvalReport } from '../../protocol/evalReport.ts';
import { digestOf } from '../../server/base/digest.ts';
import { seededRandom } from '../../server/base/random.ts';
import type { Random } from '../../server/base/random.ts';
import type { Ground } from '../../server/store/ground.ts';
import type { OutcomeKind } from '../../server/store/outcomes.ts';

export interface PastOptions {
  readonly repoId: string;
  readonly baseDigest: string;
  readonly nowMs: number;
  /** Over the last `nDays`. */
  readonly nSuggestions: number;
  readonly nDays: number;
  readonly nVersions: number;
  readonly nCasesPerReport: number;
  /** Where the versions' files would be; undefined: none are written, and the list says so. */
  readonly adaptersFolder?: string;
  /** Kept with each suggestion. */
  readonly nContextChars?: number;
}

const dayMs = 86_400_000;

/** @returns the digests of the versions, newest first. The newest is on trial, the next champion, the next previous. */
export function seedLearning(ground: Ground, options: PastOptions): string[] {
  const random = seededRandom(11);
  return ground.db.transaction(() => {
    const digests = seedVersions(ground, options, random);
    seedSuggestions(ground, options, digests, random);
    return digests;
  });
}

function seedVersions(ground: Ground, options: PastOptions, random: Random): string[] {
  const { repoId, baseDigest, nowMs, nVersions, nDays } = options;
  let champion = 'task';
  const digests: string[] = [];
  for (let index = 0; index < nVersions; index++) {
    const digest = digestOf(`version ${index}`);
    const createdAtMs = nowMs - ((nVersions - index) * nDays * dayMs) / (nVersions + 1);
    const isLast = index >= nVersions - 3;
    const hasPassed = isLast || random.next() < 0.5;
    const lineage = {
      ...{ version: 1, digest, repoId, repoName: 'shop', asOf: digestOf(`commit ${index}`).slice(0, 40) },
      ...{
        baseDigest,
        baseName: 'SmolLM2-135M',
        datasetDigest: digestOf(`dataset ${index}`),
        idiomVersion: '0.1.0',
      },
      ...(champion === 'task' ? {} : { parentDigest: champion }),
      createdAtMs,
      sources: {
        history: 400 + index * 20,
        snapshot: 220,
        accepted: 30 + index * 6,
        correction: 9 + index,
        replay: 96,
      },
      training: { nTokens: 180_000 + index * 400, nSteps: 210 + index, durationMs: 540_000 + index * 1000 },
    };
    ground.adapterVersions.add({
      ...{ digest, repoId, baseDigest, createdAtMs },
      sizeBytes: 9_800_000,
      lineage: JSON.stringify(lineage),
    });
    writeFiles(options.adaptersFolder, digest);
    if (index >= nVersions - nWithCurves) seedTraining(ground, { repoId, digest, atMs: createdAtMs }, random);
    ground.evalReports.add(repoId, reportOf({ digest, champion, hasPassed, createdAtMs }, options, random));
    logVersion(ground, repoId, { digest, hasPassed, atMs: createdAtMs });
    if (hasPassed && index < nVersions - 1) champion = digest;
    digests.unshift(digest);
  }
  for (const [place, alias] of (['canary', 'champion', 'previous'] as const).entries())
    if (digests[place] !== undefined)
      ground.adapterAliases.set({ repoId, baseDigest, alias }, digests[place], nowMs);
  return digests;
}

const nWithCurves = 14;

/** A training of a quarter of an hour: losses that fall, and validation losses that fall less. */
function seedTraining(
  { trainingRuns }: Ground,
  { repoId, digest, atMs }: { readonly repoId: string; readonly digest: string; readonly atMs: number },
  random: Random,
): void {
  const nSteps = 180 + random.int(60);
  const [first, floor] = [1.9 + random.next() * 0.2, 1.02 + random.next() * 0.12];
  const at = (step: number) => floor + (first - floor) * Math.exp(-step / 40);
  trainingRuns.addCost({ id: `plan ${digest}`, repoId, atMs, cpuMs: 1_500_000 + random.int(200_000) });
  trainingRuns.setCurve(`plan ${digest}`, {
    ...{ digest, nSteps },
    losses: Array.from(
      { length: 120 },
      (_, index) => at((index * nSteps) / 119) + (random.next() - 0.5) * 0.16,
    ),
    validation: [0, 0.25, 0.5, 0.75, 1].map((share) => ({
      step: Math.round(share * nSteps),
      nll: 1.55 - 0.16 * (1 - Math.exp(-3 * share)) + (random.next() - 0.5) * 0.02,
    })),
  });
}

function writeFiles(adaptersFolder: string | undefined, digest: string): void {
  if (adaptersFolder === undefined) return;
  mkdirSync(join(adaptersFolder, digest), { recursive: true });
  writeFileSync(join(adaptersFolder, digest, 'adapter.gguf'), 'made up');
}

interface Judged {
  readonly digest: string;
  readonly champion: string;
  readonly hasPassed: boolean;
  readonly createdAtMs: number;
}

function logVersion(
  { auditEntries }: Ground,
  repoId: string,
  { digest, hasPassed, atMs }: Pick<Judged, 'digest' | 'hasPassed'> & { readonly atMs: number },
): void {
  auditEntries.add({
    repoId,
    atMs: atMs - 1000,
    who: 'policy',
    what: 'trained',
    digest,
    why: 'There were 60 new examples.',
  });
  const why = hasPassed
    ? 'All rules hold: 0.081 nats per token better on 120 held-out cases.'
    : 'It is not measurably better: the interval reaches from -0.041 to +0.018.';
  auditEntries.add({ repoId, atMs, who: 'gate', what: hasPassed ? 'promoted' : 'refused', digest, why });
}

function reportOf(
  { digest, champion, hasPassed, createdAtMs }: Judged,
  options: PastOptions,
  random: Random,
): EvalReport {
  const mean = hasPassed ? -0.05 - random.next() * 0.08 : 0.01 - random.next() * 0.03;
  const nll = { champion: 1.392, candidate: 1.392 + mean, mean, low: mean - 0.035, high: mean + 0.035 };
  const exact = { champion: 0.19, candidate: hasPassed ? 0.232 : 0.188, mean: hasPassed ? 0.042 : -0.002 };
  const exactMatch = {
    ...exact,
    low: exact.mean - 0.03,
    high: exact.mean + 0.03,
    onlyChampion: 4,
    onlyCandidate: 9,
    mcnemarP: 0.267,
  };
  const outside = { champion: 1.511, candidate: 1.517, mean: 0.006, low: -0.004, high: 0.016 };
  return {
    ...{
      version: 1,
      candidate: digest,
      champion,
      baseDigest: options.baseDigest,
      createdAtMs,
      durationMs: 95_000,
    },
    verdict: hasPassed ? 'pass' : 'refuse',
    rules: rulesOf(hasPassed, mean),
    sets: {
      repository: { nCases: 120, nll, exactMatch },
      frozen: { nCases: 60, nll },
      outside: { nCases: 60, nll: outside },
    },
    cases: Array.from({ length: options.nCasesPerReport }, (_, index) => caseOf(index, random)),
    regression: [],
    memorisation: { nProbes: 12, leaked: [] },
    weaknesses: [{ by: 'folder', name: 'src/api', nCases: 14, nWorse: 9, meanNllChange: 0.08 }],
    sizeBytes: 9_800_000,
  };
}

function rulesOf(hasPassed: boolean, mean: number): EvalReport['rules'] {
  const better = hasPassed
    ? `It is ${(-mean).toFixed(3)} nats per token better than the champion on 120 held-out cases, surely above zero.`
    : 'It is not measurably better than the champion: the 95 % interval of the change reaches above zero.';
  return [
    { rule: 'enoughCases', holds: true, reason: 'There are 120 cases; at least 40 are needed.' },
    { rule: 'nll', holds: hasPassed, reason: better },
    {
      rule: 'exactMatch',
      holds: true,
      reason: 'It completes as many first lines exactly, within a margin of 3 %.',
    },
    {
      rule: 'outside',
      holds: true,
      reason: 'On other repositories it is 0.4 % worse; at most 2 % is allowed.',
    },
    {
      rule: 'memorisation',
      holds: true,
      reason: 'It writes none of the 12 secrets that it was probed with.',
    },
    { rule: 'latency', holds: true, reason: 'A request takes 1.02 of the time; at most 1.15 is allowed.' },
  ];
}

/** before, middle, what the champion and what the candidate wrote */
const lines = [
  [
    'export function total(basket: Basket): number {\n  ',
    'return basket.items.reduce((sum, item) => sum + item.priceCents * item.quantity, 0);',
    'return basket.items.length;',
    'return basket.items.reduce((sum, item) => sum + item.priceCents, 0);',
  ],
  [
    'const customer = await customers.find(id);\n',
    "if (customer === undefined) throw new NotFound('customer', id);",
    'if (!customer) return null;',
    "if (customer === undefined) throw new NotFound('customer', id);",
  ],
  [
    'for (const order of orders) {\n  ',
    'await queue.add({ kind: "ship", orderId: order.id });',
    'console.log(order);',
    'await queue.add({ orderId: order.id });',
  ],
  [
    'const delivery = ',
    'deliveryCents(basket, customer.country);',
    'deliveryCents(basket);',
    'deliveryCents(basket, customer.country);',
  ],
  ['import { Basket } from ', "'./basket.ts';", "'./basket.ts';", "'../basket.ts';"],
] as const;

function caseOf(index: number, random: Random): CaseResult {
  const [before, middle, old, now] = lines[index % lines.length] ?? lines[0];
  const side = (text: string, nll: number) => ({ nll, text, isExactMatch: text === middle, latencyMs: 310 });
  return {
    set: index % 3 === 2 ? 'frozen' : 'repository',
    path: `src/${['shop', 'api', 'orders'][index % 3]}/${['basket', 'customers', 'queue', 'delivery'][index % 4]}.ts`,
    languageId: 'typescript',
    line: 8 + index * 3,
    commit: 'c0ffee',
    before,
    middle,
    champion: side(old, 1.2 + random.next()),
    candidate: side(now, 0.9 + random.next()),
  };
}

/** Share of each kind, in percent, while the first version serves and while the last does. */
const shares: readonly (readonly [OutcomeKind, number, number])[] = [
  ['accepted', 18, 48],
  ['partiallyAccepted', 8, 10],
  ['typedOut', 10, 9],
  ['ignored', 40, 20],
  ['rejected', 24, 13],
];

function seedSuggestions(
  ground: Ground,
  options: PastOptions,
  digests: readonly string[],
  random: Random,
): void {
  const { repoId, nowMs, nSuggestions, nDays } = options;
  const context = 'const x = 1;\n'.repeat(Math.ceil((options.nContextChars ?? 0) / 13));
  for (let index = 0; index < nSuggestions; index++) {
    const share = (index + 1) / nSuggestions;
    const atMs = nowMs - (1 - share) * nDays * dayMs;
    const id = `${digestOf(`suggestion ${index}`).slice(0, 32)}`;
    // Each of the last versions served for as long.
    const age = Math.floor((1 - share) * 10);
    const place = places[index % 11 > 6 ? 1 + (index % (places.length - 1)) : 0] ?? places[0];
    ground.suggestions.add({
      ...{
        id,
        repoId,
        uri: `file:///${place.path}`,
        ...place,
        atMs,
      },
      ...{ offset: 0, prefix: context, suffix: '', text: 'return sum;', isMultiline: false, snippets: [] },
      adapter: age > 6 ? 'task' : (digests[random.next() < 0.1 ? 0 : age < 4 ? 1 : 2] ?? 'task'),
      ...{ baseModel: options.baseDigest, route: 'local:champion+retrieval; It is the champion.' },
      latencyMs: latencyOf(random),
    });
    const kind = draw(share * place.luck, random);
    seedOutcome(ground, { id, atMs, kind }, random);
    ground.activityCounts.add(repoId, atMs, 'typedChars', 30 + random.int(50));
    if (random.next() < 0.2) ground.activityCounts.add(repoId, atMs, 'none:aborted', 1);
  }
}

/** `luck`: how well suggestions fit there. */
const places = [
  { path: 'src/shop/basket.ts', languageId: 'typescript', luck: 1 },
  { path: 'src/api/orders.ts', languageId: 'typescript', luck: 0.8 },
  { path: 'src/shop/basketView.tsx', languageId: 'typescriptreact', luck: 0.7 },
  { path: 'tests/basket.test.ts', languageId: 'typescript', luck: 1 },
  { path: 'scripts/import.py', languageId: 'python', luck: 0.4 },
  { path: 'README.md', languageId: 'markdown', luck: 0 },
] as const;

function latencyOf(random: Random): Record<string, number> {
  const long = 1 + random.next() ** 6 * 4;
  const [debounce, retrieve, prefill, decode] = [60 * long, 4.2 * long, 180 * long, 140 * long];
  return {
    debounce,
    retrieve,
    prefill,
    decode,
    filter: 0.4 * long,
    total: debounce + retrieve + prefill + decode,
  };
}

function draw(share: number, random: Random): OutcomeKind {
  let left = random.next() * 100;
  for (const [kind, first, last] of shares) {
    left -= first + (last - first) * share;
    if (left < 0) return kind;
  }
  return 'ignored';
}

interface Ended {
  readonly id: string;
  readonly atMs: number;
  readonly kind: OutcomeKind;
}

function seedOutcome({ outcomes, survivals }: Ground, { id, atMs, kind }: Ended, random: Random): void {
  const acceptedChars = kind === 'accepted' ? 12 + random.int(40) : kind === 'partiallyAccepted' ? 6 : 0;
  const times = { shownAtMs: atMs + 300, endedAtMs: atMs + 2000 };
  outcomes.put({
    suggestionId: id,
    kind,
    acceptedChars,
    isConfirmed: true,
    isExplicit: kind === 'rejected' && random.next() < 0.2,
    ...times,
  });
  if (acceptedChars === 0) return;
  const similarity = 0.6 + random.next() * 0.4;
  survivals.add({ suggestionId: id, afterS: 600, value: { similarity } });
}
