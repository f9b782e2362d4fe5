/** Laws of the inference that hold for any order of events: drawn scripts, duplicated, reordered and absurd ones. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom } from '../../../server/base/random.ts';
import type { Random } from '../../../server/base/random.ts';
import type { EditorEvent, ReportedEvent, TextChange } from '../../../server/signals/editorEvent.ts';
import { nextDueMs } from '../../../server/signals/passTime.ts';
import { EditorScript } from './editorScript.ts';

const terminal = new Set(['accepted', 'partiallyAccepted', 'typedOut', 'rejected', 'ignored']);

/** After everything was told and all time has passed. `EditorScript` itself refuses second endings and samples. */
function checkLaws(editor: EditorScript, label: string): void {
  editor.nowMs += 3_600_000;
  editor.feed({ kind: 'tick', atMs: editor.nowMs });
  editor.feed({ kind: 'ended', atMs: editor.nowMs });
  assert.equal(nextDueMs(editor.state), undefined, label);
  assert.deepEqual(
    [editor.state.live, editor.state.ending, editor.state.tracked, editor.state.kept],
    [undefined, [], [], []],
    label,
  );
  for (const outcome of editor.outcomes.values()) {
    assert.ok(terminal.has(outcome.kind) && outcome.endedAtMs !== undefined, `${label}: ${outcome.kind}`);
    const isKept = ['accepted', 'partiallyAccepted', 'typedOut'].includes(outcome.kind);
    const samples = [...editor.survivals.values()].filter(
      ({ suggestionId }) => suggestionId === outcome.suggestionId,
    );
    assert.equal(samples.length, isKept ? 4 : 0, `${label}: ${outcome.kind} has ${samples.length} samples`);
    assert.ok(outcome.acceptedChars >= 0);
    if (outcome.kind === 'accepted') assert.ok(outcome.acceptedChars > 0, label);
  }
}

const pieces = ['foo', '(b)', ';', '\n', '  ', '()', "''", 'foo(b);', 'x', '\u{1f680}', '\r\n', ''];
const pick = <T>(random: Random, items: readonly T[]): T => items[random.int(items.length)] as T;

function drawStep(random: Random): string {
  const text = pick(random, pieces).replaceAll('\n', '\\n').replaceAll('\r', '\\r');
  return pick(random, [
    'accept',
    'acceptSilently',
    'acceptWord',
    'acceptWord',
    'acceptLine',
    'escape',
    'undo',
    'redo',
    'again',
    'checkout',
    'close',
    'open',
    'ask',
    'move 0',
    'report accepted',
    'report hidden',
    'typePair ()',
    'overtype )',
    'complete foo',
    'acceptWholeText',
    'deleteFile',
    `wait ${pick(random, ['100ms', '300ms', '2s', '40s', '700s'])}`,
    `sleep ${pick(random, ['1', '90', '700'])}`,
    `type ${text}`,
    `typeAlong ${text}`,
    `paste ${text}`,
    `suggest ${text}foo(b);`,
    `rename ${pick(random, ['a', 'b', 'c'])}.ts`,
    `renameLate ${pick(random, ['a', 'b', 'c'])}.ts`,
    `format /${pick(random, ['o', ' ', '\\n', '('])}/${text}/`,
    `write /${pick(random, ['o', 'b'])}/${text}/`,
  ]);
}

test('drawn scripts of an editor that behaves', () => {
  const random = seededRandom(7);
  for (let round = 0; round < 1500; round++) {
    const steps = Array.from({ length: 1 + random.int(25) }, () => drawStep(random));
    const editor = new EditorScript(
      pick(random, ['a = <|foo(b);|>\n', 'f(<|x, y)|>[)];\r\n', '<||>', 'if {<|\n  b;|>}']),
    );
    try {
      editor.play(steps);
      checkLaws(editor, 'at the end');
    } catch (error) {
      throw new Error(`round ${round}: ${JSON.stringify(steps)}`, { cause: error });
    }
  }
});

function drawEvent(random: Random, atMs: number): EditorEvent {
  const uri = pick(random, ['file:///a/x', 'file:///a/y', 'file:///a']);
  const offset = random.int(40) - 5;
  const change = (): TextChange => {
    const startOffset = random.int(50) - 10;
    return { startOffset, endOffset: startOffset + random.int(20) - 3, text: pick(random, pieces) };
  };
  const suggestionId = `s${random.int(6)}`;
  const text = pick(random, pieces) + pick(random, pieces);
  const suggestion = { id: suggestionId, uri, offset, text, replaceLength: random.int(4) };
  const event = pick<ReportedEvent>(random, ['accepted', 'rejected', 'hidden']);
  return pick<EditorEvent>(random, [
    { kind: 'opened', atMs, uri, text: 'let a = foo(b);\nlet c = a;\n' },
    { kind: 'changed', atMs, uri, version: 1, changes: Array.from({ length: random.int(4) }, change) },
    { kind: 'changed', atMs, uri, version: 1, changes: [{ startOffset: offset, endOffset: offset, text }] },
    { kind: 'closed', atMs, uri },
    { kind: 'saved', atMs, uri },
    { kind: 'renamed', atMs, oldUri: uri, newUri: pick(random, ['file:///a/x', 'file:///b', 'file:///a/z']) },
    { kind: 'returned', atMs, suggestion },
    { kind: 'returned', atMs, suggestion },
    { kind: 'requested', atMs, uri, offset },
    { kind: 'reported', atMs, suggestionId, event },
    { kind: 'checkout', atMs, rootUri: 'file:///a' },
    { kind: 'fileRead', atMs, uri, content: pick(random, [{ text }, { problem: 'fileGone' as const }]) },
    { kind: 'tick', atMs },
  ]);
}

test('drawn events that make no sense', () => {
  const random = seededRandom(11);
  for (let round = 0; round < 1500; round++) {
    const editor = new EditorScript('let a = <|foo(b);|>\n');
    for (let i = random.int(60); i > 0; i--) {
      editor.nowMs += pick(random, [0, 1, 100, 1000, 40_000, 400_000]);
      const event = drawEvent(random, editor.nowMs);
      editor.feed(event);
      if (random.int(4) === 0) editor.feed(event);
    }
    checkLaws(editor, `round ${round}`);
  }
});

/** All orders of the reports that an editor may send about one acceptance or one Escape give the same outcome. */
function checkOrders(steps: readonly string[], expected: string): void {
  const orders = permute(steps);
  for (const order of orders) {
    for (const script of [
      order,
      order.flatMap((step) => (step.startsWith('report') ? [step, step] : [step])),
    ]) {
      const editor = new EditorScript('const a = <|foo(b);|>\n').play(['wait 1s', ...script, 'wait 3s']);
      assert.equal(editor.describe(), expected, JSON.stringify(script));
    }
  }
}

function permute<T>(items: readonly T[]): T[][] {
  if (items.length < 2) return [[...items]];
  return items.flatMap((item, i) => permute(items.filter((_, j) => j !== i)).map((rest) => [item, ...rest]));
}

test('reports may come twice and in any order', () => {
  checkOrders(['acceptSilently', 'report accepted'], 's1 accepted 7');
  checkOrders(['report rejected', 'report hidden'], 's1 rejected explicit rejected');
  checkOrders(['report rejected'], 's1 rejected explicit rejected');
  checkOrders(['report hidden'], 's1 rejected implicit hidden');
});
