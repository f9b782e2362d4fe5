/** `idiom index`: what it tells of a repository and of single files. */

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { Command } from 'commander';
import { neverAborts } from '../../../server/base/abort.ts';
import type { CliContext } from '../../../server/cli/cliContext.ts';
import { registerIndex } from '../../../server/cli/indexCommand.ts';
import { createGitFixture, temporaryFolder } from '../../support/gitFixture.ts';

const files: Readonly<Record<string, string | Uint8Array>> = {
  'src/a.ts': 'export const alpha = 1;\n',
  'src/out.js': `const a=1;${'b();'.repeat(2000)}\n`,
  'new\nline.ts': 'export const beta = 1;\n',
  'image.ts': Uint8Array.from([0, 1, 2, 0]),
  'big.ts': 'export const gamma = 1;\n'.repeat(60_000),
  '.gitignore': 'built/\n',
  '.idiomignore': 'private.ts\n',
  'weights.py': 'version https://git-lfs.github.com/spec/v1\noid sha256:6d28c587db821f6a\nsize 123456\n',
  'private.ts': 'export const delta = 1;\n',
  'built/b.ts': 'export const delta = 1;\n',
  '.env': 'PASSWORD=1\n',
  'nested/.git/HEAD': 'ref: refs/heads/main\n',
  'nested/c.ts': 'export const epsilon = 1;\n',
};

async function withRepository(
  run: (root: string, idiom: (...argv: string[]) => Promise<string[]>, link: string) => Promise<void>,
) {
  const fixture = createGitFixture();
  const cache = temporaryFolder();
  try {
    for (const [path, content] of Object.entries(files)) {
      mkdirSync(dirname(join(fixture.root, path)), { recursive: true });
      writeFileSync(join(fixture.root, path), content);
    }
    symlinkSync('src', join(fixture.root, 'linked'));
    symlinkSync('nowhere', join(fixture.root, 'dangling.ts'));
    execFileSync('mkfifo', [join(fixture.root, 'pipe.ts')]);
    const link = join(cache, 'link');
    symlinkSync(fixture.root, link);
    const idiom = async (...argv: string[]) => {
      const printed: string[] = [];
      const context = {
        folders: { cache },
        repo: () => Promise.resolve({ root: fixture.root, repoId: 'id', name: 'name' }),
        write: (line: string) => printed.push(line),
        remark: () => undefined,
        nowMs: () => 5000,
        signal: neverAborts,
      } as unknown as CliContext;
      const program = new Command().exitOverride();
      registerIndex(program, context);
      await program.parseAsync(['index', ...argv], { from: 'user' });
      return printed;
    };
    await run(fixture.root, idiom, link);
  } finally {
    fixture.dispose();
    rmSync(cache, { recursive: true, force: true });
  }
}

test('index tells files, chunks, size, age, and what was left out by reason', () =>
  withRepository(async (_root, idiom) => {
    const status = JSON.parse((await idiom('--json')).join('')) as Record<string, unknown>;
    const { sourceBytes, indexBytes, nChunks, ...rest } = status;
    assert.deepEqual(rest, {
      nFiles: 4,
      nLines: 4,
      nSymbols: 2,
      skipped: {
        binary: 1,
        gitignore: 1,
        huge: 1,
        idiomignore: 1,
        minified: 1,
        notAFile: 3,
        secret: 1,
        standIn: 1,
        versionControl: 1,
      },
      completeAtMs: 5000,
    });
    for (const amount of [sourceBytes, indexBytes, nChunks]) assert.ok(Number(amount) > 0);
    const [first, , ...others] = await idiom();
    assert.match(first ?? '', /^4 files, 4 lines, \d chunks, 2 definitions$/);
    assert.ok(others.includes('left out: 3 because it is no regular file'));
    assert.equal(others.at(-1), 'complete 0 s ago');
  }));

test('--explain agrees with the index about each file, by whatever name', () =>
  withRepository(async (root, idiom, link) => {
    const expected: Readonly<Record<string, string | undefined>> = {
      'src/a.ts': undefined,
      'new\nline.ts': undefined,
      'src/out.js': 'minified',
      'image.ts': 'binary',
      'big.ts': 'huge',
      'private.ts': 'idiomignore',
      'built/b.ts': 'gitignore',
      '.env': 'secret',
      '.git/config': 'versionControl',
      'nested/c.ts': 'versionControl',
      'weights.py': 'standIn',
      'linked/a.ts': 'notAFile',
      linked: 'notAFile',
      'dangling.ts': 'notAFile',
      'pipe.ts': 'notAFile',
      '..': 'outside',
      '../x.ts': 'outside',
    };
    for (const [path, reason] of Object.entries(expected)) {
      for (const named of [path, join(root, path), join(link, path)]) {
        const answer = JSON.parse((await idiom('--json', '--explain', named)).join('')) as object;
        const { isIndexed, reason: told } = answer as { isIndexed: boolean; reason?: string };
        assert.deepEqual([isIndexed, told], [reason === undefined, reason], named);
      }
    }
    assert.deepEqual(await idiom('--explain', 'private.ts'), [
      'private.ts is left out because an .idiomignore rule excludes it (.idiomignore: private.ts).',
    ]);
    assert.deepEqual(await idiom('--ignore', 'src/*', '--explain', 'src/a.ts'), [
      'src/a.ts is left out because the setting idiom.ignore excludes it (idiom.ignore: src/*).',
    ]);
    await assert.rejects(idiom('--explain', 'src/missing.ts'), {
      message: /There is no file src\/missing\.ts/,
    });
  }));
