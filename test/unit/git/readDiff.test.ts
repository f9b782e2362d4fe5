/** Cases for reading added lines from diffs. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DiffReader } from '../../../server/git/readDiff.ts';

const plenty = { maxFileChars: 1000, maxChars: 1000 };

/** The same in one piece, and byte by byte. @param expected each block, then what is too large. */
function check(diff: string, expected: string[], limits = plenty): void {
  for (const step of [diff.length + 9, 1]) {
    const reader = new DiffReader(limits);
    const bytes = Buffer.from(`${diff}\n`);
    for (let at = 0; at < bytes.length; at += step) reader.push(bytes.subarray(at, at + step));
    const blocks = reader.files.flatMap((file) =>
      file.blocks.map((block) => `${file.path}:${block.startLine} ${block.lines.join('|')}`),
    );
    const rest = [...reader.tooLarge.map((path) => `too large: ${path}`), ...(reader.isFull ? ['full'] : [])];
    assert.deepEqual([...blocks, ...rest], expected, `in steps of ${step}`);
  }
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
test('a link and a submodule are no files', () => {
  check('diff --git a/x b/x\nnew file mode 120000\n--- /dev/null\n+++ b/x\n@@ -0,0 +1 @@\n+y', []);
  check('diff --git a/x b/x\nindex 12..34 160000\n--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n+b', []);
  check('diff --git a/x b/x\nindex 12..34 100755\n--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n+b', ['x:1 b']);
});
const head = (name: string) => `diff --git a/${name} b/${name}\n--- a/${name}\n+++ b/${name}\n`;
test('a file that adds too much is left out, and those around it are not', () => {
  const diff = `${head('a')}@@ -0,0 +1 @@\n+1\n${head('b')}@@ -0,0 +1,2 @@\n+1234\n+5678\n${head('c')}@@ -0,0 +1 @@\n+3`;
  check(diff, ['a:1 1', 'c:1 3', 'too large: b'], { maxFileChars: 6, maxChars: 9 });
});
test('a line that is too long is not kept until its end comes', () => {
  const long = 'x'.repeat(99);
  const limits = { maxFileChars: 6, maxChars: 9 };
  check(
    `${head('b')}@@ -0,0 +1 @@\n+${long}\n${head('c')}@@ -0,0 +1 @@\n+3`,
    ['c:1 3', 'too large: b'],
    limits,
  );
  check(`${head('b')}@@ -1 +1 @@\n-${long}\n+1`, ['b:1 1'], limits);
});
test('more than all files together may add', () => {
  const diff = `${head('a')}@@ -0,0 +1 @@\n+12\n${head('b')}@@ -0,0 +1 @@\n+34`;
  check(diff, ['a:1 12', 'b:1 34', 'full'], { maxFileChars: 3, maxChars: 3 });
});
