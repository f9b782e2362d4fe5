/** One status for all clients out of what the engine, the base model's supply and the requests are doing. */

import type { StatusParams } from '../../protocol/messages.ts';
import { DisposableStore, toDisposable } from '../base/disposable.ts';
import type { Disposable } from '../base/disposable.ts';
import { Emitter } from '../base/emitter.ts';
import type { Check } from '../doctor/examine.ts';
import type { BaseModelSupply, SupplyState } from '../llama/baseModelSupply.ts';
import { displayNameOf } from '../llama/recommended.ts';
import type { BaseModelInfo, Engine, EngineState } from '../llama/engine.ts';

export class StatusBoard implements Disposable {
  readonly #disposables = new DisposableStore();
  readonly #changes = new Emitter<StatusParams>();
  readonly #engine: Engine;
  readonly #supply: BaseModelSupply;
  readonly #record: { readonly problem: string | undefined };
  #nThinking = 0;
  /** Since the model is there nothing was answered: the first prompt has nothing in the caches. */
  #isFirst = true;
  #last: string | undefined;

  constructor(engine: Engine, supply: BaseModelSupply, record: { readonly problem: string | undefined }) {
    this.#engine = engine;
    this.#record = record;
    this.#supply = supply;
    this.#disposables.add(
      engine.onState(({ kind }) => {
        if (kind !== 'ready') this.#isFirst = true;
        this.#publish();
      }),
    );
    this.#disposables.add(supply.onState(() => this.#publish()));
  }

  get status(): StatusParams {
    const work = this.#nThinking === 0 ? 'none' : this.#isFirst ? 'first' : 'more';
    const status = describeStatus(this.#engine.state, this.#supply.state, work);
    const { problem } = this.#record;
    return problem === undefined ? status : { ...status, detail: `${status.detail} ${problem}` };
  }

  onChange(listener: (status: StatusParams) => void): Disposable {
    return this.#changes.on(listener);
  }

  /** Shows `thinking` until disposed. */
  think(): Disposable {
    this.#nThinking++;
    this.#publish();
    return toDisposable(() => {
      this.#nThinking--;
      if (this.#engine.state.kind === 'ready') this.#isFirst = false;
      this.#publish();
    });
  }

  dispose(): void {
    this.#disposables.dispose();
  }

  #publish(): void {
    const { status } = this;
    const text = JSON.stringify(status);
    if (text === this.#last) return;
    this.#last = text;
    this.#changes.fire(status);
  }
}

/** `first`: a suggestion is computed, and none was since the model is there. */
export type SuggestionWork = 'none' | 'first' | 'more';

/** The engine's fate comes first, then the supply's, since a missing model explains a stopped engine. */
export function describeStatus(engine: EngineState, supply: SupplyState, work: SuggestionWork): StatusParams {
  // A download that was declined, or is switched off, is no fault.
  if (supply.kind === 'failed') {
    const status = problem(supply.reason, supply.remedy);
    if (supply.code === 'consentNeeded') return { ...status, state: 'consentNeeded' };
    return supply.code === 'downloadFailed' ? { ...status, isDownloadFailed: true } : status;
  }
  if (supply.kind === 'consentNeeded') {
    const { name, sizeBytes, source } = supply.offer;
    return {
      state: 'consentNeeded',
      detail: `${name} (${Math.round(sizeBytes / 1e6)} MB, from ${source}) is not on this machine yet.`,
      remedy: 'Allow the download, or choose another base model.',
      download: supply.offer,
    };
  }
  if (supply.kind === 'downloading') {
    const progress = supply.totalBytes > 0 ? supply.doneBytes / supply.totalBytes : 0;
    const isUnpacking = supply.stage === 'unpack';
    const detail = `${isUnpacking ? 'Unpacking' : 'Downloading'} ${supply.name}.`;
    return {
      state: 'downloading',
      detail,
      progress,
      ...(isUnpacking ? { isUnpacking } : {}),
      ...(supply.secondsLeft === undefined ? {} : { secondsLeft: supply.secondsLeft }),
    };
  }
  switch (engine.kind) {
    case 'ready':
      return {
        state: work === 'none' ? 'ready' : 'thinking',
        detail: `${work === 'first' ? 'Reading the open file. ' : ''}${describeLoaded(engine.info)}`,
        baseModel: displayNameOf(engine.info),
        ...(supply.kind === 'supplied' && supply.offer !== undefined ? { download: supply.offer } : {}),
      };
    case 'restarting':
      return { state: 'recovering', detail: `${engine.reason} It starts again.` };
    case 'failed':
      return problem(engine.reason, engine.remedy);
    case 'loading':
      return { state: 'loading', detail: describeLoading(engine.progress), progress: engine.progress };
    case 'stopped':
      return { state: 'loading', detail: 'Starting: looking for the base model.' };
  }
}

/** Native code is started before the first byte is read, and takes a second on a busy machine. */
function describeLoading(progress: number): string {
  const percent = Math.floor(progress * 100);
  return percent === 0 ? 'Starting the engine.' : `Loading the base model, ${percent} %.`;
}

/** With what a person should know about how it was loaded, such as that the GPU could not be used. */
function describeLoaded(info: BaseModelInfo): string {
  const device = info.device === 'cpu' ? 'CPU' : `GPU (${info.device})`;
  return [`Model: ${displayNameOf(info)}, ${device}.`, info.notice]
    .filter((sentence) => sentence !== undefined)
    .join(' ');
}

function problem(detail: string, remedy: string | undefined): StatusParams {
  return remedy === undefined ? { state: 'error', detail } : { state: 'error', detail, remedy };
}

/** The base model as the doctor tells it. */
export async function describeSupply(engine: Engine, supply: BaseModelSupply): Promise<Check> {
  const { state, detail, remedy } = describeStatus(engine.state, supply.state, 'none');
  const isAsWished = engine.state.kind === 'ready' && engine.state.info.notice === undefined;
  const verdict = state === 'error' ? 'error' : state === 'ready' && isAsWished ? 'ok' : 'warning';
  const check = { name: 'base model', verdict, detail } as const;
  return remedy === undefined ? check : { ...check, remedy };
}
