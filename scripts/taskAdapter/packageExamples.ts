/** Draws the examples of one package: cursors with and without snippets of the same package, and plain windows. */

import { neverAborts } from '../../server/base/abort.ts';
import { casesOfFile } from '../../server/cursors/casesOfFile.ts';
import { languageOfPath } from '../../server/prompt/languageOfPath.ts';
import type { PromptParts } from '../../server/prompt/promptParts.ts';
import type { Retriever } from '../../server/retrieval/snippet.ts';
import { cutWindow } from '../../server/training/dataset/cutWindow.ts';
import type { Window } from '../../server/training/dataset/cutWindow.ts';
import { drawFillIns } from '../../server/training/dataset/drawFillIns.ts';
import type { TypedLines } from '../../server/training/dataset/drawFillIns.ts';
import type { HeldOutCase } from '../../server/training/dataset/evaluationCases.ts';
import type { Example, ExampleOrigin } from '../../server/training/dataset/example.ts';
import { randomOf, shareOf } from '../../server/training/dataset/ownRandom.ts';
import type { Snippet } from '../../server/retrieval/snippet.ts';
import { gatherSnippets, partsOf } from '../../server/training/dataset/promptParts.ts';
import type { Cursor } from '../../server/training/dataset/promptParts.ts';
import { scrub } from './readSources.ts';
import type { SourceFile } from './readSources.ts';

export interface DrawProps {
  readonly packageName: string;
  /** Sees this package and nothing else; the cursor's own file beyond the prompt counts, its hidden lines do not. */
  readonly retriever: Retriever;
  readonly seed: number;
  readonly retrievalShare: number;
}

/** Lines that a developer types one after the other; longer runs are rarer. */
const maxRunLines = 16;
const restShare = 0.5;
const maxFillInsPerFile = 8;
const maxWindowsPerFile = 6;
/** Longer contexts are no use to any prompt, and would fill the files of a dataset. */
const maxPrefixChars = 4096;
const maxSuffixChars = 2048;

export async function drawPackageFillIns(
  props: DrawProps,
  files: readonly SourceFile[],
  max: number,
): Promise<Example[]> {
  const examples: Example[] = [];
  const perFile = Math.min(maxFillInsPerFile, Math.max(1, Math.ceil((2 * max) / Math.max(1, files.length))));
  for (const { path, text } of randomOf(props.seed, props.packageName).shuffle(files)) {
    if (examples.length >= max) break;
    const random = randomOf(props.seed, `${props.packageName}\n${path}`);
    const drawn = drawFillIns({
      path,
      text,
      ranges: runsOf(text, random.int),
      max: perFile,
      restShare,
      random,
    });
    for (const each of drawn) {
      const isBare =
        shareOf(props.seed, `${props.packageName}\n${path}\n${each.line}`) >= props.retrievalShare;
      const parts = await partsAt(props, each, isBare);
      const origin = originOf(path, each.line);
      examples.push({ kind: 'fillIn', parts, middle: each.middle, isCut: each.isCut, ...origin });
    }
  }
  return examples.slice(0, max);
}

/** Windows that do not overlap, at random places: one of each file, then another, until they have `maxChars` together. */
export function drawPackageWindows(
  props: Pick<DrawProps, 'packageName' | 'seed'>,
  files: readonly SourceFile[],
  { windowChars, maxChars }: { readonly windowChars: number; readonly maxChars: number },
): Example[] {
  const windows: Example[] = [];
  const taken = new Map<string, Window[]>();
  const repoName = nameOf(props.packageName);
  let left = maxChars;
  for (let round = 0; round < maxWindowsPerFile; round++) {
    for (const { path, text } of randomOf(props.seed, `${round}\n${props.packageName}`).shuffle(files)) {
      if (left <= 0) return windows;
      const lines = text.split('\n');
      const at = randomOf(props.seed, `${round}\n${props.packageName}\n${path}`).int(lines.length);
      const cut = cutWindow(lines, at, at, windowChars);
      const others = taken.get(path) ?? [];
      if (others.some((each) => cut.firstIdx <= each.lastIdx && each.firstIdx <= cut.lastIdx)) continue;
      taken.set(path, [...others, cut]);
      const languageId = languageOfPath(path);
      windows.push({
        kind: 'window',
        repoName,
        languageId,
        text: cut.text,
        ...originOf(path, cut.firstIdx + 1),
      });
      left -= cut.text.length;
    }
  }
  return windows;
}

/** Cases as `idiom replay` draws them from commits, with runs of lines in the place of what a commit added. */
export async function drawPackageCases(
  props: DrawProps,
  files: readonly SourceFile[],
  max: number,
): Promise<{ case: HeldOutCase; parts: PromptParts }[]> {
  const cases: { case: HeldOutCase; parts: PromptParts }[] = [];
  for (const { path, text } of randomOf(props.seed, `cases\n${props.packageName}`).shuffle(files)) {
    if (cases.length >= max) break;
    const random = randomOf(props.seed, `cases\n${props.packageName}\n${path}`);
    const lines = text.split('\n');
    const blocks = random
      .shuffle(runsOf(text, random.int))
      .slice(0, 3)
      .map(({ firstIdx, lastIdx }) => ({
        startLine: firstIdx + 1,
        lines: lines.slice(firstIdx, lastIdx + 1),
      }));
    const file = { commit: '', parent: undefined, path, text, blocks };
    for (const each of casesOfFile(file, 2, random)) {
      const heldOut = {
        ...each,
        id: `${props.packageName}${each.id}`,
        heldOutBy: 'file',
        timeMs: 0,
      } as const;
      const parts = await partsAt(props, each, false);
      cases.push({ case: { ...heldOut, prefix: parts.prefix, suffix: parts.suffix }, parts });
    }
  }
  return cases.slice(0, max);
}

async function partsAt(props: DrawProps, cursor: Cursor, isBare: boolean): Promise<PromptParts> {
  const repoName = nameOf(props.packageName);
  const gather = {
    repoName,
    retriever: asOfNow(props.retriever),
    scrub: ({ text, path }: Snippet) => scrub(text, path),
    isHidden: () => false,
    signal: neverAborts,
  };
  const parts = partsOf(repoName, cursor, isBare ? [] : await gatherSnippets(gather, cursor));
  const prefix = parts.prefix.slice(-maxPrefixChars);
  const prefixOffset = parts.prefixOffset + parts.prefix.length - prefix.length;
  return { ...parts, prefix, prefixOffset, suffix: parts.suffix.slice(0, maxSuffixChars) };
}

function asOfNow(retriever: Retriever) {
  return {
    retrieve: retriever.retrieve.bind(retriever),
    lines: () => undefined,
    seeCommit: () => Promise.resolve(),
  };
}

/** The whole text as runs of random lengths. */
function runsOf(text: string, int: (below: number) => number): TypedLines[] {
  const nLines = text.split('\n').length;
  const runs: TypedLines[] = [];
  for (let firstIdx = 0; firstIdx < nLines;) {
    const length = 1 + int(1 + int(maxRunLines));
    runs.push({ firstIdx, lastIdx: Math.min(nLines - 1, firstIdx + length - 1) });
    firstIdx += length;
  }
  return runs;
}

function originOf(path: string, line: number): ExampleOrigin {
  return { source: 'replay', weight: 1, timeMs: 0, path, commit: '', line };
}

/** As a repository would be called. */
function nameOf(packageName: string): string {
  return (
    packageName
      .split(/[/:]/)
      .filter((part) => !/^v\d+$/.test(part))
      .at(-1) ?? packageName
  );
}
