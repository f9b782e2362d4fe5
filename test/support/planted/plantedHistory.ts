/** A repository's history with planted secrets in it: added, gone again in later commits, and beside lines that stay. */

import { basename } from 'node:path/posix';
import type { Plant } from './plant.ts';

/** Lines right above and below a secret's text, which nothing else has. */
export interface Neighbours {
  readonly above: string;
  readonly below: string;
}

const plantsPerFile = 3;
const nCommits = 16;
/** Of the files, every so many-th loses its secrets again. */
const goneEvery = 2;

export function neighboursOf(i: number): Neighbours {
  return { above: `openPart(${i}, ${i * 7});`, below: `closePart(${i}, ${i * 3});` };
}

/** Text with the lines around it. */
export function amongLines(text: string, i: number): string {
  const { above, below } = neighboursOf(i);
  return `countParts(${i * 5});\n${above}\n${text.replace(/\n$/, '')}\n${below}\ncheckTotal(${i * 11});\n`;
}

/** What each commit writes, by path, oldest first: half of the commits add files, the other half go on with them. */
export function plantHistory(plants: readonly Plant[]): Readonly<Record<string, string>>[] {
  const commits: Record<string, string>[] = Array.from({ length: nCommits }, () => ({}));
  for (const [i, { path, text, bare }] of filesOf(plants).entries()) {
    const end = `finishFile(${i}, describeAll(${i * 13}));\nsendReport(${i * 17}, listParts());\n`;
    const at = i % (nCommits / 2);
    (commits[at] ?? {})[path] = text;
    (commits[at + nCommits / 2] ?? {})[path] = (i % goneEvery === 0 ? bare : text) + end;
  }
  return [{ 'README.md': 'A project with parts.\n' }, ...commits];
}

interface PlantedFile {
  readonly path: string;
  readonly text: string;
  /** Without the secrets. */
  readonly bare: string;
}

/** Plants of one file name stand in one file, some together. */
function filesOf(plants: readonly Plant[]): PlantedFile[] {
  const byName = Map.groupBy(plants.entries(), ([, plant]) => basename(plant.path));
  return Array.from(byName).flatMap(([name, own]) =>
    Array.from({ length: Math.ceil(own.length / plantsPerFile) }, (_, k) => {
      const some = own.slice(k * plantsPerFile, (k + 1) * plantsPerFile);
      const write = (textOf: (plant: Plant) => string) =>
        some.map(([i, plant]) => amongLines(textOf(plant), i)).join('');
      return { path: `part${k}/${name}`, text: write(({ text }) => text), bare: write(() => 'nothing();') };
    }),
  );
}
