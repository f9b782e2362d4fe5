/** `idiom eval`: asks the gate whether one adapter is better than another on a repository, and stores what it said. */

import { existsSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Command } from 'commander';
import type { EvalReport } from '../../protocol/evalReport.ts';
import { systemClock } from '../base/clock.ts';
import { digestFile } from '../base/digest.ts';
import { IdiomError } from '../base/errors.ts';
import { defaultGateSettings } from '../evaluation/gateSettings.ts';
import type { JudgedAdapter } from '../evaluation/judgedCase.ts';
import type { Repository } from '../git/repository.ts';
import { judgeVersion } from '../learning/judgeVersion.ts';
import type { JudgeVersionProps } from '../learning/judgeVersion.ts';
import { datasetsFolder } from '../learning/trainRepository.ts';
import { checkAdapter } from '../llama/checkAdapter.ts';
import type { AdapterRegistry, RegistryKey } from '../registry/adapterRegistry.ts';
import { ggufName, readAdapter } from '../registry/adapterStore.ts';
import { createAdapterServer } from '../registry/serveAdapter.ts';
import type { CliContext } from './cliContext.ts';
import { openKnown } from './findRepo.ts';
import { describeReport } from './describeReport.ts';
import { storeReport } from './storeReport.ts';
import { wholeNumber } from './wholeNumber.ts';
import { withRegistry } from './withRegistry.ts';

interface EvalFlags {
  readonly against: string;
  readonly casesOf?: string;
  readonly evalCases: number;
  readonly baseModel: string;
  readonly getModel?: boolean;
  readonly json?: boolean;
}

type Candidate = JudgeVersionProps['candidate'] & { readonly datasetDigest: string | undefined };

const maxPromptTokens = 1024;
const maxNewTokens = 48;
const toldEveryMs = 5000;

export function registerEval(program: Command, context: CliContext): void {
  program
    .command('eval')
    .description(
      'judge an adapter on held-out lines against the version in use; exit code 3 when it is refused',
    )
    .argument('[candidate]', 'a digest, base, task, a GGUF file, or an exported folder (default: the newest)')
    .option('--against <name>', 'champion, task, base or a digest', 'champion')
    .option('--cases-of <digest>', 'the version whose held-out lines are asked (default: the candidate)')
    .option('--eval-cases <n>', 'held-out lines that are completed too', wholeNumber(0, 10_000), 48)
    .option('--base-model <ref>', 'auto, embedded, a GGUF file, hf:owner/repo/file or ollama:name', 'auto')
    .option('--get-model', 'download the base model if it is not here')
    .option('--json', 'answer as JSON')
    .action(async (name: string | undefined, flags: EvalFlags) => {
      const report = await evaluate(name, flags, context);
      if (flags.json === true) context.write(JSON.stringify(report));
      else for (const line of describeReport(report)) context.write(line);
      const broken = report.rules.filter((rule) => !rule.holds);
      if (report.verdict === 'refuse')
        throw new IdiomError(
          'gateRefused',
          `The gate refuses it: ${broken.map((rule) => rule.reason).join(' ')}`,
        );
    });
}

async function evaluate(
  name: string | undefined,
  flags: EvalFlags,
  context: CliContext,
): Promise<EvalReport> {
  const repo = await context.repo();
  const repository = await openKnown(repo);
  if (repository === undefined)
    throw new IdiomError('wrongUse', `${repo.root} is in no git repository, so nothing was held out.`, {
      remedy: 'Name a repository with --repo.',
    });
  const suggester = await context.openSuggester({
    baseModel: flags.baseModel,
    downloads: flags.getModel === true ? 'always' : 'never',
    ...{ maxPromptTokens, maxNewTokens, repo: undefined },
  });
  const { info, engine } = suggester;
  const key = { repoId: repository.repoId, baseDigest: info.digest };
  try {
    return await withRegistry(context, async (registry) => {
      const candidate = await findCandidate(name, registry, key);
      const champion = findNamed(flags.against, registry, key);
      for (const { file } of [candidate, champion])
        if (file !== undefined) await checkAdapter(file.path, info.path);
      if (candidate.name === champion.name)
        throw new IdiomError(
          'wrongUse',
          'That version serves already, so there is nothing to compare it with.',
          {
            remedy: 'Name another one, or what to compare it with: --against task, base or a digest.',
          },
        );
      const report = await judgeVersion({
        ...{ repository, info, engine, folders: context.folders, mediaFolder: context.mediaDir },
        ...{ candidate, champion, settings: defaultGateSettings, nCompleted: flags.evalCases },
        datasetDigest: findDataset(flags.casesOf, candidate, registry, { key, context }),
        ...{ maxPromptTokens, settingGlobs: [], clock: systemClock, logger: context.logger },
        onProgress: createTeller(context),
        signal: context.signal,
      });
      store(report, registry, repository);
      return report;
    });
  } finally {
    suggester.dispose();
  }
}

async function findCandidate(
  name: string | undefined,
  registry: AdapterRegistry,
  key: RegistryKey,
): Promise<Candidate> {
  const path = name === undefined ? '' : resolve(name);
  if (name !== undefined && /[./\\]/.test(name) && existsSync(path)) return candidateAt(path, key);
  const [newest] = registry.ground.adapterVersions.of(key.repoId, key.baseDigest);
  if (name === undefined && newest === undefined)
    throw new IdiomError('wrongUse', 'This repository has no adapter for this base model yet.', {
      remedy: 'Make one with "idiom train".',
    });
  const judged = findNamed(name ?? newest?.digest ?? '', registry, key);
  const version = registry.ground.adapterVersions.get(judged.name);
  return {
    ...judged,
    datasetDigest: version === undefined ? undefined : datasetOf(version.lineage),
  };
}

/** A GGUF file, or a folder as "idiom versions export" writes it. */
async function candidateAt(path: string, { baseDigest }: RegistryKey): Promise<Candidate> {
  const isFolder = statSync(path).isDirectory();
  const lineage = isFolder ? readAdapter(path).lineage : undefined;
  if (lineage !== undefined && lineage.baseDigest !== baseDigest)
    throw new IdiomError(
      'wrongUse',
      `The adapter in ${path} is for another base model, ${lineage.baseName}.`,
      {
        remedy: 'Name that one with --base-model.',
      },
    );
  const file = isFolder ? join(path, ggufName) : path;
  const digest = await digestFile(file);
  if (lineage !== undefined && lineage.digest !== digest)
    throw new IdiomError('adapterBroken', `The adapter in ${path} was changed after it was exported.`);
  return {
    ...{ name: digest, file: { digest, path: file } },
    datasetDigest: lineage?.datasetDigest,
  };
}

/** @throws IdiomError `wrongUse` for an unknown one or another base model's, `adapterBroken` for a damaged one. */
function findNamed(name: string, registry: AdapterRegistry, key: RegistryKey): JudgedAdapter {
  const server = createAdapterServer(registry);
  let wanted = name === 'champion' ? registry.champion(key) : name;
  if (wanted !== 'task' && wanted !== 'base') {
    const version = registry.find(key.repoId, wanted);
    if (version.baseDigest !== key.baseDigest)
      throw new IdiomError('wrongUse', `The adapter ${wanted} is for another base model.`, {
        remedy: 'Name that one with --base-model.',
      });
    wanted = version.digest;
  }
  const file = server.fileOf(key, wanted);
  if (file === 'damaged')
    throw new IdiomError(
      'adapterBroken',
      `The files of the adapter ${wanted.slice(0, 12)} are missing or were changed.`,
      {
        remedy: 'Name another one; "idiom versions" lists them.',
      },
    );
  return { name: wanted, file };
}

/** Of `--cases-of`, of the candidate, or of the newest version: the first whose dataset is on this machine. */
function findDataset(
  casesOf: string | undefined,
  candidate: Candidate,
  registry: AdapterRegistry,
  { key, context }: { readonly key: RegistryKey; readonly context: CliContext },
): string {
  const isHere = (digest: string | undefined): digest is string =>
    digest !== undefined && existsSync(join(datasetsFolder(context.folders.data), digest));
  const versions = registry.ground.adapterVersions.of(key.repoId, key.baseDigest);
  const wanted = casesOf === undefined ? undefined : registry.find(key.repoId, casesOf);
  const named = wanted === undefined ? candidate.datasetDigest : datasetOf(wanted.lineage);
  if (isHere(named)) return named;
  const other = versions.map((version) => datasetOf(version.lineage)).find(isHere);
  if (wanted !== undefined || other === undefined)
    throw new IdiomError('wrongUse', 'The held-out lines to judge it on are not on this machine.', {
      remedy: 'Train an adapter here with "idiom train", or name another version with --cases-of.',
    });
  context.remark(
    'It is judged on lines that the newest version held out; the candidate may have learned some.',
  );
  return other;
}

function datasetOf(lineage: string): string | undefined {
  return (JSON.parse(lineage) as { datasetDigest?: string }).datasetDigest;
}

/** Of a version that is known; a file's report is printed only. */
function store(report: EvalReport, registry: AdapterRegistry, { repoId }: Repository): void {
  if (registry.ground.adapterVersions.get(report.candidate)?.repoId !== repoId) return;
  storeReport(registry, repoId, report);
}

function createTeller(context: CliContext): (nDone: number, nAll: number) => void {
  let toldAtMs = -Infinity;
  return (nDone, nAll) => {
    if (context.nowMs() - toldAtMs < toldEveryMs) return;
    toldAtMs = context.nowMs();
    context.remark(`Judging: ${nDone} of ${nAll} cases`);
  };
}
