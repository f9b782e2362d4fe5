/** The daemon's upkeep at start: what an older Idiom stored is looked through, the loop hears of it, and an end in between is no fault. */

import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { createLogger } from '../../../server/base/logger.ts';
import { startUpkeep } from '../../../server/learning/startUpkeep.ts';
import { byGate, key, withRegistry } from '../registry/registryFixture.ts';

interface Told {
  /** `repoId adapters isRetraining`. */
  readonly loop: readonly string[];
  readonly log: string;
}

/** With a champion that was trained on a password. @param whenQuiet waited for between texts. */
async function upkeep(whenQuiet: () => Promise<void>, untilLogged: RegExp | undefined): Promise<Told> {
  const loop: string[] = [];
  const log: string[] = [];
  await withRegistry(
    async ({ root, ground, registry, clock, train, judge, nameOf }) => {
      const datasetDigest = 'd'.repeat(64);
      mkdirSync(join(root, 'datasets', datasetDigest), { recursive: true });
      const example = {
        kind: 'window',
        source: 'history',
        path: 'a.py',
        text: 'password = "qX7vT2mK9pLw4RzN"',
      };
      writeFileSync(join(root, 'datasets', datasetDigest, 'examples.jsonl'), JSON.stringify(example));
      const digest = await train('leaky', { datasetDigest });
      judge(digest, 'pass');
      registry.promote(key, digest, byGate);
      const logger = createLogger(
        { write: (_level, line) => void log.push(line) },
        () => 'info',
        () => 0,
      );
      const running = startUpkeep({
        ...{ ground, registry, clock, logger, whenQuiet },
        folders: { data: root, cache: join(root, 'cache') },
        retentionDays: () => 90,
        tellLoop: (repoId, adapters, isRetraining) =>
          void loop.push(`${repoId} ${adapters.map(nameOf).join()} ${isRetraining}`),
      });
      const isDone = () => untilLogged === undefined || untilLogged.test(log.join('\n'));
      for (let i = 0; i < 10_000 && !isDone(); i++) await new Promise((resolve) => setImmediate(resolve));
      running.dispose();
      for (let i = 0; i < 20; i++) await new Promise((resolve) => setImmediate(resolve));
    },
    { hasTask: true },
  );
  return { loop, log: log.join('\n') };
}

test('the loop is told which versions are gone, and the log why', async () => {
  const { loop, log } = await upkeep(() => Promise.resolve(), /secrets taken out/);
  assert.deepEqual(loop, ['repo leaky true']);
  assert.match(log, /warn .*It was trained on text that held a password/);
  assert.doesNotMatch(log, /qX7v/);
});

test('ended in between, nothing is told and nothing complains', async () => {
  assert.deepEqual(await upkeep(() => new Promise(() => undefined), undefined), { loop: [], log: '' });
});

test('what goes wrong is logged', async () => {
  const { log } = await upkeep(() => Promise.reject(new Error('disk')), /disk/);
  assert.match(log, /not looked through for secrets error=disk/);
});
