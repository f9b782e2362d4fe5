/** Which grammar reads a file, by the end of its name; files without one are cut by lines. */

/** Name of a file `tree-sitter-NAME.wasm`. */
export type GrammarName =
  | 'typescript'
  | 'tsx'
  | 'javascript'
  | 'python'
  | 'go'
  | 'rust'
  | 'java'
  | 'cpp'
  | 'c-sharp'
  | 'ruby'
  | 'php'
  | 'bash';

const grammarEndings: Readonly<Record<GrammarName, string>> = {
  typescript: 'ts mts cts',
  tsx: 'tsx',
  javascript: 'js jsx mjs cjs',
  python: 'py pyi',
  go: 'go',
  rust: 'rs',
  java: 'java',
  cpp: 'c h cc hh cpp hpp cxx hxx inl',
  'c-sharp': 'cs',
  ruby: 'rb rake',
  php: 'php',
  bash: 'sh bash',
};

const grammarByEnding = new Map(
  Object.entries(grammarEndings).flatMap(([grammar, endings]) =>
    endings.split(' ').map((ending) => [ending, grammar as GrammarName] as const),
  ),
);

export function grammarOf(path: string): GrammarName | undefined {
  return grammarByEnding.get(endingOf(path));
}

/** What follows the last dot, in lower case; empty without one. */
export function endingOf(path: string): string {
  const name = path.slice(path.lastIndexOf('/') + 1);
  const dot = name.lastIndexOf('.');
  return dot < 0 ? '' : name.slice(dot + 1).toLowerCase();
}

/** Files that may show each other's idioms: TypeScript and JavaScript, C and C++, and otherwise the same ending. */
export function familyOf(path: string): string {
  const ending = endingOf(path);
  if (/^([cm]?[jt]sx?|vue|svelte)$/.test(ending)) return 'script';
  const grammar = grammarByEnding.get(ending);
  return grammar ?? (ending === '' ? path.slice(path.lastIndexOf('/') + 1) : ending);
}

export function isProse(path: string): boolean {
  return /^(md|mdx|markdown|rst|txt|adoc)$/.test(endingOf(path));
}
