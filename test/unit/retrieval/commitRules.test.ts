/** What is left out of a commit: by its own rules, and by what its developer says now. */

import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { neverAborts } from '../../../server/base/abort.ts';
import { openRepository } from '../../../server/git/repository.ts';
import { commitRules } from '../../../server/retrieval/commitRules.ts';
import { createGitFixture } from '../../support/gitFixture.ts';

test('.gitignore counts as it was, .idiomignore and .git/info/exclude as they are too', async () => {
  const fixture = createGitFixture();
  try {
    const commit = fixture.commit({ '.gitignore': 'then.ts\n', '.idiomignore': 'always.ts\n', 'now.ts': '' });
    writeFileSync(join(fixture.root, '.gitignore'), 'now.ts\n');
    writeFileSync(join(fixture.root, '.idiomignore'), 'secret.ts\n');
    writeFileSync(join(fixture.root, '.git/info/exclude'), 'mine.ts\n');
    const repository = await openRepository(fixture.root);
    assert.ok(repository !== undefined);
    const tree = await repository.listTree(commit);
    const rules = await commitRules({ repository, settingGlobs: ['set.ts'], tree }, neverAborts);
    const reasons = ['then.ts', 'now.ts', 'always.ts', 'secret.ts', 'mine.ts', 'set.ts'].map(
      (path) => `${path} ${rules.explain(path).reason ?? 'kept'}`,
    );
    assert.deepEqual(reasons, [
      'then.ts gitignore',
      'now.ts kept',
      'always.ts idiomignore',
      'secret.ts idiomignore',
      'mine.ts gitignore',
      'set.ts setting',
    ]);
  } finally {
    fixture.dispose();
  }
});
