/** Places to complete, drawn from source files that the lockfile pins, so that each checkout asks the same. */

import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { seededRandom } from '../server/base/random.ts';
import type { EvaluationCase } from '../server/evaluation/evaluationCase.ts';
import { casesOfFile } from '../server/cursors/casesOfFile.ts';

/** TypeScript and JavaScript as people write it, of several authors. */
const sources: readonly { readonly folder: string; readonly repoName: string; readonly ending: RegExp }[] = [
  { folder: 'zod/src/v4', repoName: 'zod', ending: /(?<!\.test)\.ts$/ },
  { folder: 'vscode-languageclient/lib', repoName: 'vscode-languageclient', ending: /\.js$/ },
  { folder: 'vscode-languageserver/lib', repoName: 'vscode-languageserver', ending: /\.js$/ },
  { folder: 'commander/lib', repoName: 'commander', ending: /\.js$/ },
  { folder: 'ignore', repoName: 'ignore', ending: /^index\.js$/ },
  { folder: 'esbuild/lib', repoName: 'esbuild', ending: /\.js$/ },
];
const minFileBytes = 2_000;
const maxFileBytes = 150_000;

export interface BenchCase extends EvaluationCase {
  readonly repoName: string;
}

/** `nCases` places, each file once before any twice; the same for the same seed and the same dependencies. */
export function drawCases(root: string, nCases: number, seed: number): BenchCase[] {
  const random = seededRandom(seed);
  const files = random.shuffle(sources.flatMap((source) => filesOf(root, source)));
  const byFile = files.map((file) => {
    const lines = file.text.split('\n');
    // Each line is a block of its own: what follows it is the suffix.
    const blocks = lines.map((line, i) => ({ startLine: i + 1, lines: [line] })).slice(10);
    return casesOfFile(
      { commit: 'lock', parent: undefined, path: file.path, text: file.text, blocks },
      nCases,
      random,
    ).map((one) => ({ ...one, repoName: file.repoName }));
  });
  const cases: BenchCase[] = [];
  for (let turn = 0; cases.length < nCases; turn++) {
    const ofThisTurn = byFile.flatMap((ofFile) => ofFile.slice(turn, turn + 1));
    if (ofThisTurn.length === 0) break;
    cases.push(...ofThisTurn);
  }
  return cases.slice(0, nCases);
}

interface SourceFile {
  readonly path: string;
  readonly repoName: string;
  readonly text: string;
}

function filesOf(root: string, { folder, repoName, ending }: (typeof sources)[number]): SourceFile[] {
  const start = join(root, 'node_modules', folder);
  return readdirSync(start, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && ending.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => !/(^|[\\/])(tests?|locales|node_modules)[\\/]/.test(relative(start, path)))
    .sort()
    .map((path) => ({
      path: relative(join(root, 'node_modules', folder.split('/')[0] ?? ''), path).replaceAll('\\', '/'),
      repoName,
      text: readFileSync(path, 'utf8').replaceAll('\r\n', '\n'),
    }))
    .filter(({ text }) => text.length >= minFileBytes && text.length <= maxFileBytes);
}
