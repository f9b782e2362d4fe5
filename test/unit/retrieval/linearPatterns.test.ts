/**
 * Each regular expression that stands in a folder whose code meets a repository's text, on the inputs that are bad for
 * matchers. They are found by reading the sources, so that a new one is tried without anybody thinking of it.
 */

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import ts from 'typescript';
import { badRuns, repeatTo, tooMuchGrowth } from '../../support/growth.ts';

const folders = [
  'retrieval',
  'cursors',
  'prompt',
  'completion',
  'signals',
  'evaluation',
  'git',
  'training/dataset',
];
const serverFolder = new URL('../../../server/', import.meta.url).pathname;

/** What a pattern begins with is often needed to get at the part that is slow. */
const starts = [
  '',
  'import ',
  'export ',
  'const ',
  '// ',
  'x = "',
  'gitdir:',
  'version https://git-lfs.github.com/spec/v1\n',
];
const maxChars = 2 ** 14;

/** Patterns that take longer than linear, and for how many characters at most they are used. */
const bounded: Readonly<Record<string, number>> = {
  // Idiom's own lists.
  [String.raw`retrieval/builtInRules.ts /^(.*?)\{([^}]*)\}(.*)$/`]: 100,
  // The beginning of a definition.
  [String.raw`retrieval/readTree.ts /[\p{L}_$][\p{L}\p{N}_$]*(?=\s*(?:\(|$|<|\[))/u`]: 200,
  // See maxMessageChars, maxVersionChars, maxAddressChars and maxClosers.
  [String.raw`evaluation/regressionFile.ts /[.:]?\s*$/`]: 500,
  [String.raw`git/gitVersion.ts /((\d+)\.(\d+)[\w.]*)/`]: 200,
  [String.raw`git/repository.ts /\/+$/`]: 4096,
  ['training/dataset/drawFillIns.ts /[)\\]}"\'`]+[;,]?$/']: 100,
};

interface Pattern {
  /** `retrieval/chunk.ts /\S/`. */
  readonly name: string;
  readonly regex: RegExp;
}

function patternsOf(folder: string): Pattern[] {
  const names = readdirSync(join(serverFolder, folder), { recursive: true, encoding: 'utf8' });
  return names
    .filter((name) => name.endsWith('.ts'))
    .flatMap((name) =>
      patternsIn(`${folder}/${name}`, readFileSync(join(serverFolder, folder, name), 'utf8')),
    );
}

function patternsIn(file: string, text: string): Pattern[] {
  const found: Pattern[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isRegularExpressionLiteral(node)) {
      const [, source = '', flags = ''] = /^\/([^]*)\/([a-z]*)$/.exec(node.text) ?? [];
      found.push({ name: `${file} ${node.text}`, regex: new RegExp(source, flags) });
    }
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile(file, text, ts.ScriptTarget.Latest));
  return found;
}

function slowInput({ name, regex }: Pattern): string | undefined {
  const limit = bounded[name] ?? maxChars;
  for (const start of starts.filter((each) => regex.source.includes(each.slice(0, 3)))) {
    for (const run of badRuns) {
      for (const end of ['', '\u0001']) {
        const growth = tooMuchGrowth((nChars) => use(regex, start + repeatTo(run, nChars, end)), limit);
        if (growth !== undefined)
          return `${JSON.stringify(start + run)}... ${JSON.stringify(end)}: ${JSON.stringify(growth)}`;
      }
    }
  }
  return undefined;
}

function use(regex: RegExp, text: string): void {
  if (regex.global) text.replace(regex, '');
  else regex.test(text);
}

for (const folder of folders) {
  test(`patterns of ${folder}/ take linear time`, () => {
    const patterns = patternsOf(folder);
    const slow = patterns.flatMap((pattern) => {
      const input = slowInput(pattern);
      return input === undefined ? [] : [`${pattern.name} on ${input}`];
    });
    assert.deepEqual(slow, []);
  });
}

test('the patterns that stand above for a bound are there', () => {
  const names = new Set(folders.flatMap(patternsOf).map(({ name }) => name));
  assert.ok(names.size > 60);
  assert.deepEqual(
    Object.keys(bounded).filter((name) => !names.has(name)),
    [],
  );
});
