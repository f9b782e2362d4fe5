/** Which lines a repository's later commits add where only lines are added: what a developer would type next. */

import { execFileSync } from 'node:child_process';

export interface LaterLines {
  /** Relative to the repository. */
  readonly path: string;
  /** 1-based line of the earlier file that they follow. */
  readonly afterLine: number;
  /** Length of that line, in UTF-16 units. */
  readonly afterLength: number;
  readonly lines: readonly string[];
}

const hunkHead = /^@@ -(\d+),0 \+\d+(?:,\d+)? @@/;

/**
 * From the end of each file to its start, so that what is typed moves nothing that is still to come.
 * Lines that are blank or very long are left out, and at most `maxLines` of a place are taken.
 */
export function laterLines(root: string, base: string, later: string, maxLines: number): LaterLines[] {
  const git = (...args: string[]) =>
    execFileSync('git', args, { cwd: root, encoding: 'utf8', maxBuffer: 2 ** 28 });
  const diff = git(
    'diff',
    '--no-color',
    '--no-ext-diff',
    '-U0',
    base,
    later,
    '--',
    '*.ts',
    '*.js',
    '*.py',
    '*.go',
    '*.rs',
  );
  const files = diff.split(/^diff --git /m).slice(1);
  return files.flatMap((text) => {
    const path = /^--- a\/(.*)$/m.exec(text)?.[1];
    if (path === undefined) return [];
    const before = git('show', `${base}:${path}`).split('\n');
    return hunksOf(text)
      .flatMap(({ afterLine, lines }) => {
        const wanted = lines.filter((line) => line.trim().length > 5 && line.length < 100).slice(0, maxLines);
        const last = before[afterLine - 1];
        return last === undefined || wanted.length === 0
          ? []
          : [{ path, afterLine, afterLength: last.length, lines: wanted }];
      })
      .reverse();
  });
}

/** Hunks that take nothing away. */
function hunksOf(text: string): { readonly afterLine: number; readonly lines: readonly string[] }[] {
  return text.split(/^(?=@@ )/m).flatMap((hunk) => {
    const afterLine = Number(hunkHead.exec(hunk)?.[1] ?? 0);
    if (afterLine === 0) return [];
    const lines = hunk.split('\n').filter((line) => line.startsWith('+'));
    return [{ afterLine, lines: lines.map((line) => line.slice(1)) }];
  });
}
