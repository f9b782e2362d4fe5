/** A made-up source tree of any size, the same for the same seed: names follow a power law as in real repositories. */

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { seededRandom } from '../../server/base/random.ts';
import type { Random } from '../../server/base/random.ts';

export interface GeneratedTree {
  readonly nLines: number;
  readonly nFiles: number;
  readonly sizeBytes: number;
  readonly paths: readonly string[];
}

const nWords = 4000;
/** A repository of a million lines has some 100,000 names (measured on installed packages: 86,000). */
const linesPerName = 12;
const linesPerFile = 160;
const filesPerFolder = 25;

export function generateTree(root: string, nLines: number, seed: number): GeneratedTree {
  const random = seededRandom(seed);
  const words = Array.from({ length: nWords }, () => makeWord(random));
  const names = Array.from({ length: Math.ceil(nLines / linesPerName) }, () => makeName(random, words));
  const paths: string[] = [];
  let sizeBytes = 0;
  let nWritten = 0;
  for (let n = 0; nWritten < nLines; n++) {
    const folder = `src/area${Math.floor(n / (filesPerFolder * 20))}/part${Math.floor(n / filesPerFolder)}`;
    if (n % filesPerFolder === 0) mkdirSync(join(root, folder), { recursive: true });
    const language = languages[n % languages.length] as Language;
    const path = `${folder}/${pick(random, names)}${n}.${language.ending}`;
    const lines: string[] = [...language.head(() => pick(random, names))];
    while (lines.length < linesPerFile) lines.push(...language.unit(() => pick(random, names), random));
    const text = `${lines.join('\n')}\n`;
    writeFileSync(join(root, path), text);
    paths.push(path);
    sizeBytes += text.length;
    nWritten += lines.length;
  }
  return { nLines: nWritten, nFiles: paths.length, sizeBytes, paths };
}

interface Language {
  readonly ending: string;
  head(next: () => string): string[];
  unit(next: () => string, random: Random): string[];
}

const languages: readonly Language[] = [
  {
    ending: 'ts',
    head: (next) => [`import { ${next()}, ${next()} } from './${next()}';`, ''],
    unit: (next, random) => [
      `/** Takes the ${next()} of a ${next()} and gives its ${next()}. */`,
      `export function ${next()}(${next()}: string, ${next()}: number): boolean {`,
      ...statements(
        random,
        () => `  const ${next()} = this.${next()}.${next()}(${next()}, ${random.int(999)});`,
      ),
      `  return ${next()}.${next()} === ${next()};`,
      '}',
      '',
    ],
  },
  {
    ending: 'py',
    head: (next) => [`from ${next()}.${next()} import ${next()}`, ''],
    unit: (next, random) => [
      `class ${capital(next())}(${capital(next())}):`,
      `    def ${next()}(self, ${next()}, ${next()}=None):`,
      ...statements(random, () => `        self.${next()} = ${next()}(${next()}, "${next()} ${next()}")`),
      `        return self.${next()}`,
      '',
    ],
  },
  {
    ending: 'go',
    head: (next) => [`package ${next().toLowerCase()}`, '', `import "${next()}/${next()}"`, ''],
    unit: (next, random) => [
      `// ${capital(next())} tells whether ${next()} has a ${next()}.`,
      `func (s *${capital(next())}) ${capital(next())}(${next()} ${capital(next())}) error {`,
      ...statements(
        random,
        () => `\t${next()} := s.${next()}.${capital(next())}(${next()}, ${random.int(99)})`,
      ),
      `\treturn ${next()}`,
      '}',
      '',
    ],
  },
];

function statements(random: Random, make: () => string): string[] {
  return Array.from({ length: 4 + random.int(9) }, make);
}

/** Small ranks are frequent, and most names are rare. */
function pick(random: Random, names: readonly string[]): string {
  return names[Math.floor(names.length * random.next() ** 3)] as string;
}

/** One to three words joined. */
function makeName(random: Random, words: readonly string[]): string {
  const count = 1 + random.int(3);
  let result = '';
  for (let i = 0; i < count; i++) {
    const word = words[Math.floor(nWords * random.next() ** 3)] as string;
    result += i === 0 ? word : capital(word);
  }
  return result;
}

function capital(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}

function makeWord(random: Random): string {
  const syllables = [
    'ba',
    'con',
    'der',
    'fi',
    'gra',
    'ho',
    'in',
    'ker',
    'lo',
    'men',
    'nor',
    'pa',
    're',
    'sta',
    'tion',
    'ver',
  ];
  return Array.from({ length: 2 + random.int(2) }, () => syllables[random.int(syllables.length)]).join('');
}
