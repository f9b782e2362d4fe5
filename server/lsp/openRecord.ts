/**
 * The record of outcomes as the daemon uses it. Where the database can't be used (read-only or full disk, made by a
 * newer Idiom), suggestions go on and nothing is recorded, and the status says why.
 */

import type { Clock } from '../base/clock.ts';
import type { Disposable } from '../base/disposable.ts';
import { describeError } from '../base/errors.ts';
import type { Logger } from '../base/logger.ts';
import type { Sighting } from '../git/sighting.ts';
import { identify, recognise } from '../registry/identifyRepository.ts';
import { openGround } from '../store/ground.ts';
import type { Ground } from '../store/ground.ts';
import { startRetention } from '../signals/retention.ts';
import { SignalRecorder } from '../signals/signalRecorder.ts';
import type { StoragePolicy } from '../signals/signalRecorder.ts';
import { TextWriter } from '../signals/textWriter.ts';
import { Choices } from './choices.ts';

export interface Consents {
  get(ref: string): 'allow' | 'deny' | 'unknown';
  set(ref: string, answer: 'allow' | 'deny'): void;
}

export interface OutcomeRecord extends Disposable {
  /** Why nothing is recorded, or what happened to the old record; undefined when all is well. A sentence. */
  readonly problem: string | undefined;
  /** Undefined where the database can't be used. */
  readonly ground: Ground | undefined;
  readonly consents: Consents;
  readonly choices: Choices;
  /** The id that records of a repository or folder stand under; one that is not trusted is known by its place alone. */
  identify(sighting: Sighting, isTrusted: boolean): string;
  createRecorder(policy: StoragePolicy, baseModelDigest: () => string): SignalRecorder;
  /** Deletes what is older, now and once a day. */
  retain(days: number): void;
}

export interface OpenRecordOptions {
  readonly path: string;
  readonly clock: Clock;
  readonly logger: Logger;
}

export function openRecord(options: OpenRecordOptions): OutcomeRecord {
  const { path, clock, logger } = options;
  const { ground, problem } = openOrExplain(options);
  const texts = new TextWriter(clock);
  const answers = new Map<string, 'allow' | 'deny'>();
  let retention: Disposable | undefined;
  if (problem !== undefined) logger.error('store', 'record', { path, problem });
  return {
    ...{ problem, ground },
    choices: new Choices(ground, clock),
    consents: {
      get: (ref) => ground?.consents.get(ref) ?? answers.get(ref) ?? 'unknown',
      set(ref, answer) {
        answers.set(ref, answer);
        try {
          ground?.consents.put(ref, answer, clock.nowMs());
        } catch (error) {
          logger.error('store', 'consent not stored', { error: describeError(error) });
        }
      },
    },
    identify: (sighting, isTrusted) => identifyIn(ground, sighting, isTrusted, options),
    createRecorder: (policy, baseModelDigest) =>
      new SignalRecorder({ ground, clock, logger, policy, baseModelDigest, texts }),
    retain(days) {
      retention?.dispose();
      if (ground !== undefined) retention = startRetention({ ground, clock, logger, retentionDays: days });
    },
    dispose() {
      retention?.dispose();
      // What the last editor left is written before the database closes.
      if (texts.isIdle) ground?.dispose();
      else void texts.written().finally(() => ground?.dispose());
    },
  };
}

function identifyIn(
  ground: Ground | undefined,
  sighting: Sighting,
  isTrusted: boolean,
  { clock, logger }: OpenRecordOptions,
): string {
  try {
    if (isTrusted)
      return ground === undefined ? sighting.computedId : identify(ground, sighting, clock.nowMs());
    return (ground && recognise(ground, sighting)) ?? sighting.pathId;
  } catch (error) {
    logger.warn('store', 'repository not identified', { error: describeError(error) });
    return isTrusted ? sighting.computedId : sighting.pathId;
  }
}

function openOrExplain(options: OpenRecordOptions): {
  ground: Ground | undefined;
  problem: string | undefined;
} {
  try {
    const { ground, setAside } = openGround(options.path, options.clock);
    const problem =
      setAside === undefined
        ? undefined
        : `The damaged record of outcomes was set aside as ${setAside}; a new one was begun.`;
    return { ground, problem };
  } catch (error) {
    return { ground: undefined, problem: `Nothing is recorded: ${describeError(error)}` };
  }
}
