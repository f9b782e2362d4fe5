/** What is read off a message whose body is not kept, whatever its order and wherever it is cut. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MessageOutline } from '../../../server/lsp/messageOutline.ts';
import type { Outline } from '../../../server/lsp/messageOutline.ts';

function check(name: string, message: string | object, expected: Outline): void {
  test(name, () => {
    const bytes = Buffer.from(typeof message === 'string' ? message : JSON.stringify(message));
    for (const size of [bytes.length, 1, 7]) {
      const outline = new MessageOutline();
      for (let at = 0; at < bytes.length; at += size) outline.read(bytes.subarray(at, at + size));
      assert.deepEqual(outline.outline, expected);
    }
  });
}

const uri = 'file:///a%20b.ts';
const open = {
  textDocument: { uri, languageId: 'typescript', version: 1, text: 'let a = {"method": "x"};' },
};
check(
  'a notification',
  { method: 'textDocument/didOpen', params: open },
  { method: 'textDocument/didOpen', uri },
);
check('its fields last', { params: open, method: 'm' }, { method: 'm', uri });
check(
  'the uri behind the text',
  { params: { textDocument: { text: '"}\\', uri } }, method: 'm' },
  { method: 'm', uri },
);
check(
  'a change',
  { method: 'm', params: { contentChanges: [{ text: '{"uri":"x"}' }], textDocument: { uri } } },
  {
    ...{ method: 'm', uri },
  },
);
check('a request', { id: 7, method: 'm', params: { id: 8, method: 'n' } }, { id: 7, method: 'm' });
check('a request with a name', { id: 'a"\\u00e4', method: 'm' }, { id: 'a"\\u00e4', method: 'm' });
check('an answer', { jsonrpc: '2.0', id: 7, result: { id: 9, deep: { method: 'n' } } }, { id: 7 });
check('an answer that is a list', { result: [{ method: 'x' }, [{ id: 1 }]], id: 7 }, { id: 7 });
check('names within lists', [{ method: 'm' }], {});
check('blanks and escapes', '{ "m\\u0065thod" : "m" , "id" :  3 }', { id: 3 });
check(
  'a key that is longer than any name',
  { ['k'.repeat(9000)]: { method: 'x' }, method: 'm' },
  { method: 'm' },
);
check('a name that is longer than any', { method: 'm'.repeat(9000), id: 1 }, { id: 1 });
check(
  'a text with the words of a message',
  { method: 'm', params: { x: '"method":"n","id":5,{}[]' } },
  { method: 'm' },
);
check('no JSON', '}}}]]],,,"method":"m"', {});
