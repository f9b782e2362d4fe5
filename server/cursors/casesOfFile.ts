/** Draws cursors from the lines that a commit added to one file, as an editor would have asked while they were typed. Pure. */

import type { Random } from '../base/random.ts';
import type { AddedBlock } from '../git/readDiff.ts';
import type { CursorCase } from './cursorCase.ts';

export interface ChangedFile {
  readonly commit: string;
  readonly parent: string | undefined;
  readonly path: string;
  /** As the commit left it, with `\n` line ends. */
  readonly text: string;
  readonly blocks: readonly AddedBlock[];
}

const minUsefulCharacters = 6;
const maxLineCharacters = 160;

/**
 * At most `max` cases of one file, one cursor a line, lines drawn at random.
 * A case sees the file as it was while its line was typed: what the commit added above it in the same block is there,
 * the line's own rest and the rest of its block are not yet.
 */
export function casesOfFile(file: ChangedFile, max: number, random: Random): CursorCase[] {
  const lines = file.text.split('\n');
  const places = file.blocks.flatMap((block) =>
    block.lines.map((line, index) => ({ block, index, line })).filter(({ line }) => isWorthAsking(line)),
  );
  return random
    .shuffle(places)
    .slice(0, max)
    .map(({ block, index, line }) => {
      const lineIdx = block.startLine - 1 + index;
      const column = chooseColumn(line, random);
      const before = [...lines.slice(0, lineIdx), line.slice(0, column)];
      const after = lines.slice(block.startLine - 1 + block.lines.length);
      return {
        id: `${file.commit.slice(0, 12)}:${file.path}:${lineIdx + 1}:${column}`,
        commit: file.commit,
        parent: file.parent,
        path: file.path,
        line: lineIdx + 1,
        prefix: before.join('\n'),
        suffix: after.length === 0 ? '' : `\n${after.join('\n')}`,
        middle: line.slice(column),
      };
    });
}

/** Whether there is anything to write on this line: closers, blanks and very long lines are not asked for. */
export function isWorthAsking(line: string): boolean {
  return (
    line.length <= maxLineCharacters && line.replace(/[^\p{L}\p{N}_]/gu, '').length >= minUsefulCharacters
  );
}

/** The line's first character in half of the cases, else the start of a word within it that leaves something to write. */
export function chooseColumn(line: string, random: Random): number {
  const indent = line.length - line.trimStart().length;
  const starts = [...line.matchAll(/(?<![\p{L}\p{N}_$])[\p{L}\p{N}_$]/gu)]
    .map((match) => match.index)
    .filter((at) => at > indent && line.length - at >= minUsefulCharacters);
  if (starts.length === 0 || random.next() < 0.5) return indent;
  return starts[random.int(starts.length)] ?? indent;
}
