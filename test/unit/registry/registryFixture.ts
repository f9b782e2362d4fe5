/** A registry over a database in memory and a folder of small adapters, each with a tensor of another name. */

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { EvalReport } from '../../../protocol/evalReport.ts';
import { ManualClock } from '../../../server/base/clock.ts';
import { digestFile } from '../../../server/base/digest.ts';
import { writeLoraGguf } from '../../../server/gguf/writeLora.ts';
import { createAdapterRegistry } from '../../../server/registry/adapterRegistry.ts';
import type { AdapterRegistry } from '../../../server/registry/adapterRegistry.ts';
import { storeAdapter } from '../../../server/registry/adapterStore.ts';
import type { StoredAdapter } from '../../../server/registry/adapterStore.ts';
import { openGround } from '../../../server/store/ground.ts';
import type { Ground } from '../../../server/store/ground.ts';

export const key = { repoId: 'repo', baseDigest: 'base-1' };
export const byPerson = { who: 'person', why: 'Asked for.' } as const;
export const byGate = { who: 'gate', why: 'It passed.' } as const;

export interface Fixture {
  readonly root: string;
  readonly ground: Ground;
  readonly clock: ManualClock;
  readonly registry: AdapterRegistry;
  /** Stores an adapter for a tensor named `text`, and adds it. @returns its digest. */
  train(text: string, changes?: Partial<StoredAdapter['lineage']>): Promise<string>;
  store(text: string, changes?: Partial<StoredAdapter['lineage']>): Promise<StoredAdapter>;
  /** Adds a report. */
  judge(candidate: string, verdict: EvalReport['verdict'], champion?: string): void;
  /** Of the log, newest first: `what digest`, the digest by the adapter's text. */
  told(): string[];
  /** Digest, "task" or "base" -> the adapter's text or the name. */
  nameOf(digest: string | undefined): string;
}

export async function withRegistry(
  body: (fixture: Fixture) => Promise<void> | void,
  options: { hasTask?: boolean; groundPath?: string } = {},
): Promise<void> {
  const root = mkdtempSync(join(tmpdir(), 'idiom-registry-'));
  const clock = new ManualClock(1000);
  const { ground } = openGround(options.groundPath ?? ':memory:', clock);
  const texts = new Map<string, string>();
  const store = async (text: string, changes: object = {}, folder = 'adapters') => {
    const staged = join(root, 'staged');
    mkdirSync(staged, { recursive: true });
    const path = join(staged, 'adapter.gguf');
    const weights = { loraA: Float32Array.of(1, 2), loraB: Float32Array.of(3, 4) };
    const pair = { baseTensor: text, nInputs: 2, nOutputs: 2, r: 1, ...weights };
    await writeLoraGguf(path, { architecture: 'llama', alpha: 1, type: 'F32', pairs: [pair] });
    writeFileSync(join(staged, 'adapter_config.json'), '{"r":16}');
    writeFileSync(join(staged, 'adapter_model.safetensors'), `tensors of ${text}`);
    texts.set(await digestFile(path), text);
    const made = { repoId: key.repoId, repoName: 'Repo', asOf: 'abc', baseDigest: key.baseDigest };
    const origin = { baseName: 'Tiny', datasetDigest: 'd', idiomVersion: '1', createdAtMs: clock.nowMs() };
    clock.advance(1);
    return storeAdapter(join(root, folder), staged, { ...made, ...origin, ...changes });
  };
  const task = options.hasTask === true ? await store('task', {}, 'media') : undefined;
  const registry = createAdapterRegistry({
    ...{ ground, clock, adaptersFolder: join(root, 'adapters') },
    taskAdapterOf: (digest) => (digest === key.baseDigest ? task : undefined),
  });
  const nameOf = (digest: string | undefined) => texts.get(digest ?? '') ?? digest ?? 'nothing';
  try {
    await body({
      ...{ root, ground, clock, registry, store, nameOf },
      async train(text, changes) {
        const adapter = await store(text, changes);
        registry.add(adapter, { who: 'policy', why: 'Enough examples.' });
        return adapter.digest;
      },
      judge: (candidate, verdict, champion = registry.champion(key)) =>
        registry.addReport(key.repoId, report(candidate, champion, verdict)),
      told: () =>
        ground.auditEntries.of(key.repoId, 100).map((entry) => `${entry.what} ${nameOf(entry.digest)}`),
    });
  } finally {
    ground.dispose();
    rmSync(root, { recursive: true, force: true });
  }
}

export function report(candidate: string, champion: string, verdict: EvalReport['verdict']): EvalReport {
  const nll = { champion: 1.5, candidate: 1.4, mean: -0.1, low: -0.2, high: -0.05 };
  const rule = { rule: 'nll', holds: verdict === 'pass', reason: 'It is not measurably better.' };
  return {
    ...{
      version: 1,
      candidate,
      champion,
      baseDigest: key.baseDigest,
      createdAtMs: 1,
      durationMs: 1,
      verdict,
    },
    rules: [rule],
    sets: { repository: { nCases: 60, nll } },
    ...{ cases: [], regression: [], memorisation: { nProbes: 0, leaked: [] }, weaknesses: [], sizeBytes: 1 },
  };
}
