/**
 * Every way that is known by which git starts a program, opens a connection or writes, on the word of a repository's
 * configuration, its files or the environment, and what is set against each. Sources: git(1), git-config(1),
 * gitattributes(5), githooks(5), git-remote-ext(1), api-trace2.
 */

export interface Danger {
  /** Settings, variables and files that it goes by. */
  readonly names: string;
  readonly does: string;
  /** Given to every command with `-c`, which wins over all files. */
  readonly config?: Readonly<Record<string, string>>;
  readonly environment?: Readonly<Record<string, string>>;
  /** Put behind the named command. */
  readonly flags?: Readonly<Record<string, readonly string[]>>;
  /** Where no switch stops every command: why none of ours gets there. */
  readonly because?: string;
}

/** `GIT_*` variables are not handed on at all (runGit.ts), so a row about one has no switch of its own. */
const notHandedOn = 'no GIT_* variable of the environment is handed on';
const neverAsked = 'the commands of `GitCommand` are all that is ever run, and none of them goes by it';

export const gitDangers: readonly Danger[] = [
  {
    names: 'extensions.partialClone, remote.*.promisor, remote.*.partialclonefilter',
    does: 'a missing object is fetched: runs ssh, connects, writes packs',
    // Git 2.45, and 2.39.4 to 2.44.1 of the older lines; before them the row about transports alone stops it.
    environment: { GIT_NO_LAZY_FETCH: '1' },
  },
  {
    names:
      'remote.*.url, url.*.insteadOf, protocol.*.allow, remote.*.vcs, ext:: addresses, http.proxy, bundle.*',
    does: 'opens a connection, or runs git-remote-NAME or what an ext:: address says',
    // An empty list: no transport at all, and protocol.allow of a repository has no say.
    environment: { GIT_ALLOW_PROTOCOL: '' },
  },
  {
    names: 'core.sshCommand, ssh.variant, core.gitProxy, remote.*.uploadpack, remote.*.receivepack',
    does: 'runs as part of a transport',
    config: { 'protocol.allow': 'never' },
    environment: { GIT_ALLOW_PROTOCOL: '' },
  },
  {
    names: 'GIT_SSH, GIT_SSH_COMMAND, GIT_PROXY_COMMAND',
    does: 'runs as part of a transport',
    because: notHandedOn,
  },
  {
    names: 'credential.helper, credential.*.helper',
    does: 'runs when a password is asked for',
    config: { 'credential.helper': '' },
  },
  {
    names: 'core.askPass, GIT_ASKPASS, SSH_ASKPASS',
    does: 'runs when a password is asked for',
    environment: { GIT_ASKPASS: '', SSH_ASKPASS: '', GIT_TERMINAL_PROMPT: '0' },
  },
  {
    names: 'core.fsmonitor',
    does: 'runs when the index is read',
    config: { 'core.fsmonitor': 'false' },
  },
  {
    names: 'core.hooksPath, .git/hooks',
    does: 'runs before and after many commands',
    config: { 'core.hooksPath': '/dev/null' },
  },
  {
    names: 'diff.external, diff.*.command, GIT_EXTERNAL_DIFF',
    does: 'runs in place of the diff',
    flags: { 'diff-tree': ['--no-ext-diff'] },
    because: 'diff-tree goes by it only where it is asked to',
  },
  {
    names: 'diff.*.textconv',
    does: 'runs on both sides of a diff',
    flags: { 'diff-tree': ['--no-textconv'] },
    because: 'diff-tree converts only where it is asked to, and so does cat-file',
  },
  {
    names: 'log.showSignature',
    does: 'verifies signatures, which runs gpg.program',
    config: { 'log.showSignature': 'false' },
  },
  {
    names: 'gpg.program, gpg.*.program, gpg.ssh.defaultKeyCommand',
    does: 'runs where a signature is verified',
    config: {
      'gpg.program': '',
      'gpg.openpgp.program': '',
      'gpg.x509.program': '',
      'gpg.ssh.program': '',
      'gpg.ssh.defaultKeyCommand': '',
    },
  },
  {
    names: 'core.pager, pager.*, PAGER, GIT_PAGER',
    does: 'runs where output goes to a terminal',
    environment: { GIT_PAGER: 'cat' },
  },
  {
    names: 'core.editor, sequence.editor, VISUAL, EDITOR, GIT_EDITOR, GIT_SEQUENCE_EDITOR',
    does: 'runs where a text is edited',
    environment: { GIT_EDITOR: ':', GIT_SEQUENCE_EDITOR: ':' },
  },
  {
    names: 'core.alternateRefsCommand',
    does: 'runs where refs of a borrowed object folder are listed',
    config: { 'core.alternateRefsCommand': 'true' },
  },
  {
    names: 'diff.submodule, diff.ignoreSubmodules, submodule.recurse, .gitmodules',
    does: 'starts git in submodules, whose configurations name programs of their own',
    config: {
      'diff.submodule': 'short',
      'diff.ignoreSubmodules': 'all',
      'submodule.recurse': 'false',
      'status.submoduleSummary': 'false',
    },
  },
  {
    names: 'safe.bareRepository',
    does: 'a folder of a checkout that looks like a repository is taken for one, with its configuration',
    config: { 'safe.bareRepository': 'explicit' },
  },
  {
    names: 'trace2.*, GIT_TRACE, GIT_TRACE2 and all that begin so',
    does: 'writes what git does into a file or a socket',
    environment: { GIT_TRACE2: '0', GIT_TRACE2_EVENT: '0', GIT_TRACE2_PERF: '0' },
  },
  {
    names: '.git/index',
    does: 'is written anew where it is older than the files',
    environment: { GIT_OPTIONAL_LOCKS: '0' },
  },
  {
    names: 'GIT_REDIRECT_STDIN, GIT_REDIRECT_STDOUT, GIT_REDIRECT_STDERR',
    does: 'opens files in place of the standard streams, on Windows',
    because: notHandedOn,
  },
  {
    names: 'GIT_DIR, GIT_CONFIG*, GIT_EXEC_PATH and all other GIT_* variables',
    does: 'leads to another repository, another configuration or other programs',
    because: notHandedOn,
  },
  {
    names: 'include.path, includeIf.*.path',
    does: 'reads a further configuration, which may name any of these',
    because:
      'what is given on the command line is read last and wins; a file that never ends is ended by the time limit',
  },
  {
    names: 'alias.*',
    does: 'runs a shell where a command has its name',
    because: 'an alias never takes the place of a command that git has',
  },
  {
    names:
      'filter.*, merge.*.driver, interactive.diffFilter, difftool.*, mergetool.*, trailer.*.command, submodule.*.update',
    does: 'runs where files are written, compared with the working tree, merged or committed',
    because: neverAsked,
  },
  {
    names:
      'gc.auto, maintenance.auto, receive.*, uploadpack.packObjectsHook, sendemail.*, browser.*, man.*, help.autoCorrect',
    does: 'runs a program or writes, as part of a command that is none of ours',
    because: neverAsked,
  },
  {
    names: 'core.worktree, .git files, commondir, objects/info/alternates',
    does: 'reads another folder in place of the one that was opened',
    because:
      'openRepository takes only a working tree whose .git leads to the repository; objects are read by their ids',
  },
];

/** The commands that Idiom ever gives. All of them read. */
export type GitCommand =
  'cat-file' | 'config' | 'diff-tree' | 'ls-tree' | 'remote' | 'rev-list' | 'rev-parse' | 'version';

/** `-c` options and the arguments with the flags of the command. @param dangers the rows that are heeded; all but in tests. */
export function safeArguments(
  [command = '', ...rest]: readonly string[],
  dangers: readonly Danger[] = gitDangers,
): string[] {
  const config = dangers.flatMap((danger) => Object.entries(danger.config ?? {}));
  return [
    ...config.flatMap(([name, value]) => ['-c', `${name}=${value}`]),
    command,
    ...dangers.flatMap((danger) => danger.flags?.[command] ?? []),
    ...rest,
  ];
}

export function safeEnvironment(dangers: readonly Danger[] = gitDangers): Record<string, string> {
  return Object.assign({}, ...dangers.map((danger) => danger.environment ?? {})) as Record<string, string>;
}
