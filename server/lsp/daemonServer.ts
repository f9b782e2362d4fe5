/** The one listening daemon of a user: lock, socket, clients, and the end. What a client may ask stands in clientSession.ts. */

import { chmodSync, mkdirSync, rmSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import type { Server, Socket } from 'node:net';
import { dirname } from 'node:path';
import { anyVersion, greetDaemon } from '../../protocol/greetDaemon.ts';
import { protocolVersion } from '../../protocol/messages.ts';
import type { Clock } from '../base/clock.ts';
import type { Disposable } from '../base/disposable.ts';
import { describeError, explainFileError, IdiomError } from '../base/errors.ts';
import type { Logger } from '../base/logger.ts';
import { removeProcessFile, writeProcessFile } from '../base/processFile.ts';
import { acquireLock } from '../store/lock.ts';

export interface DaemonServerOptions {
  /** Unix socket, or a named pipe on Windows. */
  readonly socketPath: string;
  readonly lockPath: string;
  /** Names the process that is the daemon, for those who can't ask it. */
  readonly processPath: string;
  /** How long to stay after the last client has left. */
  readonly graceMs: number;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Serves one client until its stream closes; disposing ends it. */
  serve(stream: Socket, daemon: DaemonServer): Disposable;
}

/** A started daemon. `ended` resolves when it listens no more and every client is gone. */
export interface DaemonServer {
  readonly nClients: number;
  readonly ended: Promise<void>;
  /** Ends once the last client has left, without grace time. */
  endWhenIdle(): void;
  /** Ends now; clients see their stream close. */
  end(cause: string): void;
}

const isPipe = process.platform === 'win32';

/**
 * Becomes this user's daemon, or returns undefined when one is running and answers.
 * A socket left by a killed daemon is removed: whoever holds the lock owns the path.
 * @throws IdiomError `notPermitted` or `diskFull` when the runtime folder can't be used, `internal` when it can't listen.
 */
export async function startDaemonServer(options: DaemonServerOptions): Promise<DaemonServer | undefined> {
  const lock = await lockOrJoin(options);
  if (lock === undefined) return undefined;
  try {
    return await listen(options, lock);
  } catch (error) {
    lock.dispose();
    throw error;
  }
}

/** An ending daemon holds the lock a moment longer than it listens, hence the patience. */
async function lockOrJoin(options: DaemonServerOptions): Promise<Disposable | undefined> {
  const { clock, lockPath, socketPath } = options;
  for (let attempt = 0; attempt < 100; attempt++) {
    const lock = acquireLock(lockPath);
    if (lock !== undefined) return lock;
    const greeting = await greetDaemon(socketPath, { protocolVersion, version: anyVersion }, clock);
    if (greeting.kind === 'answer') {
      greeting.socket.destroy();
      return undefined;
    }
    if (greeting.kind === 'silent') break;
    await new Promise<void>((resolve) => void clock.setTimer(100, resolve));
  }
  throw new IdiomError('daemonUnreachable', 'The Idiom daemon that is running does not answer.', {
    remedy: 'Run `idiom daemon stop --force`, then try again.',
  });
}

async function listen(options: DaemonServerOptions, lock: Disposable): Promise<DaemonServer> {
  const { socketPath, processPath, logger } = options;
  if (!isPipe) prepareSocketFolder(socketPath);
  try {
    writeProcessFile(processPath);
  } catch (error) {
    logger.warn('daemon', 'no process file', { error: describeError(error) });
  }
  const server = createServer();
  // The socket must not be open to others for even a moment, so it is made under a strict mask.
  const mask = process.umask(0o177);
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(socketPath, resolve);
    });
  } catch (error) {
    throw new IdiomError('internal', `The daemon can't listen on ${socketPath}: ${describeError(error)}.`, {
      cause: error,
    });
  } finally {
    process.umask(mask);
  }
  logger.info('daemon', 'listening', { pid: process.pid });
  return new RunningServer(options, server, lock);
}

function prepareSocketFolder(socketPath: string): void {
  const folder = dirname(socketPath);
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    if (statSync(folder).uid === process.getuid?.()) chmodSync(folder, 0o700);
    else throw Object.assign(new Error(`${folder} belongs to another user`), { code: 'EACCES' });
    rmSync(socketPath, { force: true });
  } catch (error) {
    throw explainFileError(error, folder);
  }
}

class RunningServer implements DaemonServer {
  readonly ended: Promise<void>;
  readonly #options: DaemonServerOptions;
  readonly #server: Server;
  readonly #lock: Disposable;
  readonly #clients = new Map<Socket, Disposable>();
  #graceTimer: Disposable | undefined;
  #isLeaving = false;
  #isEnding = false;
  #resolveEnded: () => void = () => undefined;

  constructor(options: DaemonServerOptions, server: Server, lock: Disposable) {
    this.#options = options;
    this.#server = server;
    this.#lock = lock;
    this.ended = new Promise((resolve) => (this.#resolveEnded = resolve));
    server.on('connection', (socket) => this.#welcome(socket));
    server.on('error', (error) =>
      options.logger.error('daemon', 'listening failed', { error: error.message }),
    );
    this.#startGrace();
  }

  get nClients(): number {
    return this.#clients.size;
  }

  endWhenIdle(): void {
    this.#isLeaving = true;
    if (this.#clients.size === 0) this.end('idle');
  }

  end(cause: string): void {
    if (this.#isEnding) return;
    this.#isEnding = true;
    this.#options.logger.info('daemon', 'ending', { cause });
    this.#graceTimer?.dispose();
    for (const [socket, session] of this.#clients) {
      this.#drop(session);
      socket.end();
      socket.destroySoon();
    }
    this.#clients.clear();
    this.#server.close(() => {
      removeProcessFile(this.#options.processPath);
      this.#lock.dispose();
      this.#resolveEnded();
    });
  }

  #welcome(socket: Socket): void {
    const { logger } = this.#options;
    this.#graceTimer?.dispose();
    socket.on('error', (error) => logger.debug('daemon', 'client stream failed', { error: error.message }));
    socket.on('close', () => this.#farewell(socket));
    try {
      this.#clients.set(socket, this.#options.serve(socket, this));
    } catch (error) {
      logger.error('daemon', 'a client could not be served', { error: describeError(error) });
      socket.destroy();
    }
    logger.info('daemon', 'client joined', { nClients: this.#clients.size });
  }

  #farewell(socket: Socket): void {
    const session = this.#clients.get(socket);
    this.#clients.delete(socket);
    if (session !== undefined) this.#drop(session);
    if (this.#isEnding || this.#clients.size > 0) return;
    if (this.#isLeaving) this.end('replaced');
    else this.#startGrace();
  }

  /** One client's end must not hurt the others. */
  #drop(session: Disposable): void {
    try {
      session.dispose();
    } catch (error) {
      this.#options.logger.error('daemon', 'a client session did not end cleanly', {
        error: describeError(error),
      });
    }
  }

  #startGrace(): void {
    this.#graceTimer?.dispose();
    this.#graceTimer = this.#options.clock.setTimer(this.#options.graceMs, () => this.end('no clients'));
  }
}
