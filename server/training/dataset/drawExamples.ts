/** Draws the examples of a dataset, and completes the prompts of the held-out cases; tokens come later. */

import type { Repository } from '../../git/repository.ts';
import type { PromptParts, Tokenizer } from '../../prompt/promptParts.ts';
import { textsOf } from './checkDataset.ts';
import { chooseOutcomes, mergeWithHistory } from './chooseOutcomes.ts';
import { completeCursors } from './completeCursors.ts';
import type { AsOfCursor } from './completeCursors.ts';
import type { DatasetSettings } from './datasetSettings.ts';
import { drawWindows, measureCharsPerToken } from './drawWindows.ts';
import type { HeldOutCase } from './evaluationCases.ts';
import type { Example, FillInExample } from './example.ts';
import { indexLeaks } from './findLeaks.ts';
import { drawHistoryFillIns } from './historyExamples.ts';
import type { DrawnExample } from './historyExamples.ts';
import { limitByPath } from './limitByPath.ts';
import { withoutNearDuplicates } from './nearDuplicates.ts';
import type { OutcomeExample } from './outcomeExamples.ts';
import { randomOf, shareOf } from './ownRandom.ts';
import type { AsOfRetriever } from './promptParts.ts';
import { readSnapshot } from './readSnapshot.ts';
import type { SnapshotFile } from './readSnapshot.ts';
import type { Scrubber } from '../../secrets/scrubSecrets.ts';
import { drawSnapshotFillIns, maxSnapshotWindowsPerFile } from './snapshotExamples.ts';
import type { SnapshotFacts } from './snapshotExamples.ts';
import { createSnippetScrubber } from './scrubSnippet.ts';
import { isHeldOutFile } from './splitHistory.ts';
import type { HistorySplit } from './splitHistory.ts';
import type { Tally } from './tally.ts';
import type { TextFilter } from './textFilter.ts';

export interface DrawExamplesProps {
  readonly repository: Repository;
  readonly retriever: AsOfRetriever;
  readonly tokenizer: Tokenizer;
  readonly scrub: Scrubber;
  readonly filter: TextFilter;
  readonly dropped: Tally;
  readonly settings: DatasetSettings;
  readonly replay: readonly Example[];
  readonly extraExamples?: readonly OutcomeExample[];
  readonly seed: number;
  readonly signal: AbortSignal;
  readonly onProgress: (stage: 'files' | 'prompts') => (nDone: number, nAll: number) => void;
}

export interface DrawnHeldOut {
  readonly case: HeldOutCase;
  readonly parts: PromptParts;
}

export interface Drawn {
  readonly examples: readonly Example[];
  readonly heldOut: readonly DrawnHeldOut[];
  /** Held-out cases whose line, by itself, stands somewhere in the examples. */
  readonly nLinesSeen: number;
}

/** A recently changed file is drawn so much more often than an old one. */
const recentChance = 4;
/** Drawn beyond what is wanted, as near-duplicates go. */
const margin = 1.2;
const pathLimit = { share: 0.1, min: 6 };
/** Lines above a cursor that make it the same as another. */
const nLinesOfKey = 6;

export async function drawExamples(
  props: DrawExamplesProps,
  split: HistorySplit,
  cases: readonly HeldOutCase[],
): Promise<Drawn> {
  const { settings, seed, repository, retriever, dropped, signal } = props;
  const facts: SnapshotFacts = {
    repoName: repository.name,
    commit: split.trainingHead ?? '',
    timeMs: split.training[0]?.commit.timeMs ?? 0,
    weight: settings.snapshotWeight,
    seed,
  };
  const files = await readFiles(props, split);
  const charsPerToken = await measureCharsPerToken(files, props.tokenizer);
  const windows = drawWindows({ history: split.training, files, facts, settings, charsPerToken, dropped });
  const trainingHead = split.trainingHead ?? '';
  const allowed = await chooseOutcomes({ ...props, trainingHead }, props.extraExamples ?? [], cases);
  const merged = mergeWithHistory(drawCursors(props, split, files, facts), allowed, dropped);
  const cursors = [...merged.history, ...merged.outcomes];
  const isHidden = (path: string) => isHeldOutFile(path, seed, settings);
  const asked: AsOfCursor[] = [
    ...cursors.map(({ drawn, asOf }) => {
      const hasSnippets =
        shareOf(seed, `snippets\n${asOf}\n${drawn.path}\n${drawn.line}`) < settings.retrievalShare;
      return { ...drawn, asOf: hasSnippets ? asOf : undefined, isHidden };
    }),
    ...cases.map((each) => ({ ...each, asOf: each.parent, isHidden: () => false })),
  ];
  const parts = await completeCursors(
    {
      retriever,
      signal,
      repoName: repository.name,
      onProgress: props.onProgress('prompts'),
      scrub: createSnippetScrubber((path) => retriever.lines(path), props.scrub),
    },
    asked,
  );
  const fillIns = cursors.map((each, i) => toFillIn(each, parts[i] as PromptParts, settings));
  const own = [...windows, ...fillIns];
  const examples = [...own, ...drawReplay(props, own.length)];
  const leaks = indexLeaks(examples.flatMap(textsOf));
  const heldOut = cases
    .map((each, i) => ({ case: each, parts: parts[cursors.length + i] as PromptParts }))
    .filter((each) => !leaks.has(each.case));
  dropped.add('evaluation case: stands in training text', cases.length - heldOut.length);
  return { examples, heldOut, nLinesSeen: heldOut.filter((each) => leaks.hasLine(each.case)).length };
}

async function readFiles(props: DrawExamplesProps, split: HistorySplit): Promise<SnapshotFile[]> {
  const { settings, repository, signal } = props;
  const tree = await repository.listTree(split.trainingHead ?? '', signal);
  const chances = new Map<string, number>();
  for (const [age, { files }] of split.training.entries()) {
    const chance = 1 + recentChance * 2 ** (-age / settings.halfLifeCommits);
    for (const { path } of files) chances.set(path, Math.max(chance, chances.get(path) ?? 0));
  }
  // About four characters to a token at most, and some to spare.
  return readSnapshot(
    { ...props, tree, chances, onProgress: props.onProgress('files') },
    {
      maxChars: settings.windowTokens * 5,
      maxCharsPerFile: maxSnapshotWindowsPerFile * settings.maxItemTokens * 4,
    },
  );
}

function drawCursors(
  { settings, seed, dropped }: DrawExamplesProps,
  split: HistorySplit,
  files: readonly SnapshotFile[],
  facts: SnapshotFacts,
): DrawnExample[] {
  const nHistory = Math.round(settings.nFillIns * settings.fillInHistoryShare);
  const distinct = (drawn: readonly DrawnExample[], max: number): DrawnExample[] => {
    const kept = withoutNearDuplicates(drawn, keyOf, settings.duplicateShare);
    dropped.add('cursor: near-duplicate', drawn.length - kept.length);
    return limitByPath(kept, (each) => each.drawn.path, pathLimit).slice(0, max);
  };
  const wanted = Math.ceil(nHistory * margin);
  const ofHistory = distinct(drawHistoryFillIns(split.training, wanted, seed, settings), nHistory);
  const nRest = settings.nFillIns - ofHistory.length;
  const ofFiles = drawSnapshotFillIns(files, Math.ceil(nRest * margin), facts);
  return distinct([...ofHistory, ...ofFiles], settings.nFillIns);
}

/** A cursor moves from commit to commit with its file; its own lines and those above it stay. */
function keyOf({ drawn }: DrawnExample): string {
  const above = drawn.prefix.split('\n').slice(-nLinesOfKey).join('\n');
  return above + drawn.middle;
}

function toFillIn(
  { drawn, origin }: DrawnExample,
  parts: PromptParts,
  settings: DatasetSettings,
): FillInExample {
  // More than a prompt can hold is of no use in the files of a dataset.
  const prefix = parts.prefix.slice(-settings.maxItemTokens * maxCharsPerToken);
  const clipped = {
    ...parts,
    prefix,
    prefixOffset: parts.prefixOffset + parts.prefix.length - prefix.length,
    suffix: parts.suffix.slice(0, settings.maxItemTokens * maxCharsPerToken),
  };
  return { kind: 'fillIn', parts: clipped, middle: drawn.middle, isCut: drawn.isCut, ...origin };
}

/** As prompt/cutParts.ts counts. */
const maxCharsPerToken = 8;

function drawReplay({ replay, settings, seed }: DrawExamplesProps, nOwn: number): Example[] {
  return randomOf(seed, 'replay')
    .shuffle(replay)
    .slice(0, Math.round(nOwn * settings.replayShare))
    .map((each) => ({ ...each, weight: each.weight * settings.replayWeight }));
}
