/** Cases for reading added lines from diffs. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseAddedLines } from '../../../server/git/parseDiff.ts';

function check(diff: string, expected: string[]): void {
  const found = parseAddedLines(diff).flatMap((file) =>
    file.blocks.map((block) => `${file.path}:${block.startLine} ${block.lines.join('|')}`),
  );
  assert.deepEqual(found, expected);
}

test('one added line', () => {
  check('--- a/x.ts\n+++ b/x.ts\n@@ -1,0 +2 @@ f\n+new', ['x.ts:2 new']);
});
test('a block, and a second hunk', () => {
  check('--- a/x\n+++ b/x\n@@ -1 +1,2 @@\n-old\n+a\n+b\n@@ -9,0 +11 @@\n+c', ['x:1 a|b', 'x:11 c']);
});
test('a pure deletion adds nothing', () => {
  check('--- a/x\n+++ b/x\n@@ -3,2 +2,0 @@\n-a\n-b', []);
});
test('an added line that looks like a file header is a line', () => {
  check('--- a/x\n+++ b/x\n@@ -0,0 +1,2 @@\n+++ b/y\n+z', ['x:1 ++ b/y|z']);
});
test('a deleted file adds nothing', () => {
  check('--- a/x\n+++ /dev/null\n@@ -1 +0,0 @@\n-a', []);
});
test('carriage returns are dropped', () => {
  check('--- a/x\n+++ b/x\n@@ -0,0 +1 @@\n+a\r', ['x:1 a']);
});
test('a quoted name with a newline and UTF-8 bytes', () => {
  check('--- /dev/null\n+++ "b/a\\n\\303\\244.txt"\n@@ -0,0 +1 @@\n+a', ['a\n\u00e4.txt:1 a']);
});
test('a name with blanks ends in a tab', () => {
  check('--- /dev/null\n+++ b/a b.txt\t\n@@ -0,0 +1 @@\n+a', ['a b.txt:1 a']);
});
test('a binary file adds nothing', () => {
  check('diff --git a/x b/x\nBinary files /dev/null and b/x differ', []);
});
