/** The indexing child as a real process: it answers, survives its own death, and ends with its owner. */

import assert from 'node:assert/strict';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { ManualClock } from '../../../server/base/clock.ts';
import { silentLogger } from '../../../server/base/logger.ts';
import { IndexProcess } from '../../../server/retrieval/indexProcess.ts';
import { LiveIndex } from '../../../server/retrieval/liveIndex.ts';
import type { LiveIndexState } from '../../../server/retrieval/liveIndex.ts';
import { temporaryFolder } from '../../support/gitFixture.ts';

const never = new AbortController().signal;

async function withLiveIndex(
  nFiles: number,
  run: (fixture: ReturnType<typeof start>) => Promise<void>,
): Promise<void> {
  const folder = temporaryFolder();
  const root = join(folder, 'tree');
  mkdirSync(root);
  for (let i = 0; i < nFiles; i++) {
    writeFileSync(join(root, `f${i}.ts`), `export function common${i % 10}() {\n  return zebra(${i});\n}\n`);
  }
  const fixture = start(root, join(folder, 'index.sqlite'));
  try {
    await run(fixture);
  } finally {
    fixture.live.dispose();
    fixture.child.dispose();
    rmSync(folder, { recursive: true, force: true });
  }
}

function start(root: string, indexPath: string) {
  const clock = new ManualClock(1e12);
  const ended = Promise.withResolvers<void>();
  const logger = { ...silentLogger, warn: () => ended.resolve() };
  const child = new IndexProcess({ clock, logger });
  const live = new LiveIndex({
    key: root,
    root,
    gitDir: undefined,
    indexPath,
    settingGlobs: [],
    process: child,
    logger: silentLogger,
  });
  const next = (kind: LiveIndexState['kind']) =>
    new Promise<void>((resolve) => {
      const listener = live.onState((state) => {
        if (state.kind !== kind) return;
        listener.dispose();
        resolve();
      });
    });
  const ask = async (text: string) => {
    const query = { path: 'new.ts', languageId: 'typescript', prefix: text, suffix: '' };
    return (await live.retriever.retrieve(query, never)).map((snippet) => snippet.path).join(' ');
  };
  return { root, clock, child, live, ended: ended.promise, next, ask };
}

test('a walk, a changed file, and the numbers', () =>
  withLiveIndex(20, async ({ root, live, next, ask }) => {
    assert.equal(await ask('common'), '');
    await next('ready');
    assert.equal(live.status()?.nFiles, 20);
    assert.equal(live.status()?.nSymbols, 20);
    writeFileSync(join(root, 'stripes.ts'), 'export const stripes = 1;\n');
    const updated = new Promise<void>((resolve) => live.onUpdated(() => resolve()));
    live.filesChanged(['stripes.ts']);
    await updated;
    assert.equal(await ask('stripes'), 'stripes.ts');
  }));

test('killed in the middle of a walk, the next child goes on', () =>
  withLiveIndex(400, async ({ clock, child, live, ended, next }) => {
    await next('indexing');
    const first = child.pid;
    assert.ok(first !== undefined);
    const trouble = next('trouble');
    process.kill(first, 'SIGKILL');
    await ended;
    await trouble;
    assert.equal(child.pid, undefined);
    const ready = next('ready');
    clock.advance(500);
    await ready;
    assert.notEqual(child.pid, first);
    assert.equal(live.status()?.nFiles, 400);
  }));
