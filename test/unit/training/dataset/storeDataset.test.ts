/** Datasets on disk: named by what is in them, whole or not there, and checked when read. */

import assert from 'node:assert/strict';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import type { Dataset } from '../../../../server/training/dataset/dataset.ts';
import { readReplayFile } from '../../../../server/training/dataset/replayFile.ts';
import { readDataset, storeDataset } from '../../../../server/training/dataset/storeDataset.ts';
import { temporaryFolder } from '../../../support/gitFixture.ts';

const dataset = {
  manifest: { version: 1, seed: 1 },
  examples: [{ kind: 'window', text: 'let a;\n' }],
  items: [{ kind: 'window', tokens: [1, 2], lossWeights: [0, 1], weight: 1 }],
  evaluation: [],
} as unknown as Dataset;

function withFolder(body: (folder: string) => void): void {
  const folder = temporaryFolder();
  try {
    body(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

test('what is stored is read back, under one digest', () =>
  withFolder((folder) => {
    const stored = storeDataset(folder, dataset);
    assert.deepEqual(readDataset(folder, stored.digest), dataset);
    assert.deepEqual(storeDataset(folder, dataset), stored);
    assert.deepEqual(readdirSync(folder), [stored.digest]);
    const mode = (path: string) => statSync(join(stored.folder, path)).mode & 0o777;
    assert.deepEqual([mode('.'), mode('items.jsonl')], [0o700, 0o600]);
    const other = storeDataset(folder, { ...dataset, examples: [] });
    assert.notEqual(other.digest, stored.digest);
  }));

for (const name of ['manifest.json', 'items.jsonl', 'examples.jsonl', 'evaluation.jsonl']) {
  test(`a changed or missing ${name} is seen`, () =>
    withFolder((folder) => {
      const { digest, folder: own } = storeDataset(folder, dataset);
      writeFileSync(join(own, name), `${readFileSync(join(own, name), 'utf8')} `);
      assert.throws(() => readDataset(folder, digest), { code: 'badFile' });
      rmSync(join(own, name));
      assert.throws(() => readDataset(folder, digest), { code: 'badFile' });
    }));
}

test('a folder that cannot be written leaves nothing behind and says so', () =>
  withFolder((folder) => {
    const blocked = join(folder, 'blocked');
    writeFileSync(blocked, '');
    assert.throws(() => storeDataset(blocked, dataset), { code: 'notPermitted' });
    assert.deepEqual(readdirSync(folder), ['blocked']);
    mkdirSync(join(folder, 'other'));
    chmodSync(join(folder, 'other'), 0o700);
    assert(!existsSync(join(folder, 'other', 'manifest.json')));
  }));

test('replay examples are read from a file, packed or not, and checked', () =>
  withFolder((folder) => {
    const example = {
      ...{ kind: 'window', source: 'replay', repoName: 'r', path: 'a.py', languageId: 'python' },
      ...{ text: 'pass\n', weight: 1, timeMs: 0, commit: '', line: 1 },
    };
    const path = join(folder, 'replay.jsonl');
    writeFileSync(path, `${JSON.stringify(example)}\n`);
    assert.deepEqual(readReplayFile(path), [example]);
    writeFileSync(path, gzipSync(`${JSON.stringify(example)}\n`));
    assert.deepEqual(readReplayFile(path), [example]);
    writeFileSync(path, JSON.stringify({ ...example, weight: -1 }));
    assert.throws(() => readReplayFile(path), { code: 'badFile' });
    assert.throws(() => readReplayFile(join(folder, 'none')), { code: 'badFile' });
  }));
