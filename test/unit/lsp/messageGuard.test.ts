/** Which byte streams the daemon goes on reading. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodeFrame } from '../../../protocol/messageFrame.ts';
import { MessageGuard } from '../../../server/lsp/messageGuard.ts';

/** Chunks of a client's stream, and the error that ends it, or what came through. */
function check(
  name: string,
  chunks: readonly (string | Buffer)[],
  expected: string | RegExp,
  expectedTooLong?: object,
): void {
  test(name, async () => {
    const guard = new MessageGuard((message) => (tooLong = message), 60);
    let through = '';
    let tooLong: object | undefined;
    guard.on('data', (chunk: Buffer) => (through += chunk.toString()));
    const failure = new Promise<string>((resolve) => guard.once('error', (error) => resolve(error.message)));
    const end = new Promise<string>((resolve) => guard.once('end', () => resolve(through)));
    for (const chunk of chunks) guard.write(chunk);
    guard.end();
    const outcome = await Promise.race([failure, end]);
    if (typeof expected === 'string') assert.equal(outcome, expected);
    else assert.match(outcome, expected);
    assert.deepEqual(tooLong, expectedTooLong);
  });
}

const message = 'Content-Length: 5\r\n\r\nab{}c';
check('one message', [message], message);
check(
  'two messages cut anywhere',
  [message.slice(0, 9), message.slice(9) + message.slice(0, 22), message.slice(22)],
  message + message,
);
check(
  'other headers may come first',
  ['Content-Type: x\r\ncontent-length: 1\r\n\r\nz'],
  'Content-Type: x\r\ncontent-length: 1\r\n\r\nz',
);
check('no length', ['Content-Type: x\r\n\r\n'], /no Content-Length/);
check('not the protocol at all', ['GET / HTTP/1.1\r\nHost: x\r\n\r\n'], /no Content-Length/);
check('a length that would fill the memory', ['Content-Length: 999999999999\r\n\r\n'], /too long/);
check('a header without end', ['x'.repeat(5000)], /too long/);

const long = 'x'.repeat(80);
const frame = (body: object) => encodeFrame({ jsonrpc: '2.0', ...body });
const opening = frame({ method: 'didOpen', params: { textDocument: { uri: 'file:///a', text: long } } });
check(
  'a notification that is too long becomes a word about its document, and what follows is read',
  [opening.subarray(0, 50), opening.subarray(50), message],
  frame({ method: '$/idiomTooLong', params: { uri: 'file:///a' } }).toString() + message,
  { method: 'didOpen', uri: 'file:///a', lengthBytes: opening.length - 'Content-Length: 159\r\n\r\n'.length },
);
check('one about no document is left out', [frame({ method: 'log', params: [long] }), message], message, {
  ...{ method: 'log', lengthBytes: 126 },
});
check('a request is left out', [frame({ id: 5, method: 'ask', params: { long } }), message], message, {
  ...{ id: 5, method: 'ask', lengthBytes: 140 },
});
const error = { code: -32803, message: 'A message of 0 MB is too long; at most 16 MB are read.' };
check(
  'an answer becomes an error, so that nobody waits for it',
  [frame({ id: 5, result: long })],
  frame({ id: 5, error }).toString(),
  { id: 5, lengthBytes: 116 },
);
