/** Which files count as counterparts, and as near. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isCounterpart, pathNearness } from '../../../server/retrieval/pathRelation.ts';

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
