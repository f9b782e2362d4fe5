/** Training here against PyTorch and PEFT: the same base model, initial adapter, examples and steps, a step of each in turn. */

import { readdirSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { describeModel } from '../../server/gguf/describeModel.ts';
import { readGgufHeader } from '../../server/gguf/readHeader.ts';
import type { Benchmark, BenchContext, BenchmarkResult, Figure } from '../benchmark.ts';
import { scaled } from '../benchmark.ts';
import { median, medianRatio } from '../measure.ts';
import { RawLlama } from '../rawLlama.ts';
import { findPython, startContender } from './contender.ts';
import type { StepLine, TrainingJob } from './trainingJob.ts';

const nMeasuredSteps = 6;
/** Steps that also build graphs and touch memory for the first time. */
const nFirstSteps = 1;
const nTokens = 512;
const nSequencesPerStep = 2;
const maxThreads = 8;
const half = { of: 'ratio', atMost: 0.5 } as const;
/** In nats per token; losses of the steps are between 1 and 3. */
const maxLossDifference = 0.02;

export const training: Benchmark = {
  name: 'training',
  question: 'How fast does Idiom train, in how much memory, against PyTorch and PEFT, step for step?',
  run,
};

interface Side {
  readonly name: string;
  readonly isPeft: boolean;
  readonly changes: Partial<TrainingJob>;
}

async function run(context: BenchContext): Promise<BenchmarkResult> {
  const python = findPython();
  const job = await createJob(context);
  const { nLayers } = describeModel(await readGgufHeader(context.modelPath));
  // As what is trained by default begins above the lowest quarter.
  const firstLayer = Math.floor(nLayers / 4);
  const own = (precision: 'float32' | 'int8', first: number): Side => ({
    name: precision,
    isPeft: false,
    changes: { precision, firstLayer: first },
  });
  const groups: readonly (readonly [string, readonly Side[]])[] = [
    ['all layers', [own('float32', 0), own('int8', 0)]],
    ['upper layers', [own('int8', firstLayer)]],
  ];
  const figures: Figure[] = [];
  for (const [name, sides] of groups) {
    const first = sides[0]?.changes.firstLayer ?? 0;
    const peft: Side = { name: 'PEFT', isPeft: true, changes: { firstLayer: first } };
    const lines = await measure(context, job, python, [...(python === undefined ? [] : [peft]), ...sides]);
    context.tell(`${name} are done`);
    for (const side of sides)
      figures.push(...figuresOf(`${name}, ${side.name}`, lines.get(side) ?? [], lines.get(peft)));
  }
  return {
    figures,
    remarks: remarksOf(python, firstLayer),
    input: { nSteps: job.nSteps, nSequencesPerStep, nTokens, threads: job.threads, r: job.r },
  };
}

function remarksOf(python: string | undefined, firstLayer: number): string[] {
  const missing =
    'There is no Python with torch, transformers, peft and gguf, so nothing was compared; IDIOM_BENCH_PYTHON names one.';
  return [
    ...(python === undefined
      ? [missing]
      : ['Reference: PyTorch and PEFT in float32, a step of each side in turn.']),
    `Adapters in all modules, logits at all positions; upper layers are those from ${firstLayer} on. Each step has ${nSequencesPerStep} sequences that no step before it had.`,
    'Time of the processor counts all threads; it says more than the clock on a busy machine.',
  ];
}

/** Lines of all steps by side. */
async function measure(
  { workFolder, tell }: BenchContext,
  job: TrainingJob,
  python: string | undefined,
  sides: readonly Side[],
): Promise<Map<Side, StepLine[]>> {
  const contenders = sides.map((side) => ({
    lines: [] as StepLine[],
    side,
    contender: startContender({
      name: `${side.name} ${side.changes.firstLayer ?? 0}`,
      python: side.isPeft ? python : undefined,
      job: { ...job, ...side.changes },
      folder: workFolder,
    }),
  }));
  try {
    for (let step = 0; step < job.nSteps; step++) {
      for (const { lines, contender } of contenders) lines.push(await contender.step());
      tell(`step ${step + 1} of ${job.nSteps}`);
    }
  } finally {
    await Promise.all(contenders.map(({ contender }) => contender.close()));
  }
  return new Map(contenders.map(({ side, lines }) => [side, lines]));
}

function figuresOf(
  name: string,
  ours: readonly StepLine[],
  theirs: readonly StepLine[] | undefined,
): Figure[] {
  const perToken = (what: 'wallMs' | 'cpuMs') => (line: StepLine) => line[what] / line.nTokens;
  const peak = (lines: readonly StepLine[]) => Math.max(...lines.map(({ peakMb }) => peakMb));
  const memory: Figure = { name: `${name}: memory`, measured: peak(ours), unit: 'MB' };
  const losses: Figure[] =
    theirs === undefined
      ? []
      : [
          {
            name: `${name}: loss, largest difference`,
            measured: Math.max(...ours.map(({ loss }, i) => Math.abs(loss - (theirs[i]?.loss ?? NaN)))),
            unit: 'nats/tok',
            budget: { of: 'measured', atMost: maxLossDifference },
          },
        ];
  return [
    timeFigure(`${name}: time`, ours, theirs, perToken('wallMs')),
    timeFigure(`${name}: processor`, ours, theirs, perToken('cpuMs')),
    theirs === undefined
      ? memory
      : { ...memory, reference: peak(theirs), ratio: peak(ours) / peak(theirs), budget: half },
    ...losses,
  ];
}

/** Of all steps but the first. */
function timeFigure(
  name: string,
  ours: readonly StepLine[],
  theirs: readonly StepLine[] | undefined,
  timeOf: (line: StepLine) => number,
): Figure {
  const measured = ours.slice(nFirstSteps).map(timeOf);
  const figure: Figure = { name, measured: median(measured), unit: 'ms/tok' };
  if (theirs === undefined) return figure;
  const reference = theirs.slice(nFirstSteps).map(timeOf);
  const pairs = measured.map((value, i) => ({ measured: value, reference: reference[i] ?? NaN }));
  return { ...figure, reference: median(reference), ratio: medianRatio(pairs), budget: half };
}

/** Windows of this repository's own code. */
async function createJob(context: BenchContext): Promise<TrainingJob> {
  const llama = await RawLlama.open(context.modelPath, 256);
  const text = readdirSync(join(context.root, 'server', 'llama'), { withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => readFileSync(join(parentPath, name), 'utf8'))
    .join('\n');
  const tokens = llama.tokenize(text);
  await llama.dispose();
  const windowTokens = nTokens + 1;
  const nSteps = nFirstSteps + scaled(context, nMeasuredSteps);
  const windowAt = (idx: number) => tokens.slice(idx * windowTokens, (idx + 1) * windowTokens);
  if (tokens.length < nSteps * nSequencesPerStep * windowTokens)
    throw new Error(`${tokens.length} tokens are too few for ${nSteps} steps.`);
  return {
    modelPath: context.modelPath,
    threads: Math.min(maxThreads, availableParallelism()),
    r: 16,
    loraAlpha: 32,
    learningRate: 1e-3,
    nSteps,
    steps: Array.from({ length: nSteps }, (_, step) =>
      Array.from({ length: nSequencesPerStep }, (_, i) => windowAt(step * nSequencesPerStep + i)),
    ),
    firstLayer: 0,
  };
}
