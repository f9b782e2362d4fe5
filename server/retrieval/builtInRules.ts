/** Which files are left out without anybody asking, as `.gitignore` patterns with a reason each; it reads no file. */

export type IgnoreReason =
  /** Lies outside the repository. */
  | 'outside'
  /** Belongs to git, Mercurial or Subversion. */
  | 'versionControl'
  /** Is likely to hold passwords or keys. */
  | 'secret'
  | 'gitignore'
  | 'idiomignore'
  | 'setting'
  /** Somebody else's code, copied in or installed. */
  | 'vendored'
  /** Written by a program: build output, caches, lock files. */
  | 'generated'
  | 'minified'
  /** A Git LFS or git-annex pointer, or a symbolic link that was checked out as text. */
  | 'standIn'
  | 'binary'
  | 'huge'
  | 'unreadable'
  /** Its content is not on this machine, as in a partial clone. */
  | 'missing'
  /** A device, socket, pipe, or a symbolic link. */
  | 'notAFile';

/** A sentence part that fits after "It is left out because". */
export const reasonTexts: Readonly<Record<IgnoreReason, string>> = {
  outside: 'it lies outside the repository',
  versionControl: 'it belongs to the version control system',
  secret: 'files of this name usually hold passwords or keys',
  gitignore: 'a .gitignore rule excludes it',
  idiomignore: 'an .idiomignore rule excludes it',
  setting: 'the setting idiom.ignore excludes it',
  vendored: 'it is third-party code',
  generated: 'it was written by a program',
  minified: 'it is minified',
  standIn: 'it is a pointer to content that is kept elsewhere',
  binary: 'it is not text',
  huge: 'it is too large',
  unreadable: 'it could not be read',
  missing: 'its content is not on this machine',
  notAFile: 'it is no regular file',
};

/** Nothing can lift these; matched without regard to case. */
export const secretPatterns: readonly string[] = [
  '.env*',
  '*.env',
  '*.pem',
  '*.key',
  '*.p12',
  '*.pfx',
  '*.jks',
  '*.keystore',
  '*.kdbx',
  '*.ppk',
  '*.keytab',
  '*.tfvars',
  '*.tfvars.json',
  '*.tfstate',
  '*.tfstate.*',
  'id_rsa*',
  'id_dsa*',
  'id_ecdsa*',
  'id_ed25519*',
  '.npmrc',
  '.yarnrc.yml',
  '.netrc',
  '_netrc',
  '.pypirc',
  '.pgpass',
  '.my.cnf',
  '.htpasswd',
  '.git-credentials',
  '.vault-token',
  '.dockercfg',
  '.docker/config.json',
  '.kube/config',
  '.ssh/',
  '.gnupg/',
  '.aws/',
  'credentials',
  'credentials.{ini,json,yaml,yml,toml,xml,csv,txt,properties}',
  'secret{,s}.{ini,json,yaml,yml,toml,xml,txt,properties}',
  'service-account*.json',
].flatMap(expandBraces);

export const versionControlPatterns: readonly string[] = ['.git', '.hg/', '.svn/', '.jj/', 'CVS/'];

/** A negated pattern in `.idiomignore` or the settings lifts these. */
export const liftablePatterns: readonly {
  readonly reason: 'vendored' | 'generated';
  readonly patterns: readonly string[];
}[] = [
  {
    reason: 'vendored',
    patterns: [
      'node_modules/',
      'bower_components/',
      'jspm_packages/',
      'site-packages/',
      'vendor/',
      'third_party/',
      'third-party/',
      'Pods/',
      'Carthage/',
      '.venv/',
      'venv/',
      '.yarn/',
      '.pnpm-store/',
    ],
  },
  {
    reason: 'generated',
    patterns: [
      '__pycache__/',
      '.tox/',
      '.nox/',
      '.mypy_cache/',
      '.pytest_cache/',
      '.ruff_cache/',
      '.gradle/',
      '.cache/',
      '.next/',
      '.nuxt/',
      '.svelte-kit/',
      '.parcel-cache/',
      '.turbo/',
      '.terraform/',
      '*.egg-info/',
      'DerivedData/',
      'package-lock.json',
      'npm-shrinkwrap.json',
      'yarn.lock',
      'pnpm-lock.yaml',
      'bun.lock',
      'Cargo.lock',
      'Gemfile.lock',
      'composer.lock',
      'poetry.lock',
      'uv.lock',
      'Pipfile.lock',
      'go.sum',
      '*.min.js',
      '*.min.css',
      '*.bundle.js',
      '*.map',
      '*.pb.go',
      '*.pb.cc',
      '*.pb.h',
      '*_pb2.py',
      '*_pb2_grpc.py',
      '*_pb.js',
      '*_pb.d.ts',
      '*.g.dart',
      '*.freezed.dart',
      '*.designer.cs',
      '*.snap',
    ],
  },
];

/** Build output: a folder counts when one of the files beside it says which tool writes there. */
export const buildFolders: Readonly<Record<string, readonly string[]>> = {
  dist: ['package.json', 'setup.py', 'pyproject.toml'],
  target: ['Cargo.toml', 'pom.xml', 'build.sbt'],
  build: ['build.gradle', 'build.gradle.kts', 'setup.py', 'pubspec.yaml'],
};

/** `a{b,c}` as `ab` and `ac`; gitignore patterns know no braces. */
function expandBraces(pattern: string): string[] {
  const match = /^(.*?)\{([^}]*)\}(.*)$/.exec(pattern);
  if (match === null) return [pattern];
  const [, before = '', inner = '', after = ''] = match;
  return inner.split(',').flatMap((part) => expandBraces(before + part + after));
}
