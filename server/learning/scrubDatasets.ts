/**
 * Looks through datasets that an older scrubber made. One with a secret in it goes, and what learned from it never serves
 * again: rows first, in one transaction, then files, so that a process which is killed in between is finished by the next.
 */

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { CursorCase } from '../cursors/cursorCase.ts';
import type { ForgottenChampion } from '../registry/adapterRegistry.ts';
import { holdsSecret } from '../secrets/holdsSecret.ts';
import { scrubberVersion } from '../secrets/scrubberVersion.ts';
import type { StoredVersion } from '../store/adapterVersions.ts';
import type { ScrubbedFilesTable } from '../store/scrubbedFiles.ts';
import type { Example } from '../training/dataset/example.ts';
import { digestNames } from './findForgotten.ts';
import { lineageOf, withDescendants } from './lineage.ts';
import { removeLearned } from './removeLearned.ts';
import type { RemoveLearnedProps } from './removeLearned.ts';
import { datasetsFolder } from './trainRepository.ts';

export interface ScrubDatasetsProps extends RemoveLearnedProps {
  readonly scrubbedFiles: ScrubbedFilesTable;
  /** Waited for between texts. @throws when there is no time any more. */
  readonly pause: () => Promise<void>;
  /** Called after rows and files are as they should be; of each repository that lost an adapter. */
  readonly onRetired: (retired: RetiredAdapters) => void;
}

export interface RetiredAdapters {
  readonly repoId: string;
  /** Digests. */
  readonly adapters: readonly string[];
  /** Champions that were among them, with what serves now. */
  readonly champions: readonly ForgottenChampion[];
}

/** Why such a version may not serve; a sentence that a person reads. */
export const secretLearned =
  'It was trained on text that held a password, token or key; it is no longer used.';

/** @returns digests of the datasets that went. */
export async function scrubDatasets(props: ScrubDatasetsProps): Promise<string[]> {
  const folder = datasetsFolder(props.folders.data);
  const names = digestNames(folder);
  const nameOf = (digest: string) => `datasets/${digest}`;
  const gone: string[] = [];
  for (const digest of names) {
    if (props.scrubbedFiles.has(nameOf(digest), scrubberVersion)) continue;
    await props.pause();
    if (await isClean(join(folder, digest), props.pause)) {
      props.scrubbedFiles.put(nameOf(digest), scrubberVersion);
      continue;
    }
    retire(props, digest);
    gone.push(digest);
  }
  props.scrubbedFiles.keepOnly('datasets/', new Set(digestNames(folder).map(nameOf)));
  return gone;
}

function retire(props: ScrubDatasetsProps, datasetDigest: string): void {
  const { registry } = props;
  const learned = withDescendants(
    registry.ground.adapterVersions.all(),
    (version) => lineageOf(version).datasetDigest === datasetDigest,
  );
  const fresh = learned.filter((version) => version.forgottenWhy === undefined);
  const digests = fresh.map((version) => version.digest);
  const champions = registry.markForgotten(digests, secretLearned);
  // Of those too that a process had marked which ended before it deleted anything.
  removeLearned(props, { datasets: [datasetDigest], adapters: learned.map((version) => version.digest) });
  for (const retired of byRepository(fresh, champions)) props.onRetired(retired);
}

function byRepository(
  versions: readonly StoredVersion[],
  champions: readonly ForgottenChampion[],
): RetiredAdapters[] {
  return [...Map.groupBy(versions, (version) => version.repoId)].map(([repoId, own]) => ({
    repoId,
    adapters: own.map((version) => version.digest),
    champions: champions.filter((champion) => champion.repoId === repoId),
  }));
}

type Text = readonly [text: string, path: string];

async function isClean(folder: string, pause: () => Promise<void>): Promise<boolean> {
  if (isScrubbed(await read(folder, 'manifest.json'))) return true;
  const seen = new Set<string>();
  for (const [part, textsIn] of [
    ['examples', textsOfExample],
    ['evaluation', textsOfEvaluation],
  ] as const) {
    for (const line of (await read(folder, `${part}.jsonl`)).split('\n').filter(Boolean)) {
      for (const [text, path] of textsOfLine(line, textsIn)) {
        if (seen.has(`${path}\n${text}`)) continue;
        seen.add(`${path}\n${text}`);
        await pause();
        if (await holdsSecret(text, path)) return false;
      }
    }
  }
  return true;
}

function isScrubbed(manifestText: string): boolean {
  try {
    const { manifest } = JSON.parse(manifestText) as { manifest?: { scrubberVersion?: unknown } };
    return typeof manifest?.scrubberVersion === 'number' && manifest.scrubberVersion >= scrubberVersion;
  } catch {
    return false;
  }
}

/** Of a damaged line, all there is of it. */
function textsOfLine(line: string, textsIn: (value: never) => Text[]): Text[] {
  try {
    return textsIn(JSON.parse(line) as never);
  } catch {
    return [[line, 'unknown.txt']];
  }
}

/** The generic set comes with Idiom, and is public. */
function textsOfExample(example: Example): Text[] {
  if (example.source === 'replay') return [];
  if (example.kind === 'window') return [[example.text, example.path]];
  const { prefix, suffix, snippets } = example.parts;
  return [
    [prefix + example.middle + suffix, example.path],
    ...snippets.map(({ text, path }) => [text, path] as const),
  ];
}

function textsOfEvaluation({ case: asked }: { readonly case: CursorCase }): Text[] {
  return [[asked.prefix + asked.middle + asked.suffix, asked.path]];
}

async function read(folder: string, name: string): Promise<string> {
  return readFile(join(folder, name), 'utf8').catch(() => '');
}
