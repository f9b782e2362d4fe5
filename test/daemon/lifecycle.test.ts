/** The daemon as real processes: one a user, killed, replaced, stopped, and with homes that can't be written. */

import assert from 'node:assert/strict';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import * as path from 'node:path';
import { test } from 'node:test';
import { messageNames, protocolVersion } from '../../protocol/messages.ts';
import { createLspClient } from '../support/lspClient.ts';
import { gone, withDaemonFixture } from './daemonFixture.ts';

/** A base model that is not there keeps these tests fast; the daemon must answer without one anyway. */
const noModel = { IDIOM_BASE_MODEL: '/nonexistent/model.gguf' };

test('the socket is for its user alone', () =>
  withDaemonFixture(async ({ startDaemon, socketPath }) => {
    await startDaemon();
    assert.equal(statSync(socketPath).mode & 0o777, 0o600);
    assert.equal(statSync(path.dirname(socketPath)).mode & 0o777, 0o700);
  }, noModel));

test('a second daemon gives way to the first', () =>
  withDaemonFixture(async ({ startDaemon, run }) => {
    const first = await startDaemon();
    const second = await run(['daemon', 'run']);
    assert.equal(second.code, 0);
    assert.match(second.stderr, /running already/);
    assert.equal(first.exitCode, null);
  }, noModel));

test('of five that start at once, one listens', () =>
  withDaemonFixture(async ({ start, run, connect: join }) => {
    const all = Array.from({ length: 5 }, () => start('daemon', 'run'));
    const client = await join();
    await Promise.race(all.map(gone));
    const status = JSON.parse((await run(['daemon', 'status', '--json'])).stdout) as { pid: number };
    await Promise.all(all.filter((child) => child.pid !== status.pid).map(gone));
    assert.equal(all.filter((child) => child.exitCode === null).length, 1);
    assert(!client.isClosed);
  }, noModel));

test('a killed daemon leaves a socket behind, and the next one starts all the same', () =>
  withDaemonFixture(async ({ startDaemon, connect: join, socketPath }) => {
    const first = await startDaemon();
    const client = await join();
    first.kill('SIGKILL');
    await gone(first);
    await client.until(() => client.isClosed, 'the end of the stream');
    assert(statSync(socketPath).isSocket());
    await startDaemon();
    await (await join()).initialize();
  }, noModel));

test('a file in the place of the socket or garbage in the lock does not stop it', () =>
  withDaemonFixture(async ({ startDaemon, socketPath, connect: join }) => {
    writeFileSync(socketPath, 'not a socket');
    writeFileSync(path.join(path.dirname(socketPath), 'daemon.lock'), 'garbage '.repeat(1000));
    await startDaemon();
    await (await join()).initialize();
  }, noModel));

test('SIGTERM ends it cleanly: exit code 0, no socket, log says so', () =>
  withDaemonFixture(async ({ startDaemon, socketPath, log }) => {
    const daemon = await startDaemon();
    daemon.kill('SIGTERM');
    assert.equal(await gone(daemon), 0);
    assert.throws(() => statSync(socketPath), /ENOENT/);
    assert.match(log(), /ending cause=signal/);
  }, noModel));

test('idiom daemon stop ends it', () =>
  withDaemonFixture(async ({ startDaemon, run }) => {
    const daemon = await startDaemon();
    assert.match((await run(['daemon', 'stop'])).stdout, /Asked process \d+ to end/);
    assert.equal(await gone(daemon), 0);
    assert.match((await run(['daemon', 'status'])).stdout, /No Idiom daemon/);
  }, noModel));

test('a daemon that is stuck is said to be, and --force ends it', () =>
  withDaemonFixture(async ({ startDaemon, run, socketPath }) => {
    const daemon = await startDaemon();
    daemon.kill('SIGSTOP');
    const [status, doctor] = await Promise.all([run(['daemon', 'status']), run(['doctor'])]);
    assert.equal(status.code, 4);
    assert.match(status.stderr, /process \d+, does not answer\. Run `idiom daemon stop --force`/);
    assert.match(doctor.stdout, /ERROR +daemon +The Idiom daemon, process \d+, does not answer/);
    assert.match((await run(['daemon', 'stop', '--force'])).stdout, /Killed process \d+/);
    await gone(daemon);
    assert.throws(() => statSync(socketPath), /ENOENT/);
    await startDaemon();
    assert.match((await run(['daemon', 'stop', '--force'])).stdout, /Ended process \d+/);
  }, noModel));

for (const [methods, code, words] of [
  [['shutdown', 'exit'], 0, /^$/],
  [['exit'], 1, /without `shutdown`/],
] as const) {
  test(`over standard streams, ${methods.join(' and ')} end with code ${code}`, () =>
    withDaemonFixture(async ({ startDaemon, start }) => {
      await startDaemon();
      const bridge = start('--stdio');
      let stderr = '';
      bridge.stderr?.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
      const { stdin, stdout } = bridge;
      assert(stdin !== null && stdout !== null);
      const client = createLspClient(stdout, stdin);
      await client.initialize();
      if (methods[0] === 'shutdown') await client.connection.sendRequest('shutdown');
      await client.connection.sendNotification('exit');
      assert.equal(await gone(bridge), code);
      assert.match(stderr, words);
      client.dispose();
    }, noModel));
}

test('a newer client replaces an idle daemon, and waits for a busy one to become idle', () =>
  withDaemonFixture(async ({ startDaemon, connect: join }) => {
    const newer = { protocolVersion, version: '99.0.0' };
    const daemon = await startDaemon();
    const [first, second] = [await join(), await join()];
    await first.initialize();
    const busy = await second.connection.sendRequest<{ decision: string }>(messageNames.hello, newer);
    assert.equal(busy.decision, 'later');
    second.dispose();
    first.dispose();
    assert.equal(await gone(daemon), 0);
    const again = await startDaemon();
    const alone = await join();
    const idle = await alone.connection.sendRequest<{ decision: string }>(messageNames.hello, newer);
    assert.equal(idle.decision, 'retry');
    alone.dispose();
    assert.equal(await gone(again), 0);
  }, noModel));

test('an unknown protocol version is refused while others are served', () =>
  withDaemonFixture(async ({ startDaemon, connect: join }) => {
    await startDaemon();
    const [first, second] = [await join(), await join()];
    await first.initialize();
    const wish = { protocolVersion: protocolVersion + 1, version: '99.0.0' };
    const answer = await second.connection.sendRequest<{ decision: string }>(messageNames.hello, wish);
    assert.equal(answer.decision, 'refuse');
    assert.deepEqual(await first.connection.sendRequest('shutdown'), null);
  }, noModel));

test('a client that breaks the protocol is dropped, the others are served on', () =>
  withDaemonFixture(async ({ startDaemon, connect: join, socketPath, log }) => {
    await startDaemon();
    const good = await join();
    await good.initialize();
    const bad = connect(socketPath);
    bad.write('Content-Length: 99999999999\r\n\r\n');
    await new Promise((resolve) => bad.once('close', resolve));
    assert.deepEqual(await good.connection.sendRequest('shutdown'), null);
    assert.match(log(), /broke the protocol/);
  }, noModel));

test('without a base model it says what is missing and what to do', () =>
  withDaemonFixture(async ({ startDaemon, connect: join }) => {
    await startDaemon();
    const client = await join();
    await client.initialize();
    await client.untilState('error');
    assert.match(client.statuses.at(-1)?.detail ?? '', /nonexistent/);
    assert.notEqual(client.statuses.at(-1)?.remedy, undefined);
  }, noModel));

test('a corrupt database is set aside, and a newer one is left alone', () =>
  withDaemonFixture(async ({ startDaemon, connect: join, home }) => {
    writeFileSync(`${home}/idiom.sqlite`, 'not a database '.repeat(500));
    await startDaemon();
    const client = await join();
    await client.initialize();
    await client.until(
      () => /set aside as .*unusable/.test(client.statuses.at(-1)?.detail ?? ''),
      'the remark',
    );
    const aside = /set aside as (\S+);/.exec(client.statuses.at(-1)?.detail ?? '')?.[1] ?? '';
    assert.match(readFileSync(aside, 'utf8'), /^not a database/);
  }, noModel));
