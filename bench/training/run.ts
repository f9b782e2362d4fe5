/**
 * Training here against PyTorch and PEFT: the same base model, initial adapter, examples and steps, in turn, each in a
 * process of its own. Usage: node bench/training/run.ts PYTHON [--model FILE.gguf] [--steps N] [--tokens N] [--threads N]
 */

import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { describeModel } from '../../server/gguf/describeModel.ts';
import { readGgufHeader } from '../../server/gguf/readHeader.ts';
import { machineFacts } from '../machineFacts.ts';
import { RawLlama } from '../rawLlama.ts';
import type { StepLine, TrainingJob } from './trainingJob.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    model: { type: 'string', default: process.env['IDIOM_TEST_MODEL'] ?? '' },
    steps: { type: 'string', default: '6' },
    tokens: { type: 'string', default: '512' },
    threads: { type: 'string', default: '2' },
    /** Write bench/results/training.json. */
    store: { type: 'boolean', default: false },
  },
});
const [python] = positionals;
if (python === undefined || values.model === '') {
  console.error('Usage: node bench/training/run.ts PYTHON [--model FILE.gguf] [--steps N] [--tokens N]');
  process.exit(2);
}

interface Contender {
  readonly name: string;
  readonly command: readonly string[];
  readonly changes: Partial<TrainingJob>;
}

const root = join(import.meta.dirname, '..', '..');
const own = [
  process.execPath,
  '--disable-warning=ExperimentalWarning',
  join(import.meta.dirname, 'trainOnce.ts'),
];
const peft = [python, join(import.meta.dirname, 'trainOnce.py')];
const { nLayers } = describeModel(await readGgufHeader(values.model));
const upperHalf = Math.floor(nLayers / 2);
const contenders: readonly Contender[] = [
  { name: 'PEFT', command: peft, changes: {} },
  { name: 'Idiom, float32', command: own, changes: { precision: 'float32' } },
  { name: 'Idiom, int8', command: own, changes: { precision: 'int8' } },
  { name: 'PEFT, upper half', command: peft, changes: { firstLayer: upperHalf } },
  { name: 'Idiom, int8, upper half', command: own, changes: { precision: 'int8', firstLayer: upperHalf } },
];

const facts = machineFacts(root);
const folder = mkdtempSync(join(tmpdir(), 'idiom-bench-training-'));
try {
  const job = await createJob();
  const rows = contenders.map((contender) => measure(contender, job));
  const [reference] = rows;
  for (const row of rows) {
    const faster = row.tokensPerSecond / (reference?.tokensPerSecond ?? NaN);
    const fasterByCpu = row.tokensPerCpuSecond / (reference?.tokensPerCpuSecond ?? NaN);
    const memory = row.peakMb / (reference?.peakMb ?? NaN);
    console.log(
      `${row.name.padEnd(24)} ${row.tokensPerSecond.toFixed(0).padStart(5)} tokens/s (${faster.toFixed(2)} x)` +
        `  ${row.tokensPerCpuSecond.toFixed(0).padStart(5)} per CPU second (${fasterByCpu.toFixed(2)} x)` +
        `  ${row.peakMb.toFixed(0).padStart(5)} MB (${memory.toFixed(2)} x)` +
        `  losses ${row.losses.map((loss) => loss.toFixed(3)).join(' ')}`,
    );
  }
  const result = { name: 'training', machine: facts, threads: Number(values.threads), rows };
  if (values.store)
    writeFileSync(join(root, 'bench/results/training.json'), `${JSON.stringify(result, undefined, 2)}\n`);
} finally {
  rmSync(folder, { recursive: true });
}

/** Windows of this repository's own code. */
async function createJob(): Promise<TrainingJob> {
  const nTokens = Number(values.tokens) + 1;
  const llama = await RawLlama.open(values.model, 256);
  const text = [
    'server/gguf/readHeader.ts',
    'server/retrieval/indexWriter.ts',
    'server/llama/engineProcess.ts',
  ]
    .map((path) => readFileSync(join(root, path), 'utf8'))
    .join('\n');
  const tokens = llama.tokenize(text);
  await llama.dispose();
  const nSequences = Math.min(3, Math.floor(tokens.length / nTokens));
  const sequences = Array.from({ length: nSequences }, (_, i) =>
    tokens.slice(i * nTokens, (i + 1) * nTokens),
  );
  return {
    modelPath: values.model,
    threads: Number(values.threads),
    r: 16,
    loraAlpha: 32,
    learningRate: 1e-3,
    nSteps: Number(values.steps),
    sequences,
    firstLayer: 0,
  };
}

/** The medians of all steps but the first round, in which sizes are met for the first time. */
function measure({ name, command, changes }: Contender, job: TrainingJob) {
  const path = join(folder, 'job.json');
  writeFileSync(path, JSON.stringify({ ...job, ...changes }));
  const [program = '', ...args] = command;
  const env = { ...process.env, OMP_NUM_THREADS: String(job.threads) };
  const output = execFileSync(program, [...args, path], {
    encoding: 'utf8',
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const lines = output
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as StepLine);
  const settled = lines.slice(Math.min(job.sequences.length, lines.length - 1));
  return {
    name,
    tokensPerSecond: median(settled.map(({ nTokens, wallMs }) => (nTokens / wallMs) * 1000)),
    tokensPerCpuSecond: median(settled.map(({ nTokens, cpuMs }) => (nTokens / cpuMs) * 1000)),
    peakMb: Math.max(...lines.map(({ peakMb }) => peakMb)),
    losses: lines.map(({ loss }) => loss),
  };
}

function median(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? NaN;
}
