/** Copies bytes between an editor and the daemon until either side ends, and tells which did and why. */

import type { Socket } from 'node:net';
import type { Readable, Writable } from 'node:stream';
import { FrameFollower } from '../../protocol/frameFollower.ts';
import type { Clock } from '../base/clock.ts';

export type BridgeEnd =
  /** The editor sent `exit`, with or without `shutdown` before it. */
  | 'exit'
  | 'exitWithoutShutdown'
  /** The editor closed its end. */
  | 'editorLeft'
  /** The daemon's end closed by itself. */
  | 'lost';

/** A daemon closes its end at once when it is told `exit`. */
const exitTimeoutMs = 2_000;
/** The two messages that are looked for are short. */
const longestLookedAt = 1_000;

/** https://microsoft.github.io/language-server-protocol/specifications/lsp/3.17/specification/#exit */
export function bridge(input: Readable, output: Writable, socket: Socket, clock: Clock): Promise<BridgeEnd> {
  const { promise, resolve } = Promise.withResolvers<BridgeEnd>();
  let isShutDown = false;
  let exit: BridgeEnd | undefined;
  const note = (method: unknown) => {
    if (method === 'shutdown') isShutDown = true;
    if (method !== 'exit' || exit !== undefined) return;
    exit = isShutDown ? 'exit' : 'exitWithoutShutdown';
    const timer = clock.setTimer(exitTimeoutMs, () => socket.destroy());
    socket.once('close', () => timer.dispose());
  };
  input.on('data', createListener(note));
  socket.once('close', () => resolve(exit ?? (input.readableEnded ? 'editorLeft' : 'lost')));
  socket.on('error', () => undefined);
  input.pipe(socket);
  socket.pipe(output);
  return promise;
}

/** Calls back with the method of each short message in a stream; of one that is no LSP, with nothing. */
function createListener(note: (method: unknown) => void): (chunk: Buffer) => void {
  const follower = new FrameFollower();
  let isUnderstood = true;
  let body: Buffer[] | undefined;
  return (chunk) => {
    if (!isUnderstood) return;
    try {
      for (const part of follower.follow(chunk)) {
        if (part.kind === 'header') body = part.lengthBytes <= longestLookedAt ? [] : undefined;
        else body?.push(part.bytes);
        if (part.kind !== 'body' || part.nLeft > 0 || body === undefined) continue;
        note((JSON.parse(Buffer.concat(body).toString()) as { method?: unknown } | null)?.method);
      }
    } catch {
      isUnderstood = false;
    }
  };
}
