/** What becomes of wishes for a base model, as scripts: what is asked of whom, and which states are told. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { IdiomError } from '../../../server/base/errors.ts';
import { silentLogger } from '../../../server/base/logger.ts';
import { BaseModelSupply } from '../../../server/llama/baseModelSupply.ts';
import type { SupplyState } from '../../../server/llama/baseModelSupply.ts';
import type { BaseModelInfo, Engine } from '../../../server/llama/engine.ts';
import type {
  Consent,
  DownloadOffer,
  ResolveOptions,
  Resolved,
} from '../../../server/llama/resolveBaseModel.ts';

/**
 * What resolving a reference comes to: it is here; a lesser one is, and it is offered itself until it is allowed; it is asked for until it is allowed; it is downloaded until the step
 * `arrives`; there is no such thing; or something that nobody expected is thrown.
 */
type Place = 'lesser' | 'here' | 'ask' | 'download' | 'missing' | 'bug';

type Step =
  | readonly ['want', ref: string, downloads?: 'ask' | 'never']
  | readonly ['answer', ref: string, answer: 'allow' | 'deny']
  | readonly ['retry']
  /** The download that runs gets on; also one that was cancelled, whose last word comes late. */
  | readonly ['progress']
  | readonly ['arrives']
  /** It arrives, and before anybody has noticed the wish is another. */
  | readonly ['arrivesThenWant', ref: string]
  | readonly ['now', ref: string, place: Place]
  | readonly ['dispose'];

interface Given {
  readonly places: Readonly<Record<string, Place>>;
  /** Files that the engine can't load. */
  readonly broken?: readonly string[];
}

/** `expected`: a line for each thing that happens, in order. */
function check(name: string, given: Given, steps: readonly Step[], expected: readonly string[]): void {
  test(name, async () => {
    const world = makeWorld(given);
    for (const step of steps) {
      world.act(step);
      await settled();
    }
    world.supply.dispose();
    await settled();
    assert.deepEqual(world.log, expected);
  });
}

/** Promises that can go on without the outside have gone on. */
function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

function makeWorld(given: Given) {
  const log: string[] = [];
  const places: Record<string, Place> = { ...given.places };
  const consents = new Map<string, Consent>();
  let progress: () => void = () => undefined;
  let arrive: () => void = () => undefined;
  async function resolve(options: ResolveOptions): Promise<Resolved> {
    const { ref, downloads, signal } = options;
    log.push(`resolve ${ref}${downloads === 'never' ? ', no downloads' : ''}`);
    const found = { kind: 'ready', path: `/${ref}`, ref } as const;
    switch (places[ref]) {
      case 'here':
        return found;
      case 'lesser':
        return options.consent(ref) === 'allow' ? found : { ...found, path: '/lesser', offer: offerOf(ref) };
      case 'missing':
        throw new IdiomError('modelMissing', `There is no ${ref}.`, { remedy: 'Choose another.' });
      case 'bug':
        throw new TypeError('x is undefined');
      case 'ask': {
        const consent = options.consent(ref);
        if (consent === 'unknown') return { kind: 'consentNeeded', offer: offerOf(ref) };
        if (consent === 'deny') throw new IdiomError('consentNeeded', `You did not allow ${ref}.`);
        return found;
      }
      default: {
        const arrived = Promise.withResolvers<void>();
        arrive = () => arrived.resolve();
        progress = () =>
          options.onProgress({ name: ref, stage: 'download', doneBytes: 1, totalBytes: 2, secondsLeft: 1 });
        const onAbort = () => {
          log.push(`cancelled ${ref}`);
          arrived.reject(signal.reason as Error);
        };
        signal.addEventListener('abort', onAbort);
        await arrived.promise.finally(() => signal.removeEventListener('abort', onAbort));
        return found;
      }
    }
  }
  const supply = new BaseModelSupply({
    engine: engineThatLogs(log, given.broken ?? []),
    modelsDir: '/models',
    logger: silentLogger,
    consents: {
      get: (ref) => consents.get(ref) ?? 'unknown',
      set: (ref, answer) => consents.set(ref, answer),
    },
    resolve,
  });
  supply.onState((state) => log.push(describe(state)));
  function act(step: Step): void {
    switch (step[0]) {
      case 'want':
        return supply.want(step[1], step[2] ?? 'ask');
      case 'answer':
        return supply.answer(step[1], step[2]);
      case 'retry':
        return supply.retry('test');
      case 'progress':
        return progress();
      case 'arrives':
        return arrive();
      case 'arrivesThenWant':
        arrive();
        return supply.want(step[1], 'ask');
      case 'now':
        places[step[1]] = step[2];
        return;
      case 'dispose':
        return supply.dispose();
    }
  }
  return { supply, log, act };
}

function engineThatLogs(log: string[], broken: readonly string[]): Engine {
  return {
    load(path: string) {
      log.push(`load ${path}`);
      return broken.includes(path)
        ? Promise.reject(new IdiomError('modelBroken', `${path} is broken.`, { remedy: 'Get it again.' }))
        : Promise.resolve({} as BaseModelInfo);
    },
  } as Engine;
}

function offerOf(ref: string): DownloadOffer {
  return { ref, name: ref, sizeBytes: 1, licence: 'MIT', source: 'a hub' };
}

function describe(state: SupplyState): string {
  switch (state.kind) {
    case 'idle':
      return '= idle';
    case 'consentNeeded':
      return `= asks for ${state.offer.ref}`;
    case 'downloading':
      return `= downloading ${state.name}`;
    case 'supplied':
      return `= supplied ${state.path}${state.offer === undefined ? '' : `, offers ${state.offer.ref}`}`;
    case 'failed':
      return `= failed (${state.code ?? 'unexpected'}) ${state.reason} ${state.remedy ?? ''}`.trim();
  }
}

check(
  'a model that is here',
  { places: { a: 'here' } },
  [['want', 'a']],
  ['resolve a', '= supplied /a', 'load /a'],
);

check(
  'the same wish again changes nothing, another setting for downloads does',
  { places: { a: 'here' } },
  [
    ['want', 'a'],
    ['want', 'a'],
    ['want', 'a', 'never'],
  ],
  ['resolve a', '= supplied /a', 'load /a', 'resolve a, no downloads', '= supplied /a', 'load /a'],
);

check('nothing is tried before there is a wish', { places: {} }, [['retry'], ['answer', 'a', 'allow']], []);

check(
  'a download, and its progress',
  { places: { a: 'download' } },
  [['want', 'a'], ['progress'], ['arrives']],
  ['resolve a', '= downloading a', '= supplied /a', 'load /a'],
);

check(
  'a newer wish cancels the download of the older one, whose late progress nobody hears',
  { places: { a: 'download', b: 'here' } },
  [['want', 'a'], ['progress'], ['want', 'b'], ['progress']],
  ['resolve a', '= downloading a', 'cancelled a', 'resolve b', '= supplied /b', 'load /b'],
);

check(
  'of several wishes while one is under way, the newest counts',
  { places: { a: 'download', b: 'here', c: 'here' } },
  [
    ['want', 'a'],
    ['want', 'b'],
    ['want', 'c'],
  ],
  [
    'resolve a',
    'cancelled a',
    'resolve b',
    '= supplied /b',
    'load /b',
    'resolve c',
    '= supplied /c',
    'load /c',
  ],
);

check(
  'consent: asked once, and allowed',
  { places: { a: 'ask' } },
  [
    ['want', 'a'],
    ['want', 'a'],
    ['answer', 'a', 'allow'],
  ],
  ['resolve a', '= asks for a', 'resolve a', '= supplied /a', 'load /a'],
);

check(
  'consent: denied, and given later',
  { places: { a: 'ask' } },
  [
    ['want', 'a'],
    ['answer', 'a', 'deny'],
    ['answer', 'a', 'allow'],
  ],
  [
    'resolve a',
    '= asks for a',
    'resolve a',
    '= failed (consentNeeded) You did not allow a.',
    'resolve a',
    '= supplied /a',
    'load /a',
  ],
);

check(
  'a better one is offered while a lesser one serves, and taken once it is allowed',
  { places: { a: 'lesser' } },
  [
    ['want', 'a'],
    ['answer', 'a', 'allow'],
  ],
  ['resolve a', '= supplied /lesser, offers a', 'load /lesser', 'resolve a', '= supplied /a', 'load /a'],
);

check(
  'a failure is told with its remedy, and mended by trying again',
  { places: { a: 'missing' } },
  [['want', 'a'], ['want', 'a'], ['now', 'a', 'here'], ['retry']],
  [
    'resolve a',
    '= failed (modelMissing) There is no a. Choose another.',
    'resolve a',
    '= supplied /a',
    'load /a',
  ],
);

check(
  'what nobody expected is told as a sentence too',
  { places: { a: 'bug' } },
  [['want', 'a']],
  [
    'resolve a',
    "= failed (unexpected) The base model can't be used: x is undefined. The log has the details.",
  ],
);

check(
  'a file that the engine refuses',
  { places: { a: 'here' }, broken: ['/a'] },
  [['want', 'a']],
  ['resolve a', '= supplied /a', 'load /a', '= failed (modelBroken) /a is broken. Get it again.'],
);

check(
  'an end amid a download is no failure',
  { places: { a: 'download' } },
  [['want', 'a'], ['dispose']],
  ['resolve a', 'cancelled a'],
);

check(
  'a model that arrives in the moment of a newer wish is not loaded',
  { places: { a: 'download', b: 'here' } },
  [
    ['want', 'a'],
    ['arrivesThenWant', 'b'],
  ],
  ['resolve a', 'cancelled a', 'resolve b', '= supplied /b', 'load /b'],
);
