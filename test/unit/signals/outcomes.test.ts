/** Which outcome a suggestion gets, by what happened in the editor. `<|text|>` is the suggestion at the cursor. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EditorScript } from './editorScript.ts';

function check(name: string, fixture: string, steps: readonly string[], expected: string): void {
  test(name, () => {
    const editor = new EditorScript(fixture).play(steps);
    assert.equal(editor.describe().replace(/: 30s .*?(?= \||$)/g, ''), expected);
  });
}

const call = 'const a = <|foo(b);|>\n';

// Returned and shown.
check('only returned', call, [], 's1 returned');
check('not yet visible', call, ['wait 249ms'], 's1 returned');
check('visible', call, ['wait 250ms'], 's1 shown');
check('visible while typing along', call, ['type foo', 'type (', 'wait 70ms'], 's1 shown');
check('nothing is suggested', 'a <||> b', ['wait 1s'], '');
check('the same suggestion told twice', call, ['again', 'wait 1s', 'again'], 's1 shown');

// Accepted.
check('accepted', call, ['wait 1s', 'accept'], 's1 accepted 7');
check('accepted at once was visible', call, ['accept'], 's1 accepted 7');
check('accepted, without a report', call, ['acceptSilently'], 's1 accepted 7');
check('reported before the change', call, ['report accepted', 'acceptSilently'], 's1 accepted 7');
check('reported twice', call, ['accept', 'report accepted', 'report accepted'], 's1 accepted 7');
check('reported, and hidden as it goes', call, ['accept', 'report hidden'], 's1 accepted 7');
check('hidden told first', call, ['wait 1s', 'report hidden', 'accept'], 's1 accepted 7 unconfirmed');
check('rejected told after', call, ['accept', 'escape', 'wait 5s'], 's1 accepted 7');
check('reported only', call, ['report accepted', 'wait 2s'], 's1 accepted 7 unconfirmed');
check('reported only, then gone', call, ['report accepted', 'ask'], 's1 accepted 7 unconfirmed');
check('several lines', 'if (a) {<|\n  b();\n}|>\n', ['accept'], 's1 accepted 9');
check('CRLF document, LF suggestion', 'if (a) {<|\n  b();\n}|>\r\n', ['accept', 'wait 2s'], 's1 accepted 11');
check('the rest after typing', call, ['type fo', 'accept'], 's1 accepted 5');
check(
  'the last character',
  'a<|()|>;',
  ['type (', 'wait 1s', 'acceptSilently', 'report accepted'],
  's1 accepted 1',
);
check('with what it replaces', 'foo(<|a, b)|>[)];', ['accept'], 's1 accepted 5');
check('the editor kept what it should replace', 'foo(<|a, b)|>[)];', ['paste a, b'], 's1 accepted 5');
check('with an import at the top', call, ['acceptWithImport import b'], 's1 accepted 7');
check('by an editor that sends whole documents', call, ['acceptWholeText'], 's1 accepted 7');
check(
  'indented anew by the editor',
  'x\n<|  foo(b);|>',
  ['paste \tfoo(b);', 'report accepted'],
  's1 accepted 9',
);
check(
  'indented anew, reported first',
  'x\n<|  foo(b);|>',
  ['report accepted', 'paste \tfoo(b);'],
  's1 accepted 9',
);
check('emoji', 'log(<|"\u{1f680} go")|>', ['accept'], 's1 accepted 8');
check('at the end of the document', 'a = <|1|>', ['accept', 'wait 2s'], 's1 accepted 1');
check('in an empty document', '<|main();|>', ['accept'], 's1 accepted 7');

// Partially accepted.
const words = 'const a = <|foo(bar, baz);|>\n';
check('a word', words, ['acceptWord', 'wait 1s'], 's1 partiallyAccepted 3');
check('two words', words, ['acceptWord', 'acceptWord', 'wait 1s'], 's1 partiallyAccepted 7');
check('a word, then all', words, ['acceptWord', 'accept'], 's1 accepted 14');
check(
  'a word, then typed on',
  words,
  ['acceptWord', 'type (bar, baz);', 'wait 2s'],
  's1 partiallyAccepted 3 typedOut',
);
check('a word, then Escape', words, ['acceptWord', 'escape', 'wait 2s'], 's1 partiallyAccepted 3 rejected');
check(
  'a word, then something else',
  words,
  ['acceptWord', 'type .x', 'wait 2s'],
  's1 partiallyAccepted 3 diverged',
);
check('a single character is a keystroke', words, ['type fo', 'acceptWord', 'wait 1s'], 's1 shown');
check('typed, then the rest of a longer word', words, ['type f', 'acceptWord'], 's1 partiallyAccepted 2');
check('a line', 'x<| = 1;\ny = 2;|>', ['acceptLine', 'wait 1s'], 's1 partiallyAccepted 5');
check(
  'a word taken back counts once',
  words,
  ['acceptWord', 'backspace 3', 'acceptWord'],
  's1 partiallyAccepted 3',
);
check('a piece of a word is no word', words, ['paste fo', 'wait 300ms'], 's1 shown');
check('the suggest widget completes the word', words, ['type fo', 'complete foo', 'wait 300ms'], 's1 shown');
check(
  'a word and all the rest by words',
  'a<|bc de|>',
  ['acceptWord', 'acceptWord', 'wait 2s'],
  's1 accepted 5',
);

// Typed out.
check('all of it typed', call, ['type foo(b);', 'wait 2s'], 's1 typedOut');
check('typed along with a cache', call, ['typeAlong foo(b);', 'wait 2s'], 's1 typedOut');
check('typed along slowly', call, ['typeAlong foo', 'wait 1s', 'typeAlong (b);', 'wait 2s'], 's1 typedOut');
check('the id of the rest is accepted', call, ['typeAlong foo', 'accept', 'wait 2s'], 's1 accepted 4');
check(
  'the id of the rest is rejected',
  call,
  ['typeAlong foo', 'escape', 'wait 2s'],
  's1 rejected explicit rejected',
);
check('with a typing error', call, ['type fo', 'backspace', 'type oo(b);', 'wait 2s'], 's1 typedOut');
check(
  'closed by the editor',
  'a<|(b);|>\n',
  ['typePair ()', 'type b', 'overtype )', 'type ;', 'wait 2s'],
  's1 typedOut',
);
check(
  'quoted by the editor',
  "a = <|'b';|>\n",
  ["typePair ''", 'type b', "overtype '", 'type ;', 'wait 2s'],
  's1 typedOut',
);
check('an empty pair', 'a<|()|>\n', ['typePair ()', 'wait 2s'], 's1 typedOut');
check(
  'a pair, then accepted',
  'a<|(b);|>\n',
  ['typePair ()', 'acceptSilently', 'report accepted'],
  's1 accepted 3',
);
check('Enter with indentation', 'if (a) {<|\n  b;|>', ['paste \\n  ', 'type b;', 'wait 2s'], 's1 typedOut');
check('Enter between braces', 'if (a) {<|\n  b;|>}', ['paste \\n  ', 'wait 300ms'], 's1 shown');

// Rejected.
check('Escape', call, ['wait 1s', 'escape', 'wait 2s'], 's1 rejected explicit rejected');
check('Escape at once', call, ['escape', 'wait 2s'], 's1 rejected explicit rejected');
check(
  'Escape, and hidden told first',
  call,
  ['wait 1s', 'report hidden', 'escape', 'wait 2s'],
  's1 rejected explicit rejected',
);
check(
  'Escape, and hidden told after',
  call,
  ['wait 1s', 'escape', 'report hidden', 'wait 2s'],
  's1 rejected explicit rejected',
);
check(
  'Escape twice',
  call,
  ['wait 1s', 'escape', 'escape', 'wait 2s', 'escape'],
  's1 rejected explicit rejected',
);
check('something else typed', call, ['wait 1s', 'type x', 'wait 2s'], 's1 rejected implicit diverged');
check('along, then something else', call, ['type foob', 'wait 2s'], 's1 ignored diverged unseen');
check(
  'along slowly, then something else',
  call,
  ['type foo', 'wait 1s', 'type .', 'wait 2s'],
  's1 rejected implicit diverged',
);
check('deleted before it', call, ['wait 1s', 'backspace', 'wait 2s'], 's1 rejected implicit diverged');
check('something else pasted', call, ['wait 1s', 'paste bar(1)', 'wait 2s'], 's1 rejected implicit diverged');
check('the cursor left', call, ['wait 1s', 'move -3', 'wait 2s'], 's1 rejected implicit left');
check('to another document', call, ['wait 1s', 'ask', 'wait 2s'], 's1 rejected implicit left');
check('hidden', call, ['wait 1s', 'report hidden', 'wait 2s'], 's1 rejected implicit hidden');
check(
  'a suggestion elsewhere',
  call,
  ['wait 1s', 'move -3', 'suggest x', 'wait 2s'],
  's1 rejected implicit left | s2 shown',
);
check('a verdict waits for a report', call, ['wait 1s', 'type x', 'wait 1s'], 's1 shown');
check(
  'Escape on another id changes nothing',
  call,
  ['wait 1s', 'suggest', 'escape', 'wait 2s'],
  's1 ignored superseded',
);

// Ignored.
check('gone before it was visible', call, ['type x', 'wait 2s'], 's1 ignored diverged unseen');
check('left before it was visible', call, ['ask', 'wait 2s'], 's1 ignored left unseen');
check(
  'another in its place',
  call,
  ['wait 1s', 'suggest bar', 'wait 2s'],
  's1 ignored superseded | s2 shown',
);
check('closed', call, ['wait 1s', 'close', 'wait 2s'], 's1 ignored closed');
check('after ten minutes', call, ['wait 600s', 'wait 2s'], 's1 ignored tooOld');
check('the editor ended', call, ['wait 1s', 'end'], 's1 ignored editorClosed');
check('formatted around it', 'a=<|x|>;b=1', ['wait 1s', 'format /=/ = /', 'wait 2s'], 's1 ignored rewritten');

// Still there.
check('an edit elsewhere moves it', `let b;\n${call}`, ['edit /let b/const bb/', 'accept'], 's1 accepted 7');
check('an edit below does not matter', `${call}let b;`, ['edit /let b/const bb/', 'accept'], 's1 accepted 7');
check('renamed', call, ['rename b.ts', 'accept'], 's1 accepted 7');
check('saved and asked again', call, ['move 0', 'accept'], 's1 accepted 7');
check('a document that was never opened', call, ['wait 1s'], 's1 shown');
