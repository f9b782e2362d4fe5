/** `idiom/forget` over streams in memory: counted, done, told to the loop; and refused with a sentence. */

import assert from 'node:assert/strict';
import { existsSync, mkdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { duplexPair } from 'node:stream';
import { test } from 'node:test';
import { createMessageConnection, StreamMessageReader, StreamMessageWriter } from 'vscode-jsonrpc/node';
import { learningMessages } from '../../protocol/learning.ts';
import type { ForgetResult } from '../../protocol/learning.ts';
import { IdiomError } from '../../server/base/errors.ts';
import { silentLogger } from '../../server/base/logger.ts';
import { tidyDatasets } from '../../server/learning/tidyDatasets.ts';
import { createStreamConnection } from '../../server/lsp/createConnection.ts';
import { registerForget } from '../../server/lsp/forgetRequest.ts';
import type { ForgetServices } from '../../server/lsp/forgetRequest.ts';
import { byGate, key, withRegistry } from '../unit/registry/registryFixture.ts';

interface Asked {
  ask(params: object): Promise<ForgetResult>;
  readonly told: string[];
  readonly version: string;
}

/** One suggestion in src/a.ts, and a champion whose dataset is not there any more. */
async function check(
  body: (asked: Asked) => Promise<void>,
  change: (services: ForgetServices) => ForgetServices | undefined = (services) => services,
): Promise<void> {
  await withRegistry(async ({ root, ground, registry, clock, train, judge }) => {
    const version = await train('new');
    judge(version, 'pass');
    registry.promote(key, version, byGate);
    ground.suggestions.add({
      ...{
        id: 's1',
        repoId: key.repoId,
        uri: 'file:///r/src/a.ts',
        path: 'src/a.ts',
        languageId: 'x',
        atMs: 5,
      },
      ...{
        offset: 0,
        prefix: 'p',
        suffix: '',
        text: 't',
        isMultiline: false,
        adapter: 'base',
        baseModel: 'm',
      },
      ...{ route: 'local', latencyMs: {}, snippets: [] },
    });
    const told: string[] = [];
    const services: ForgetServices = {
      ...{ ground, registry, clock, folders: { data: root, cache: join(root, 'cache') } },
      repoIdOf: (uri) => Promise.resolve(uri === 'file:///r' ? key.repoId : 'elsewhere'),
      tellLoop: (repoId, adapters, isRetraining) =>
        told.push(`${repoId} ${adapters.length} ${isRetraining}`) > 0,
    };
    const [near, far] = duplexPair();
    const server = createStreamConnection(far, silentLogger, () => undefined);
    registerForget(server, () => change(services));
    server.listen();
    const client = createMessageConnection(new StreamMessageReader(near), new StreamMessageWriter(near));
    client.listen();
    try {
      await body({ told, version, ask: (params) => client.sendRequest(learningMessages.forget, params) });
    } finally {
      client.dispose();
      server.dispose();
    }
  });
}

test('counting tells what would go and deletes nothing', () =>
  check(async ({ ask, told, version }) => {
    const counted = { nSuggestions: 1, nOutcomes: 0, nExamples: 0, nDatasets: 0, adapters: [version] };
    const answer = { ...counted, rolledBackTo: 'base', isRetraining: false };
    assert.deepEqual(await ask({ uri: 'file:///r', path: 'src/', isDryRun: true }), answer);
    assert.deepEqual(told, []);
    assert.deepEqual(await ask({ uri: 'file:///r', path: 'src' }), { ...answer, isRetraining: true });
    assert.deepEqual(told, [`${key.repoId} 1 true`]);
  }));

test('where nothing is found, the loop hears nothing', () =>
  check(async ({ ask, told }) => {
    assert.equal((await ask({ uri: 'file:///other' })).nSuggestions, 0);
    assert.deepEqual(told, []);
  }));

test('where nothing is recorded, there is nothing to forget', () =>
  check(
    async ({ ask }) => assert.equal((await ask({ uri: 'file:///r' })).nSuggestions, 0),
    () => undefined,
  ));

test('what is no question is refused', () =>
  check(async ({ ask }) => {
    for (const params of [{}, { uri: 'file:///r', path: '' }, { uri: 'file:///r', sinceMs: 'yesterday' }]) {
      await assert.rejects(ask(params));
    }
    assert.equal((await ask({ uri: 'file:///r', isDryRun: true })).nSuggestions, 1);
  }));

test('a full disk is told, and nothing was forgotten', () =>
  check(
    async ({ ask }) => {
      await assert.rejects(ask({ uri: 'file:///r' }), /^Error: The disk is full\. Free some space\.$/);
    },
    (services) => ({
      ...services,
      repoIdOf: () =>
        Promise.reject(new IdiomError('diskFull', 'The disk is full.', { remedy: 'Free some space.' })),
    }),
  ));

test('datasets go after their time', () =>
  withRegistry(({ root }) => {
    const folder = join(root, 'datasets');
    assert.deepEqual(tidyDatasets(folder, 1e12), []);
    for (const [name, atS] of [
      ['old', 1000],
      ['new', 3000],
    ] as const) {
      mkdirSync(join(folder, name), { recursive: true });
      writeFileSync(join(folder, name, 'examples.jsonl'), '');
      utimesSync(join(folder, name), atS, atS);
    }
    assert.deepEqual(tidyDatasets(folder, 2_000_000), ['old']);
    assert.deepEqual([existsSync(join(folder, 'old')), existsSync(join(folder, 'new'))], [false, true]);
    rmSync(folder, { recursive: true });
  }));
