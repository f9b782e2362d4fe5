/** Pages of the table of versions, lineage, and the words in its cells. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AdapterVersion, VersionsResult } from '../../../protocol/learning.ts';
import { choiceText, lineageOf, pageOf, pageWith, sourcesText } from '../../../webview/versionRows.ts';

const numbers = (count: number) => Array.from({ length: count }, (_, index) => index);

function checkPage(
  count: number,
  index: number,
  expected: { label: string; index: number; nRows: number },
): void {
  const page = pageOf(numbers(count), index, 15);
  assert.deepEqual({ label: page.label, index: page.index, nRows: page.rows.length }, expected);
}

test('nothing is one page', () => checkPage(0, 0, { label: '0 of 0', index: 0, nRows: 0 }));
test('a full page', () => checkPage(15, 0, { label: '1 to 15 of 15', index: 0, nRows: 15 }));
test('the last of a thousand', () =>
  checkPage(1000, 66, { label: '991 to 1,000 of 1,000', index: 66, nRows: 10 }));
test('a page beyond the last', () => checkPage(20, 9, { label: '16 to 20 of 20', index: 1, nRows: 5 }));
test('a page before the first', () => checkPage(20, -1, { label: '1 to 15 of 20', index: 0, nRows: 15 }));

/** "child<parent" */
function versions(...lines: readonly string[]): AdapterVersion[] {
  return lines.map((line) => {
    const [digest = '', parentDigest] = line.split('<');
    return { digest, parentDigest } as unknown as AdapterVersion;
  });
}

test('the page of a version', () => {
  const list = versions(...numbers(40).map((each) => `v${each}`));
  assert.deepEqual([pageWith(list, 'v9'), pageWith(list, 'v10'), pageWith(list, 'v99')], [0, 1, undefined]);
});

for (const [name, lines, expected] of [
  ['afresh', ['a'], ['a']],
  ['three', ['c<b', 'b<a', 'a'], ['c', 'b', 'a']],
  ['a parent that is not kept', ['c<b'], ['c', 'b']],
  ['a circle, which should not be', ['c<b', 'b<c'], ['c', 'b']],
] as const) {
  test(`lineage: ${name}`, () => assert.deepEqual(lineageOf(versions(...lines), expected[0]), expected));
}

test('sources, the most first', () =>
  assert.equal(sourcesText({ accepted: 4, history: 1200 }), 'history 1,200, accepted 4'));
test('no sources', () => assert.equal(sourcesText({}), '\u2013'));
test('a choice says how a version is used', () => {
  const known = { versions: [{ digest: 'abc', number: 7 }], aliases: { champion: 'abc' } };
  assert.equal(choiceText('abc', known as unknown as VersionsResult), 'v7, in use');
  assert.equal(choiceText('task', known as unknown as VersionsResult), 'built-in adapter');
});
