/** One file out of a zip archive. */

import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { neverAborts } from '../../../server/base/abort.ts';
import { IdiomError } from '../../../server/base/errors.ts';
import { extractZipEntry } from '../../../server/llama/zipEntry.ts';
import { zipOf } from './zipFixture.ts';

function check(name: string, archive: Buffer, entry: string, expected: Buffer | RegExp): void {
  test(name, async () => {
    const folder = mkdtempSync(join(tmpdir(), 'idiom-zip-'));
    const [zip, target] = [join(folder, 'a.zip'), join(folder, 'out')];
    try {
      writeFileSync(zip, archive);
      const shares: number[] = [];
      const run = extractZipEntry(zip, {
        name: entry,
        targetPath: target,
        signal: neverAborts,
        onProgress: (share) => shares.push(share),
      });
      if (!(expected instanceof RegExp)) {
        await run;
        assert.deepEqual(readFileSync(target), expected);
        assert.equal(shares.at(-1), 1);
      } else {
        await assert.rejects(run, (error) => error instanceof IdiomError && expected.test(error.message));
      }
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
}

const long = Buffer.from('some text that repeats, '.repeat(5000));
const files = [
  { name: 'first.txt', content: Buffer.from('first') },
  { name: 'folder/model.bin', content: long },
  { name: 'stored.txt', content: Buffer.from('as it is'), isStored: true },
];

check('deflated, in a folder', zipOf(files), 'folder/model.bin', long);
check('stored', zipOf(files), 'stored.txt', Buffer.from('as it is'));
check('the first', zipOf(files), 'first.txt', Buffer.from('first'));
check('an archive with a comment', zipOf(files, 'made by a test'), 'first.txt', Buffer.from('first'));
check('no such entry', zipOf(files), 'model.bin', /holds no "model\.bin"/);
check('no archive', Buffer.from('not a zip at all'.repeat(10)), 'a', /no zip archive/);
check('an empty file', Buffer.alloc(0), 'a', /no zip archive/);
check('an archive cut short', zipOf(files).subarray(0, 200), 'first.txt', /no zip archive/);
