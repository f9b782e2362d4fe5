// `npm start [-- DIR]`: sets up what is missing, then replays the newest commits of a repository through Idiom.

import { join } from 'node:path';
import { root, runUnder, setUp } from './setUp.mjs';

const node = setUp();
const rest = process.argv.slice(2);
const folder = rest.find((argument) => !argument.startsWith('-')) ?? root;
const options = rest.filter((argument) => argument.startsWith('-'));
const main = join(root, 'server', 'main.ts');
const replay = [
  'replay',
  '--repo',
  folder,
  '--base-model',
  'embedded',
  '--get-model',
  '--how-to-open',
  ...options,
];
runUnder(node, [main, ...replay]);
