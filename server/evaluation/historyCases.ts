/** Cases from history: lines that commits really added, asked for as an editor would have asked while they were typed. */

import type { Random } from '../base/random.ts';
import type { AddedBlock } from '../git/parseDiff.ts';
import type { Commit, Repository } from '../git/repository.ts';
import type { EvaluationCase } from './evaluationCase.ts';

export interface HistoryCaseOptions {
  readonly maxCases: number;
  /** Newest commit to look at; default HEAD. */
  readonly from?: string;
  readonly maxCommits: number;
  /** More than this many from one commit would make the figure about that commit. */
  readonly maxPerCommit: number;
  readonly maxPerFile: number;
  readonly random: Random;
  readonly signal: AbortSignal;
  /** Files that are never read, such as ignored or generated ones. */
  isLeftOut(path: string): boolean;
}

const minUsefulCharacters = 6;
const maxLineCharacters = 160;
const maxFileBytes = 400_000;

/**
 * Draws cases from the newest commits backwards, merges left out, until there are enough.
 * A case sees the file as it was while its line was typed: what the commit added above it in the same block is there,
 * the line's own rest and the rest of its block are not yet.
 */
export async function historyCases(
  repository: Repository,
  options: HistoryCaseOptions,
): Promise<EvaluationCase[]> {
  const start = options.from === undefined ? {} : { from: options.from };
  const commits = await repository.commits({ ...start, max: options.maxCommits });
  const cases: EvaluationCase[] = [];
  for (const commit of commits) {
    options.signal.throwIfAborted();
    if (cases.length >= options.maxCases) break;
    if (!commit.isMerge) cases.push(...(await casesOfCommit(repository, commit, options)));
  }
  return cases.slice(0, options.maxCases);
}

async function casesOfCommit(
  repository: Repository,
  commit: Commit,
  options: HistoryCaseOptions,
): Promise<EvaluationCase[]> {
  const files = await repository.addedLines(commit.id, options.signal);
  const cases: EvaluationCase[] = [];
  for (const file of options.random.shuffle(files)) {
    if (cases.length >= options.maxPerCommit) break;
    if (options.isLeftOut(file.path)) continue;
    const content = await repository.fileAt(commit.id, file.path);
    const text = content === undefined ? undefined : readText(content);
    if (text === undefined) continue;
    const room = Math.min(options.maxPerFile, options.maxPerCommit - cases.length);
    cases.push(
      ...casesOfFile(
        { commit: commit.id, parent: commit.firstParent, path: file.path, text, blocks: file.blocks },
        room,
        options.random,
      ),
    );
  }
  return cases;
}

interface ChangedFile {
  readonly commit: string;
  readonly parent: string | undefined;
  readonly path: string;
  readonly text: string;
  readonly blocks: readonly AddedBlock[];
}

/** At most `max` cases of one file, one cursor a line, lines drawn at random. */
export function casesOfFile(file: ChangedFile, max: number, random: Random): EvaluationCase[] {
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

function isWorthAsking(line: string): boolean {
  return (
    line.length <= maxLineCharacters && line.replace(/[^\p{L}\p{N}_]/gu, '').length >= minUsefulCharacters
  );
}

/** The line's first character in half of the cases, else the start of a word within it that leaves something to write. */
function chooseColumn(line: string, random: Random): number {
  const indent = line.length - line.trimStart().length;
  const starts = [...line.matchAll(/(?<![\p{L}\p{N}_$])[\p{L}\p{N}_$]/gu)]
    .map((match) => match.index)
    .filter((at) => at > indent && line.length - at >= minUsefulCharacters);
  if (starts.length === 0 || random.next() < 0.5) return indent;
  return starts[random.int(starts.length)] ?? indent;
}

/** Undefined for binary, oversized or non-UTF-8 content. */
function readText(content: Buffer): string | undefined {
  if (content.length > maxFileBytes || content.includes(0)) return undefined;
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(content).replaceAll('\r\n', '\n');
  } catch {
    return undefined;
  }
}
