/** A repository with a history to learn from, and a daemon whose trainings and gate are as small. */

import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { learningMessages } from '../../protocol/learning.ts';
import type { LoopStateName, RepositoryLearning, VersionsResult } from '../../protocol/learning.ts';
import type { GitFixture } from '../support/gitFixture.ts';
import { createGrowingRepository } from '../support/loop/growingRepository.ts';
import type { LspClient } from '../support/lspClient.ts';
import type { DaemonFixture } from './daemonFixture.ts';

/** As small as a dataset may be, few steps that go far, and a gate that asks for little; all of learning.json. */
export const quickLearning = {
  training: { nSteps: 4, tokensPerStep: 384, learningRate: 5e-4, nEvaluationCases: 1 },
  dataset: {
    maxCommits: 30,
    heldOutCommitShare: 0.3,
    nEvaluationCases: 20,
    nFillIns: 30,
    windowTokens: 9000,
    maxItemTokens: 192,
    retrievalShare: 0.1,
    replayShare: 0,
  },
  gate: {
    ...{ minCases: 2, minGroups: 1, minCompleted: 0, minNllGain: 0, confidence: 0.01 },
    ...{ maxOutsideLoss: 10, maxSlower: 20, exactMatchLimit: 1, exactMatchMargin: 1 },
  },
  canary: { strongGain: -10 },
  ...{ nCompleted: 1, nFrozen: 0, nOutside: 2 },
};

/** Other work may keep the machine busy; nothing is measured. */
const waitMs = 150_000;

const settings = {
  learning: { automatic: false, approval: 'ask', canaryDays: 0, canaryShare: 100, budgetMinutes: 15 },
};

export interface LearningFixture {
  readonly fixture: DaemonFixture;
  readonly repository: GitFixture;
  readonly uri: string;
  /** A client that has opened a file of the repository, and is told of its learning. */
  open(wish?: { learning?: Record<string, unknown> }): Promise<LspClient>;
}

export async function prepareLearning(
  fixture: DaemonFixture,
  options: object = {},
): Promise<LearningFixture> {
  const { fixture: repository } = createGrowingRepository();
  mkdirSync(fixture.home, { recursive: true });
  writeFileSync(join(fixture.home, 'learning.json'), JSON.stringify({ ...quickLearning, ...options }));
  const uri = pathToFileURL(join(repository.root, 'src/base/clock.ts')).href;
  return {
    ...{ fixture, repository, uri },
    async open(wish = {}) {
      const client = await fixture.connect();
      await client.initialize({
        folders: [pathToFileURL(repository.root).href],
        settings: { learning: { ...settings.learning, ...wish.learning } },
      });
      await client.untilState('ready');
      await client.until(() => newest(client) !== undefined, 'the repository');
      return client;
    },
  };
}

export function newest(client: LspClient): RepositoryLearning | undefined {
  return client.learnings.at(-1)?.[0];
}

/** Resolves when the loop has been in one of these states since it was last asked. */
export async function untilLearning(
  client: LspClient,
  ...states: LoopStateName[]
): Promise<RepositoryLearning> {
  await client.until(
    () => states.includes(newest(client)?.state ?? 'idle') && newest(client) !== undefined,
    `the loop to be ${states.join(' or ')}; it is ${JSON.stringify(newest(client))}`,
    waitMs,
  );
  const found = newest(client);
  assert(found !== undefined);
  return found;
}

export const ask = <T>(
  client: LspClient,
  message: keyof typeof learningMessages,
  params: object,
): Promise<T> => client.connection.sendRequest<T>(learningMessages[message], params);

export const versionsOf = (client: LspClient, uri: string): Promise<VersionsResult> =>
  ask<VersionsResult>(client, 'versions', { uri });
