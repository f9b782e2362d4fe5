/** What sort of line a case asks for, told from the line alone, so that a weakness has a name. */

import type { CaseResult } from '../../protocol/evalReport.ts';

export type CaseKind = 'prose' | 'comment' | 'import' | 'definition' | 'wholeLine' | 'restOfLine';

const proseLanguages: ReadonlySet<string> = new Set(['markdown', 'plaintext', 'restructuredtext', 'latex']);
const comment = /^\s*(?:\/\/|\/\*|\*|#(?!include|define|if|end|pragma)|--|<!--|"""|''')/;
const imports =
  /^\s*(?:import\b|from\s+\S+\s+import\b|use\s|#include\b|using\s|require\b|package\s|export\s.*\bfrom\b|(?:const|let|var)\s.*\brequire\()/;
const definition =
  /^\s*(?:@\w+\s+)*(?:export\s+|default\s+|public\s+|private\s+|protected\s+|static\s+|async\s+|abstract\s+|final\s+|pub(?:\([^)]*\))?\s+)*(?:function|def|class|interface|fn|func|struct|enum|trait|impl|type|module|namespace)\b/;

export function kindOfCase({
  languageId,
  before,
  middle,
}: Pick<CaseResult, 'languageId' | 'before' | 'middle'>): CaseKind {
  const start = before.slice(before.lastIndexOf('\n') + 1);
  const line = start + (/^[^\r\n]*/.exec(middle)?.[0] ?? '');
  if (proseLanguages.has(languageId)) return 'prose';
  if (comment.test(line)) return 'comment';
  if (imports.test(line)) return 'import';
  if (definition.test(line)) return 'definition';
  return start.trim() === '' ? 'wholeLine' : 'restOfLine';
}
