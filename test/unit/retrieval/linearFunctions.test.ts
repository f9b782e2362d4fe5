/** What meets a repository's or an editor's text takes time in proportion to it, whatever stands in it. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom } from '../../../server/base/random.ts';
import { contextOf } from '../../../server/completion/readContext.ts';
import { isClosersOnly } from '../../../server/completion/chooseShape.ts';
import { findClose, scanBrackets } from '../../../server/completion/scanBrackets.ts';
import { casesOfFile, chooseColumn, isWorthAsking } from '../../../server/cursors/casesOfFile.ts';
import { isData, readTyped } from '../../../server/cursors/readTyped.ts';
import { scoreCase } from '../../../server/evaluation/evaluationCase.ts';
import { normaliseRemote } from '../../../server/git/repository.ts';
import { isStandIn } from '../../../server/git/standIn.ts';
import { languageOf } from '../../../server/prompt/language.ts';
import { languageOfPath } from '../../../server/prompt/languageOfPath.ts';
import { indentOf, lineBreakCosts, packChunks } from '../../../server/retrieval/chunk.ts';
import { partsOf, termsOf } from '../../../server/retrieval/codeTerms.ts';
import { explainContent, explainText } from '../../../server/retrieval/contentRules.ts';
import { dropVisible } from '../../../server/retrieval/dropVisible.ts';
import { focusRange } from '../../../server/retrieval/focusRange.ts';
import { parseGitPattern, toBytes } from '../../../server/retrieval/gitPattern.ts';
import { createIgnoreList } from '../../../server/retrieval/ignoreList.ts';
import { importBlock } from '../../../server/retrieval/importBlock.ts';
import { endingOf, familyOf, isProse } from '../../../server/retrieval/languages.ts';
import { queryTermsOf } from '../../../server/retrieval/queryTerms.ts';
import { defaultRankOptions } from '../../../server/retrieval/rankOptions.ts';
import { linesOf, readText } from '../../../server/retrieval/readContent.ts';
import { documentText } from '../../../server/signals/documentText.ts';
import { isWithin } from '../../../server/signals/isWithin.ts';
import { minimiseChange, withLineEndsOf } from '../../../server/signals/textChange.ts';
import { badRuns, repeatTo, tooMuchGrowth } from '../../support/growth.ts';

const longPath = `${'a/'.repeat(2000)}a`;
const typescript = languageOf('typescript');

/** Everything that is called with a text from outside, by its name. */
const functions: Readonly<Record<string, (text: string) => unknown>> = {
  explainContent: (text) => explainContent(Buffer.from(text), text.length),
  explainText,
  isStandIn,
  linesOf,
  readText: (text) => readText('a.txt', text, undefined),
  termsOf,
  partsOf,
  packChunks: (text) => packChunks(lineBreakCosts(linesOf(text))),
  indentOf,
  importBlock: (text) => importBlock(linesOf(text)),
  queryTermsOf: (text) => queryTermsOf(text, text, defaultRankOptions),
  focusRange: (text) => {
    const lines = linesOf(text);
    return focusRange(lines, { startLine: 1, endLine: lines.length }, new Map([['a', 1]]), 10);
  },
  dropVisible: (text) =>
    dropVisible([{ path: 'a', startLine: 1, endLine: 1, text }], { path: 'a', prefix: text, suffix: text }),
  endingOf,
  familyOf,
  isProse,
  'an ignore file': (text) => createIgnoreList(toBytes(text), false).find(longPath, false),
  'an ignore file that ignores case': (text) => createIgnoreList(toBytes(text), true).find(longPath, true),
  'an ignore pattern': (text) => parseGitPattern(toBytes(`/*${text}b`), false)?.matches(longPath),
  'a path to ignore': (text) => createIgnoreList('**/a/**/b*c\n[a-z]*/\n*.x\n', false).find(text, false),
  readTyped: (text) => readTyped(Buffer.from(text)),
  isData,
  isWorthAsking,
  chooseColumn: (text) => chooseColumn(text, seededRandom(1)),
  casesOfFile: (text) => {
    const block = { startLine: 1, lines: text.split('\n') };
    return casesOfFile({ commit: 'c', parent: 'p', path: 'a', text, blocks: [block] }, 3, seededRandom(1));
  },
  languageOfPath,
  contextOf: (text) => contextOf(text, text, 0),
  isClosersOnly,
  scanBrackets: (text) => scanBrackets(text, typescript),
  'scanBrackets of a shell': (text) => scanBrackets(text, languageOf('shellscript')),
  findClose: (text) => findClose(text, 1, typescript),
  scoreCase: (text) => scoreCase(text, text),
  documentText: (text) => documentText(text).changed({ startOffset: 3, endOffset: 5, text }).whole(),
  minimiseChange: (text) =>
    minimiseChange(documentText(text), { startOffset: 0, endOffset: text.length, text }),
  withLineEndsOf: (text) => withLineEndsOf(documentText(text), text),
  isWithin: (text) => isWithin(text, text),
  normaliseRemote,
};

/** All of the runs up to this length, and the worst of them up to a megabyte. */
const maxChars = 2 ** 14;
const worst = [' ', '\n', '(', 'a'];

for (const [name, run] of Object.entries(functions)) {
  test(`${name} takes linear time`, () => {
    const slow = [
      ...badRuns.map((bad) => [bad, maxChars] as const),
      ...worst.map((bad) => [bad, 2 ** 20] as const),
    ]
      .map(([bad, limit]) => {
        const growth = tooMuchGrowth((nChars) => void run(repeatTo(bad, nChars, '!')), limit);
        return growth === undefined ? undefined : `${JSON.stringify(bad)}: ${JSON.stringify(growth)}`;
      })
      .filter((each) => each !== undefined);
    assert.deepEqual(slow, []);
  });
}
