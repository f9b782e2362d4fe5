/** An LSP connection over one stream; unlike the library's own, its end never ends the process. */

import type { Duplex } from 'node:stream';
import {
  createConnection as createServerConnection,
  createProtocolConnection,
  ProposedFeatures,
} from 'vscode-languageserver';
import type { Connection } from 'vscode-languageserver';
import { StreamMessageReader, StreamMessageWriter } from 'vscode-languageserver/node';
import type { Logger } from '../base/logger.ts';
import { MessageGuard, tooLongError } from './messageGuard.ts';

/** `onExit` runs when the client sends `exit`. A stream that breaks the base protocol is closed and logged. */
export function createStreamConnection(stream: Duplex, logger: Logger, onExit: () => void): Connection {
  const writer = new StreamMessageWriter(stream);
  const guard = new MessageGuard((message) => {
    const { method, id, lengthBytes } = message;
    logger.warn('lsp', 'a message was too long and was passed over', { method, lengthBytes });
    if (method === undefined || id === undefined) return;
    const answer = { jsonrpc: '2.0', id, error: tooLongError(message) };
    writer.write(answer).catch(() => undefined);
  });
  stream.pipe(guard);
  guard.on('error', (error) => {
    logger.warn('lsp', 'a client broke the protocol and was disconnected', { error: error.message });
    stream.destroy();
  });
  const reader = new StreamMessageReader(guard);
  const watchDog = { shutdownReceived: false, initialize: () => undefined, exit: onExit };
  const connection = createServerConnection(
    (protocolLogger) => createProtocolConnection(reader, writer, protocolLogger),
    watchDog,
    ProposedFeatures.all,
  ) as Connection;
  reader.onError((error) => logger.warn('lsp', 'a message could not be read', { error: error.message }));
  writer.onError(([error]) =>
    logger.debug('lsp', 'a message could not be written', { error: error.message }),
  );
  return connection;
}
