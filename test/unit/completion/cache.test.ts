/** Exact hits, typing along, and everything that must not hit, with a drawn cursor. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SuggestionCache } from '../../../server/completion/suggestionCache.ts';
import type { CachedAnswer, CacheScope } from '../../../server/completion/suggestionCache.ts';
import { readContext, textDocument } from '../../../server/completion/readContext.ts';
import { contextAt } from './fixture.ts';

const scope: CacheScope = { uri: 'file:///a.ts', baseModelDigest: 'm1', adapter: 'base' };

function answer(text: string, over: Partial<CachedAnswer> = {}): CachedAnswer {
  return {
    text,
    replaceLength: 0,
    isMultiline: false,
    isCutByLength: false,
    snippets: [],
    origin: 'request',
    noneReason: undefined,
    ...over,
  };
}

/** `expected`: what is left, or undefined for a miss. */
function check(
  at: string,
  text: string,
  then: string,
  expected: string | undefined,
  over: Partial<CacheScope> = {},
): void {
  const title = `${JSON.stringify(at)} + ${JSON.stringify(text)}, then ${JSON.stringify(then)} ${JSON.stringify(over)}`;
  test(title, () => {
    const cache = new SuggestionCache(100_000);
    cache.put(scope, contextAt(at), answer(text));
    assert.equal(cache.find({ ...scope, ...over }, contextAt(then))?.rest, expected);
  });
}

check('let a = <|>;', 'foo(b)', 'let a = <|>;', 'foo(b)');
check('let a = <|>;', 'foo(b)', 'let a = fo<|>;', 'o(b)');
check('let a = <|>;', 'foo(b)', 'let a = foo(b)<|>;', '');
check('let a = <|>;', 'foo(b)', 'let a = fx<|>;', undefined);
check('let a = <|>;', 'foo(b)', 'let a = foo(b)c<|>;', undefined);
check('let a = <|>;', 'foo(b)', 'let a =<|>;', undefined);
check('let a = <|>;', 'foo(b)', 'let b = fo<|>;', undefined);
check('let a = <|>;', 'foo(b)', 'let a = fo<|>', undefined);
check('let a = <|>', 'foo(b)', 'let a = foo(<|>)', 'b)');
check('let a = <|>', '"b";', 'let a = "<|>"', 'b";');
check('let a = <|>', 'foo(b)', 'let a = foo(<|>b)', undefined);
check('let a = <|>', 'foo(b)', 'let a = <|>)', undefined);
check('a:\r\n  <|>', 'b\r\n  c', 'a:\r\n  b\r\n<|>', '  c');
check('let a = <|>;', 'foo(b)', 'let a = fo<|>;', undefined, { adapter: 'd1' });
check('let a = <|>;', 'foo(b)', 'let a = fo<|>;', undefined, { baseModelDigest: 'm2' });
check('let a = <|>;', 'foo(b)', 'let a = fo<|>;', undefined, { uri: 'file:///b.ts' });

test('an edit far above, within the window, is a miss', () => {
  const cache = new SuggestionCache(100_000);
  const body = 'x();\n'.repeat(2000);
  cache.put(scope, contextAt(`let a = 1;\n${body}<|>`), answer('foo'));
  assert.equal(cache.find(scope, contextAt(`let b = 1;\n${body}f<|>`)), undefined);
  assert.equal(cache.find(scope, contextAt(`let a = 1;\n${body}f<|>`))?.rest, 'oo');
});

test('typing along in a large document, whose window is cut at both ends', () => {
  const cache = new SuggestionCache(100_000);
  const text = 'call(one);\n'.repeat(20_000);
  const at = (typed: string) =>
    readContext({
      document: textDocument(text.slice(0, 110_000) + typed + text.slice(110_000)),
      offset: 110_000 + typed.length,
    });
  cache.put(scope, at(''), answer('foo(bar, baz);'));
  assert.equal(cache.find(scope, at('foo(b'))?.rest, 'ar, baz);');
});

test('the newest of several that fit wins', () => {
  const cache = new SuggestionCache(100_000);
  cache.put(scope, contextAt('a = <|>'), answer('foo'));
  cache.put(scope, contextAt('a = f<|>'), answer('un'));
  assert.equal(cache.find(scope, contextAt('a = f<|>'))?.rest, 'un');
  assert.equal(cache.find(scope, contextAt('a = fo<|>'))?.rest, 'o');
});

test('least recently used answers go first, and the bytes stay within bounds', () => {
  const cache = new SuggestionCache(5000);
  for (let i = 0; i < 50; i++) {
    cache.put(scope, contextAt(`a${i} = <|>`), answer('x'.repeat(100)));
    assert.ok(cache.find(scope, contextAt('a0 = <|>')) !== undefined, 'in use, so kept');
    assert.ok(cache.sizeBytes <= 5000);
  }
  assert.equal(cache.find(scope, contextAt('a1 = <|>')), undefined);
});

test('storing the same place twice counts once', () => {
  const cache = new SuggestionCache(5000);
  cache.put(scope, contextAt('a = <|>'), answer('foo'));
  const { sizeBytes } = cache;
  cache.put(scope, contextAt('a = <|>'), answer('bar'));
  assert.equal(cache.sizeBytes, sizeBytes);
  assert.equal(cache.find(scope, contextAt('a = <|>'))?.rest, 'bar');
});
