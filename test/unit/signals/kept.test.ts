/** What a developer has in the place of a suggestion at the last look, by what happened to the document meanwhile. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EditorScript } from './editorScript.ts';

/** `expected`: what was kept in the place of s1; undefined: nothing to learn from. */
function check(name: string, fixture: string, steps: readonly string[], expected: string | undefined): void {
  test(name, () => {
    const editor = new EditorScript(fixture).play(steps);
    assert.equal(editor.kept.get('s1'), expected);
  });
}

const call = 'const total = <|foo(b);|>\nlet c;\n';
const body = 'if (ready) {<|\n  first(b);\n  second(c, d);\n}|>\nlet following = 1;\n';
const refuse = ['wait 1s', 'escape'];

// What was typed instead.
check('another text', call, [...refuse, 'type bar(1);', 'wait 32s'], 'bar(1);');
check('typed at once', call, ['wait 1s', 'type bar(1);', 'wait 32s'], 'bar(1);');
check('typed along, then otherwise', call, ['type fo', 'wait 1s', 'type rm();', 'wait 32s'], 'form();');
check('typed out in the end', call, ['type foo(b);', 'wait 32s'], 'foo(b);');
check('accepted', call, ['accept', 'wait 30s'], 'foo(b);');
check('accepted and typed on', call, ['accept', 'type  // why', 'wait 30s'], 'foo(b); // why');
check('accepted and edited', call, ['accept', 'edit /foo/bar/', 'wait 30s'], 'bar(b);');
check('a word, then something else', call, ['acceptWord', 'type .x;', 'wait 32s'], 'foo.x;');
check('ignored', call, ['wait 1s', 'suggest other', 'type mine;', 'wait 32s'], 'mine;');

// When it is read.
check('not before half a minute', call, [...refuse, 'type bar;', 'wait 20s'], undefined);
check(
  'changed at a later look',
  call,
  [...refuse, 'type bar;', 'wait 60s', 'edit /bar/baz/', 'wait 90s'],
  'baz;',
);
check(
  'changed after the last one',
  call,
  [...refuse, 'type bar;', 'wait 700s', 'edit /bar/baz/', 'wait 700s'],
  'bar;',
);
check(
  'deleted at a later look',
  call,
  [...refuse, 'type bar;', 'wait 60s', 'edit /bar;//', 'wait 90s'],
  undefined,
);
check('closed', call, [...refuse, 'type bar;', 'close'], 'bar;');
check('closed while it was shown', call, ['wait 1s', 'type b', 'close'], 'b');
check('the editor ends', call, [...refuse, 'type bar;', 'end'], 'bar;');
check('renamed', call, [...refuse, 'rename b.ts', 'type bar;', 'wait 32s'], 'bar;');

// Only what is its own.
check('the next lines are not its own', call, [...refuse, 'type bar;\\nmore();', 'wait 32s'], 'bar;');
check('nothing on its own line', call, [...refuse, 'type \\nmore();', 'wait 32s'], undefined);
check('what stood behind the cursor', 'run(<|a, b|>);\n', [...refuse, 'type c', 'wait 32s'], 'c');
check('typed on behind that', 'run(<|a|>)\n', [...refuse, 'type c', 'move 1', 'type ;', 'wait 32s'], 'c');
check('what was replaced with it', 'run(<|a, b)|>[)];\n', ['accept', 'wait 30s'], 'a, b');
check(
  'what stood behind is gone',
  'run(<|a|>, old);\n',
  [...refuse, 'edit /, old//', 'type c', 'wait 32s'],
  undefined,
);
check('a closer from the editor', 'run<|(a);|>\n', [...refuse, 'typePair ()', 'type c', 'wait 32s'], '(c)');
check(
  'lines above and below it change',
  `let before;\n${call}`,
  [...refuse, 'edit /let before/var earlier = 1/', 'edit /let c/var c = 2/', 'type bar;', 'wait 32s'],
  'bar;',
);

// Several lines.
check('a block is kept', body, ['accept', 'wait 30s'], '\n  first(b);\n  second(c, d);\n}');
check(
  'a block with one line changed',
  body,
  ['accept', 'edit /second/third/', 'wait 30s'],
  '\n  first(b);\n  third(c, d);\n}',
);
check('another block', body, [...refuse, 'type \\n  own();\\n}', 'wait 32s'], '\n  own();\n}');
check(
  'a longer one is cut',
  body,
  [...refuse, 'type \\n  a();\\n  b();\\n  c();\\n}', 'wait 32s'],
  '\n  a();\n  b();\n  c();',
);

// Undo, deletion, formatting, git.
check('nothing typed', call, [...refuse, 'wait 32s'], undefined);
check('undone', call, [...refuse, 'paste bar;', 'undo', 'wait 32s'], undefined);
check('an acceptance undone', call, ['accept', 'undo', 'wait 30s'], undefined);
check('undone and redone', call, ['accept', 'undo', 'redo', 'wait 30s'], 'foo(b);');
check(
  'its line is deleted',
  call,
  [...refuse, 'type bar;', 'edit /const total = bar;\\n//', 'wait 32s'],
  undefined,
);
check(
  'the text before it is another',
  call,
  [...refuse, 'type bar;', 'edit /const total/let sum/', 'wait 32s'],
  undefined,
);
check(
  'the text before it is typed anew',
  call,
  [...refuse, 'backspace 3', 'type  = bar;', 'wait 32s'],
  'bar;',
);
check('formatted on save', call, [...refuse, 'type bar( 1 );', 'format /( 1 )/(1)/', 'wait 32s'], 'bar(1);');
check('formatted elsewhere', call, [...refuse, 'type bar;', 'format /let c/var c/', 'wait 32s'], 'bar;');
check(
  'formatted here and around it',
  `let before;\n${call}`,
  [...refuse, 'type bar( 1 );', 'format /let/var/', 'edit /( 1 )/(1)/', 'wait 32s'],
  undefined,
);
check('replaced by another document', call, [...refuse, 'type bar;', 'format /t/__/', 'wait 32s'], undefined);
check('checked out', call, [...refuse, 'type bar;', 'checkout', 'format /bar/git/', 'wait 32s'], undefined);
check(
  'checked out, told late',
  call,
  [...refuse, 'type bar;', 'format /bar;/git;/', 'checkout', 'wait 32s'],
  undefined,
);
