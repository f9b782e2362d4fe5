/** What the status bar says, as a table of situations. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describeStatus } from '../../../extension/statusText.ts';
import { silenceOf } from '../../../extension/silence.ts';
import type { Situation, StatusAction } from '../../../extension/statusText.ts';
import type { FolderIndex, StatusParams } from '../../../protocol/messages.ts';

const ready: StatusParams = { state: 'ready', detail: 'SmolLM2 on cpu.', baseModel: 'SmolLM2' };
const calm: Situation = {
  link: { kind: 'connected' },
  daemon: ready,
  suggestions: 'on',
  learning: 'on',
  index: [],
  loop: undefined,
  isWaiting: false,
  snoozedMinutes: undefined,
  silence: undefined,
  nowMs: 1e12,
};

/** `tooltip` is a part of it. */
interface Expected {
  readonly text: string;
  readonly tone?: 'warning' | 'error';
  readonly tooltip?: string;
  readonly firstAction?: StatusAction;
  /** What can be done about the index, in this order. */
  readonly indexActions?: readonly StatusAction[];
}

const aboutIndex: ReadonlySet<StatusAction> = new Set<StatusAction>([
  'showIndex',
  'stopIndexing',
  'indexAgain',
]);

function check(change: Partial<Situation>, expected: Expected): void {
  const view = describeStatus({ ...calm, ...change });
  assert.equal(view.text, expected.text);
  assert.equal(view.tone, expected.tone ?? 'normal');
  if (expected.tooltip !== undefined)
    assert.ok(view.tooltip.join('|').includes(expected.tooltip), view.tooltip.join('|'));
  if (expected.firstAction !== undefined) assert.equal(view.actions[0], expected.firstAction);
  if (expected.indexActions !== undefined)
    assert.deepEqual(
      view.actions.filter((action) => aboutIndex.has(action)),
      expected.indexActions,
    );
  assert.doesNotMatch(view.label, /\$\(/, 'a screen reader would read the name of the icon');
  assert.match(view.label, /^Idiom/);
}

const daemon = (status: StatusParams): Partial<Situation> => ({ daemon: status });

test('ready', () => check({}, { text: '$(sparkle) Idiom', tooltip: 'SmolLM2 on cpu.|Idiom records' }));
test('a request that is over in a moment leaves the item as it is', () =>
  check(daemon({ ...ready, state: 'thinking' }), { text: '$(sparkle) Idiom' }));
test('snoozed', () =>
  check(
    { snoozedMinutes: 4 },
    { text: '$(bell-slash) Idiom: snoozed', tooltip: 'come back in 4 min', firstAction: 'endSnooze' },
  ));
test('waiting', () => check({ isWaiting: true }, { text: '$(loading~spin) Idiom' }));
test('no suggestion has a reason and a remedy', () =>
  check(
    { silence: silenceOf('tooSlow') },
    {
      text: '$(sparkle) Idiom',
      tooltip: 'No suggestion for the last request: the model needed too long. A smaller model',
      firstAction: 'useAnother',
    },
  ));
test('loading with progress', () =>
  check(daemon({ state: 'loading', detail: 'Loading.', progress: 0.428 }), {
    text: '$(loading~spin) Idiom: loading 42 %',
  }));
test('loading without progress', () =>
  check(daemon({ state: 'loading', detail: 'Looking.' }), { text: '$(loading~spin) Idiom: loading' }));
test('downloading', () =>
  check(daemon({ state: 'downloading', detail: 'Downloading X.', progress: 0.1, secondsLeft: 95 }), {
    text: '$(cloud-download) Idiom: downloading 10 %',
    tooltip: 'About 2 min left.',
  }));
test('the last seconds of a download', () =>
  check(daemon({ state: 'downloading', detail: 'Downloading X.', progress: 0.999, secondsLeft: 0.2 }), {
    text: '$(cloud-download) Idiom: downloading 99 %',
    tooltip: 'About 1 s left.',
  }));
test('consent needed', () =>
  check(daemon({ state: 'consentNeeded', detail: 'X is not here.', remedy: 'Allow it.' }), {
    text: '$(cloud-download) Idiom: model needed',
    tone: 'warning',
    tooltip: 'Allow it.',
    firstAction: 'download',
  }));
test('an error shows its remedy', () =>
  check(daemon({ state: 'error', detail: 'The file is broken.', remedy: 'Choose another.' }), {
    text: '$(warning) Idiom: error',
    tone: 'error',
    tooltip: 'The file is broken.|Choose another.',
    firstAction: 'restart',
  }));
test('an engine that starts again', () =>
  check(daemon({ state: 'recovering', detail: 'The engine died.' }), {
    text: '$(sync~spin) Idiom: recovering',
    tooltip: 'The engine died.',
  }));
test('a lost daemon is told, without colour', () =>
  check(
    { link: { kind: 'recovering', reason: 'Lost.' } },
    { text: '$(sync~spin) Idiom: recovering', tooltip: 'Lost.' },
  ));
test('a daemon that does not start', () =>
  check(
    { link: { kind: 'failed', reason: 'It ended.', remedy: 'Show the log.' } },
    { text: '$(warning) Idiom: no daemon', tone: 'error', tooltip: 'Show the log.', firstAction: 'restart' },
  ));
test('before the first status', () =>
  check({ daemon: undefined }, { text: '$(loading~spin) Idiom: starting' }));
test('a better base model is offered without a word too many', () => {
  const download = { ref: 'hf:o/r/m.gguf', name: 'Big', sizeBytes: 1e9, licence: 'MIT', source: 'a hub' };
  check(daemon({ ...ready, download }), {
    text: '$(sparkle) Idiom',
    tooltip: 'SmolLM2 on cpu.|Big would suit this machine better.|Idiom records',
    firstAction: 'toggleSuggestions',
  });
  const { actions } = describeStatus({ ...calm, daemon: { ...ready, download } });
  assert.ok(actions.includes('download'));
  assert.ok(!describeStatus(calm).actions.includes('download'));
});
test('suggestions off', () =>
  check({ suggestions: 'off' }, { text: '$(circle-slash) Idiom: off', firstAction: 'toggleSuggestions' }));
test('learning off', () =>
  check({ learning: 'off' }, { text: '$(sparkle) Idiom: not learning', tooltip: 'Learning is off here' }));
test('not trusted', () =>
  check({ learning: 'untrusted' }, { text: '$(sparkle) Idiom: not learning', tooltip: 'is not trusted' }));
test('an error comes before learning off', () =>
  check(
    { learning: 'off', daemon: { state: 'error', detail: 'Broken.' } },
    { text: '$(warning) Idiom: error', tone: 'error' },
  ));

const indexed: FolderIndex = {
  root: '/w/web',
  name: 'web',
  state: 'ready',
  numbers: {
    nFiles: 2,
    nLines: 20,
    nChunks: 4,
    nDefinitions: 3,
    sourceBytes: 2e6,
    indexBytes: 1e6,
    completeAtMs: 1e12,
    skipped: [],
  },
};
const walking: FolderIndex = { root: '/w/api', name: 'api', state: 'indexing', nFilesSoFar: 7 };

test('before anything is indexed nothing is said of it', () =>
  check({}, { text: '$(sparkle) Idiom', indexActions: [] }));
test('an index stands in the tooltip, after the rest', () =>
  check(
    { index: [indexed] },
    {
      text: '$(sparkle) Idiom',
      tooltip: 'its suggestions.|Index: 2 files in 4 chunks, 1.0 MB, complete',
      indexActions: ['showIndex', 'indexAgain'],
    },
  ));
test('while one folder is walked, that can be stopped', () =>
  check(
    { index: [indexed, walking] },
    {
      text: '$(sparkle) Idiom',
      tooltip: 'nothing left out.|Indexing api: 7 files so far.',
      indexActions: ['showIndex', 'stopIndexing'],
    },
  ));
test('trouble of an index gives no colour', () =>
  check(
    { index: [{ ...indexed, state: 'trouble', reason: 'The disk is full.' }] },
    { text: '$(sparkle) Idiom', tooltip: 'The disk is full.', firstAction: 'toggleSuggestions' },
  ));
test('without a base model the index is told too', () =>
  check(
    { ...daemon({ state: 'error', detail: 'Broken.' }), index: [indexed] },
    {
      text: '$(warning) Idiom: error',
      tone: 'error',
      tooltip: 'Broken.|Index: 2 files',
      firstAction: 'restart',
    },
  ));
