/** Where the imports of a file stand. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { importBlock } from '../../../server/retrieval/importBlock.ts';

/** The lines of the block, joined by `|`. */
function check(text: string, expected: string | undefined) {
  const lines = text.split('\n');
  const block = importBlock(lines);
  const found = block === undefined ? undefined : lines.slice(block.startLine - 1, block.endLine).join('|');
  assert.equal(found, expected);
}

test('from the first import to the last', () => {
  check('# License\n\nimport os\n\nfrom a.b import c\n\nx = 1', 'import os||from a.b import c');
  check("import a from 'a';\nconst b = require('b');\n\nb();", "import a from 'a';|const b = require('b');");
  check('use std::io;\npub use crate::a;\nfn main() {}', 'use std::io;|pub use crate::a;');
  check('#include <stdio.h>\n# include "a.h"\nint x;', '#include <stdio.h>|# include "a.h"');
  check('package a;\n\nimport java.util.List;\n\nclass A {}', 'import java.util.List;');
});

test('an import over several lines belongs to it whole', () => {
  check('from a import (\n    b,\n    c,\n)\nx = 1', 'from a import (|    b,|    c,|)');
  check('import {\n  a,\n} from "a";\nrun(a);', 'import {|  a,|} from "a";');
  check('package a\n\nimport (\n\t"fmt"\n\tx "a/b"\n)\n\nvar y = 1', 'import (|\t"fmt"|\tx "a/b"|)');
});

test('what looks like one far below is none', () => {
  check(`import a\n${'x = 1\n'.repeat(20)}import late\n`, 'import a');
  check('important = 1\nuser = 2\n', undefined);
  check('', undefined);
});
