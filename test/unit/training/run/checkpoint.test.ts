/** A checkpoint comes back as it was written, or not at all. */

import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { readCheckpoint, writeCheckpoint } from '../../../../server/training/run/checkpoint.ts';
import type { Checkpoint } from '../../../../server/training/run/checkpoint.ts';

const folder = mkdtempSync(join(tmpdir(), 'idiom-checkpoint-'));
after(() => rmSync(folder, { recursive: true }));

const checkpoint: Checkpoint = {
  trainer: {
    step: 2,
    parameters: Float32Array.of(1, 2.5, -3),
    m: Float32Array.of(0.1, 0.2, 0.3),
    v: Float32Array.of(4, 5, 6),
  },
  nSteps: 9,
  losses: [3, 2.5],
  nTokens: 77,
  durationMs: 12.5,
  nllBefore: [1, 2],
  validation: [{ step: 0, nll: 1.5 }],
};

function check(name: string, damage: (file: Buffer) => Buffer, job: string, isThere: boolean): void {
  test(name, () => {
    const path = join(folder, 'c');
    writeCheckpoint(path, 'job', checkpoint);
    writeFileSync(path, damage(readFileSync(path)));
    const read = readCheckpoint(path, job);
    assert.equal(read !== undefined, isThere);
    if (read === undefined) return;
    const { trainer, nSteps, losses, nTokens, durationMs, nllBefore, validation } = read;
    assert.deepEqual({ trainer, nSteps, losses, nTokens, durationMs, nllBefore, validation }, checkpoint);
  });
}

const flip = (at: number) => (file: Buffer) => {
  file[file.length + at] = (file[file.length + at] ?? 0) ^ 1;
  return file;
};

check('whole', (file) => file, 'job', true);
check('of another job', (file) => file, 'other', false);
check('cut short', (file) => file.subarray(0, -4), 'job', false);
check('longer', (file) => Buffer.concat([file, Buffer.alloc(4)]), 'job', false);
check('a changed number', flip(-2), 'job', false);
check('empty', () => Buffer.alloc(0), 'job', false);
check('something else', () => Buffer.from('{}\n'), 'job', false);

test('none', () => assert.equal(readCheckpoint(join(folder, 'absent'), 'job'), undefined));
