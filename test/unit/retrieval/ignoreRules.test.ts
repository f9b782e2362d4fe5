/** Which paths are left out and why; gitAgreement.test.ts compares with git, contents are judged in contentRules.test.ts. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { toBytes } from '../../../server/retrieval/gitPattern.ts';
import { createIgnoreRules } from '../../../server/retrieval/ignoreRules.ts';
import { ruleText } from '../../../server/retrieval/ruleFiles.ts';

interface Fixture {
  readonly files?: Readonly<Record<string, string>>;
  readonly settingGlobs?: readonly string[];
}

function rulesFor({ files = {}, settingGlobs = [] }: Fixture) {
  return createIgnoreRules({
    settingGlobs,
    source: {
      read: (path) =>
        Object.hasOwn(files, path) ? { name: path, text: toBytes(files[path] ?? '') } : undefined,
      exists: (path) => Object.hasOwn(files, path),
      excludes: () => [],
    },
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

test('what must not be read is told although a folder above is ignored for less', () => {
  check(
    {
      files: {
        '.gitignore': 'local/\nboth.ts\n',
        '.idiomignore': '*.gen.ts\nboth.ts\n',
        'node_modules/.idiomignore': 'mine/\n',
      },
      settingGlobs: ['*.sql'],
    },
    {
      'local/a.ts': 'gitignore',
      'local/.env': 'secret',
      'local/deep/a.gen.ts': 'idiomignore',
      'local/a.sql': 'setting',
      'both.ts': 'idiomignore',
      'node_modules/a.ts': 'vendored',
      'node_modules/mine/a.ts': 'idiomignore',
    },
  );
});

test('a rule file that is too large leaves out its whole folder', () => {
  const source = {
    read: (path: string) => (path === 'src/.gitignore' ? ruleText(path, undefined) : undefined),
    exists: () => false,
    excludes: () => [],
  };
  const rules = createIgnoreRules({ settingGlobs: [], source });
  assert.deepEqual(rules.explain('src/a.ts'), {
    isIgnored: true,
    reason: 'gitignore',
    rule: 'src/.gitignore is larger than 1 MB: *',
  });
  assert.equal(rules.explain('a.ts').isIgnored, false);
});
