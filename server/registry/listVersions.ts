/** A repository's versions as a person sees them: lineage, aliases, verdict and what is wrong. */

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { StoredAliases } from '../store/adapterAliases.ts';
import type { StoredVersion } from '../store/adapterVersions.ts';
import type { ReportVerdict } from '../store/evalReports.ts';
import type { AdapterRegistry } from './adapterRegistry.ts';
import { ggufName } from './adapterStore.ts';

/** The shape of AdapterVersion in protocol/learning.ts, which explains its fields. */
export interface ListedVersion {
  readonly digest: string;
  readonly number: number;
  readonly createdAtMs: number;
  readonly baseName: string;
  readonly baseDigest: string;
  readonly parentDigest?: string;
  readonly datasetDigest: string;
  readonly asOf: string;
  readonly sources: Readonly<Record<string, number>>;
  readonly sizeBytes: number;
  readonly aliases: readonly (keyof StoredAliases)[];
  readonly verdict?: 'pass' | 'refuse';
  readonly notices: readonly string[];
  readonly training?: { readonly nTokens: number; readonly nSteps: number; readonly durationMs: number };
  readonly nllChange?: { readonly mean: number; readonly low: number; readonly high: number };
}

const lineageSchema = z.object({
  baseName: z.string(),
  parentDigest: z.string().optional(),
  datasetDigest: z.string(),
  asOf: z.string(),
  sources: z.record(z.string(), z.number()).catch({}),
  training: z
    .object({ nTokens: z.number(), nSteps: z.number(), durationMs: z.number() })
    .optional()
    .catch(undefined),
});

/** Reasons are read from whole reports, so only the newest versions tell theirs; any other one's report can be asked for. */
const nWithReasons = 20;

/** Of all base models, newest first. */
export function listVersions(registry: AdapterRegistry, repoId: string): ListedVersion[] {
  const { ground } = registry;
  const verdicts = new Map(ground.evalReports.verdictsOf(repoId).map((each) => [each.candidate, each]));
  const aliases = ground.adapterAliases.all().filter((alias) => alias.repoId === repoId);
  return ground.adapterVersions.of(repoId).map((version, place) => {
    const verdict = verdicts.get(version.digest);
    return {
      ...describe(version),
      aliases: aliases.filter(({ digest }) => digest === version.digest).map(({ alias }) => alias),
      notices: noticesOf(registry, version, place < nWithReasons ? verdict : undefined),
      ...(verdict === undefined ? {} : { verdict: verdict.verdict }),
      ...(verdict?.nllChange === undefined ? {} : { nllChange: verdict.nllChange }),
    };
  });
}

function describe(version: StoredVersion): Omit<ListedVersion, 'aliases' | 'notices'> {
  const lineage = lineageSchema.parse(JSON.parse(version.lineage));
  const { baseName, parentDigest, datasetDigest, asOf, sources, training } = lineage;
  const { digest, number, createdAtMs, baseDigest, sizeBytes } = version;
  return {
    ...{ digest, number, createdAtMs, baseName, baseDigest, datasetDigest, asOf, sources, sizeBytes },
    ...(parentDigest === undefined ? {} : { parentDigest }),
    ...(training === undefined ? {} : { training }),
  };
}

function noticesOf(
  { ground, adaptersFolder }: AdapterRegistry,
  { digest, forgottenWhy, collectedAtMs }: StoredVersion,
  verdict: ReportVerdict | undefined,
): string[] {
  const notices: string[] = [];
  if (forgottenWhy !== undefined) notices.push(forgottenWhy);
  if (collectedAtMs !== undefined) notices.push('Its files were deleted to save space.');
  else if (!existsSync(join(adaptersFolder, digest, ggufName))) notices.push('Its files are missing.');
  if (verdict?.verdict === 'refuse') notices.push(...ground.evalReports.refusalsOf(digest));
  return notices;
}
