/** From a cursor in a small repository to the snippets: what helps comes first, what is shown or hidden does not come. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { silentLogger } from '../../../server/base/logger.ts';
import { createIndexReader } from '../../../server/retrieval/indexReader.ts';
import { openIndex } from '../../../server/retrieval/indexSchema.ts';
import { createIndexWriter, liveView } from '../../../server/retrieval/indexWriter.ts';
import { createOpenTexts } from '../../../server/retrieval/openTexts.ts';
import { defaultRankOptions } from '../../../server/retrieval/rankOptions.ts';
import type { RankOptions } from '../../../server/retrieval/rankOptions.ts';
import { blobDigest, linesOf, readText } from '../../../server/retrieval/readContent.ts';
import { createRetriever } from '../../../server/retrieval/retriever.ts';
import { createSyntaxReader } from '../../../server/retrieval/syntax.ts';
import { temporaryFolder } from '../../support/gitFixture.ts';
import { rmSync } from 'node:fs';
import { join } from 'node:path';

const syntax = await createSyntaxReader();
await syntax.prepare(['typescript', 'python']);
const never = new AbortController().signal;
/** Terms of a tiny repository are in many of its chunks; the query needs them all the same. */
const options: RankOptions = { ...defaultRankOptions, nFollowingLines: 0 };

interface Fixture {
  /** `//- path` starts a file; `<|>` is the cursor, and the file that has it is not indexed. */
  readonly text: string;
  readonly open?: Readonly<Record<string, string>>;
  readonly recent?: readonly string[];
}

/** Paths of the snippets, best first. */
async function check(fixture: Fixture, expected: string) {
  const files = fixture.text
    .split(/^\/\/- /m)
    .slice(1)
    .map((part): [string, string] => [part.slice(0, part.indexOf('\n')), part.slice(part.indexOf('\n') + 1)]);
  const folder = temporaryFolder();
  const { db } = openIndex(join(folder, 'index.sqlite'));
  try {
    const writer = createIndexWriter(db);
    let query = { path: '', languageId: '', prefix: '', suffix: '' };
    for (const [path, text] of files) {
      const [prefix = '', suffix] = text.split('<|>');
      if (suffix !== undefined) query = { path, languageId: '', prefix, suffix };
      const contentId = writer.addContent(blobDigest(Buffer.from(text)), readText(path, text, syntax));
      writer.setEntry(liveView, path, { contentId, sizeBytes: 1, mtimeMs: 1, reason: null });
    }
    const openTexts = createOpenTexts();
    for (const [path, text] of Object.entries(fixture.open ?? {})) openTexts.set(path, text);
    for (const path of fixture.recent ?? []) openTexts.touch(path);
    const reader = createIndexReader(db);
    const byPath = new Map(files);
    const texts = {
      prepare: () => Promise.resolve(),
      lines: (path: string) => linesOf(byPath.get(path) ?? ''),
    };
    const retriever = createRetriever({
      reader: () => reader,
      texts: () => texts,
      openTexts,
      options,
      logger: silentLogger,
      onBroken: () => assert.fail('the query failed'),
    });
    const snippets = await retriever.retrieve(query, never);
    assert.equal(snippets.map(({ path, startLine }) => `${path}:${startLine}`).join(' '), expected);
  } finally {
    db.dispose();
    rmSync(folder, { recursive: true, force: true });
  }
}

const cart = `//- src/cart.ts
export function addToCart(cart: Cart, item: Item) {
  cart.items.push(item);
  cart.total += item.priceInCents;
}
//- src/weather.ts
export function forecast(town: Town) {
  return town.sunshine > town.rainfall;
}
`;

test('words in common', () =>
  check({ text: `${cart}//- src/shop.ts\nconst bought = cart.items.<|>\n` }, 'src/cart.ts:1'));

test('a part of a name is enough', () =>
  check({ text: `${cart}//- src/a.ts\nconst rainfallToday = <|>\n` }, 'src/weather.ts:1'));

test('nothing in common, nothing comes', () =>
  check({ text: `${cart}//- src/a.ts\nlet unrelated = <|>\n` }, ''));

test('the cursor document itself does not come from the index', () =>
  check({ text: `//- src/a.ts\nconst zebra = 1;\nuse(zebra<|>);\n` }, ''));

test('the imports of the cursor document come where the prompt begins below them', async () => {
  const head = "// License\nimport { zebra } from './zebra';\nimport { lion } from './lion';\n\n";
  await check({ text: `//- src/a.ts\n${head}use(<|>);\n` }, '');
  await check({ text: `//- src/a.ts\n${head}${'\n'.repeat(2000)}use(<|>);\n` }, 'src/a.ts:2');
});

test('an unsaved text hides the saved one', () =>
  check(
    {
      text: `${cart}//- src/a.ts\nconst zebra = <|>\n`,
      open: { 'src/cart.ts': '\n\nexport const zebraStripes = zebra(1);\n' },
    },
    'src/cart.ts:3',
  ));

test('a text that no index knows yet', () =>
  check(
    {
      text: `//- src/a.ts\nlet x = zebra<|>\n`,
      open: { 'new.ts': 'export function zebra() { return striped; }\n' },
    },
    'new.ts:1',
  ));

test('of two alike, the nearer one comes first', () => {
  const twin = (path: string, extra: string) => `//- ${path}\nregister(wallpaper, '${extra}');\n`;
  return check(
    {
      text: `${twin('far/away/b.ts', 'one')}${twin('src/near/c.ts', 'two')}//- src/a.ts\nshow(wallpaper<|>);\n`,
    },
    'src/near/c.ts:1 far/away/b.ts:1',
  );
});

test('very many blank lines do not hold a query up', () =>
  check({ text: `${cart}//- src/shop.ts\n${'\n'.repeat(20_000)}cart.items.<|>\n` }, 'src/cart.ts:1'));

test('of two alike, the recent one comes first', () => {
  const twin = (path: string, extra: string) =>
    `//- ${path}\nexport function paint(wall: Wall) {\n  return wall.${extra};\n}\n`;
  return check(
    {
      text: `${twin('x/b.ts', 'one')}${twin('x/c.ts', 'two')}//- src/a.ts\nwall.<|>\n`,
      recent: ['x/c.ts'],
    },
    'x/c.ts:1 x/b.ts:1',
  );
});

test('a broken index costs the snippets, not the request', async () => {
  let nBroken = 0;
  const retriever = createRetriever({
    reader: () => {
      throw new Error('disk I/O error');
    },
    texts: () => undefined,
    openTexts: createOpenTexts(),
    options,
    logger: silentLogger,
    onBroken: () => nBroken++,
  });
  const query = { path: 'a.ts', languageId: '', prefix: 'x', suffix: '' };
  assert.deepEqual(await retriever.retrieve(query, never), []);
  assert.equal(nBroken, 1);
  await assert.rejects(retriever.retrieve(query, AbortSignal.abort()), { name: 'AbortError' });
});
