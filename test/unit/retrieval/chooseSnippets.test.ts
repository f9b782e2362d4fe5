/** From ranked places to the snippets of a prompt. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chooseSnippets, tellingLines } from '../../../server/retrieval/chooseSnippets.ts';

const file = Array.from({ length: 40 }, (_, i) => `const value${i + 1} = compute(${i + 1});`);

interface Fixture {
  /** Places as `path:start-end`, best first. */
  readonly places: string;
  readonly files?: Readonly<Record<string, readonly string[]>>;
  readonly shown?: string;
  readonly maxChars?: number;
  readonly maxSnippets?: number;
  readonly nFollowingLines?: number;
  readonly nFocusLines?: number;
  /** Terms of the query, each worth 1. */
  readonly terms?: string;
}

function choose({ places, files = { a: file, b: file.map((line) => `${line} // b`) }, ...rest }: Fixture) {
  const ranked = places.split(' ').map((place, i) => {
    const [, path = '', start = '', end = ''] = /^(.*):(\d+)-(\d+)$/.exec(place) ?? [];
    return { path, startLine: Number(start), endLine: Number(end), score: 1 / (i + 1) };
  });
  const options = {
    nFocusLines: rest.nFocusLines ?? 100,
    maxChars: rest.maxChars ?? 10_000,
    maxSnippets: rest.maxSnippets ?? 5,
    nFollowingLines: rest.nFollowingLines ?? 0,
  };
  const termValues = new Map(rest.terms?.split(' ').map((term) => [term, 1]));
  const shown = tellingLines(rest.shown ?? '');
  return chooseSnippets(ranked, { linesOf: (path) => files[path], shown, termValues, options });
}

function check(fixture: Fixture, expected: string) {
  const found = choose(fixture).map(({ path, startLine, endLine }) => `${path}:${startLine}-${endLine}`);
  assert.equal(found.join(' '), expected);
}

test('the best come first, as many as fit', () => {
  check({ places: 'a:1-3 b:4-6' }, 'a:1-3 b:4-6');
  check({ places: 'a:1-3 b:4-6 a:20-22', maxSnippets: 2 }, 'a:1-3 b:4-6');
  check({ places: 'a:1-10', maxChars: 200 }, 'a:1-5');
  check({ places: 'a:1-10', maxChars: 60 }, '');
});

test('what the prompt shows already is left out', () => {
  check({ places: 'a:1-3 b:4-6', shown: file.slice(0, 3).join('\n') }, 'b:4-6');
  check({ places: 'a:1-3 a:1-3' }, 'a:1-3');
  check({ places: 'c:1-2', files: { c: ['}', ')'] } }, '');
});

test('overlaps are cut away and neighbours joined', () => {
  check({ places: 'a:1-6 a:4-9' }, 'a:1-9');
  check({ places: 'a:7-9 a:4-6 b:1-2' }, 'a:4-9 b:1-2');
  check({ places: 'a:1-3', nFollowingLines: 2 }, 'a:1-5');
});

test('of a long place the lines that match are shown, with what follows them', () => {
  check({ places: 'a:1-20', nFocusLines: 5, terms: 'value9' }, 'a:8-12');
  check({ places: 'a:1-20', nFocusLines: 5, terms: 'nothing' }, 'a:1-5');
  check({ places: 'a:1-9', nFocusLines: 5, nFollowingLines: 6, terms: 'value12' }, 'a:11-15');
});

test('files that can not be read and lines past the end', () => {
  check({ places: 'gone:1-3 a:39-50' }, 'a:39-40');
});

test('blank lines at the ends are no part of a snippet', () => {
  const files = { c: ['', 'const first = 1;', '', 'const second = 2;', '', ''] };
  const [snippet] = choose({ places: 'c:1-6', files });
  assert.deepEqual(snippet, {
    path: 'c',
    startLine: 2,
    endLine: 4,
    text: 'const first = 1;\n\nconst second = 2;',
  });
});

test('a cut falls before the least indented line', () => {
  const files = {
    c: ['function one() {', '  first();', '  second();', '}', 'function two() {', '  third();'],
  };
  check({ places: 'c:1-6', files, maxChars: 105 }, 'c:1-4');
});
