/** The handshake as a table. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compareVersions, decideHello } from '../../../server/lsp/decideHello.ts';

/** Client `version/protocol` greets a daemon 1.2.0 of protocol 3 that has other clients or none. */
function check(client: string, others: number, expected: string): void {
  test(`client ${client}, ${others} other clients: ${expected}`, () => {
    const [version = '', protocol] = client.split('/');
    const daemon = { version: '1.2.0', protocolVersion: 3, nOtherClients: others };
    assert.equal(decideHello(daemon, { version, protocolVersion: Number(protocol) }), expected);
  });
}

check('1.2.0/3', 0, 'serve');
check('1.2.0/3', 2, 'serve');
check('1.1.9/3', 0, 'serve');
check('1.3.0/3', 0, 'retry');
check('1.3.0/3', 1, 'later');
check('1.10.0/3', 0, 'retry');
check('1.2.0-beta/3', 0, 'serve');
check('2.0.0/4', 0, 'retry');
check('2.0.0/4', 1, 'refuse');
check('1.0.0/2', 0, 'refuse');
check('1.0.0/2', 1, 'refuse');

for (const [a, b, expected] of [
  ['1.0.0', '1.0.0', 0],
  ['1.0.0-a', '1.0.0', -1],
  ['1.0.0-a', '1.0.0-b', -1],
  ['0.9.9', '0.10.0', -1],
  ['2.0.0', '1.9.9', 1],
] as const) {
  test(`${a} against ${b}`, () => assert.equal(compareVersions(a, b), expected));
}
