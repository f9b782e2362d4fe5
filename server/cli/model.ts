/** `idiom model`: which base model is used, which ones there are, and getting one. Loads none. */

import { statSync } from 'node:fs';
import { InvalidArgumentError } from 'commander';
import type { Command } from 'commander';
import { IdiomError } from '../base/errors.ts';
import { parseBaseModelRef } from '../llama/baseModelRef.ts';
import { probeMachine } from '../llama/probeMachine.ts';
import { fitOf, modelsForMachine, recommendedModels } from '../llama/recommended.ts';
import type { Fit, Machine, RecommendedModel } from '../llama/recommended.ts';
import { findModel, resolveBaseModel } from '../llama/resolveBaseModel.ts';
import type { Resolved } from '../llama/resolveBaseModel.ts';
import type { CliContext } from './cliContext.ts';
import { showProgress } from './showProgress.ts';
import type { Progress } from './showProgress.ts';

interface Flags {
  readonly baseModel: string;
  readonly json?: boolean;
}

type Probe = () => Promise<Machine>;

const fits: Readonly<Record<Fit, string>> = {
  good: 'fits this machine',
  slow: 'slow on this machine',
  tooLarge: 'too large for this machine',
};

export function registerModel(program: Command, context: CliContext, probe: Probe = probeMachine): void {
  const model = program
    .command('model')
    .description('show which base model is used and where it lies')
    .option('--base-model <ref>', 'as in the setting idiom.baseModel', checkedRef, 'auto')
    .option('--json', 'answer as JSON')
    .action((flags: Flags) => show(context, probe, flags));
  model
    .command('list')
    .description('list recommended base models with size, licence, and how they fit this machine')
    .option('--json', 'answer as JSON')
    .action((_flags, command: Command) => list(context, probe, command.optsWithGlobals<Flags>()));
  model
    .command('get')
    .description('download a base model; what was downloaded before is resumed')
    .argument('<ref>', 'auto, embedded or hf:owner/repo/file.gguf', checkedRef)
    .option('--json', 'answer as JSON')
    .action((ref: string, _flags, command: Command) =>
      get(context, probe, ref, command.optsWithGlobals<Flags>()),
    );
}

async function show(context: CliContext, probe: Probe, flags: Flags): Promise<void> {
  const found = await resolve(context, probe, flags.baseModel, 'ask');
  if (found.kind === 'ready') {
    const sizeBytes = statSync(found.path).size;
    const { ref, path, offer } = found;
    if (flags.json === true) {
      return context.write(JSON.stringify({ ref, path, sizeBytes, isHere: true, better: offer?.ref }));
    }
    context.write(`${nameOf(ref)} (${megabytes(sizeBytes)}): ${path}`);
    if (offer === undefined) return;
    context.write(`${offer.name} would suit this machine better; get it with: idiom model get ${offer.ref}`);
    return;
  }
  const { ref, name, sizeBytes, licence, source } = found.offer;
  if (flags.json === true)
    return context.write(JSON.stringify({ ref, name, sizeBytes, licence, source, isHere: false }));
  const size = sizeBytes === 0 ? '' : `${megabytes(sizeBytes)}, `;
  context.write(`${name} (${size}${licence}, from ${source}) is not on this machine yet.`);
  context.write(`Get it with: idiom model get ${ref}`);
}

async function list(context: CliContext, probe: Probe, flags: Flags): Promise<void> {
  const machine = await probe();
  const chosen = modelsForMachine(machine)[0];
  const rows = recommendedModels.map((model) => describeRow(model, machine, context.modelsDir));
  if (flags.json === true) {
    return context.write(JSON.stringify({ machine, auto: chosen?.ref, models: rows }));
  }
  for (const row of rows) {
    const marks = [fits[row.fit], ...(row.path === undefined ? [] : ['downloaded'])];
    const size = megabytes(row.sizeBytes).padStart(7);
    context.write(`${row.name.padEnd(19)} ${size}  ${row.licence.padEnd(11)} ${marks.join(', ')}`);
    context.write(`  ${row.ref}`);
  }
  const gpu =
    machine.gpuMemoryBytes > 0 ? `, ${machine.device} GPU with ${gigabytes(machine.gpuMemoryBytes)}` : '';
  context.write(
    `\nThis machine: ${machine.nPhysicalCores} cores, ${gigabytes(machine.memoryBytes)} memory${gpu}; auto means ${chosen?.name ?? 'none'}.`,
  );
}

async function get(context: CliContext, probe: Probe, ref: string, flags: Flags): Promise<void> {
  const progress = showProgress({
    isTerminal: process.stderr.isTTY,
    write: (text) => void process.stderr.write(text),
    nowMs: () => context.nowMs(),
  });
  try {
    const found = await resolve(context, probe, ref, 'always', progress);
    if (found.kind !== 'ready') throw new IdiomError('internal', 'The download did not begin.');
    progress.done();
    const sizeBytes = statSync(found.path).size;
    if (flags.json === true) context.write(JSON.stringify({ ref: found.ref, path: found.path, sizeBytes }));
    else context.write(`${nameOf(found.ref)} (${megabytes(sizeBytes)}): ${found.path}`);
  } finally {
    progress.done();
  }
}

function resolve(
  context: CliContext,
  probe: Probe,
  ref: string,
  downloads: 'ask' | 'always',
  progress?: Progress,
): Promise<Resolved> {
  return resolveBaseModel({
    ref,
    downloads,
    modelsDir: context.modelsDir,
    consent: () => 'unknown',
    onProgress: (state) => progress?.download(state),
    signal: context.signal,
    env: context.env,
    machine: probe,
  });
}

function describeRow(model: RecommendedModel, machine: Machine, modelsDir: string) {
  const { name, ref, sizeBytes, licence, source } = model;
  return {
    name,
    ref,
    sizeBytes,
    licence,
    source,
    fit: fitOf(model, machine),
    path: findModel(ref, modelsDir),
  };
}

function nameOf(ref: string): string {
  return recommendedModels.find((model) => model.ref === ref)?.name ?? ref;
}

function checkedRef(text: string): string {
  try {
    parseBaseModelRef(text);
    return text;
  } catch (error) {
    throw new InvalidArgumentError(error instanceof IdiomError ? error.sentence : String(error));
  }
}

function megabytes(sizeBytes: number): string {
  return `${Math.round(sizeBytes / 1e6)} MB`;
}

function gigabytes(sizeBytes: number): string {
  return `${(sizeBytes / 1e9).toFixed(0)} GB`;
}
