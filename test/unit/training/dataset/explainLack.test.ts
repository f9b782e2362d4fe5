/** What is said of a history from which little can be learned. */

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { neverAborts } from '../../../../server/base/abort.ts';
import { openRepository } from '../../../../server/git/repository.ts';
import { defaultDatasetSettings } from '../../../../server/training/dataset/datasetSettings.ts';
import { explainLack } from '../../../../server/training/dataset/explainLack.ts';
import { readHistory } from '../../../../server/training/dataset/readHistory.ts';
import { createTally } from '../../../../server/training/dataset/tally.ts';
import { createGitFixture, temporaryFolder } from '../../../support/gitFixture.ts';

test('of a partial clone it is said that contents are not on this machine, and how to get them', async () => {
  const fixture = createGitFixture();
  const folder = temporaryFolder();
  try {
    for (const n of [1, 2, 3, 4]) fixture.commit({ 'a.ts': `const value = ${n};\n` });
    fixture.git('config', 'uploadpack.allowFilter', 'true');
    const clone = [
      'clone',
      '-q',
      '--no-local',
      '--no-checkout',
      '--filter=blob:none',
      `file://${fixture.root}`,
    ];
    execFileSync('git', [...clone, join(folder, 'clone')]);
    const repository = await openRepository(join(folder, 'clone'));
    assert(repository !== undefined);
    const dropped = createTally();
    const filter = { isReadable: () => true, read: async () => undefined };
    const head = (await repository.head()) ?? '';
    const history = await readHistory(
      {
        ...{ repository, filter, settings: defaultDatasetSettings, seed: 1, dropped, signal: neverAborts },
        onProgress: () => undefined,
      },
      head,
    );
    assert.deepEqual(history, []);
    assert.deepEqual(await explainLack(repository, 0, dropped), [
      'Of 4 commits, 0 added lines that can be learned.',
      'The contents of 3 commits are not on this machine, because the clone is partial.',
      '`git fetch --refetch --no-filter` gets them.',
    ]);
  } finally {
    fixture.dispose();
    rmSync(folder, { recursive: true });
  }
});
