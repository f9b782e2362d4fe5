/** Each row of the table: a program that git would start leaves a mark without the row, and none with it alone. */

import assert from 'node:assert/strict';
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { after, test } from 'node:test';
import { gitDangers } from '../../../server/git/gitDangers.ts';
import type { Danger } from '../../../server/git/gitDangers.ts';
import { openRepository } from '../../../server/git/repository.ts';
import { runGit } from '../../../server/git/runGit.ts';
import type { GitArguments } from '../../../server/git/runGit.ts';
import { createGitFixture, temporaryFolder } from '../../support/gitFixture.ts';

const fixture = createGitFixture();
const other = temporaryFolder();
after(() => {
  fixture.dispose();
  rmSync(other, { recursive: true });
});
const mark = join(other, 'mark');
const marker = join(other, 'git-remote-stranger');
writeFileSync(marker, `#!/bin/sh\necho ran >> ${mark}\nexit 1\n`);
chmodSync(marker, 0o755);

fixture.commit({ 'a.txt': 'one\n', '.gitattributes': '*.txt diff=stranger filter=stranger\n' });
const signed = fixture
  .git('cat-file', 'commit', 'HEAD')
  .replace('\n\n', '\ngpgsig -----BEGIN PGP SIGNATURE-----\n \n aaaa\n -----END PGP SIGNATURE-----\n\n');
writeFileSync(join(other, 'signed'), `${signed}\n`);
fixture.git(
  'update-ref',
  'refs/heads/signed',
  fixture.git('hash-object', '-t', 'commit', '-w', join(other, 'signed')),
);
fixture.git('tag', 'before');
fixture.commit({ 'a.txt': 'one\ntwo\n' });
fixture.git('tag', 'after');
const plainConfig = readFileSync(join(fixture.root, '.git', 'config'), 'utf8');
const lost = 'c'.repeat(40);

interface Trap {
  /** Begins the row's `names`. */
  readonly row: string;
  /** Lines for `.git/config`; `%` stands for the program that leaves the mark. */
  readonly config?: string;
  readonly environment?: Record<string, string>;
  /** Done first; what it returns is done at the end. */
  readonly prepare?: () => () => void;
  /** Folder in which the command is given; default the root. */
  readonly folder?: string;
  /** A git command that would start it; needs not be one of ours. */
  readonly command: string;
  readonly input?: string;
}

process.env['PATH'] = `${other}${delimiter}${process.env['PATH'] ?? ''}`;
const fill = (text: string) => text.replaceAll('%', marker);

/** Whether it ran, or is what git says that it would run. */
async function isMarkedBy(trap: Trap, dangers: readonly Danger[]): Promise<boolean> {
  rmSync(mark, { force: true });
  const environment = Object.fromEntries(
    Object.entries(trap.environment ?? {}).map(([name, value]) => [name, fill(value)]),
  );
  const args = fill(trap.command).split(' ') as unknown as GitArguments;
  const options = {
    cwd: join(fixture.root, trap.folder ?? ''),
    input: trap.input ?? '',
    environment,
    dangers,
  };
  const answer = await runGit(args, options).catch(() => '');
  return existsSync(mark) || answer.toString().includes(marker);
}

/** Every question that Idiom asks. */
async function askAll(): Promise<void> {
  const repository = await openRepository(fixture.root);
  assert(repository !== undefined);
  const [newest, ...commits] = await repository.commits({ max: 9 });
  const [signature] = await repository.commits({ from: 'signed', max: 1 });
  assert(newest !== undefined && signature !== undefined);
  for (const commit of [signature, commits.at(-2) ?? newest]) await repository.changeOf(commit);
  const tree = await repository.listTree(newest.id);
  await repository.readBlobs([...tree.map((file) => file.blobId), lost]);
  await repository.fileAt(newest.id, 'a.txt');
  await repository.resolveCommit(lost).catch(() => undefined);
  await repository.isShallow();
  await repository.isPartial();
}

const tried = new Set<string>();

function check(trap: Trap): void {
  const rows = gitDangers.filter((each) => each.names.startsWith(trap.row));
  const [row] = rows;
  assert(row !== undefined && rows.length === 1, `one row for ${trap.row}`);
  tried.add(row.names);
  test(`${trap.row}: ${trap.command}`, async () => {
    writeFileSync(join(fixture.root, '.git', 'config'), plainConfig + fill(trap.config ?? ''));
    const undo = trap.prepare?.();
    const inherited = Object.entries(trap.environment ?? {});
    try {
      assert.equal(await isMarkedBy(trap, []), true, 'without the table');
      if (row.because === undefined)
        assert.equal(await isMarkedBy(trap, [row]), false, 'with this row alone');
      rmSync(mark, { force: true });
      for (const [name, value] of inherited) process.env[name] = fill(value);
      await askAll();
      assert(!existsSync(mark), 'with what Idiom asks');
    } finally {
      for (const [name] of inherited) Reflect.deleteProperty(process.env, name);
      undo?.();
    }
  });
}

const ssh = '[core]\nsshCommand = %\n[remote "origin"]\nurl = ssh://host.invalid/x\n';
const partial = `${ssh}promisor = true\n[core]\nrepositoryFormatVersion = 1\n[extensions]\npartialClone = origin\n`;
check({ row: 'extensions.partialClone', config: partial, command: `cat-file -p ${lost}` });
check({ row: 'remote.*.url', config: partial, command: `cat-file -p ${lost}` });
check({ row: 'remote.*.url', config: '[protocol "ext"]\nallow = always\n', command: 'ls-remote ext::%' });
check({
  row: 'remote.*.url',
  config: '[remote "origin"]\nurl = x\nvcs = stranger\n',
  command: 'fetch origin',
});
check({ row: 'core.sshCommand', config: ssh, command: 'fetch origin' });
check({
  row: 'core.sshCommand',
  config: '[core]\ngitProxy = %\n[remote "origin"]\nurl = git://host.invalid/x\n',
  command: 'ls-remote origin',
});
check({
  row: 'core.sshCommand',
  config: '[remote "origin"]\nurl = .\nuploadpack = %\n',
  command: 'fetch origin',
});
for (const name of ['GIT_SSH', 'GIT_SSH_COMMAND'])
  check({ row: 'GIT_SSH', environment: { [name]: '%' }, command: 'ls-remote ssh://host.invalid/x' });
check({ row: 'GIT_SSH', environment: { GIT_PROXY_COMMAND: '%' }, command: 'ls-remote git://host.invalid/x' });
const question = 'protocol=https\nhost=host.invalid\n\n';
const secret = { command: 'credential fill', input: question };
check({ row: 'credential.helper', config: '[credential]\nhelper = %\n', ...secret });
check({ row: 'core.askPass', config: '[core]\naskPass = %\n', ...secret });
check({ row: 'core.fsmonitor', config: '[core]\nfsmonitor = %\n', command: 'status' });
check({
  row: 'core.hooksPath',
  prepare() {
    const hook = join(fixture.root, '.git/hooks/reference-transaction');
    writeFileSync(hook, readFileSync(marker), { mode: 0o755 });
    return () => rmSync(hook);
  },
  command: 'update-ref refs/heads/x HEAD',
});
const diff = 'diff-tree -p --ext-diff before after';
check({ row: 'diff.external', config: '[diff "stranger"]\ncommand = %\n', command: diff });
check({ row: 'diff.external', environment: { GIT_EXTERNAL_DIFF: '%' }, command: diff });
const convert = 'diff-tree -p --textconv before after';
check({ row: 'diff.*.textconv', config: '[diff "stranger"]\ntextconv = %\n', command: convert });
check({
  row: 'log.showSignature',
  config: '[log]\nshowSignature = true\n[gpg]\nprogram = %\n',
  command: 'log -1 signed',
});
check({ row: 'gpg.program', config: '[gpg]\nprogram = %\n', command: 'log -1 --show-signature signed' });
check({ row: 'gpg.program', config: '[gpg "openpgp"]\nprogram = %\n', command: 'verify-commit signed' });
check({ row: 'core.pager', config: '[core]\npager = %\n', command: 'var GIT_PAGER' });
check({ row: 'core.editor', config: '[core]\neditor = %\n', command: 'config -e' });
const write = (path: string, text: string) => () => {
  mkdirSync(dirname(join(fixture.root, path)), { recursive: true });
  writeFileSync(join(fixture.root, path), text);
  return () => rmSync(join(fixture.root, path));
};
fixture.git('init', '-q', join(other, 'lender'));
check({
  row: 'core.alternateRefsCommand',
  config: '[core]\nalternateRefsCommand = %\n',
  prepare: write('.git/objects/info/alternates', join(other, 'lender', '.git', 'objects')),
  command: 'rev-list --alternate-refs',
});
check({
  row: 'include.path',
  config: '[include]\npath = more\n',
  prepare: write('.git/more', fill('[core]\nfsmonitor = %\n')),
  command: 'status',
});
check({
  row: 'alias.*',
  config: '[alias]\nx = !%\ncat-file = !%\nrev-list = !%\nrev-parse = !%\n',
  command: 'x',
});
check({
  row: 'filter.*',
  config: '[filter "stranger"]\nsmudge = %\nclean = %\n',
  command: 'cat-file --filters HEAD:a.txt',
});
check({ row: 'gc.auto', config: '[browser "x"]\ncmd = %\n[web]\nbrowser = x\n', command: 'web--browse x' });
check({
  row: 'trace2.*',
  environment: { GIT_CONFIG_GLOBAL: join(other, 'trace') },
  command: 'rev-parse HEAD',
});
writeFileSync(join(other, 'trace'), `[trace2]\neventTarget = ${mark}\n`);
check({ row: 'GIT_DIR', environment: { GIT_TRACE: mark }, command: 'rev-parse HEAD' });
check({ row: 'GIT_DIR', environment: { GIT_TRACE2_EVENT: mark }, command: 'rev-parse HEAD' });
check({
  row: 'GIT_DIR',
  environment: { GIT_CONFIG_COUNT: '1', GIT_CONFIG_KEY_0: 'core.fsmonitor', GIT_CONFIG_VALUE_0: '%' },
  command: 'status',
});

const inner = createGitFixture(join(fixture.root, 'inner'));
const before = inner.commit({ 'a.txt': 'one\n' });
fixture.git('update-index', '--add', '--cacheinfo', `160000,${before},inner`);
fixture.git('commit', '-q', '-m', 'inner');
fixture.git('update-index', '--cacheinfo', `160000,${inner.commit({ 'a.txt': 'two\n' })},inner`);
fixture.git('commit', '-q', '-m', 'inner changed');
inner.git('config', 'diff.external', marker);
check({ row: 'diff.submodule', config: '[diff]\nsubmodule = diff\n', command: 'diff HEAD~1 HEAD' });

fixture.git('init', '-q', '--bare', 'looksLikeOne');
writeFileSync(join(fixture.root, 'looksLikeOne', 'config'), fill('[core]\nbare = true\neditor = %\n'));
check({ row: 'safe.bareRepository', folder: 'looksLikeOne', command: 'config -e' });

tried.add('.git/index');
test('.git/index is not written', async () => {
  writeFileSync(join(fixture.root, '.git', 'config'), plainConfig);
  utimesSync(join(fixture.root, 'a.txt'), 1, 1);
  const index = () => readFileSync(join(fixture.root, '.git', 'index'));
  const untouched = index();
  await runGit(['status'] as unknown as GitArguments, { cwd: fixture.root });
  assert.deepEqual(index(), untouched);
  await runGit(['status'] as unknown as GitArguments, { cwd: fixture.root, dangers: [] });
  assert.notDeepEqual(index(), untouched);
});

tried.add('core.worktree, .git files, commondir, objects/info/alternates');
test('files elsewhere are not taken for those of the repository', async () => {
  writeFileSync(join(fixture.root, '.git', 'config'), `${plainConfig}[core]\nworktree = ${other}\n`);
  await assert.rejects(openRepository(fixture.root), /says that its files are in/);
  writeFileSync(join(fixture.root, '.git', 'config'), `${plainConfig}[core]\nworktree = ../..\n`);
  await assert.rejects(openRepository(fixture.root), /says that its files are in/);
});

test('every row is tried', () => {
  const onWindows = 'GIT_REDIRECT_STDIN';
  const rest = gitDangers.filter(({ names }) => !tried.has(names) && !names.startsWith(onWindows));
  assert.deepEqual(rest, []);
});
