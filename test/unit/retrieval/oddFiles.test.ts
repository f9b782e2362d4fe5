/** Trees of files that are none, links that lead anywhere, names nobody expects, and sizes nobody wants to read. */

import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { temporaryFolder } from '../../support/gitFixture.ts';

const indexOnceUrl = new URL('../../../server/retrieval/indexOnce.ts', import.meta.url).href;

interface Indexed {
  readonly nFiles: number;
  readonly skipped: Readonly<Record<string, number>>;
  /** The most that the process which indexed had in memory, with Node's own. */
  readonly peakMb: number;
}

/** Indexes in a process of its own, which a pipe would hold up and whose memory counts. */
function index(folder: string): Indexed {
  const code = `
    import { indexOnce } from ${JSON.stringify(indexOnceUrl)};
    const { nFiles, skipped } = await indexOnce({
      root: ${JSON.stringify(join(folder, 'tree'))}, indexPath: ${JSON.stringify(join(folder, 'index.sqlite'))},
      settingGlobs: [], nowMs: () => 1000, onProgress: () => {}, signal: new AbortController().signal,
    });
    console.log(JSON.stringify({ nFiles, skipped, peakMb: process.resourceUsage().maxRSS / 1024 }));`;
  const { stdout, stderr, status } = spawnSync(process.execPath, ['--input-type=module', '-e', code], {
    timeout: 60_000,
    cwd: join(folder, 'tree'),
  });
  assert.equal(status, 0, stderr.toString());
  return JSON.parse(stdout.toString()) as Indexed;
}

async function check(
  fill: (root: string, folder: string) => void | Promise<void>,
  expected: { readonly nFiles: number; readonly skipped: Readonly<Record<string, number>> },
): Promise<void> {
  const folder = temporaryFolder();
  const root = join(folder, 'tree');
  mkdirSync(root);
  try {
    await fill(root, folder);
    writeFileSync(join(root, 'plain.ts'), 'const plain = 1;\n');
    const { peakMb, ...found } = index(folder);
    assert.deepEqual(found, expected);
    assert.ok(peakMb < 300, `${peakMb} MB`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

test('pipes and sockets, also in the place of rule files and of .git', async () => {
  const server = createServer();
  await check(
    async (root) => {
      mkdirSync(join(root, 'sub'));
      for (const name of ['pipe.ts', '.gitignore', '.idiomignore', 'sub/.git'])
        execFileSync('mkfifo', [join(root, name)]);
      await new Promise<void>((done) => server.listen(join(root, 'socket.ts'), done));
    },
    { nFiles: 1, skipped: { notAFile: 4, versionControl: 1 } },
  ).finally(() => server.close());
});

test('links in circles, to the outside, to devices and to nothing', () =>
  check(
    (root, folder) => {
      writeFileSync(join(folder, 'outside.ts'), 'const outside = 1;\n');
      symlinkSync('.', join(root, 'self'));
      symlinkSync('b.ts', join(root, 'a.ts'));
      symlinkSync('a.ts', join(root, 'b.ts'));
      symlinkSync('..', join(root, 'up'));
      symlinkSync(join(folder, 'outside.ts'), join(root, 'outside.ts'));
      symlinkSync('/dev/zero', join(root, 'zero.ts'));
      symlinkSync('/nowhere', join(root, 'nothing.ts'));
    },
    { nFiles: 1, skipped: { notAFile: 7 } },
  ));

test('names with line breaks, control characters, patterns and bytes that are no UTF-8', () =>
  check(
    (root) => {
      for (const name of [
        'new\nline.ts',
        'tab\t.ts',
        'esc\u001b[2J.ts',
        '-rf',
        '*.ts',
        ' ',
        '\\',
        '"',
        '{{x}}',
      ])
        writeFileSync(join(root, name), 'const odd = 1;\n');
      writeFileSync(Buffer.concat([Buffer.from(`${root}/broken`), Buffer.from([0xff, 0xfe])]), 'x');
    },
    { nFiles: 10, skipped: { unreadable: 1 } },
  ));

test('a file of 500 MB and a line of 40 MB are not read', () =>
  check(
    (root) => {
      writeFileSync(join(root, 'sparse.ts'), '');
      truncateSync(join(root, 'sparse.ts'), 500e6);
      writeFileSync(join(root, 'line.ts'), 'x = 1; '.repeat(40e6 / 7));
    },
    { nFiles: 1, skipped: { huge: 2 } },
  ));
