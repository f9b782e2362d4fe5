/** The one door to tree-sitter: where a source text can be cut, and which names it defines on which lines. */

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type * as runtimeTypes from '@vscode/tree-sitter-wasm';
import type { Language, Parser, Tree } from '@vscode/tree-sitter-wasm';
import { grammarOf } from './languages.ts';
import type { GrammarName } from './languages.ts';
import { readTree } from './readTree.ts';
import type { SyntaxFacts } from './readTree.ts';

/** Reads source text by its grammar; undefined where there is none or it can't cope, so that the caller cuts by lines. */
export interface SyntaxReader {
  /** Grammars load on first use; until one is loaded its files are cut by lines. */
  prepare(grammars: Iterable<GrammarName>): Promise<void>;
  read(path: string, text: string, lines: readonly string[]): SyntaxFacts | undefined;
  /** Whether the text is not of its language; undefined where that cannot be told. */
  hasError(path: string, text: string): boolean | undefined;
}

/** Parsing is given up after this long, so that no odd file can hold the index up. */
const parseLimitMs = 1000;
/** Longer texts are data more often than code; a parser's memory grows with them, and WebAssembly never gives any back. */
const maxParsedChars = 400_000;

/** @param folder where the `.wasm` files lie; default: the installed package. */
export async function createSyntaxReader(folder?: string): Promise<SyntaxReader> {
  const load = createRequire(import.meta.url);
  const wasmFolder = folder ?? dirname(load.resolve('@vscode/tree-sitter-wasm'));
  const runtime = load(join(wasmFolder, 'tree-sitter.js')) as typeof runtimeTypes;
  await runtime.Parser.init({ locateFile: (name: string) => join(wasmFolder, name) });
  const languages = new Map<GrammarName, Language | undefined>();
  let parser = new runtime.Parser();

  async function prepare(grammars: Iterable<GrammarName>): Promise<void> {
    for (const grammar of grammars) {
      if (languages.has(grammar)) continue;
      languages.set(grammar, undefined);
      try {
        const bytes = readFileSync(join(wasmFolder, `tree-sitter-${grammar}.wasm`));
        languages.set(grammar, await runtime.Language.load(bytes));
      } catch {
        languages.set(grammar, undefined);
      }
    }
  }
  function withTree<T>(path: string, text: string, use: (tree: Tree) => T): T | undefined {
    const grammar = grammarOf(path);
    const language = grammar === undefined ? undefined : languages.get(grammar);
    if (language === undefined || text.length > maxParsedChars) return undefined;
    let tree: Tree | null = null;
    try {
      parser.setLanguage(language);
      tree = parseWithin(parser, text);
      return tree === null ? undefined : use(tree);
    } catch {
      parser = new runtime.Parser();
      return undefined;
    } finally {
      tree?.delete();
    }
  }
  return {
    prepare,
    read: (path, text, lines) => withTree(path, text, (tree) => readTree(tree, text, lines)),
    hasError: (path, text) => withTree(path, text, (tree) => tree.rootNode.hasError),
  };
}

function parseWithin(parser: Parser, text: string): Tree | null {
  const untilMs = performance.now() + parseLimitMs;
  const tree = parser.parse(text, null, { progressCallback: () => performance.now() > untilMs });
  if (tree === null) parser.reset();
  return tree;
}
