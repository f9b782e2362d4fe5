/** A part of a file loses the secrets that only the rest of the file tells. The secrets here are made up. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createDefaultScrubber } from '../../../../server/secrets/defaultScrubber.ts';
import { createSnippetScrubber } from '../../../../server/training/dataset/scrubSnippet.ts';

const file = 'run();\npassword: >-\n  falcon2087\nname: b\n';

/** Lines `startLine` to `endLine` of `text`, where the file is `file`. */
function check(name: string, startLine: number, endLine: number, expected: string, text = file): void {
  test(name, async () => {
    const scrub = createSnippetScrubber(
      (path) => (path === 'a.yml' ? file.split('\n') : undefined),
      createDefaultScrubber(),
    );
    const part = text
      .split('\n')
      .slice(startLine - 1, endLine)
      .join('\n');
    for (const _again of [1, 2])
      assert.equal(await scrub({ path: 'a.yml', startLine, endLine, text: part }), expected);
  });
}

check('named above the part', 3, 4, '  <secret>\nname: b');
check('named in the part', 2, 3, 'password: >-\n  <secret>');
check('none', 1, 1, 'run();');
check(
  'of another text than the file has now',
  3,
  4,
  '  kestrel2087\nname: b',
  file.replace('falcon', 'kestrel'),
);
