/** Brings the wanted base model into the engine: resolve, ask for consent, download, load. It stores no consent itself. */

import type { Disposable } from '../base/disposable.ts';
import { Emitter } from '../base/emitter.ts';
import { describeError, IdiomError, isAbort } from '../base/errors.ts';
import type { ErrorCode } from '../base/errors.ts';
import type { Logger } from '../base/logger.ts';
import { OpQueue } from '../base/opQueue.ts';
import type { Engine } from './engine.ts';
import type { Machine } from './recommended.ts';
import { resolveBaseModel } from './resolveBaseModel.ts';
import type { Consent, DownloadOffer, DownloadProgress, DownloadsSetting } from './resolveBaseModel.ts';

export type SupplyState =
  | { readonly kind: 'idle' }
  | { readonly kind: 'consentNeeded'; readonly offer: DownloadOffer }
  | ({ readonly kind: 'downloading' } & DownloadProgress)
  /** The file is there and the engine has it, or is loading it. */
  | {
      readonly kind: 'supplied';
      readonly path: string;
      /** A better one that the user may allow to be downloaded. */
      readonly offer?: DownloadOffer;
    }
  /** Sentences. */
  | {
      readonly kind: 'failed';
      readonly code: ErrorCode | undefined;
      readonly reason: string;
      readonly remedy: string | undefined;
    };

export interface BaseModelSupplyOptions {
  readonly engine: Engine;
  readonly modelsDir: string;
  readonly logger: Logger;
  readonly consents: {
    get(ref: string): Consent;
    set(ref: string, answer: 'allow' | 'deny'): void;
  };
  /** Says what the machine offers; disposed of with the supply. Default: an engine child is asked. */
  readonly probe?: Disposable & { machine(): Promise<Machine> };
  /** For tests. Default: resolveBaseModel. */
  readonly resolve?: typeof resolveBaseModel;
}

/** One wanted base model at a time; a newer wish cancels the older one's download. */
export class BaseModelSupply implements Disposable {
  readonly #options: BaseModelSupplyOptions;
  readonly #queue: OpQueue;
  readonly #states = new Emitter<SupplyState>();
  #state: SupplyState = { kind: 'idle' };
  #wish: { readonly ref: string; readonly downloads: DownloadsSetting } | undefined;
  #running = new AbortController();

  constructor(options: BaseModelSupplyOptions) {
    this.#options = options;
    this.#queue = new OpQueue((error) => this.#fail(error));
  }

  get state(): SupplyState {
    return this.#state;
  }

  onState(listener: (state: SupplyState) => void): Disposable {
    return this.#states.on(listener);
  }

  /** Wants this base model from now on; the same wish again changes nothing. */
  want(ref: string, downloads: DownloadsSetting): void {
    if (this.#wish?.ref === ref && this.#wish.downloads === downloads) return;
    this.#wish = { ref, downloads };
    this.retry(`want ${ref}`);
  }

  /** Stores the answer to an offer and goes on from there. */
  answer(ref: string, answer: 'allow' | 'deny'): void {
    this.#options.consents.set(ref, answer);
    this.retry('consent');
  }

  /** Resolves and loads again, for example after a failure that the user has mended. */
  retry(cause: string): void {
    this.#running.abort();
    this.#running = new AbortController();
    const { signal } = this.#running;
    this.#queue.request({ cause, run: () => this.#supply(signal) });
  }

  dispose(): void {
    this.#running.abort();
    this.#options.probe?.dispose();
  }

  async #supply(signal: AbortSignal): Promise<void> {
    if (this.#wish === undefined || signal.aborted) return;
    const { engine, modelsDir, consents, logger, probe } = this.#options;
    try {
      const found = await (this.#options.resolve ?? resolveBaseModel)({
        ref: this.#wish.ref,
        downloads: this.#wish.downloads,
        modelsDir,
        consent: (ref) => consents.get(ref),
        onProgress: (progress) => {
          if (!signal.aborted) this.#set({ kind: 'downloading', ...progress });
        },
        signal,
        ...(probe === undefined ? {} : { machine: () => probe.machine() }),
      });
      signal.throwIfAborted();
      if (found.kind === 'consentNeeded') return this.#set({ kind: 'consentNeeded', offer: found.offer });
      const { path, offer } = found;
      this.#set({ kind: 'supplied', path, ...(offer === undefined ? {} : { offer }) });
      await engine.load(path);
      logger.info('model', 'base model loaded', { path });
    } catch (error) {
      if (!isAbort(error) && !signal.aborted) this.#fail(error);
    }
  }

  #fail(error: unknown): void {
    this.#options.logger.error('model', 'no base model', { error: describeError(error) });
    const isExpected = error instanceof IdiomError;
    const reason = isExpected ? error.message : `The base model can't be used: ${describeError(error)}.`;
    const remedy = isExpected ? error.remedy : 'The log has the details.';
    this.#set({ kind: 'failed', code: isExpected ? error.code : undefined, reason, remedy });
  }

  #set(state: SupplyState): void {
    this.#state = state;
    this.#states.fire(state);
  }
}
