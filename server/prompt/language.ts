/** What completion needs to know of a language: blocks, comments, strings, brackets, blanks. Facts in one table; no parsing. */

/**
 * braces: blocks in brackets (TypeScript, C, Rust). indentation: a colon, then deeper lines (Python).
 * keywords: blocks end with a word such as `end` or `fi` (Ruby, Lua, shell). markup: tags. data: JSON, YAML.
 * prose: no blocks at all.
 */
export type LanguageFamily = 'braces' | 'indentation' | 'keywords' | 'markup' | 'data' | 'prose';

/** A string or a comment that may span lines. */
export interface Span {
  readonly open: string;
  readonly close: string;
  /** A backslash in it is a backslash. */
  readonly isRaw?: boolean;
  /** What opens code within it, which `}` ends. */
  readonly interpolation?: string;
}

export interface Language {
  readonly family: LanguageFamily;
  /** Start of a line comment, without the blank after it. */
  readonly lineComment: string;
  readonly blockComment: Span | undefined;
  /** Characters that open and close a string on one line. */
  readonly quotes: string;
  /** Strings that may span lines; looked for before `quotes`. */
  readonly literals: readonly Span[];
  /** Brackets that come in pairs; the others are text. */
  readonly brackets: string;
  /** A character as a value, or one that is escaped outside of strings; sticky. What is in it is no code. */
  readonly character: RegExp | undefined;
  /** `/[)]/` is a pattern where no division can stand. */
  readonly hasRegex: boolean;
  /** Opens a text that ends at a line with the word in the group; sticky. */
  readonly heredoc: RegExp | undefined;
  /** `case $x in` has patterns that end with a closing bracket which nothing opens. */
  readonly hasCasePatterns: boolean;
  /** `key: |` makes the deeper lines below it a text. */
  readonly hasBlockScalars: boolean;
  /**
   * What blanks at the start of a line mean. free: a reader's matter, so they are brought in line with the document.
   * tabs: the language's formatter writes tabs. recipes: a tab makes a line what it is. exact: content.
   */
  readonly blanks: 'free' | 'tabs' | 'recipes' | 'exact';
}

/** Looks a language up by its LSP identifier; an unknown one is taken for a language with braces. */
export function languageOf(languageId: string): Language {
  return table.get(languageId) ?? languageFrom('braces', '//', languageId);
}

const rows: readonly (readonly [LanguageFamily, string, string])[] = [
  ['indentation', '#', 'python nim gdscript jupyter'],
  ['indentation', '//', 'fsharp sass stylus pug'],
  ['indentation', '--', 'haskell elm'],
  ['keywords', '#', 'ruby shellscript bash zsh fish elixir julia crystal makefile'],
  ['keywords', '--', 'lua ada vhdl sql'],
  ['keywords', '%', 'matlab erlang'],
  ['keywords', "'", 'vb'],
  ['braces', '#', 'perl powershell r terraform nix dockerfile'],
  ['braces', ';', 'clojure lisp commonlisp scheme racket elisp'],
  ['markup', '<!--', 'html xml vue svelte handlebars'],
  ['data', '#', 'yaml toml ini properties dotenv tsv diff'],
  ['data', '//', 'json jsonc json5'],
  ['prose', '#', 'markdown plaintext latex restructuredtext asciidoc git-commit'],
];

type Facts = Partial<Omit<Language, 'family' | 'lineComment'>>;

const span = (open: string, close = open, more: Omit<Span, 'open' | 'close'> = {}): Span => ({
  open,
  close,
  ...more,
});
const tripled = span('"""');
const shellHeredoc = /<<-?[\t ]*\\?(["']?)(?<word>[A-Za-z_]\w*)\1/y;

/** Later rows add to earlier ones. */
const facts: readonly (readonly [Facts, string])[] = [
  [
    { literals: [span('`', '`', { interpolation: '${' })], hasRegex: true },
    'typescript typescriptreact javascript javascriptreact vue svelte',
  ],
  [{ literals: [tripled, span("'''")] }, 'python jupyter toml dart'],
  [{ literals: [tripled] }, 'java kotlin scala swift csharp groovy fsharp julia elixir graphql nim gdscript'],
  [{ literals: [span('`', '`', { isRaw: true })], blanks: 'tabs' }, 'go'],
  [{ literals: [span("''", "''", { isRaw: true })] }, 'nix'],
  [{ literals: [span('[[', ']]', { isRaw: true })], blockComment: span('--[[', ']]') }, 'lua'],
  [{ blockComment: span('{-', '-}') }, 'haskell elm'],
  [{ blockComment: span('/*', '*/') }, 'sql terraform nix css'],
  [{ blockComment: span('<#', '#>') }, 'powershell'],
  [{ blockComment: span('#=', '=#') }, 'julia'],
  [{ blockComment: span('#[', ']#') }, 'nim'],
  [{ blockComment: span('(*', '*)') }, 'fsharp'],
  [{ blockComment: span('%{', '%}') }, 'matlab'],
  [{ blockComment: span('<!--', '-->') }, 'html xml vue svelte handlebars'],
  [
    { hasCasePatterns: true, quotes: '"\'', character: /\\./y, heredoc: shellHeredoc },
    'shellscript bash zsh',
  ],
  [{ quotes: '"\'', character: /\\./y }, 'fish'],
  [
    {
      character: /\?[()[\]{}](?![\w"'(])/y,
      heredoc: /<<[~-]?(["'`]?)(?<word>[A-Z_]\w*)\1/y,
      hasRegex: true,
    },
    'ruby crystal',
  ],
  [{ heredoc: /<<~?(["']?)(?<word>[A-Z_]\w*)\1/y, hasRegex: true }, 'perl'],
  [{ heredoc: /<<<[\t ]*(["']?)(?<word>[A-Za-z_]\w*)\1/y }, 'php'],
  [{ heredoc: /<<[~-]?(?<word>[A-Z_]\w*)/y }, 'terraform'],
  [{ heredoc: shellHeredoc }, 'dockerfile'],
  [{ character: /\$\\?./y }, 'erlang'],
  [{ quotes: '', literals: [span('"')], character: /\\./y }, 'clojure'],
  [
    { quotes: '', literals: [span('"')], character: /#\\./y, blockComment: span('#|', '|#') },
    'lisp commonlisp scheme racket',
  ],
  [{ quotes: '', literals: [span('"')], character: /\?\\?./y }, 'elisp'],
  [{ quotes: '"`', character: /'(?:\\.|[^\\'\n])'/y }, 'rust'],
  [{ blanks: 'recipes' }, 'makefile'],
  [{ brackets: '', blanks: 'exact' }, 'tsv diff'],
  [{ brackets: '' }, 'xml markdown plaintext latex restructuredtext asciidoc git-commit'],
  [{ brackets: '[]{}' }, 'yaml ini properties dotenv'],
  [{ hasBlockScalars: true }, 'yaml'],
];

const byId: ReadonlyMap<string, Facts> = facts.reduce(
  (map, [more, ids]) => ids.split(' ').reduce((all, id) => all.set(id, { ...all.get(id), ...more }), map),
  new Map<string, Facts>(),
);

function languageFrom(family: LanguageFamily, lineComment: string, id: string): Language {
  return {
    family,
    lineComment,
    blockComment: lineComment === '//' ? span('/*', '*/') : undefined,
    quotes: '"\'`',
    literals: [],
    brackets: '()[]{}',
    character: undefined,
    hasRegex: false,
    heredoc: undefined,
    hasCasePatterns: false,
    hasBlockScalars: false,
    blanks: 'free',
    ...byId.get(id),
  };
}

const table: ReadonlyMap<string, Language> = new Map(
  rows.flatMap(([family, lineComment, ids]) =>
    ids.split(' ').map((id) => [id, languageFrom(family, lineComment, id)] as const),
  ),
);
