/** The patterns of one rule file: which of them decides about a path. The last one that matches does, as in git. */

import { foldCase, parseGitPattern, toBytes } from './gitPattern.ts';
import type { ByteText, GitPattern } from './gitPattern.ts';

export interface IgnoreList {
  /**
   * The deciding pattern; what it says of folders above the path is not asked.
   * @param path below the folder of the rule file, with forward slashes and none at its end.
   */
  find(path: string, isFolder: boolean): GitPattern | undefined;
}

/** @param text of a rule file; byte-order mark and CRLF as git takes them. */
export function createIgnoreList(text: ByteText, ignoresCase: boolean): IgnoreList {
  const plain = new Map<string, number[]>();
  const wild: number[] = [];
  const patterns: GitPattern[] = [];
  for (const line of linesOf(text)) {
    const pattern = parseGitPattern(line, ignoresCase);
    if (pattern === undefined) continue;
    const index = patterns.push(pattern) - 1;
    if (pattern.literal === undefined) wild.push(index);
    else add(plain, `${pattern.isNameOnly ? '*' : '/'}${pattern.literal}`, index);
  }
  /** The last of these indexes whose pattern fits, above `floor`. */
  function last(indexes: readonly number[], floor: number, fits: (pattern: GitPattern) => boolean): number {
    for (let i = indexes.length - 1; i >= 0 && (indexes[i] as number) > floor; i--) {
      if (fits(patterns[indexes[i] as number] as GitPattern)) return indexes[i] as number;
    }
    return floor;
  }
  return {
    find(path, isFolder) {
      if (patterns.length === 0) return undefined;
      const bytes = toBytes(path);
      const whole = ignoresCase ? foldCase(bytes) : bytes;
      const name = whole.slice(whole.lastIndexOf('/') + 1);
      const isRightKind = ({ isFolderOnly }: GitPattern) => isFolder || !isFolderOnly;
      let found = last(plain.get(`*${name}`) ?? [], -1, isRightKind);
      found = last(plain.get(`/${whole}`) ?? [], found, isRightKind);
      found = last(
        wild,
        found,
        (pattern) => isRightKind(pattern) && pattern.matches(pattern.isNameOnly ? name : whole),
      );
      return patterns[found];
    },
  };
}

const byteOrderMark = '\xef\xbb\xbf';

/** A zero byte ends a line, since git's patterns are C strings. */
function linesOf(text: ByteText): string[] {
  const whole = text.startsWith(byteOrderMark) ? text.slice(byteOrderMark.length) : text;
  return whole
    .split('\n')
    .map((line) => (line.endsWith('\r') ? line.slice(0, -1) : line).split('\0', 1)[0] ?? '');
}

function add(map: Map<string, number[]>, key: string, index: number): void {
  const known = map.get(key);
  if (known === undefined) map.set(key, [index]);
  else known.push(index);
}
