// `npm start [-- DIR] [--minutes N]`: sets up what is missing, replays the newest commits of a repository through Idiom,
// then learns its history and says what that brought.

import { join, relative } from 'node:path';
import { root, run, setUp } from './setUp.mjs';

/** All together, the first time on two cores. */
const wholeSeconds = 270;
/** What learning takes beside the training itself: reading the history, and judging on held-out lines. */
const besideTrainingSeconds = 110;
const leastMinutes = 0.3;

const startedAt = Date.now();
const node = setUp();
const main = join(root, 'server', 'main.ts');
const { folder, minutes, options } = readArguments(process.argv.slice(2));
const common = ['--repo', folder, '--base-model', 'embedded', '--get-model'];

const replay = ['replay', ...common, '--cases', '12', '--max-seconds', '45', ...options];
const replayed = await run(node, [main, ...replay]);
if (replayed.code !== 0 || replayed.isEnded) process.exit(replayed.code);

const leftSeconds = wholeSeconds - (Date.now() - startedAt) / 1000;
const budget = minutes ?? Math.max(leastMinutes, (leftSeconds - besideTrainingSeconds) / 60);
console.log(
  `\nNow it learns the history for ${budget < 1 ? `${Math.round(budget * 60)} seconds` : `${Number(budget.toFixed(1))} minutes`}, with the newest commits held out to measure on. Ctrl+C ends it.`,
);
// A minute is enough to see what learning does, and not for the gate, which measures for longer than that.
const [command, ...sizes] =
  minutes === undefined ? ['train', '--held-out-lines', '24', '--eval-cases', '8'] : ['learn'];
const learned = await run(node, [main, command, ...common, '--budget-minutes', String(budget), ...sizes]);
// A refusal, or too little history to learn from, is a finding; it has been told.
if (learned.isEnded) process.exit(learned.code);

const here = relative(process.cwd(), folder) || '.';
if (minutes === undefined) {
  console.log(
    '\nThat was a look, and changed nothing. To learn in earnest, have the gate judge it, and use it if',
  );
  console.log(`it is better:             npm start -- ${here} --minutes 15`);
}
console.log(`To type in it yourself:   npm run editor -- ${here}`);

function readArguments(rest) {
  const at = rest.indexOf('--minutes');
  const given = at < 0 ? undefined : Number(rest[at + 1]);
  if (given !== undefined && !(given > 0)) {
    console.error('--minutes needs a number above 0: how long to learn, for example --minutes 15.');
    process.exit(2);
  }
  const others = at < 0 ? rest : rest.toSpliced(at, 2);
  return {
    folder: others.find((each) => !each.startsWith('-')) ?? root,
    minutes: given,
    options: others.filter((each) => each.startsWith('-')),
  };
}
