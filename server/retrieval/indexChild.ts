/** The child process that writes indexes: at the lowest priority, so that suggestions and keystrokes never wait for it. */

import { constants, setPriority } from 'node:os';
import { setFlagsFromString } from 'node:v8';
import { systemClock } from '../base/clock.ts';
import { describeError } from '../base/errors.ts';
import { toIndexerSchema } from './indexMessages.ts';
import type { FromIndexer, ToIndexer } from './indexMessages.ts';
import { RepositoryIndexer } from './repositoryIndexer.ts';
import { createSyntaxReader } from './syntax.ts';
import type { SyntaxReader } from './syntax.ts';

const indexers = new Map<string, RepositoryIndexer>();
const grammarFolder = process.argv[2];

/** Optimising the grammars' large functions took up to 200 MB and saved no time (bench/retrieval). */
setFlagsFromString('--liftoff-only');
try {
  setPriority(constants.priority.PRIORITY_LOW);
} catch {
  // Some sandboxes forbid it; the work is cut into short steps anyway.
}
const syntax = createSyntaxReader(grammarFolder).catch((): SyntaxReader | undefined => undefined);

function send(message: FromIndexer): void {
  if (process.connected) process.send?.(message, () => undefined);
}

async function open(message: Extract<ToIndexer, { type: 'open' }>): Promise<void> {
  const reader = await syntax;
  indexers.get(message.key)?.dispose();
  const { key, indexPath, root, gitDir, settingGlobs } = message;
  const indexer = new RepositoryIndexer({
    key,
    indexPath,
    root,
    gitDir,
    settingGlobs,
    syntax: reader,
    clock: systemClock,
    notify: send,
  });
  indexers.set(key, indexer);
  indexer.sync('opened');
}

async function handle(message: ToIndexer): Promise<void> {
  if (message.type === 'open') return open(message);
  const indexer = indexers.get(message.key);
  switch (message.type) {
    case 'close':
      indexer?.dispose();
      indexers.delete(message.key);
      return;
    case 'update':
      return indexer?.update(message.paths);
    case 'sync':
      return indexer?.sync(message.cause);
    case 'cancel':
      return indexer?.cancel();
    case 'settings':
      return indexer?.setSettingGlobs(message.settingGlobs);
  }
}

/** Messages are handled one after the other, so that `update` never overtakes `open`. */
let last: Promise<void> = Promise.resolve();
process.on('message', (value) => {
  const parsed = toIndexerSchema.safeParse(value);
  if (!parsed.success) return;
  const message = parsed.data;
  last = last
    .then(() => handle(message))
    .catch((error: unknown) => send({ type: 'trouble', key: message.key, reason: describeError(error) }));
});
process.on('disconnect', () => process.exit(0));
