/** A small HTTP server on loopback that serves one file like the hub does, and misbehaves when told to. */

import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { toDisposable } from '../../../server/base/disposable.ts';
import type { Clock } from '../../../server/base/clock.ts';
import { digestOf } from '../../../server/base/digest.ts';

export interface FileServerOptions {
  /** Answer to everything; default 200. */
  readonly status?: number;
  /** Answer to what the hub redirects to; default 200. */
  readonly cdnStatus?: number;
  /** SHA-256 stated; default: the true one. '': none. */
  readonly sha256?: string;
  /** Cuts the connection after so many bytes of the n-th GET. */
  readonly cutAfterBytes?: readonly number[];
  readonly ignoresRange?: boolean;
  /** States no size. */
  readonly isSizeless?: boolean;
  /** The first GET is sent so much, then nothing more. */
  readonly hangsAfterBytes?: number;
}

export class FileServer {
  readonly content: Buffer;
  /** Method and range of each request, and its authorization where there is one. */
  readonly log: string[] = [];
  readonly #options: FileServerOptions;
  readonly #server: Server;
  #nGets = 0;

  constructor(content: Buffer, options: FileServerOptions = {}) {
    this.content = content;
    this.#options = options;
    this.#server = createServer((request, response) => this.#answer(request, response));
  }

  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const { status = 200, cdnStatus, sha256, isSizeless, ignoresRange } = this.#options;
    const { method, headers, url = '' } = request;
    const notes = [method, url.startsWith('/cdn') ? 'cdn' : '', headers.range, headers.authorization];
    this.log.push(notes.filter((note) => note !== undefined && note !== '').join(' '));
    if (status !== 200) return void response.writeHead(status).end();
    if (!url.startsWith('/cdn')) {
      const stated = sha256 ?? digestOf(this.content);
      if (isSizeless !== true) response.setHeader('X-Linked-Size', this.content.length);
      if (stated !== '') response.setHeader('X-Linked-ETag', `"${stated}"`);
      return void response.writeHead(302, { location: '/cdn/file' }).end();
    }
    if (cdnStatus !== undefined) return void response.writeHead(cdnStatus).end();
    const from = ignoresRange === true ? 0 : Number(/bytes=(\d+)-/.exec(headers.range ?? '')?.[1] ?? 0);
    if (from >= this.content.length) return void response.writeHead(416).end();
    const body = this.content.subarray(from);
    response.writeHead(from > 0 ? 206 : 200, { 'content-length': body.length });
    this.#send(response, body);
  }

  #send(response: ServerResponse, body: Buffer): void {
    const { cutAfterBytes = [], hangsAfterBytes } = this.#options;
    const cutAt = cutAfterBytes[this.#nGets++];
    if (hangsAfterBytes !== undefined && this.#nGets === 1) response.write(body.subarray(0, hangsAfterBytes));
    else if (cutAt !== undefined)
      response.write(body.subarray(0, cutAt), () => setTimeout(() => response.destroy(), 20));
    else response.end(body);
  }
}

/** Waits take no time; a silence of a minute never comes, or comes after `silenceMs`. */
export function hurriedClock(silenceMs?: number): Clock {
  return {
    nowMs: () => Date.now(),
    monotonicMs: () => performance.now(),
    setTimer(delayMs, callback) {
      if (delayMs >= 60_000 && silenceMs === undefined) return toDisposable(() => undefined);
      const timer = setTimeout(callback, delayMs >= 60_000 ? silenceMs : 0);
      return toDisposable(() => clearTimeout(timer));
    },
  };
}
