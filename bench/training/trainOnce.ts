/** One side of the benchmark: `trainOnce.ts JOB.json` trains a step for each line that it is given and prints a JSON line. */

import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { createInterface } from 'node:readline';
import { readGgufHeader } from '../../server/gguf/readHeader.ts';
import { loraOptionsSchema, optimiserOptionsSchema } from '../../server/training/lora/loraOptions.ts';
import { RunFlag } from '../../server/training/lora/runFlag.ts';
import { createTrainer } from '../../server/training/lora/trainer.ts';
import { planThreads } from '../../server/training/run/planThreads.ts';
import type { StepLine, TrainingJob } from './trainingJob.ts';
import { initialItem } from './trainingJob.ts';

const [jobPath = ''] = process.argv.slice(2);
const job = JSON.parse(readFileSync(jobPath, 'utf8')) as TrainingJob;
const { r, loraAlpha, learningRate, threads, precision, firstLayer } = job;
const trainer = await createTrainer({
  base: await readGgufHeader(job.modelPath),
  lora: loraOptionsSchema.parse({ r, loraAlpha, firstLayer }),
  optimiser: optimiserOptionsSchema.parse({ learningRate }),
  onnx: { threads },
  workers: { threads: planThreads(threads, availableParallelism()), flag: new RunFlag() },
  ...(precision === undefined ? {} : { precision }),
});
const parameters = trainer.parameters.slice();
for (const { half, start, length } of trainer.layout.matrices)
  for (let i = 0; i < length; i++) parameters[start + i] = half === 'loraA' ? initialItem(i) : 0;
const zeros = new Float32Array(parameters.length);
trainer.restore({ step: 0, parameters, m: zeros, v: zeros });

let step = 0;
for await (const _ of createInterface({ input: process.stdin })) {
  const sequences = job.steps[step++] ?? [];
  const startMs = performance.now();
  const startCpu = process.cpuUsage();
  const { loss } = await trainer.step(
    sequences.map((tokens) => ({ tokens, lossWeights: tokens.map(() => 1) })),
  );
  const { user, system } = process.cpuUsage(startCpu);
  const line: StepLine = {
    loss,
    nTokens: sequences.reduce((sum, tokens) => sum + tokens.length - 1, 0),
    wallMs: performance.now() - startMs,
    cpuMs: (user + system) / 1000,
    peakMb: process.resourceUsage().maxRSS / 1024,
  };
  process.stdout.write(`${JSON.stringify(line)}\n`);
}
trainer.dispose();
