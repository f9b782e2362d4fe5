/** What is left of accepted text after 30 s, 2, 5 and 10 minutes, by what happened to the document meanwhile. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EditorScript } from './editorScript.ts';

/** `expected`: the four samples of s1, as likeness or as the reason why it is not known; fewer if fewer were taken. */
function check(name: string, fixture: string, steps: readonly string[], expected: string): void {
  test(name, () => {
    const editor = new EditorScript(fixture).play(steps);
    const samples = [...editor.survivals.values()].filter(({ suggestionId }) => suggestionId === 's1');
    const values = samples.map(({ value }) =>
      'unknown' in value ? value.unknown : String(Math.round(value.similarity * 100) / 100),
    );
    assert.equal(values.join(' '), expected);
    if (samples.length > 0)
      assert.deepEqual(
        samples.map(({ afterS }) => afterS),
        [30, 120, 300, 600].slice(0, samples.length),
      );
  });
}

const call = 'const a = <|foo(b);|>\nlet c;\n';
const body = 'if (a) {<|\n  first(b);\n  second(c, d);\n}|>\nlet z = 1;\n';

// Times.
check('not before its time', call, ['accept', 'wait 29s'], '');
check('after 30 s', call, ['accept', 'wait 30s'], '1');
check('all four', call, ['accept', 'wait 600s'], '1 1 1 1');
check('none after the last', call, ['accept', 'wait 3600s', 'edit /foo/bar/', 'wait 3600s'], '1 1 1 1');
check(
  'a sample is what was there at its time',
  call,
  ['accept', 'wait 100s', 'undo', 'wait 1s', 'redo', 'wait 600s'],
  '1 1 1 1',
);
check('rejected text has none', call, ['wait 1s', 'escape', 'wait 600s'], '');
check('ignored text has none', call, ['close', 'wait 600s'], '');

// Edits.
check(
  'edits before and after do not matter',
  call,
  ['accept', 'edit /const/let/', 'edit /let c/var c/', 'wait 30s'],
  '1',
);
check('an edit inside counts', call, ['accept', 'edit /foo/bar/', 'wait 30s'], '0.57');
check('typing right behind it does not count', call, ['accept', 'type // why', 'wait 30s'], '1');
check('typing right before it does not count', call, ['accept', 'edit /foo/this.foo/', 'wait 30s'], '1');
check('typing inside counts', call, ['accept', 'edit /b)/b, 1)/', 'wait 30s'], '0.7');
check('deleted', call, ['accept', 'edit /foo(b);//', 'wait 30s'], '0');
check('deleted with its line', call, ['accept', 'edit /const a = foo(b);\\n//', 'wait 600s'], '0 0 0 0');
check('half of it deleted with what follows', call, ['accept', 'edit /(b);\\nlet c;//', 'wait 30s'], '0.43');
check(
  'changed later and later',
  call,
  ['accept', 'wait 31s', 'edit /b/bb/', 'wait 100s', 'edit /foo/f/', 'wait 600s'],
  '1 0.88 0.57 0.57',
);
check('undone', call, ['accept', 'undo', 'wait 600s'], '0 0 0 0');
check('undone and redone', call, ['accept', 'undo', 'redo', 'wait 30s'], '1');
check(
  'undone and written otherwise',
  call,
  ['accept', 'undo', 'wait 1s', 'edit /const a = /const a = 42;/', 'wait 30s'],
  '0.14',
);
check('several lines, one of them changed', body, ['accept', 'edit /second/third/', 'wait 30s'], '0.83');

// Formatters.
check('formatted as a whole document', body, ['accept', 'format /  /\t/', 'wait 30s'], '0.87');
check('formatted, and changed all around', body, ['accept', 'format / /  /', 'wait 30s'], '0.88');
check('formatted to the same text', body, ['accept', 'format /z/zz/', 'wait 30s'], '1');
check(
  'the document replaced by another',
  body,
  [
    'accept',
    'format /e/EEE/',
    'format /s/SSS/',
    'format /a/AAA/',
    'format /d/DDD/',
    'format /i/III/',
    'format /c/CCC/',
    'format /\\n/@@@/',
    'format /(/[[[/',
    'wait 30s',
  ],
  '0',
);
check(
  'formatted and edited above later',
  body,
  ['accept', 'format / /  /', 'edit /if/else if/', 'wait 30s'],
  '0.88',
);
check(
  'two changes above, one after the other',
  body,
  ['accept', 'edit /if/while/', 'edit /while/do/', 'wait 30s'],
  '1',
);

// Checkouts.
const gone = 'format /foo(b);/somethingElse/';
check(
  'a checkout that changed it',
  call,
  ['accept', 'checkout', gone, 'wait 600s'],
  'checkout checkout checkout checkout',
);
check(
  'a checkout that is told late',
  call,
  ['accept', gone, 'wait 2s', 'checkout', 'wait 600s'],
  'checkout checkout checkout checkout',
);
check(
  'a checkout that left it alone',
  call,
  ['accept', 'checkout', 'format /let c/let d/', 'wait 600s'],
  '1 1 1 1',
);
check(
  'a checkout long before',
  call,
  ['accept', 'checkout', 'wait 20s', gone, 'wait 600s'],
  '0.08 0.08 0.08 0.08',
);
check(
  'a checkout between samples',
  call,
  ['accept', 'wait 60s', 'checkout', gone, 'wait 600s'],
  '1 checkout checkout checkout',
);
check(
  'keys typed after a checkout are no checkout',
  call,
  ['accept', 'checkout', 'edit /b)/bb)/', 'wait 30s'],
  '0.88',
);

// Files.
check('renamed', call, ['accept', 'rename b.ts', 'edit /foo/bar/', 'wait 30s'], '0.57');
check('renamed, told late', call, ['accept', 'renameLate b.ts', 'edit /foo/bar/', 'wait 30s'], '0.57');
check('closed, and read from disk', call, ['accept', 'close', 'wait 30s'], '1');
check(
  'closed, and changed on disk',
  call,
  ['accept', 'close', 'write /foo/bar/', 'wait 600s'],
  '0.57 0.57 0.57 0.57',
);
check(
  'closed, and deleted',
  call,
  ['accept', 'wait 60s', 'close', 'deleteFile', 'wait 600s'],
  '1 fileGone fileGone fileGone',
);
check(
  'closed, and another branch checked out',
  call,
  ['accept', 'close', 'checkout', 'wait 10s', 'write /foo/bar/', 'wait 600s'],
  'checkout checkout checkout checkout',
);
check('closed, another branch, but not this file', call, ['accept', 'close', 'checkout', 'wait 30s'], '1');
check('closed and opened again', call, ['accept', 'close', 'open', 'edit /foo/bar/', 'wait 30s'], '0.57');
check(
  'closed, changed and opened again',
  call,
  ['accept', 'close', 'write /foo/bar/', 'open', 'wait 30s'],
  '0.57',
);
check(
  'the editor ended',
  call,
  ['accept', 'wait 60s', 'end', 'wait 600s'],
  '1 editorClosed editorClosed editorClosed',
);

// Other ways in.
check('typed out', call, ['type foo(b);', 'wait 35s'], '1');
check(
  'reported, but never seen',
  call,
  ['report accepted', 'wait 2s'],
  'unconfirmed unconfirmed unconfirmed unconfirmed',
);
check(
  'indented anew by the editor',
  'x\n<|  foo(b);|>',
  ['paste \tfoo(b);', 'report accepted', 'wait 30s'],
  '1',
);
check('a word', call, ['acceptWord', 'type .', 'wait 30s'], '1');
check('a word, changed', call, ['acceptWord', 'escape', 'wait 2s', 'edit /foo/fo/', 'wait 30s'], '0.67');
check('a word, taken back', call, ['acceptWord', 'undo', 'wait 30s'], '0');
check(
  'a word and then all: the whole counts',
  call,
  ['acceptWord', 'wait 1s', 'accept', 'edit /(b)/(c)/', 'wait 30s'],
  '0.86',
);
check('CRLF', 'if (a) {<|\n  b();\n}|>\r\n', ['accept', 'wait 30s'], '1');
