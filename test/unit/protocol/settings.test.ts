/** The settings: what is generated from the table is up to date, and any value at all is read safely. */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { test } from 'node:test';
import { defaultSettings, readSettings } from '../../../protocol/settings.ts';
import type { Settings } from '../../../protocol/settings.ts';
import { generate } from '../../../scripts/generate.ts';

for (const { path, text } of await generate()) {
  test(`${basename(path)} is what npm run generate makes`, () => {
    assert.equal(readFileSync(path, 'utf8'), text, 'Run npm run generate.');
  });
}

/** `change`: how the settings differ from the defaults. `problems`: the settings that were named as wrong. */
function check(value: unknown, change: Partial<Settings>, problems: readonly string[] = []): void {
  const read = readSettings(value);
  assert.deepEqual(read.settings, { ...defaultSettings, ...change });
  assert.deepEqual(
    read.problems.map((problem) => /idiom\.([\w.]+)/.exec(problem)?.[1]?.replace(/\.$/, '')),
    problems,
  );
}

test('nothing', () => check(undefined, {}));
test('null, as editors send for an unknown section', () => check(null, {}));
test('not an object', () => check('on', {}));
test('nested', () => check({ learning: { enabled: false } }, { 'learning.enabled': false }));
test('flat', () => check({ 'learning.enabled': false }, { 'learning.enabled': false }));
test('null for one', () => check({ enabled: null }, {}));
test('unknown names are let be', () => check({ isTrusted: false, colour: 'blue' }, {}));
test('the wrong type', () => check({ enabled: 'yes' }, {}, ['enabled']));
test('not one of the values', () => check({ gpu: 'fast' }, {}, ['gpu']));
test('in range', () => check({ maxNewTokens: 4 }, { maxNewTokens: 4 }));
test('out of range', () => check({ maxNewTokens: 3, threads: 257 }, {}, ['threads', 'maxNewTokens']));
test('automatic, where that is a value', () =>
  check({ threads: 'auto', debounceMs: 'auto', maxNewTokens: 'auto' }, {}, ['maxNewTokens']));
test('not whole', () => check({ maxNewTokens: 4.5 }, {}, ['maxNewTokens']));
test('a list', () => check({ ignore: ['*.pem'] }, { ignore: ['*.pem'] }));
test('a list of something else', () => check({ ignore: [1] }, {}, ['ignore']));
test('a trap in the prototype', () => check(JSON.parse('{"__proto__": {"enabled": false}}'), {}));
