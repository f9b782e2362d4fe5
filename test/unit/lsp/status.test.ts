/** What the status says for each state of the engine and of the base model's supply. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { toDisposable } from '../../../server/base/disposable.ts';
import { Emitter } from '../../../server/base/emitter.ts';
import type { BaseModelSupply, SupplyState } from '../../../server/llama/baseModelSupply.ts';
import type { BaseModelInfo, Engine, EngineState } from '../../../server/llama/engine.ts';
import { describeStatus, describeSupply, StatusBoard } from '../../../server/lsp/statusBoard.ts';
import type { SuggestionWork } from '../../../server/lsp/statusBoard.ts';

const info = { name: 'Tiny', device: 'cpu' } as BaseModelInfo;
const ready: EngineState = { kind: 'ready', info };
const stopped: EngineState = { kind: 'stopped' };
const supplied: SupplyState = { kind: 'supplied', path: '/m.gguf' };

function check(
  name: string,
  engine: EngineState,
  supply: SupplyState,
  expected: RegExp,
  work: SuggestionWork = 'none',
): void {
  test(name, () => {
    const status = describeStatus(engine, supply, work);
    assert.match(
      `${status.state}: ${status.detail} ${status.remedy ?? ''} ${status.progress ?? ''}`,
      expected,
    );
  });
}

check('ready', ready, supplied, /^ready: Model: Tiny, CPU\./);
check(
  'a GPU that could not be used',
  { kind: 'ready', info: { ...info, notice: 'The GPU could not be used, so the processor computes.' } },
  supplied,
  /^ready: Model: Tiny, CPU\. The GPU could not be used, so the processor computes\./,
);
check('the first suggestion', ready, supplied, /^thinking: Reading the open file\. Model: Tiny/, 'first');
check('thinking', ready, supplied, /^thinking: Model: Tiny/, 'more');
check('nothing known yet', stopped, { kind: 'idle' }, /^loading: Starting: looking/);
check('starting', { kind: 'loading', progress: 0 }, supplied, /^loading: Starting the engine\.  0$/);
check(
  'loading',
  { kind: 'loading', progress: 0.5 },
  supplied,
  /^loading: Loading the base model, 50 %\.  0\.5$/,
);
check(
  'a dead engine',
  { kind: 'restarting', reason: 'It died.', retryInMs: 1 },
  supplied,
  /^recovering: It died\./,
);
check(
  'an engine that gave up',
  { kind: 'failed', code: 'modelTooLarge', reason: 'Too large.', remedy: 'Choose a smaller one.' },
  supplied,
  /^error: Too large\. Choose a smaller one\./,
);
check(
  'a missing model explains a stopped engine',
  stopped,
  { kind: 'failed', code: 'modelMissing', reason: 'There is no file.', remedy: 'Choose one.' },
  /^error: There is no file\. Choose one\./,
);
check(
  'consent',
  stopped,
  {
    kind: 'consentNeeded',
    offer: { ref: 'embedded', name: 'Tiny', sizeBytes: 98_400_000, licence: 'Apache-2.0', source: 'a hub' },
  },
  /^consentNeeded: Tiny \(98 MB, from a hub\).*Allow/,
);
test('a better base model is offered while another serves, also while it thinks', () => {
  const offer = { ref: 'r', name: 'Big', sizeBytes: 1e9, licence: 'MIT', source: 'a hub' };
  for (const [work, state] of [
    ['none', 'ready'],
    ['more', 'thinking'],
  ] as const) {
    const status = describeStatus(ready, { kind: 'supplied', path: '/m.gguf', offer }, work);
    assert.deepEqual([status.state, status.download], [state, offer]);
  }
  assert.ok(!('download' in describeStatus(ready, supplied, 'none')));
});
check(
  'a download',
  stopped,
  { kind: 'downloading', name: 'Tiny', stage: 'download', doneBytes: 25, totalBytes: 100, secondsLeft: 3 },
  /^downloading: Downloading Tiny\.  0\.25$/,
);
check(
  'a download of unknown size',
  stopped,
  {
    kind: 'downloading',
    name: 'Tiny',
    stage: 'download',
    doneBytes: 25,
    totalBytes: 0,
    secondsLeft: undefined,
  },
  /^downloading: .* 0$/,
);
check(
  'unpacking what came',
  stopped,
  { kind: 'downloading', name: 'Tiny', stage: 'unpack', doneBytes: 50, totalBytes: 100, secondsLeft: 1 },
  /^downloading: Unpacking Tiny\.  0\.5$/,
);
test('only a failed download can be retried as one', () => {
  const failed = (code: 'downloadFailed' | 'modelBroken') =>
    describeStatus(stopped, { kind: 'failed', code, reason: 'No.', remedy: 'Try.' }, 'none').isDownloadFailed;
  assert.deepEqual([failed('downloadFailed'), failed('modelBroken')], [true, undefined]);
});
check(
  'a declined download is no fault',
  stopped,
  { kind: 'failed', code: 'consentNeeded', reason: 'It was declined.', remedy: 'Allow it.' },
  /^consentNeeded: It was declined\. Allow it\./,
);

for (const [name, engine, supply, expected] of [
  ['a loaded model is fine', ready, supplied, /^ok: Model: Tiny, CPU\.$/],
  [
    'one that was not loaded as wished is a warning',
    { kind: 'ready', info: { ...info, notice: 'The GPU could not be used.' } },
    supplied,
    /^warning: Model: Tiny, CPU\. The GPU could not be used\.$/,
  ],
  ['one that is still loading too', { kind: 'loading', progress: 0 }, supplied, /^warning: Starting/],
  [
    'none is an error',
    stopped,
    { kind: 'failed', code: 'modelMissing', reason: 'There is no file.', remedy: 'Choose one.' },
    /^error: There is no file\.$/,
  ],
] as const satisfies readonly (readonly [string, EngineState, SupplyState, RegExp])[]) {
  test(`the doctor: ${name}`, async () => {
    const check = await describeSupply({ state: engine } as Engine, { state: supply } as BaseModelSupply);
    assert.match(`${check.verdict}: ${check.detail}`, expected);
  });
}

test('the open file is read for the first suggestion of an engine, and for that alone', () => {
  const states = new Emitter<EngineState>();
  const engine = { state: ready as EngineState, onState: states.on.bind(states) };
  const supply = { state: supplied, onState: () => toDisposable(() => undefined) };
  const board = new StatusBoard(engine as unknown as Engine, supply as unknown as BaseModelSupply, {
    problem: undefined,
  });
  function become(state: EngineState): void {
    engine.state = state;
    states.fire(state);
  }
  function isReading(): boolean {
    const thinking = board.think();
    const { detail } = board.status;
    thinking.dispose();
    return /Reading/.test(detail);
  }
  assert.deepEqual([isReading(), isReading()], [true, false]);
  become({ kind: 'loading', progress: 0 });
  assert.equal(isReading(), false);
  become(ready);
  assert.deepEqual([isReading(), isReading()], [true, false]);
});
