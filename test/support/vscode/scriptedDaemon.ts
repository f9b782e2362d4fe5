/**
 * A daemon that says what the test tells it, on the socket where the extension looks: no engine, no index. What the
 * dashboard asks is answered from a real database and registry with a made-up past; only the loop is scripted.
 */

import { mkdirSync } from 'node:fs';
import { createServer } from 'node:net';
import type { Socket } from 'node:net';
import { basename, dirname } from 'node:path';
import { createMessageConnection, StreamMessageReader, StreamMessageWriter } from 'vscode-jsonrpc/node';
import type { MessageConnection } from 'vscode-jsonrpc/node';
import { learningMessages } from '../../../protocol/learning.ts';
import type {
  DashboardParams,
  ForgetResult,
  LearningParams,
  PauseParams,
  PromoteParams,
  ReportParams,
  RepositoryLearning,
  VersionsResult,
} from '../../../protocol/learning.ts';
import { messageNames, protocolVersion } from '../../../protocol/messages.ts';
import { socketPath } from '../../../protocol/socketPath.ts';
import { dashboardOf } from '../../../server/lsp/dashboard.ts';
import { createAdapterRegistry } from '../../../server/registry/adapterRegistry.ts';
import type { AdapterRegistry } from '../../../server/registry/adapterRegistry.ts';
import { listVersions } from '../../../server/registry/listVersions.ts';
import { openGround } from '../../../server/store/ground.ts';
import { seedLearning } from '../seedLearning.ts';
import type { PastOptions } from '../seedLearning.ts';
import type { RunFolder } from './runFolder.ts';

export type Past = Pick<PastOptions, 'nSuggestions' | 'nDays' | 'nVersions' | 'nCasesPerReport'>;

export interface ScriptedDaemon {
  /** Digests of the past's versions, newest first. */
  readonly digests: readonly string[];
  /** Methods that were asked for, in order, with their parameters. */
  readonly asked: { readonly method: string; readonly params: Readonly<Record<string, unknown>> }[];
  /** Tells every client that the loop is so now. */
  tell(change: Partial<RepositoryLearning>): void;
  /** While set, every learning request fails with this sentence. */
  trouble: string | undefined;
  dispose(): Promise<void>;
}

const key = { repoId: 'shop', baseDigest: 'scripted' };
const forgotten: ForgetResult = {
  ...{ nSuggestions: 12, nOutcomes: 11, nExamples: 4, nDatasets: 1 },
  ...{ adapters: [], isRetraining: false },
};

/** Listens before the editor starts, so that the extension joins it instead of starting the real one. */
export async function startScriptedDaemon(
  folder: RunFolder,
  root: string,
  past: Past,
): Promise<ScriptedDaemon> {
  const nowMs = Date.now();
  const clock = { nowMs: () => Date.now() };
  const { ground } = openGround(':memory:', clock);
  const adaptersFolder = `${folder.root}/adapters`;
  const digests = seedLearning(ground, { ...key, ...past, nowMs, adaptersFolder });
  const registry = createAdapterRegistry({ ground, adaptersFolder, taskAdapterOf: () => undefined, clock });
  const clients = new Set<MessageConnection>();
  let learning: RepositoryLearning = {
    ...{ repoId: key.repoId, name: basename(root), root, state: 'collecting' },
    ...{ detail: 'Examples gather; a training begins when there are enough.', nNewExamples: 31, nWanted: 60 },
    serving: registry.champion(key),
  };
  const asked: ScriptedDaemon['asked'] = [];
  const daemon: ScriptedDaemon = {
    ...{ digests, asked, trouble: undefined },
    tell(change) {
      learning = { ...learning, ...change };
      for (const client of clients) tellLearning(client, learning);
    },
    async dispose() {
      for (const client of clients) client.dispose();
      sockets.forEach((socket) => socket.destroy());
      await new Promise((resolve) => server.close(resolve));
      ground.dispose();
    },
  };
  const versions = (): VersionsResult => ({
    ...{ repoId: key.repoId, name: basename(root) },
    ...{ versions: listVersions(registry, key.repoId), aliases: registry.aliases(key) },
  });
  const serving = (): VersionsResult => {
    daemon.tell({ serving: registry.champion(key) });
    return versions();
  };
  const answers: Record<string, (params: never) => unknown> = {
    ...greetings,
    [learningMessages.versions]: versions,
    [learningMessages.report]: ({ digest }: ReportParams) => ground.evalReports.newestOf(digest) ?? null,
    [learningMessages.dashboard]: ({ nDays }: DashboardParams) => {
      const folders = { data: folder.idiomHome, models: folder.idiomHome };
      const facts = { learning, versions: versions(), ground, index, builtIn: undefined, folders };
      return dashboardOf({ ...facts, nowMs: Date.now() }, nDays);
    },
    [learningMessages.rollback]: () => {
      registry.rollback(key, { who: 'person', why: 'Asked for in the editor.' });
      return serving();
    },
    [learningMessages.promote]: ({ digest, overrideReason }: PromoteParams) => {
      promote(registry, digest, overrideReason);
      return serving();
    },
    [learningMessages.pause]: ({ isPaused }: PauseParams) => {
      daemon.tell(
        isPaused
          ? { state: 'paused', detail: 'Learning is paused.' }
          : { state: 'idle', detail: 'Nothing new.' },
      );
      return null;
    },
    [learningMessages.train]: () => {
      const { wasCanceled: _wasCanceled, ...rest } = learning;
      learning = rest;
      daemon.tell({ state: 'building', detail: 'Preparing examples.', progress: { share: 0.1 } });
      return null;
    },
    [learningMessages.cancel]: () => {
      const { progress: _progress, ...rest } = learning;
      learning = { ...rest, state: 'idle', detail: 'Training canceled.', wasCanceled: true };
      daemon.tell({});
      return null;
    },
    [learningMessages.thumbs]: () => null,
    [learningMessages.forget]: () => forgotten,
  };
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    const client = createMessageConnection(new StreamMessageReader(socket), new StreamMessageWriter(socket));
    client.onRequest((method, params) => {
      const isLearning = Object.values<string>(learningMessages).includes(method);
      if (isLearning) asked.push({ method, params: params as Record<string, unknown> });
      if (isLearning && daemon.trouble !== undefined) throw new Error(daemon.trouble);
      return answers[method]?.(params as never) ?? null;
    });
    client.onNotification('initialized', () => {
      clients.add(client);
      void client.sendNotification(messageNames.status, {
        state: 'ready',
        detail: 'Scripted.',
        baseModel: 'Scripted',
      });
      tellLearning(client, learning);
    });
    client.onClose(() => clients.delete(client));
    client.listen();
  });
  const path = listeningPath(folder);
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  await new Promise<void>((resolve) => server.listen(path, resolve));
  return daemon;
}

const index = {
  nFiles: 412,
  nLines: 61_000,
  nChunks: 3120,
  nDefinitions: 2200,
  sourceBytes: 2.4e6,
  indexBytes: 9.4e5,
  skipped: [],
};

const greetings = {
  [messageNames.hello]: () => ({ protocolVersion, version: '0.1.0', pid: process.pid, decision: 'serve' }),
  initialize: () => ({ capabilities: {}, serverInfo: { name: 'Scripted' } }),
};

function tellLearning(client: MessageConnection, learning: RepositoryLearning): void {
  const params: LearningParams = { repositories: [learning] };
  client.sendNotification(learningMessages.learning, params).catch(() => undefined);
}

function promote(registry: AdapterRegistry, digest: string, overrideReason: string | undefined): void {
  const cause = { who: 'person', why: overrideReason ?? 'Asked for in the editor.' } as const;
  registry.promote(key, digest, overrideReason === undefined ? cause : { ...cause, overrideReason });
}

function listeningPath({ env }: RunFolder): string {
  const uid = process.getuid?.();
  return socketPath({ env, platform: process.platform, uid, tmpDir: '/tmp', homeDir: env['HOME'] ?? '/' });
}
