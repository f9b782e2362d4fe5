/** Reads which lines a unified diff without context adds, and where. */

export interface AddedBlock {
  /** 1-based number of the first added line in the new file. */
  readonly startLine: number;
  readonly lines: readonly string[];
}

export interface AddedFile {
  /** Path in the new tree. */
  readonly path: string;
  readonly blocks: readonly AddedBlock[];
}

/** `diff` as printed by `git show --unified=0 --no-renames`. Binary files and deletions yield nothing. */
export function parseAddedLines(diff: string): AddedFile[] {
  const files: { path: string; blocks: AddedBlock[] }[] = [];
  let block: { startLine: number; lines: string[] } | undefined;
  let nLeft = 0;
  for (const line of diff.split('\n')) {
    if (nLeft > 0 && block !== undefined && line.startsWith('+')) {
      block.lines.push(line.slice(1).replace(/\r$/, ''));
      nLeft--;
      continue;
    }
    if (nLeft === 0 && line.startsWith('+++ ')) {
      const path = unquote(line.slice(4));
      if (path !== undefined) files.push({ path, blocks: [] });
      continue;
    }
    const hunk = /^@@ -\d+(?:,\d+)? \+(\d+)(?:,(\d+))? @@/.exec(line);
    if (hunk === null) continue;
    nLeft = hunk[2] === undefined ? 1 : Number(hunk[2]);
    block = { startLine: Number(hunk[1]), lines: [] };
    if (nLeft > 0) files.at(-1)?.blocks.push(block);
  }
  return files.filter((file) => file.blocks.length > 0);
}

/** `b/path`, or the same in quotes with C escapes as git prints names with control characters; /dev/null is none. */
function unquote(name: string): string | undefined {
  const text = name.replace(/\t$/, '');
  if (text === '/dev/null') return undefined;
  if (!text.startsWith('"')) return text.slice(2);
  const bytes: number[] = [];
  const escapes: Record<string, number> = { n: 10, t: 9, r: 13, '"': 34, '\\': 92, a: 7, b: 8, f: 12, v: 11 };
  for (let i = 1; i < text.length - 1; i++) {
    if (text[i] !== '\\') {
      bytes.push(...Buffer.from(text[i] ?? ''));
      continue;
    }
    const octal = /^[0-7]{3}/.exec(text.slice(i + 1));
    bytes.push(octal === null ? (escapes[text[i + 1] ?? ''] ?? 63) : parseInt(octal[0], 8));
    i += octal === null ? 1 : 3;
  }
  return Buffer.from(bytes).toString().slice(2);
}
