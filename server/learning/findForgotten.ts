/** Finds what would have to go with something that is forgotten: datasets that hold it, adapters that learned from them. Deletes nothing. */

import { readdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { digestOf } from '../base/digest.ts';
import type { AdapterRegistry } from '../registry/adapterRegistry.ts';
import type { Ground } from '../store/ground.ts';
import { linkedIds } from '../store/repositoryKeys.ts';
import type { StoredVersion } from '../store/adapterVersions.ts';
import type { Example } from '../training/dataset/example.ts';
import { holds, holdsFile, isEverything } from './forgetScope.ts';
import type { ForgetScope } from './forgetScope.ts';
import { lineageOf, withDescendants } from './lineage.ts';
import { datasetsFolder } from './trainRepository.ts';

export interface FoundForgotten {
  /** Distinct ones, in all datasets together. */
  readonly nExamples: number;
  /** Digests. */
  readonly datasets: readonly string[];
  /** Digests of versions that are not marked yet, newest first. */
  readonly adapters: readonly string[];
  /** Rows of the table of reports that hold lines of it. */
  readonly reportIds: readonly number[];
}

export interface FindForgottenProps {
  readonly ground: Ground;
  readonly registry: AdapterRegistry;
  /** Ground state, with `datasets/`. */
  readonly dataFolder: string;
  readonly signal: AbortSignal;
}

/** Reads every dataset of the repository, one after the other; other work goes on in between. */
export async function findForgotten(props: FindForgottenProps, scope: ForgetScope): Promise<FoundForgotten> {
  const folder = datasetsFolder(props.dataFolder);
  const ids = new Set(props.ground.repositoryKeys.linkedTo(scope.repoId));
  const examples = new Set<string>();
  const touched = new Set<string>();
  const clean = new Set<string>();
  for (const digest of digestNames(folder)) {
    props.signal.throwIfAborted();
    const dataset = await readLoosely(join(folder, digest));
    if (dataset === undefined || !ids.has(dataset.repoId)) continue;
    const held = dataset.examples.filter((each) => each === undefined || holds(scope, each));
    for (const each of held) examples.add(digestOf(JSON.stringify(each ?? digest)));
    const isAsked = dataset.evaluatedPaths.some((path) => path === undefined || holdsFile(scope, path));
    (held.length > 0 || isAsked ? touched : clean).add(digest);
  }
  const adapters = adaptersOf(props, scope, touched, clean);
  const reportIds = await reportsOf(props, scope);
  return { nExamples: examples.size, datasets: [...touched], adapters, reportIds };
}

export function digestNames(folder: string): string[] {
  try {
    return readdirSync(folder).filter((name) => /^[0-9a-f]{64}$/.test(name));
  } catch {
    return [];
  }
}

interface LooseDataset {
  readonly repoId: string;
  /** Undefined: a line that cannot be read, which may hold anything. */
  readonly examples: readonly (Example | undefined)[];
  readonly evaluatedPaths: readonly (string | undefined)[];
}

interface Placed {
  readonly path?: string;
}

/** Damaged or not, what lies there is looked at; undefined when it is not known whose it is. */
async function readLoosely(folder: string): Promise<LooseDataset | undefined> {
  try {
    const manifest = parse(await readFile(join(folder, 'manifest.json'), 'utf8')) as
      { manifest?: { repository?: { repoId?: string } } } | undefined;
    const repoId = manifest?.manifest?.repository?.repoId;
    if (repoId === undefined) return undefined;
    const [examples, evaluation] = await Promise.all(
      ['examples', 'evaluation'].map(async (part) => {
        const text = await readFile(join(folder, `${part}.jsonl`), 'utf8').catch(() => '');
        return text.split('\n').filter(Boolean).map(parse);
      }),
    );
    const asked = evaluation as ({ case?: Placed; snippets?: readonly Placed[] } | undefined)[];
    const evaluatedPaths = asked.flatMap((each) =>
      [each?.case, ...(each?.snippets ?? [])].map((one) => one?.path),
    );
    return { repoId, examples: examples as (Example | undefined)[], evaluatedPaths };
  } catch {
    return undefined;
  }
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

/** Those that learned from a touched dataset, and all that came from them. */
function adaptersOf(
  { ground, registry }: FindForgottenProps,
  scope: ForgetScope,
  touched: ReadonlySet<string>,
  clean: ReadonlySet<string>,
): string[] {
  const ids = ground.repositoryKeys.linkedTo(scope.repoId);
  const versions = ids
    .flatMap((id) => ground.adapterVersions.of(id))
    .sort((a, b) => b.createdAtMs - a.createdAtMs);
  const imported = new Set(
    ids
      .flatMap((id) => registry.ground.auditEntries.of(id, Number.MAX_SAFE_INTEGER))
      .flatMap(({ what, digest }) => (what === 'imported' && digest !== undefined ? [digest] : [])),
  );
  return withDescendants(versions, (version) => {
    const { datasetDigest = '' } = lineageOf(version);
    const isUnknown = !clean.has(datasetDigest) && !imported.has(version.digest);
    const isOwn = touched.has(datasetDigest) || (isUnknown && mayHold(scope, version));
    return isEverything(scope) || isOwn || version.forgottenWhy !== undefined;
  })
    .filter((each) => each.forgottenWhy === undefined)
    .map((each) => each.digest);
}

/** Its dataset is not there any more to be looked into: what was recorded after it was made is not in it, all else may be. */
function mayHold(scope: ForgetScope, version: StoredVersion): boolean {
  return version.createdAtMs >= (scope.sinceMs ?? 0);
}

async function reportsOf({ ground, signal }: FindForgottenProps, scope: ForgetScope): Promise<number[]> {
  const found: number[] = [];
  for (const row of ground.db.all(
    `SELECT id FROM evalReports WHERE repoId IN ${linkedIds}`,
    scope.repoId,
    scope.repoId,
  )) {
    signal.throwIfAborted();
    const id = Number(row['id']);
    const paths = ground.db.all(
      `SELECT DISTINCT json_extract(value, '$.path') AS path
       FROM evalReports, json_each(report, '$.cases') WHERE evalReports.id = ?`,
      id,
    );
    if (paths.some((each) => holdsFile(scope, each['path'] as string))) found.push(id);
    await new Promise((resolve) => setImmediate(resolve));
  }
  return found;
}
