/** What completion needs to know of a language: how blocks open and close, how a line comment starts. No parsing. */

/**
 * braces: blocks in brackets (TypeScript, C, Rust). indentation: a colon, then deeper lines (Python).
 * keywords: blocks end with a word such as `end` or `fi` (Ruby, Lua, shell). markup: tags. data: JSON, YAML.
 * prose: no blocks at all.
 */
export type LanguageFamily = 'braces' | 'indentation' | 'keywords' | 'markup' | 'data' | 'prose';

export interface Language {
  readonly family: LanguageFamily;
  /** Start of a line comment, without the blank after it. */
  readonly lineComment: string;
}

/** Looks a language up by its LSP identifier; an unknown one is taken for a language with braces. */
export function languageOf(languageId: string): Language {
  return table.get(languageId) ?? { family: 'braces', lineComment: '//' };
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
  ['braces', ';', 'clojure lisp scheme'],
  ['markup', '<!--', 'html xml vue svelte handlebars'],
  ['data', '#', 'yaml toml ini properties dotenv'],
  ['data', '//', 'json jsonc json5'],
  ['prose', '#', 'markdown plaintext latex restructuredtext asciidoc git-commit'],
];

const table: ReadonlyMap<string, Language> = new Map(
  rows.flatMap(([family, lineComment, ids]) =>
    ids.split(' ').map((id) => [id, { family, lineComment }] as const),
  ),
);
