/** Repositories with made-up histories of many commits, written in one go; and a retriever that tells what it was asked. */

import { execFileSync } from 'node:child_process';
import { neverAborts } from '../../../../server/base/abort.ts';
import { openRepository } from '../../../../server/git/repository.ts';
import type { Repository } from '../../../../server/git/repository.ts';
import type { BoundFormat } from '../../../../server/prompt/fimFormats.ts';
import { plainFormat } from '../../../../server/prompt/fimFormats.ts';
import type { RetrievalQuery, Snippet } from '../../../../server/retrieval/snippet.ts';
import { buildDataset } from '../../../../server/training/dataset/buildDataset.ts';
import type {
  BuildDatasetOptions,
  BuiltDataset,
  DatasetSources,
} from '../../../../server/training/dataset/buildDataset.ts';
import { defaultDatasetSettings } from '../../../../server/training/dataset/datasetSettings.ts';
import type { DatasetSettings } from '../../../../server/training/dataset/datasetSettings.ts';
import type { AsOfRetriever } from '../../../../server/training/dataset/promptParts.ts';
import { createGitFixture } from '../../../support/gitFixture.ts';
import type { GitFixture } from '../../../support/gitFixture.ts';
import { FakeTokenizer } from '../../prompt/fakeTokenizer.ts';

export type CommitFiles = Readonly<Record<string, string | Uint8Array>>;

/** One commit for each entry, oldest first, at one per hour. */
export function createHistory(commits: readonly CommitFiles[]): GitFixture {
  const fixture = createGitFixture();
  const parts: (string | Uint8Array)[] = [];
  for (const [i, files] of commits.entries()) {
    const who = `Test <test@example.invalid> ${1_700_000_000 + i * 3600} +0000`;
    parts.push(`commit refs/heads/main\nauthor ${who}\ncommitter ${who}\ndata 1\nx\n`);
    for (const [path, content] of Object.entries(files)) {
      const bytes = Buffer.from(content);
      parts.push(`M 100644 inline "${path}"\ndata ${bytes.length}\n`, bytes, '\n');
    }
  }
  const input = Buffer.concat(parts.map((part) => Buffer.from(part)));
  execFileSync('git', ['fast-import', '--quiet'], { cwd: fixture.root, input });
  if (commits.length > 0) fixture.git('reset', '-q', '--hard', 'main');
  return fixture;
}

/** A history in which each commit adds a file of distinct code, or goes on with an older one. */
export function growingHistory(nCommits: number): CommitFiles[] {
  return Array.from({ length: nCommits }, (_, i) => ({
    [`src/part${i % 25}.ts`]: Array.from({ length: 1 + Math.floor(i / 25) }, (_unused, k) =>
      functionText(i - 25 * k),
    )
      .reverse()
      .join('\n'),
  }));
}

function functionText(i: number): string {
  const name = `${words[i % 10] ?? ''}${words[Math.floor(i / 10) % 10] ?? ''}`;
  return [
    `/** Tells the ${name} of item number ${i}. */`,
    `export function ${name}${i}(first: number, second: string): string {`,
    `  const ${name}Total = first * ${i} + second.length;`,
    `  if (${name}Total > ${i * 7}) {`,
    `    return second.repeat(${i + 2}) + '${name}';`,
    '  }',
    `  return describe${name}(${name}Total, ${i * 3}, second);`,
    '}',
    '',
  ].join('\n');
}

const words = 'Alpha Bravo Carrot Delta Echo Forest Garden Harbor Island Jungle'.split(' ');

export interface RecordingRetriever extends AsOfRetriever {
  /** Commit that was seen, with the path that was asked for then. */
  readonly asked: { readonly commit: string; readonly path: string }[];
}

export function recordingRetriever(snippets: readonly Snippet[] = []): RecordingRetriever {
  let seen = '';
  const asked: { commit: string; path: string }[] = [];
  return {
    asked,
    seeCommit(commit) {
      seen = commit;
      return Promise.resolve();
    },
    lines: () => undefined,
    retrieve(query: RetrievalQuery) {
      asked.push({ commit: seen, path: query.path });
      return Promise.resolve(snippets);
    },
  };
}

export const bound: BoundFormat = {
  format: plainFormat,
  tokenIds: { '<|endoftext|>': 7 },
  stopTokenIds: [7],
};

export const smallSettings: DatasetSettings = {
  ...defaultDatasetSettings,
  nEvaluationCases: 30,
  nFillIns: 60,
  windowTokens: 9000,
  maxItemTokens: 256,
  maxMiddleTokens: 48,
};

export interface BuildProps {
  readonly sources?: Partial<DatasetSources>;
  readonly options?: Partial<BuildDatasetOptions>;
}

export async function open(fixture: Pick<GitFixture, 'root'>): Promise<Repository> {
  const repository = await openRepository(fixture.root);
  if (repository === undefined) throw new Error('The fixture is no repository.');
  return repository;
}

export async function build(
  fixture: Pick<GitFixture, 'root'>,
  props: BuildProps = {},
): Promise<BuiltDataset> {
  return buildDataset(
    {
      repository: await open(fixture),
      retriever: recordingRetriever(),
      tokenizer: new FakeTokenizer(),
      bound,
      baseModel: { digest: 'd'.repeat(64), name: 'fake', architecture: 'llama' },
      replay: [],
      settingGlobs: [],
      ...props.sources,
    },
    { settings: smallSettings, seed: 1, onProgress: () => undefined, signal: neverAborts, ...props.options },
  );
}
