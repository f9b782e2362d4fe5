/** What is kept of an engine that died: the file it died of, until that changes, and its last words without foreign paths. */

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { createCrashedLoads } from '../../../server/llama/crashedLoads.ts';
import { lastWords } from '../../../server/llama/nativeMessage.ts';

const folder = mkdtempSync(join(tmpdir(), 'idiom-crashed-'));
after(() => rmSync(folder, { recursive: true }));

test('a file is remembered by the next process too, until it changes or another Idiom comes', () => {
  const [path, model, other] = ['crashed.json', 'a.gguf', 'b.gguf'].map((name) => join(folder, name)) as [
    ...[string, string, string],
  ];
  writeFileSync(model, 'one');
  writeFileSync(other, 'other');
  createCrashedLoads(path, '1').note(model, 'it failed');
  const later = createCrashedLoads(path, '1');
  assert.equal(later.reasonOf(model), 'it failed');
  assert.equal(later.reasonOf(other), undefined);
  assert.equal(createCrashedLoads(path, '2').reasonOf(model), undefined);
  writeFileSync(model, 'two bytes more');
  assert.equal(later.reasonOf(model), undefined);
  rmSync(model);
  assert.equal(later.reasonOf(model), undefined);
});

test('a record that is broken, or can not be written, costs a try', () => {
  const path = join(folder, 'broken.json');
  const model = join(folder, 'c.gguf');
  writeFileSync(model, 'c');
  writeFileSync(path, '{"a":');
  const crashed = createCrashedLoads(path, '1');
  assert.equal(crashed.reasonOf(model), undefined);
  crashed.note(model, 'it failed');
  assert.equal(createCrashedLoads(path, '1').reasonOf(model), 'it failed');
  const nowhere = createCrashedLoads(join(path, 'x.json'), '1');
  nowhere.note(model, 'it failed');
  assert.equal(nowhere.reasonOf(model), 'it failed');
});

for (const [stderr, expected] of [
  ['', ''],
  ['a\n  b\n', 'b'],
  [
    '/home/runner/work/x/x/llama/llama.cpp/ggml/src/ggml.c:3158: GGML_ASSERT(ne % 32 == 0) failed\n[New LWP 12]\n',
    'ggml.c:3158: GGML_ASSERT(ne % 32 == 0) failed',
  ],
  ['D:\\a\\b\\ggml\\src\\ggml-cpu\\ops.cpp:7: fatal error', 'ops.cpp:7: fatal error'],
  ['terminate called in /Users/runner/work/llama-model.cpp', 'terminate called in llama-model.cpp'],
  ['cannot open /home/me/models/a.gguf', 'cannot open /home/me/models/a.gguf'],
] as const) {
  test(`last words: ${JSON.stringify(stderr)}`, () => assert.equal(lastWords(stderr), expected));
}
