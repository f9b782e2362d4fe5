/** What can be chosen about an adapter and its training, with defaults; checks it, decides nothing. */

import { z } from 'zod';
import { loraModules } from './loraModules.ts';

/** Names as in PEFT's LoraConfig. https://huggingface.co/docs/peft/package_reference/lora */
export const loraOptionsSchema = z.strictObject({
  r: z.int().min(1).max(256).default(16),
  /** The delta weight is loraAlpha / r times loraB loraA. */
  loraAlpha: z.number().positive().default(32),
  targetModules: z
    .array(z.enum(loraModules))
    .min(1)
    .default([...loraModules]),
  /** Layers below carry no adapter, need no gradient, and their activations can be kept from one pass to the next. */
  firstLayer: z.int().min(0).default(0),
  /** Fraction of a module's inputs that its adapter does not see, drawn anew for each step. */
  dropout: z.number().min(0).max(0.9).default(0),
  seed: z.int().min(0).default(0),
});

export const optimiserOptionsSchema = z.strictObject({
  learningRate: z.number().positive().default(1e-3),
  beta1: z.number().min(0).max(0.9999).default(0.9),
  beta2: z.number().min(0).max(0.99999).default(0.999),
  epsilon: z.number().positive().default(1e-8),
  weightDecay: z.number().min(0).default(0),
  /** Steps over which the learning rate grows from 0. */
  warmupSteps: z.int().min(0).default(0),
  schedule: z.enum(['constant', 'linear', 'cosine']).default('constant'),
  /** Steps after which a falling learning rate has reached `finalFraction` of its height. */
  totalSteps: z.int().min(1).default(1000),
  finalFraction: z.number().min(0).max(1).default(0),
  /** Longest gradient, over all parameters; Infinity: any. */
  maxGradientNorm: z.number().positive().or(z.literal(Infinity)).default(1),
});

export type LoraOptions = z.infer<typeof loraOptionsSchema>;
export type OptimiserOptions = z.infer<typeof optimiserOptionsSchema>;
