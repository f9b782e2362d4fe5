/** The greeting that precedes LSP: frames cut anywhere, and a socket that afterwards reads as if nothing had been. */

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { connect } from 'node:net';
import { test } from 'node:test';
import { decodeFrame, encodeFrame, requestOnce } from '../../../protocol/messageFrame.ts';

function checkFrame(bytes: string, expected: { body: string; lengthBytes: number } | undefined): void {
  assert.deepEqual(decodeFrame(Buffer.from(bytes)), expected);
}

test('a whole frame', () => checkFrame('Content-Length: 2\r\n\r\n{}', { body: '{}', lengthBytes: 23 }));
test('a frame and more', () =>
  checkFrame('Content-Length: 2\r\n\r\n{}Content', { body: '{}', lengthBytes: 23 }));
test('two headers, in any case', () =>
  checkFrame('content-type: x\r\ncontent-length:2\r\n\r\n[]', { body: '[]', lengthBytes: 39 }));
test('half a header', () => checkFrame('Content-Le', undefined));
test('half a body', () => checkFrame('Content-Length: 2\r\n\r\n{', undefined));
test('length in bytes, not letters', () => {
  const frame = encodeFrame({ text: 'äöü' });
  assert.equal(decodeFrame(frame)?.lengthBytes, frame.length);
});
test('no LSP at all', () => {
  assert.throws(() => decodeFrame(Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n')), /does not speak LSP/);
  assert.throws(() => decodeFrame(Buffer.alloc(5000, 'x')), /does not speak LSP/);
});

/** Runs `act` with both ends of a connection. */
async function withSockets(act: (client: Socket, server: Socket) => Promise<void>): Promise<void> {
  const listener = createServer().listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const client = connect((listener.address() as AddressInfo).port, '127.0.0.1');
  const [server] = (await once(listener, 'connection')) as [Socket];
  try {
    await act(client, server);
  } finally {
    client.destroy();
    server.destroy();
    listener.close();
  }
}

const reply = encodeFrame({ jsonrpc: '2.0', id: 'idiom-hello', result: { decision: 'serve' } });
const status = encodeFrame({ jsonrpc: '2.0', method: 'idiom/status', params: {} });

test('what is not the answer is left for the next reader', () =>
  withSockets(async (client, server) => {
    const answer = requestOnce(client, 'idiom/hello', {});
    server.write(Buffer.concat([status, reply, status]));
    assert.deepEqual(await answer, { decision: 'serve' });
    client.resume();
    const [rest] = (await once(client, 'data')) as [Buffer];
    assert.deepEqual(rest, Buffer.concat([status, status]));
  }));

test('an answer in two pieces', () =>
  withSockets(async (client, server) => {
    const answer = requestOnce(client, 'idiom/hello', {});
    server.write(reply.subarray(0, 30));
    await once(client, 'data');
    server.write(reply.subarray(30));
    assert.deepEqual(await answer, { decision: 'serve' });
  }));

test('a daemon that does not know the method', () =>
  withSockets(async (client, server) => {
    const answer = requestOnce(client, 'idiom/hello', {});
    server.write(encodeFrame({ jsonrpc: '2.0', id: 'idiom-hello', error: { code: -32601, message: 'no' } }));
    assert.equal(await answer, undefined);
  }));

test('a daemon that hangs up', () =>
  withSockets(async (client, server) => {
    const answer = requestOnce(client, 'idiom/hello', {});
    server.destroy();
    await assert.rejects(answer, /closed the connection/);
  }));
