/** What one training run of the benchmark is told and what it tells. */

/** Read by trainOnce.ts and trainOnce.py alike. */
export interface TrainingJob {
  readonly modelPath: string;
  readonly threads: number;
  readonly r: number;
  readonly loraAlpha: number;
  readonly learningRate: number;
  readonly nSteps: number;
  /** Token ids by step: each step trains on all of its sequences, PEFT on one at a time, as gradients are accumulated. */
  readonly steps: readonly (readonly (readonly number[])[])[];
  readonly firstLayer: number;
  readonly precision?: 'float32' | 'int8';
}

export interface StepLine {
  readonly loss: number;
  readonly nTokens: number;
  readonly wallMs: number;
  /** Of all threads. */
  readonly cpuMs: number;
  readonly peakMb: number;
}

/** Item i of each loraA before the first step, on both sides; loraB is zero. */
export function initialItem(i: number): number {
  return ((Math.imul(i + 1, 0x9e3779b1) >>> 0) / 2 ** 32 - 0.5) * 0.08;
}
