/** Which files count as imported, as counterparts, and as near. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  importedEndings,
  isCounterpart,
  isImported,
  pathNearness,
} from '../../../server/retrieval/pathRelation.ts';

/** Whether the file at `target` counts as imported by this text at `path`. */
function check(path: string, text: string, target: string, expected: boolean = true) {
  const endings = importedEndings(text, path);
  assert.equal(isImported(target, endings), expected, `${endings.join(', ')} and ${target}`);
}

test('imports by language', () => {
  check('src/a/b.ts', "import { x } from '../c/d.ts';", 'src/c/d.ts');
  check('src/a/b.ts', "import x from './e';", 'src/a/e/index.ts');
  check('src/a/b.js', "const x = require('./f.js')", 'src/a/f.js');
  check('src/a/b.ts', "import x from 'express';", 'src/express.ts', false);
  check('pkg/a.py', 'from .models import User', 'pkg/models.py');
  check('pkg/sub/a.py', 'from ..core import run', 'pkg/core.py');
  check('app/a.py', 'import pkg.util.text', 'src/pkg/util/text.py');
  check(
    'cmd/main.go',
    'import (\n\t"fmt"\n\t"example.com/tool/internal/render"\n)',
    'internal/render/html.go',
  );
  check('src/main.rs', 'use crate::search::worker;', 'src/search/worker.rs');
  check('src/Main.java', 'import com.example.shop.Cart;', 'src/main/java/com/example/shop/Cart.java');
  check('src/a.c', '#include "net/socket.h"', 'src/net/socket.h');
});

test('a test and its subject are counterparts', () => {
  assert.equal(isCounterpart('src/cart.ts', 'test/cart.test.ts'), true);
  assert.equal(isCounterpart('shop/cart.py', 'tests/test_cart.py'), true);
  assert.equal(isCounterpart('cart.go', 'cart_test.go'), true);
  assert.equal(isCounterpart('cart.h', 'cart.cc'), true);
  assert.equal(isCounterpart('cart.ts', 'basket.ts'), false);
  assert.equal(isCounterpart('cart.ts', 'cart.ts'), false);
});

test('the nearer the folder, the nearer the file', () => {
  const near = pathNearness('a/b/x.ts', 'a/b/y.ts');
  const aside = pathNearness('a/b/x.ts', 'a/c/y.ts');
  const far = pathNearness('a/b/x.ts', 'q/r/s/t/y.ts');
  assert.ok(near === 1 && near > aside && aside > far && far > 0);
});
