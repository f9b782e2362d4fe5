/** Which byte streams the daemon goes on reading. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MessageGuard } from '../../../server/lsp/messageGuard.ts';

/** Chunks of a client's stream, and the error that ends it, or what came through. */
function check(name: string, chunks: readonly string[], expected: string | RegExp): void {
  test(name, async () => {
    const guard = new MessageGuard();
    let through = '';
    guard.on('data', (chunk: Buffer) => (through += chunk.toString()));
    const failure = new Promise<string>((resolve) => guard.once('error', (error) => resolve(error.message)));
    const end = new Promise<string>((resolve) => guard.once('end', () => resolve(through)));
    for (const chunk of chunks) guard.write(chunk);
    guard.end();
    const outcome = await Promise.race([failure, end]);
    if (typeof expected === 'string') assert.equal(outcome, expected);
    else assert.match(outcome, expected);
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
