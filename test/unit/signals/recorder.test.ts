/** The recorder with a real database and a clock that is set by hand: what is written, what is not, and what survives faults. */

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { ManualClock } from '../../../server/base/clock.ts';
import { createLogger } from '../../../server/base/logger.ts';
import { settleUnfinished, startRetention } from '../../../server/signals/retention.ts';
import { SignalRecorder } from '../../../server/signals/signalRecorder.ts';
import type { SignalRecorderProps, StoragePolicy } from '../../../server/signals/signalRecorder.ts';
import { TextWriter } from '../../../server/signals/textWriter.ts';
import { openGround } from '../../../server/store/ground.ts';
import { listSignals } from '../../../server/store/signalRecords.ts';

const uri = 'file:///repo/src/a.ts';
const text = 'const a = ;\n';
const storeAll: StoragePolicy = (each) => ({ isStored: true, repoId: 'repo', path: each.slice(13) });

function setUp(props: Partial<SignalRecorderProps> = {}) {
  const clock = new ManualClock(1_000_000);
  const { ground } = openGround(':memory:', clock);
  const log: string[] = [];
  const logger = createLogger(
    { write: (_level, line) => log.push(line) },
    () => 'info',
    () => 0,
  );
  const baseModelDigest = () => 'model';
  const texts = new TextWriter(clock);
  const how = { ground, clock, logger, policy: storeAll, baseModelDigest, texts };
  const recorder = new SignalRecorder({ ...how, ...props });
  recorder.documentOpened(uri, text);
  return { clock, ground, log, recorder, texts };
}

function suggestion(id: string, offset = 10, changes: { uri?: string; text?: string } = {}) {
  const how = { adapter: 'base', route: 'local', latencyMs: { total: 9 }, snippets: [] };
  return {
    id,
    uri,
    languageId: 'typescript',
    offset,
    text: 'foo(b)',
    replaceLength: 0,
    isMultiline: false,
    ...how,
    ...changes,
  };
}

const insert = (offset: number, inserted: string) => [
  { startOffset: offset, endOffset: offset, text: inserted },
];

test('a suggestion is stored with its surroundings, then its outcome, then its survival', async () => {
  const { clock, ground, recorder, texts } = setUp();
  recorder.returned(suggestion('s1'));
  await texts.written();
  assert.deepEqual(
    [ground.suggestions.get('s1')?.prefix, ground.suggestions.get('s1')?.suffix],
    ['const a = ', ';\n'],
  );
  assert.equal(ground.suggestions.get('s1')?.path, 'src/a.ts');
  assert.equal(ground.suggestions.get('s1')?.baseModel, 'model');
  assert.equal(ground.outcomes.get('s1')?.kind, 'returned');
  clock.advance(300);
  assert.equal(ground.outcomes.get('s1')?.kind, 'shown');
  recorder.documentChanged(uri, 2, insert(10, 'foo(b)'));
  recorder.reported('s1', 'accepted');
  assert.equal(ground.outcomes.get('s1')?.acceptedChars, 6);
  clock.advance(29_999);
  assert.equal(ground.survivals.of('s1').length, 0);
  clock.advance(1);
  assert.deepEqual(ground.survivals.of('s1'), [{ suggestionId: 's1', afterS: 30, value: { similarity: 1 } }]);
  clock.advance(600_000);
  assert.equal(ground.survivals.of('s1').length, 4);
  assert.equal((await recorder.explainLatest(uri))?.id, 's1');
});

test('of what nobody saw, the text around it is not kept', async () => {
  const { clock, ground, recorder, texts } = setUp();
  recorder.returned(suggestion('s1'));
  recorder.requested(uri, 0);
  clock.advance(2000);
  await texts.written();
  assert.equal(ground.outcomes.get('s1')?.kind, 'ignored');
  assert.equal(ground.suggestions.get('s1')?.prefix, '');
});

test('what was kept in its place is stored after its end, and again when it changes', async () => {
  const { clock, ground, recorder, texts } = setUp();
  recorder.returned(suggestion('s1'));
  clock.advance(300);
  recorder.documentChanged(uri, 2, insert(10, 'bar(1)'));
  clock.advance(29_000);
  await texts.written();
  assert.equal(ground.outcomes.get('s1')?.kind, 'rejected');
  assert.equal(ground.outcomes.get('s1')?.keptText, undefined);
  clock.advance(3000);
  await texts.written();
  assert.equal(ground.outcomes.get('s1')?.keptText, 'bar(1)');
  recorder.documentChanged(uri, 3, insert(15, ', 2'));
  clock.advance(100_000);
  await texts.written();
  assert.equal(ground.outcomes.get('s1')?.keptText, 'bar(1, 2)');
});

test('nothing is kept in the place of what nobody saw', async () => {
  const { clock, ground, recorder, texts } = setUp();
  recorder.returned(suggestion('s1'));
  recorder.documentChanged(uri, 2, insert(10, 'bar(1)'));
  recorder.requested(uri, 0);
  recorder.documentClosed(uri);
  clock.advance(32_000);
  await texts.written();
  assert.equal(ground.outcomes.get('s1')?.kind, 'ignored');
  assert.equal(ground.outcomes.get('s1')?.keptText, undefined);
});

test("a person's word on a suggestion is kept, the latest counts, also by the id of its rest", () => {
  const { clock, ground, recorder } = setUp();
  recorder.returned(suggestion('s1'));
  recorder.thumbed('s1', 'up');
  assert.equal(ground.thumbs.get('s1'), 'up');
  recorder.documentChanged(uri, 2, insert(10, 'fo'));
  recorder.returned(suggestion('rest', 12, { text: 'o(b)' }));
  recorder.thumbed('rest', 'down');
  assert.equal(ground.thumbs.get('s1'), 'down');
  clock.advance(1000);
  assert.deepEqual(
    listSignals(ground.db, {}, 9).map((record) => [record.suggestion.id, record.thumbs]),
    [['s1', 'down']],
  );
});

test('a word on what is not recorded is refused with a sentence', () => {
  let isStored = true;
  const policy: StoragePolicy = (each) => (isStored ? storeAll(each) : { isStored, reason: 'optOut' });
  const { ground, recorder } = setUp({ policy });
  recorder.returned(suggestion('s1'));
  isStored = false;
  for (const id of ['s1', 'unknown']) {
    assert.throws(() => recorder.thumbed(id, 'up'), { code: 'wrongUse', message: /Nothing is recorded/ });
  }
  assert.equal(ground.thumbs.get('s1'), undefined);
});

test('nothing at all is written where the policy says no', async () => {
  const { clock, ground, recorder, texts } = setUp({ policy: () => ({ isStored: false, reason: 'optOut' }) });
  recorder.returned(suggestion('s1'));
  clock.advance(300);
  recorder.documentChanged(uri, 2, insert(10, 'foo(b)'));
  recorder.reported('s1', 'accepted');
  clock.advance(700_000);
  recorder.dispose();
  await texts.written();
  for (const table of ['suggestions', 'outcomes', 'survivals']) {
    assert.equal(ground.db.get(`SELECT count(*) AS n FROM ${table}`)?.['n'], 0, table);
  }
  assert.equal(await recorder.explainLatest(uri), undefined);
});

test('an opt-out holds at once, for what is under way too', () => {
  let isStored = true;
  const policy: StoragePolicy = (each) => (isStored ? storeAll(each) : { isStored, reason: 'optOut' });
  const { clock, ground, recorder } = setUp({ policy });
  recorder.returned(suggestion('s1'));
  isStored = false;
  recorder.documentChanged(uri, 2, insert(10, 'foo(b)'));
  clock.advance(700_000);
  assert.equal(ground.outcomes.get('s1')?.kind, 'returned');
  assert.deepEqual(ground.survivals.of('s1'), []);
});

test('a suggestion in an ignored file still means that the cursor is there', () => {
  const other = 'file:///repo/.env';
  const policy: StoragePolicy = (each) =>
    each === other ? { isStored: false, reason: 'ignored' } : storeAll(each);
  const { clock, ground, recorder } = setUp({ policy });
  recorder.returned(suggestion('s1'));
  clock.advance(300);
  recorder.returned(suggestion('s2', 0, { uri: other }));
  clock.advance(2000);
  assert.equal(ground.outcomes.get('s1')?.endReason, 'left');
  assert.equal(ground.suggestions.has('s2'), false);
});

test('deleted while it was under way: nothing comes back', async () => {
  const { clock, ground, log, recorder, texts } = setUp();
  recorder.returned(suggestion('s1'));
  ground.db.exec('DELETE FROM suggestions');
  recorder.documentChanged(uri, 2, insert(10, 'foo(b)'));
  clock.advance(700_000);
  await texts.written();
  assert.equal(ground.outcomes.get('s1'), undefined);
  assert.deepEqual(log, []);
});

test('a disk that is full costs the records, is logged once, and ends when there is room again', async () => {
  const { clock, ground, log, recorder, texts } = setUp();
  const pages = Number(ground.db.get('PRAGMA page_count')?.['page_count']);
  ground.db.get(`PRAGMA max_page_count = ${pages}`);
  const long = 'x'.repeat(100_000);
  recorder.returned(suggestion('s1', 10, { text: long }));
  recorder.returned(suggestion('s2', 10, { text: `${long}y` }));
  clock.advance(3000);
  await texts.written();
  assert.equal(log.length, 1);
  assert.match(log[0] ?? '', /not recorded .*full/);
  ground.db.get('PRAGMA max_page_count = 100000');
  recorder.returned(suggestion('s3'));
  assert.equal(ground.outcomes.get('s3')?.kind, 'returned');
});

test('without a database nothing happens', async () => {
  const { clock, recorder } = setUp({ ground: undefined });
  recorder.returned(suggestion('s1'));
  clock.advance(1000);
  assert.equal(await recorder.explainLatest(uri), undefined);
  recorder.dispose();
});

test('a clock that is set back is no harm', () => {
  const clock = new ManualClock(1_000_000);
  let shiftMs = 0;
  const shifted = {
    nowMs: () => clock.nowMs() + shiftMs,
    monotonicMs: () => clock.monotonicMs(),
    setTimer: clock.setTimer.bind(clock),
  };
  const { ground, recorder } = setUp({ clock: shifted });
  recorder.returned(suggestion('s1'));
  shiftMs = -500_000;
  recorder.documentChanged(uri, 2, insert(10, 'foo(b)'));
  assert.equal(ground.outcomes.get('s1')?.kind, 'accepted');
});

test('the end of the editor ends what is open, once', () => {
  const { ground, recorder } = setUp();
  recorder.returned(suggestion('s1'));
  recorder.documentChanged(uri, 2, insert(10, 'foo(b)'));
  recorder.returned(suggestion('s2', 16));
  recorder.dispose();
  recorder.dispose();
  assert.equal(ground.outcomes.get('s2')?.endReason, 'editorClosed');
  assert.deepEqual(ground.survivals.of('s1').at(-1)?.value, { unknown: 'editorClosed' });
});

test('what a killed daemon left is settled by the next one', () => {
  const { clock, ground, recorder } = setUp();
  recorder.returned(suggestion('s1'));
  recorder.documentChanged(uri, 2, insert(10, 'foo(b)'));
  recorder.returned(suggestion('s2', 16));
  assert.equal(settleUnfinished(ground, clock.nowMs() + 60_000), 0, 'it may be another process that lives');
  assert.equal(settleUnfinished(ground, clock.nowMs() + 3_600_000), 1);
  assert.equal(ground.outcomes.get('s2')?.endReason, 'restart');
  assert.deepEqual(
    ground.survivals.of('s1').map(({ value }) => value),
    Array.from({ length: 4 }, () => ({ unknown: 'restart' })),
  );
});

test('a closed file is read from the disk when its time comes', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'idiom-recorder-'));
  after(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, 'a b.ts');
  const fileUri = pathToFileURL(file).href;
  const { clock, ground, recorder } = setUp();
  recorder.documentOpened(fileUri, text);
  recorder.returned(suggestion('s1', 10, { uri: fileUri }));
  recorder.documentChanged(fileUri, 2, insert(10, 'foo(b)'));
  recorder.documentClosed(fileUri);
  writeFileSync(file, 'const a = foo(c);\n');
  const sampled = async (n: number) => {
    while (ground.survivals.of('s1').length < n) await new Promise((resolve) => setImmediate(resolve));
    return ground.survivals.of('s1').at(-1)?.value;
  };
  clock.advance(30_000);
  assert.deepEqual(await sampled(1), { similarity: 1 - 1 / 6 });
  rmSync(file);
  clock.advance(90_000);
  assert.deepEqual(await sampled(4), { unknown: 'fileGone' });
});

test('records are deleted after their time, at the start and then regularly', () => {
  const { clock, ground, log, recorder } = setUp();
  const logger = createLogger(
    { write: (_level, line) => log.push(line) },
    () => 'info',
    () => 0,
  );
  const ids = () => listSignals(ground.db, {}, 100).map((record) => record.suggestion.id);
  recorder.returned(suggestion('s1'));
  clock.advance(2 * 86_400_000);
  recorder.returned(suggestion('s2'));
  const retention = startRetention({ ground, clock, logger, retentionDays: 2 });
  assert.deepEqual(ids(), ['s2', 's1']);
  clock.advance(86_400_000);
  assert.deepEqual(ids(), ['s2']);
  assert.match(log.join('\n'), /deleted=1/);
  retention.dispose();
  clock.advance(9 * 86_400_000);
  assert.deepEqual(ids(), ['s2']);
});

/** `|`: where the suggestion is asked for; the surroundings, the suggestion and what is kept, as they are stored. */
function checkSecret(
  name: string,
  document: string,
  typed: { readonly suggested: string; readonly kept?: string },
  stored: { readonly prefix: string; readonly text: string; readonly suffix: string; readonly kept?: string },
): void {
  test(`no secret is stored: ${name}`, async () => {
    const { clock, ground, recorder, texts } = setUp();
    const offset = document.indexOf('|');
    recorder.documentOpened(`${uri}.py`, document.replace('|', ''));
    recorder.returned(suggestion('s1', offset, { uri: `${uri}.py`, text: typed.suggested }));
    assert.equal(ground.suggestions.get('s1')?.prefix, '', 'not for a moment');
    clock.advance(300);
    recorder.documentChanged(`${uri}.py`, 2, insert(offset, typed.kept ?? typed.suggested));
    clock.advance(60_000);
    await texts.written();
    const { prefix, text, suffix } = ground.suggestions.get('s1') ?? {};
    assert.deepEqual(
      { prefix, text, suffix },
      { prefix: stored.prefix, text: stored.text, suffix: stored.suffix },
    );
    assert.equal(ground.outcomes.get('s1')?.keptText, stored.kept);
  });
}

const key = 'qX7vT2mK9pLw4RzN8bHc';
checkSecret(
  'around the cursor',
  `password = "${key}"\nx = |\ntoken = "${key}"\n`,
  { suggested: 'f(1)' },
  { prefix: 'password = "<secret>"\nx = ', text: 'f(1)', suffix: '\ntoken = "<secret>"\n', kept: 'f(1)' },
);
checkSecret(
  'in the suggestion',
  'password = |\n',
  { suggested: `"${key}"` },
  { prefix: 'password = ', text: '"<secret>"', suffix: '\n' },
);
checkSecret(
  'half of it before the cursor',
  `password = "${key.slice(0, 12)}|"\n`,
  { suggested: key.slice(12) },
  { prefix: 'password = "<secret>', text: '<secret>', suffix: '"\n' },
);
checkSecret(
  'what is kept instead',
  'password = |\n',
  { suggested: 'read()', kept: `"${key}"` },
  { prefix: 'password = ', text: 'read()', suffix: '\n' },
);
