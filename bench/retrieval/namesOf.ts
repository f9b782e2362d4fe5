/** The names in a line of code: what retrieval should bring. Words of prose, of literals and of the language are none. */

import { wordsOf } from '../../server/retrieval/codeTerms.ts';
import type { RetrievalCase } from './cases.ts';

/** `#[` and `#!` begin attributes of Rust, `#include` and its like are C. */
const commentLine = /^\s*(?:#(?!\[|!|include|define|if|endif)|\/\/|\/?\*|<!--|--)/;
const literalOrComment =
  /"(?:\\.|[^"\\])*"?|'(?:\\.|[^'\\])*'|`(?:\\.|[^`\\])*`?|\/\/.*|\/\*.*|(?<=\s|^)#(?!\[|!).*/g;
const keywords = new Set(
  `and async await break case catch class const continue def default defer del elif else enum except export extends
  False final finally fn for from func function global if impl implements import in instanceof interface is lambda let
  loop match mod mut new nil None nonlocal not null or override package pass private protected pub public raise range
  ref return Self self static string struct super switch this throw throws trait True try type typeof undefined use var
  void where while with yield true false bool int str`.split(/\s+/),
);
/** Stands for the cursor, which may lie within a literal. */
const cursor = '\0';

/** In order, with repetitions; none where the line is a comment or lies in a docstring. */
export function namesOf(each: RetrievalCase): string[] {
  const before = each.prefix.slice(each.prefix.lastIndexOf('\n') + 1);
  if (commentLine.test(before + each.middle)) return [];
  if (each.path.endsWith('.py') && isInDocstring(each.prefix)) return [];
  const code = `${before}${cursor}${each.middle}`.replace(literalOrComment, (match) =>
    match.includes(cursor) ? cursor : ' ',
  );
  return wordsOf(code.slice(code.indexOf(cursor) + 1)).filter((word) => !keywords.has(word));
}

function isInDocstring(prefix: string): boolean {
  return (prefix.match(/"""|'''/g)?.length ?? 0) % 2 === 1;
}
