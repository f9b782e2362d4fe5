/** How the connection of an editor over standard streams ends, and that it carries every byte. */

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { test } from 'node:test';
import { ManualClock } from '../../../server/base/clock.ts';
import { bridge } from '../../../server/cli/bridge.ts';
import { encodeFrame } from '../../../protocol/messageFrame.ts';
import { temporaryFolder } from '../../support/gitFixture.ts';

interface Ends {
  readonly editor: PassThrough;
  readonly daemon: Socket;
  readonly clock: ManualClock;
}

/** How the bridge ends after `act`. */
function check(name: string, act: (ends: Ends) => void | Promise<void>, expected: string): void {
  test(name, async () => {
    const folder = temporaryFolder();
    const server = createServer({ allowHalfOpen: true }).listen(join(folder, 's'));
    const editor = new PassThrough();
    const clock = new ManualClock();
    const socket = connect(join(folder, 's'));
    const [daemon] = (await once(server, 'connection')) as [Socket];
    try {
      const end = bridge(editor, new PassThrough().resume(), socket, clock);
      await act({ editor, daemon, clock });
      assert.equal(await end, expected);
    } finally {
      daemon.destroy();
      server.close();
      rmSync(folder, { recursive: true, force: true });
    }
  });
}

const say = (method: string, more: object = {}) => encodeFrame({ jsonrpc: '2.0', method, ...more });
const shutdown = say('shutdown', { id: 1 });
const exit = say('exit');

/** Sends bytes in pieces of `size`, and ends the daemon's side when all have come. */
async function pass({ editor, daemon }: Ends, bytes: Buffer, size = bytes.length): Promise<void> {
  let heard = 0;
  const all = new Promise<void>((resolve) =>
    daemon.on('data', (data: Buffer) => {
      heard += data.length;
      if (heard >= bytes.length) resolve();
    }),
  );
  for (let at = 0; at < bytes.length; at += size) editor.write(bytes.subarray(at, at + size));
  await all;
}

async function passAndEnd(ends: Ends, bytes: Buffer, size?: number): Promise<void> {
  await pass(ends, bytes, size);
  ends.daemon.end();
}

check('shutdown and exit', (ends) => passAndEnd(ends, Buffer.concat([shutdown, exit])), 'exit');
check('the same, byte by byte', (ends) => passAndEnd(ends, Buffer.concat([shutdown, exit]), 1), 'exit');
check('exit alone', (ends) => passAndEnd(ends, exit), 'exitWithoutShutdown');
check('the daemon ends', (ends) => passAndEnd(ends, shutdown), 'lost');
check(
  'words in a document are no messages',
  (ends) => passAndEnd(ends, say('textDocument/didOpen', { params: { text: exit.toString().repeat(50) } })),
  'lost',
);
check(
  'what is no LSP is passed on',
  (ends) => passAndEnd(ends, Buffer.from('GET /\r\n\r\nexit'.repeat(99))),
  'lost',
);
check(
  'the editor leaves',
  ({ editor, daemon }) => {
    daemon.on('end', () => daemon.end()).resume();
    editor.end();
  },
  'editorLeft',
);
check(
  'exit, and a daemon that does not answer',
  async (ends) => {
    await pass(ends, Buffer.concat([shutdown, exit]));
    ends.clock.advance(2_000);
  },
  'exit',
);
