/** What the status says for each state of the engine and of the base model's supply. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { BaseModelSupply, SupplyState } from '../../../server/llama/baseModelSupply.ts';
import type { BaseModelInfo, Engine, EngineState } from '../../../server/llama/engine.ts';
import { describeStatus, describeSupply } from '../../../server/lsp/statusBoard.ts';

const info = { name: 'Tiny', device: 'cpu' } as BaseModelInfo;
const ready: EngineState = { kind: 'ready', info };
const stopped: EngineState = { kind: 'stopped' };
const supplied: SupplyState = { kind: 'supplied', path: '/m.gguf' };

function check(
  name: string,
  engine: EngineState,
  supply: SupplyState,
  expected: RegExp,
  isThinking = false,
): void {
  test(name, () => {
    const status = describeStatus(engine, supply, isThinking);
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
check('thinking', ready, supplied, /^thinking: /, true);
check('nothing known yet', stopped, { kind: 'idle' }, /^loading: Looking/);
check('loading', { kind: 'loading', progress: 0.5 }, supplied, /^loading: .* 0\.5$/);
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
  for (const isThinking of [false, true]) {
    const status = describeStatus(ready, { kind: 'supplied', path: '/m.gguf', offer }, isThinking);
    assert.deepEqual([status.state, status.download], [isThinking ? 'thinking' : 'ready', offer]);
  }
  assert.ok(!('download' in describeStatus(ready, supplied, false)));
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
    describeStatus(stopped, { kind: 'failed', code, reason: 'No.', remedy: 'Try.' }, false).isDownloadFailed;
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
  ['one that is still loading too', { kind: 'loading', progress: 0 }, supplied, /^warning: Loading/],
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
