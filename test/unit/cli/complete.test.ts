/** `idiom complete`: which place a position means, and what an answer says about the text after the cursor. */

import assert from 'node:assert/strict';
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Command } from 'commander';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { neverAborts } from '../../../server/base/abort.ts';
import { systemClock } from '../../../server/base/clock.ts';
import { IdiomError } from '../../../server/base/errors.ts';
import { silentLogger } from '../../../server/base/logger.ts';
import { seededRandom } from '../../../server/base/random.ts';
import type { CliContext } from '../../../server/cli/cliContext.ts';
import { registerComplete } from '../../../server/cli/complete.ts';
import { suggestAt } from '../../../server/cli/suggestAt.ts';
import { Completer } from '../../../server/completion/completer.ts';
import { fixedRouter } from '../../../server/completion/route.ts';
import { toInlineItem } from '../../../server/lsp/convert.ts';
import { noRetrieval } from '../../../server/retrieval/snippet.ts';
import { temporaryFolder } from '../../support/gitFixture.ts';
import { FakeEngine } from '../completion/fakeEngine.ts';
import { requestAt } from '../completion/fixture.ts';

function completerOf(engine: FakeEngine): Completer {
  const router = fixedRouter(() => undefined);
  const newId = () => 'id';
  return new Completer({
    engine,
    router,
    newId,
    retriever: noRetrieval,
    clock: systemClock,
    logger: silentLogger,
  });
}

/** Runs `idiom complete ARGS` from the folder `from` of a small repository, for a model that writes `answer`. */
async function idiom(args: readonly string[], { from = '.', answer = 'x;' } = {}) {
  const root = temporaryFolder();
  const before = process.cwd();
  const engine = new FakeEngine();
  engine.answer = answer;
  const printed: string[] = [];
  const suggester = {
    ...{ engine, info: { digest: 'model1' }, completer: completerOf(engine) },
    useAdapter: () => undefined,
    dispose: () => undefined,
    retrieval: { seeWorkingTree: () => Promise.resolve() },
  };
  const context = {
    ...{ groundPath: join(root, 'none'), folders: { data: root }, mediaDir: root, signal: neverAborts },
    repo: () => Promise.resolve({ root: join(root, 'repo'), repoId: 'id', name: 'name' }),
    write: (line: string) => printed.push(line),
    remark: () => undefined,
    openSuggester: () => Promise.resolve(suggester),
  } as unknown as CliContext;
  try {
    mkdirSync(join(root, 'repo', 'sub', 'deep'), { recursive: true });
    for (const [path, text] of Object.entries(files)) writeFileSync(join(root, 'repo', path), text);
    writeFileSync(join(root, 'outside.ts'), '');
    symlinkSync('repo', join(root, 'linked'));
    process.chdir(join(root, 'repo', from));
    const program = new Command().exitOverride();
    registerComplete(program, context);
    await program.parseAsync(['complete', ...args.map((each) => each.replace('ROOT', root))], {
      from: 'user',
    });
    return { printed, prompt: engine.prompts[0] ?? '' };
  } finally {
    process.chdir(before);
    rmSync(root, { recursive: true, force: true });
  }
}

const files: Readonly<Record<string, string>> = {
  'a.ts': 'top();\n',
  'sub/a.ts': 'sub();\n',
  'sub/deep/b.ts': 'deep();\n',
  'crlf.ts': 'first();\r\nsecond();\r\n',
  'lf.ts': 'first();\nsecond();\n',
  'call.ts': 'log()\n',
};

/** @param expected what the prompt ends with, or what the sentence of the refusal says. */
function checkPlace(from: string, position: string, expected: string | RegExp): void {
  test(`complete ${position} in ${from}`, async () => {
    if (typeof expected === 'string')
      assert.ok((await idiom([position], { from })).prompt.endsWith(expected));
    else
      await assert.rejects(idiom([position], { from }), (error) => {
        assert.ok(error instanceof IdiomError && error.exitCode === 2, String(error));
        assert.match(error.sentence, expected);
        return true;
      });
  });
}

checkPlace('.', 'a.ts:1:4', 'top');
checkPlace('sub', 'a.ts:1:4', 'sub');
checkPlace('sub', '../a.ts:1:4', 'top');
checkPlace('sub', 'deep/b.ts:1:5', 'deep');
checkPlace('sub/deep', './b.ts:1:5', 'deep');
checkPlace('sub', 'ROOT/linked/a.ts:1:4', 'top');
checkPlace('sub', 'b.ts:1:1', /sub\/b\.ts can't be read \(ENOENT\)/);
checkPlace('.', '../outside.ts:1:1', /\.\.\/outside\.ts is outside the repository .* --repo\./);
checkPlace('.', 'ROOT/outside.ts:1:1', /is outside the repository/);
checkPlace('.', 'lf.ts:1:99', 'first();');
checkPlace('.', 'crlf.ts:1:99', 'first();');
checkPlace('.', 'crlf.ts:2:99', 'second();');

test('the answer says which closers after the cursor it takes the place of', async () => {
  const { printed } = await idiom(['call.ts:1:5', '--json'], { answer: 'name);' });
  const { text, replaceLength } = JSON.parse(printed[0] ?? '') as Record<string, unknown>;
  assert.deepEqual([text, replaceLength], ['name);', 1]);
});

test('a command and an editor make the same text of a suggestion', async () => {
  const random = seededRandom(7);
  const pieces = [
    'log(',
    'name',
    ')',
    ';',
    '"',
    "'",
    ', ',
    '\n',
    '\r\n',
    '[0]',
    '}',
    '{',
    ' ',
    '=> ',
    '\u{1f600}',
  ];
  const draw = (n: number): string =>
    Array.from({ length: n }, () => pieces[random.int(pieces.length)]).join('');
  let nReplaced = 0;
  for (let i = 0; i < 400; i++) {
    const [prefix, suffix] = [
      draw(6),
      random.int(2) === 0 ? draw(3) : [')', ');', '")', "'])"][random.int(4)] + draw(1),
    ];
    const engine = new FakeEngine();
    engine.answer = `name${draw(1)}${['', ')', ');', '")', "']);"][random.int(5)]}`;
    const completer = completerOf(engine);
    const at = {
      ...{ prefix, suffix },
      path: 'a.ts',
      repoName: 'r',
      useRetrieval: false,
      isMultilineAllowed: true,
    };
    const batch = await suggestAt(completer, { ...at, maxNewTokens: 32, maxPromptTokens: 512 }, neverAborts);
    const document = TextDocument.create('file:///a.ts', 'typescript', 1, prefix + suffix);
    const request = requestAt(`${prefix}<|>${suffix}`, { trigger: 'manual' });
    const shown = await completer.suggest(request, neverAborts);
    const byCommand = prefix + batch.text + suffix.slice(batch.replaceLength);
    if (shown.kind === 'none') {
      assert.equal(byCommand, prefix + suffix);
      continue;
    }
    const { insertText, range } = toInlineItem(document, prefix.length, shown);
    const newText = typeof insertText === 'string' ? insertText : assert.fail();
    const edit = { newText, range: range ?? assert.fail() };
    assert.equal(byCommand, TextDocument.applyEdits(document, [edit]));
    if (batch.replaceLength > 0) nReplaced++;
  }
  assert.ok(nReplaced > 5, `${nReplaced} replaced something`);
});
