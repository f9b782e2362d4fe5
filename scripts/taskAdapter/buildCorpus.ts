/** Builds the task adapter's dataset, replay examples and held-out cases out of unpacked packages. Same list, same seed, same result. */

import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { neverAborts } from '../../server/base/abort.ts';
import { silentLogger } from '../../server/base/logger.ts';
import type { BaseModelInfo } from '../../server/llama/engine.ts';
import type { BoundFormat } from '../../server/prompt/fimFormats.ts';
import type { PromptParts, Tokenizer } from '../../server/prompt/promptParts.ts';
import { OwnRetriever } from '../../server/retrieval/ownRetriever.ts';
import { textsOf } from '../../server/training/dataset/checkDataset.ts';
import type { Dataset } from '../../server/training/dataset/dataset.ts';
import type { DatasetSettings } from '../../server/training/dataset/datasetSettings.ts';
import { measureCharsPerToken } from '../../server/training/dataset/drawWindows.ts';
import type { HeldOutCase } from '../../server/training/dataset/evaluationCases.ts';
import type { Example } from '../../server/training/dataset/example.ts';
import { indexLeaks } from '../../server/training/dataset/findLeaks.ts';
import { withoutNearDuplicates } from '../../server/training/dataset/nearDuplicates.ts';
import { randomOf } from '../../server/training/dataset/ownRandom.ts';
import { createTally } from '../../server/training/dataset/tally.ts';
import type { Tally } from '../../server/training/dataset/tally.ts';
import { tokenizeDataset } from '../../server/training/dataset/tokenizeDataset.ts';
import { describeCorpus } from './describeCorpus.ts';
import type { UnpackedPackage } from './download.ts';
import { drawPackageCases, drawPackageFillIns, drawPackageWindows } from './packageExamples.ts';
import type { Language } from './packageList.ts';
import { readSources } from './readSources.ts';

export interface CorpusProps {
  readonly packages: readonly UnpackedPackage[];
  readonly tokenizer: Tokenizer;
  readonly bound: BoundFormat;
  readonly info: Pick<BaseModelInfo, 'digest' | 'name' | 'architecture'>;
  readonly settings: DatasetSettings;
  readonly seed: number;
  /** For the retrieval indexes, made anew each time. */
  readonly workFolder: string;
  readonly nReplay: number;
  readonly onProgress: (text: string) => void;
}

export interface Corpus {
  readonly dataset: Dataset;
  /** Drawn from the dataset's examples. */
  readonly replay: readonly Example[];
  /** Cases of held-out packages, as text: any base model's tokenizer can read them. */
  readonly heldOut: readonly { readonly case: HeldOutCase; readonly parts: PromptParts }[];
}

/** What suggestions are asked for most, with enough of the others; they add up to 1. */
const languageShares: Readonly<Record<Language, number>> = {
  Python: 0.2,
  TypeScript: 0.2,
  JavaScript: 0.15,
  Go: 0.14,
  Rust: 0.12,
  Java: 0.12,
  Markdown: 0.07,
};

export async function buildCorpus(props: CorpusProps): Promise<Corpus> {
  const { settings, seed, bound, tokenizer } = props;
  const dropped = createTally();
  const examples: Example[] = [];
  const cases: { case: HeldOutCase; parts: PromptParts }[] = [];
  for (const unpacked of props.packages) {
    const drawn = await drawPackage(props, unpacked, dropped);
    props.onProgress(
      `${unpacked.package.name}: ${drawn.examples.length} examples, ${drawn.cases.length} held-out cases`,
    );
    examples.push(...drawn.examples);
    cases.push(...drawn.cases);
  }
  const distinct = withoutNearDuplicates(examples, keyOf, settings.duplicateShare);
  dropped.add('example: near-duplicate', examples.length - distinct.length);
  const mixed = randomOf(seed, 'order').shuffle(distinct);
  const leaks = indexLeaks(mixed.flatMap(textsOf));
  const heldOut = cases.filter((each) => !leaks.has(each.case));
  dropped.add('evaluation case: stands in training text', cases.length - heldOut.length);
  const nLinesSeen = heldOut.filter((each) => leaks.hasLine(each.case)).length;
  const tokenize = (own: readonly Example[], maxItemTokens: number, cases: typeof heldOut) =>
    tokenizeDataset(
      {
        ...{ bound, tokenizer, signal: neverAborts, onProgress: () => undefined },
        settings: { ...settings, maxItemTokens },
      },
      { examples: own, heldOut: cases, nLinesSeen },
    );
  // Where to begin and to stop is learned as well from a short prompt, at half the price; copying needs the long ones.
  const short = await tokenize(mixed.filter(isBare), bareItemTokens, []);
  const long = await tokenize(
    mixed.filter((each) => !isBare(each)),
    settings.maxItemTokens,
    heldOut,
  );
  const tokenized = {
    ...long,
    examples: [...short.examples, ...long.examples],
    items: [...short.items, ...long.items],
  };
  const { examples: kept, items, evaluation } = tokenized;
  const archives = props.packages.map(
    (each) => `${each.package.name} ${each.package.version} ${each.sha256}`,
  );
  const manifest = describeCorpus({ ...props, ...tokenized, archives, dropped: dropped.counts() });
  const dataset: Dataset = { examples: kept, items, evaluation, manifest };
  const replay = randomOf(seed, 'replay').shuffle(mixed).slice(0, props.nReplay);
  return { dataset, replay, heldOut };
}

async function drawPackage(
  props: CorpusProps,
  unpacked: UnpackedPackage,
  dropped: Tally,
): Promise<{ examples: Example[]; cases: { case: HeldOutCase; parts: PromptParts }[] }> {
  const { settings, seed, tokenizer } = props;
  const files = await readSources(unpacked, dropped);
  const indexPath = join(props.workFolder, 'index.sqlite');
  for (const suffix of ['', '-wal', '-shm']) rmSync(indexPath + suffix, { force: true });
  const retriever = new OwnRetriever({
    root: unpacked.folder,
    repository: undefined,
    indexPath,
    settingGlobs: [],
    logger: silentLogger,
    nowMs: () => Date.now(),
    onProgress: () => undefined,
  });
  try {
    await retriever.seeWorkingTree(neverAborts);
    const draw = {
      packageName: unpacked.package.name,
      retriever,
      seed,
      retrievalShare: settings.retrievalShare,
    };
    const examples: Example[] = [];
    const cases: { case: HeldOutCase; parts: PromptParts }[] = [];
    for (const language of unpacked.package.languages) {
      const own = files.filter((file) => file.language === language);
      const share = shareOfPackage(props, unpacked, language);
      if (unpacked.package.use === 'heldOut') {
        cases.push(...(await drawPackageCases(draw, own, Math.ceil(settings.nEvaluationCases * share))));
        continue;
      }
      const charsPerToken = await measureCharsPerToken(own, tokenizer);
      const windowChars = Math.floor(charsPerToken * (settings.maxItemTokens - 24));
      const maxChars = settings.windowTokens * share * charsPerToken;
      examples.push(...(await drawPackageFillIns(draw, own, Math.ceil(settings.nFillIns * share))));
      examples.push(...drawPackageWindows(draw, own, { windowChars, maxChars }));
    }
    return { examples, cases };
  } finally {
    retriever.dispose();
  }
}

function isBare(example: Example): boolean {
  return example.kind === 'fillIn' && example.parts.snippets.length === 0;
}

/** Packages of a language share its part equally; training and held-out ones by themselves. */
function shareOfPackage({ packages }: CorpusProps, unpacked: UnpackedPackage, language: Language): number {
  const { use } = unpacked.package;
  const peers = packages.filter(
    (each) => each.package.use === use && each.package.languages.includes(language),
  );
  return languageShares[language] / peers.length;
}

/** Cursors of one file share its text; what makes them the same is the lines right above and what is written. */
function keyOf(example: Example): string {
  if (example.kind === 'window') return example.text;
  return example.parts.prefix.split('\n').slice(-nLinesOfKey).join('\n') + example.middle;
}

const nLinesOfKey = 6;
/** Of a fill-in case without snippets, prompt and middle and end together. */
const bareItemTokens = 224;
