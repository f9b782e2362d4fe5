/** What is believed of a model file that was read before, and what a look at all of it finds later. */

import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { digestFile } from '../../../server/base/digest.ts';
import { createDigestRecord } from '../../../server/base/digestRecord.ts';
import { inspectModel } from '../../../server/llama/inspectModel.ts';
import { writeTinyModel } from '../../support/tinyModel.ts';

const folder = mkdtempSync(join(tmpdir(), 'idiom-inspect-'));
after(() => rmSync(folder, { recursive: true }));
const model = join(folder, 'model.gguf');
const record = join(folder, 'digests.json');
await writeTinyModel(model);

test('the first process reads the file, the next one takes its word', async () => {
  const first = await inspectModel(model, createDigestRecord(record));
  assert.deepEqual([await first.digest, first.verify], [await digestFile(model), undefined]);
  const next = await inspectModel(model, createDigestRecord(record));
  assert.deepEqual([await next.digest, await next.verify?.()], [await digestFile(model), 'whole']);
});

test('content that is not what the record says is found when all of it is read, and known from then on', async () => {
  const believed = '0'.repeat(64);
  const text = readFileSync(record, 'utf8').replace(/[0-9a-f]{64}/, believed);
  writeFileSync(record, text);
  const trusting = await inspectModel(model, createDigestRecord(record));
  assert.deepEqual([await trusting.digest, await trusting.verify?.()], [believed, 'damaged']);
  const next = await inspectModel(model, createDigestRecord(record));
  assert.equal(await next.digest, await digestFile(model));
});

test('of a file that was replaced meanwhile nothing is said', async () => {
  const inspected = await inspectModel(model, createDigestRecord(record));
  writeFileSync(model, Buffer.concat([readFileSync(model), Buffer.from('more')]));
  assert.equal(await inspected.verify?.(), 'replaced');
});
