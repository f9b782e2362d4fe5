/** Which paths are left out and why, against git itself for `.gitignore`; contents are judged in contentRules.test.ts. */

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { createIgnoreRules } from '../../../server/retrieval/ignoreRules.ts';

interface Fixture {
  readonly files?: Readonly<Record<string, string>>;
  readonly settingGlobs?: readonly string[];
}

function rulesFor({ files = {}, settingGlobs = [] }: Fixture) {
  return createIgnoreRules({
    root: '/nowhere',
    settingGlobs,
    readFile: (path) => (Object.hasOwn(files, path) ? files[path] : undefined),
    isCaseSensitive: true,
  });
}

/** `expected`: path -> reason, or "kept". */
function check(fixture: Fixture, expected: Readonly<Record<string, string>>) {
  const rules = rulesFor(fixture);
  const found = Object.keys(expected).map((path) => {
    const verdict = path.endsWith('/') ? rules.explainFolder(path.slice(0, -1)) : rules.explain(path);
    return [path, verdict.isIgnored ? verdict.reason : 'kept'];
  });
  assert.deepEqual(Object.fromEntries(found), expected);
}

test('secret files are left out, similar names are kept', () => {
  check(
    {},
    {
      '.env': 'secret',
      'deploy/.env.production': 'secret',
      '.ENV': 'secret',
      'server.pem': 'secret',
      id_rsa: 'secret',
      'a/id_ed25519.pub': 'secret',
      '.npmrc': 'secret',
      '.netrc': 'secret',
      'aws/credentials': 'secret',
      'credentials.json': 'secret',
      'secrets.yaml': 'secret',
      'release.keystore': 'secret',
      '.ssh/config': 'secret',
      'settings.json': 'kept',
      'config.json': 'kept',
      'config/secrets.ts': 'kept',
      'credentials.ts': 'kept',
      'environment.ts': 'kept',
      'monkey.ts': 'kept',
      'src/key.go': 'kept',
    },
  );
});

test('version control, dependencies and build output are left out', () => {
  check(
    { files: { 'app/package.json': '{}', 'Cargo.toml': '' } },
    {
      '.git/config': 'versionControl',
      '.git': 'versionControl',
      'sub/.git': 'versionControl',
      'node_modules/a/index.js': 'vendored',
      'packages/x/node_modules/': 'vendored',
      'vendor/lib/x.go': 'vendored',
      'a/__pycache__/x.py': 'generated',
      'package-lock.json': 'generated',
      'app.min.js': 'generated',
      'app/dist/main.js': 'generated',
      'target/': 'generated',
      'dist/main.js': 'kept',
      'src/target/x.rs': 'kept',
      'src/vendor.ts': 'kept',
      'src/': 'kept',
    },
  );
});

test('the nearest .gitignore decides, and an ignored folder stays ignored', () => {
  check(
    {
      files: {
        '.gitignore': '*.log\n/out\nlogs/\n!keep.log\n',
        'src/.gitignore': '!special.log\n/local.ts\n',
        'logs/.gitignore': '!inside.ts\n',
        'src/deep/.gitignore': '*\n!*.ts\n',
      },
    },
    {
      'a.log': 'gitignore',
      'keep.log': 'kept',
      'src/a.log': 'gitignore',
      'src/special.log': 'kept',
      'special.log': 'gitignore',
      'out/x.ts': 'gitignore',
      'src/out/x.ts': 'kept',
      'logs/inside.ts': 'gitignore',
      'src/local.ts': 'gitignore',
      'src/x/local.ts': 'kept',
      'src/deep/a.ts': 'kept',
      'src/deep/a.js': 'gitignore',
      'src/deep/more/a.ts': 'gitignore',
    },
  );
});

test('sources add up: a negation lifts its own source and the built-in list, nothing else', () => {
  check(
    {
      files: {
        '.gitignore': 'private/\n',
        '.idiomignore': '!private/\n!vendor/\n!.env\nlegacy/**\n!legacy/good.ts\n',
      },
      settingGlobs: ['*.sql', '!legacy/', '!yarn.lock'],
    },
    {
      'private/a.ts': 'gitignore',
      'vendor/a.ts': 'kept',
      '.env': 'secret',
      'legacy/a.ts': 'idiomignore',
      'legacy/good.ts': 'kept',
      'db/x.sql': 'setting',
      'vendor/x.sql': 'setting',
      'yarn.lock': 'kept',
      'Cargo.lock': 'generated',
    },
  );
});

test('paths that leave the repository, and names nobody expects', () => {
  check(
    { files: { '.gitignore': 'odd*\n' } },
    {
      '../x.ts': 'outside',
      'a/../../x.ts': 'outside',
      '/etc/passwd': 'outside',
      '': 'outside',
      'odd\nname.ts': 'gitignore',
      'new\nline.ts': 'kept',
      'b\ufffd.ts': 'kept',
      __proto__: 'kept',
      'constructor/x.ts': 'kept',
    },
  );
});

test('the deciding rule is named with its file', () => {
  const rules = rulesFor({ files: { 'src/.gitignore': '# none\n*.tmp\n' }, settingGlobs: ['gen/'] });
  assert.equal(rules.explain('src/a.tmp').rule, 'src/.gitignore: *.tmp');
  assert.equal(rules.explain('gen/a.ts').rule, 'idiom.ignore: gen/');
  assert.equal(rules.explain('x.pem').rule, '*.pem');
});

test('a changed rule file counts after invalidate', () => {
  const files: Record<string, string> = { '.gitignore': 'a.ts\n' };
  const rules = rulesFor({ files });
  assert.equal(rules.explain('a.ts').isIgnored, true);
  files['.gitignore'] = '';
  assert.equal(rules.isRuleFile('.gitignore'), true);
  assert.equal(rules.isRuleFile('src/.idiomignore'), true);
  assert.equal(rules.isRuleFile('src/a.gitignore'), false);
  rules.invalidate();
  assert.equal(rules.explain('a.ts').isIgnored, false);
});

test('a million questions do not pile up in memory', () => {
  const rules = rulesFor({ files: { '.gitignore': '*.log\n' } });
  for (let i = 0; i < 120_000; i++) rules.explain(`src/f${i}.ts`);
  assert.equal(rules.explain('src/x.log').reason, 'gitignore');
});

test('agrees with git check-ignore', () => {
  const files: Record<string, string> = {
    '.gitignore': '*.o\n/rooted\ndocs/*.txt\n**/deep/**/end.c\n!keep.o\nfoo/\n\\#hash\nbar\\ \n[ab]x.c\n',
    'sub/.gitignore': '*.c\n!main.c\n!foo/\n',
    'other/.gitignore': '/*\n!/in\n',
  };
  const paths =
    'a.o keep.o sub/a.o sub/keep.o rooted/x sub/rooted/x docs/a.txt docs/b/a.txt x/deep/end.c x/deep/y/z/end.c foo/a sub/foo/a sub/foo.c sub/main.c #hash ax.c cx.c other/in/x other/out/x other/in'.split(
      ' ',
    );
  const root = mkdtempSync(join(tmpdir(), 'idiom-ignore-'));
  try {
    execFileSync('git', ['init', '-q'], { cwd: root });
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), text);
    }
    const rules = createIgnoreRules({ root, settingGlobs: [], isCaseSensitive: true });
    let answer = '';
    try {
      answer = execFileSync('git', ['check-ignore', '--no-index', '--stdin'], {
        cwd: root,
        input: paths.join('\n'),
        env: { ...process.env, GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_SYSTEM: '/dev/null' },
      }).toString();
    } catch (error) {
      assert.fail(`git check-ignore failed: ${String(error)}`);
    }
    const byGit = answer.trimEnd().split('\n');
    assert.deepEqual(
      paths.filter((path) => rules.explain(path).isIgnored),
      byGit,
    );
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
});
