/** When a remembered digest is believed: as long as nobody touched the file, and the record itself can be read. */

import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { digestOf } from '../../../server/base/digest.ts';
import { createDigestRecord } from '../../../server/base/digestRecord.ts';

const folder = mkdtempSync(join(tmpdir(), 'idiom-digests-'));
after(() => rmSync(folder, { recursive: true }));
let nWorlds = 0;

interface World {
  /** Of the record. */
  readonly path: string;
  readonly file: string;
}

/** After a file with `one` in it was read: what a later process believes once `change` was done. */
async function check(change: (world: World) => void, believed: 'one' | undefined): Promise<void> {
  const name = join(folder, `${nWorlds++}`);
  const world = { path: `${name}.json`, file: `${name}.bin` };
  writeFileSync(world.file, 'one');
  // A whole second, which a program can set back to the nanosecond.
  utimesSync(world.file, 1000, 1000);
  assert.equal(createDigestRecord(world.path).recall(world.file), undefined);
  assert.equal(await createDigestRecord(world.path).read(world.file), digestOf('one'));
  change(world);
  const expected = believed === undefined ? undefined : digestOf(believed);
  assert.equal(createDigestRecord(world.path).recall(world.file), expected);
}

/** Other content in a file that has its old size and time of change. */
function replaceUnseen(file: string): void {
  writeFileSync(file, 'two');
  utimesSync(file, 1000, 1000);
}

for (const [what, change, believed] of [
  ['nothing', () => undefined, 'one'],
  ['the file grows', ({ file }) => writeFileSync(file, 'longer'), undefined],
  ['it is as long, and its time is set back', ({ file }) => replaceUnseen(file), undefined],
  [
    'another one takes its place',
    ({ file }) => {
      writeFileSync(`${file}.new`, 'two');
      renameSync(`${file}.new`, file);
    },
    undefined,
  ],
  ['it is gone', ({ file }) => rmSync(file), undefined],
  [
    'the record is cut short',
    ({ path }) => writeFileSync(path, readFileSync(path).subarray(0, 9)),
    undefined,
  ],
  ['the record has other things in it', ({ path }) => writeFileSync(path, '{"a":1}'), undefined],
  ['the record is gone', ({ path }) => rmSync(path), undefined],
] as const satisfies [string, (world: World) => void, 'one' | undefined][]) {
  test(`${what}: ${believed === undefined ? 'the file is read again' : 'the digest is known'}`, () =>
    check(change, believed));
}

test('where nothing can be written, the process that read the file knows its digest', async () => {
  const file = join(folder, 'known.bin');
  writeFileSync(file, 'one');
  for (const path of [join(file, 'record.json'), undefined]) {
    const record = createDigestRecord(path);
    assert.equal(await record.read(file), digestOf('one'));
    assert.equal(record.recall(file), digestOf('one'));
  }
});

test('two files are known beside one another, also to two processes', async () => {
  const path = join(folder, 'shared.json');
  const files = ['one', 'two'].map((text) => {
    writeFileSync(join(folder, text), text);
    return join(folder, text);
  });
  const records = files.map(() => createDigestRecord(path));
  for (const record of records) assert.equal(record.recall(files[0] ?? ''), undefined);
  for (const [i, file] of files.entries()) await records[i]?.read(file);
  const later = createDigestRecord(path);
  assert.deepEqual(
    files.map((file) => later.recall(file)),
    [digestOf('one'), digestOf('two')],
  );
});
