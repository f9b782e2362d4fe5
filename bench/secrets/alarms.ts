/**
 * Counts what the secret finders find in the files that a training would read:
 * `node scripts/run.mjs bench/secrets/alarms.ts [--show] DIR...`, with checkouts of public repositories.
 * Without `--show` the texts found are masked, as they may be somebody's.
 */

import { readdirSync, readFileSync } from 'node:fs';
import { basename, join, relative } from 'node:path';
import { isData, readTyped } from '../../server/cursors/readTyped.ts';
import { explainText } from '../../server/retrieval/contentRules.ts';
import { openIgnoreRules } from '../../server/retrieval/ignoreRules.ts';
import { defaultFinders } from '../../server/secrets/defaultScrubber.ts';

const isShown = process.argv.includes('--show');
const folders = process.argv.slice(2).filter((each) => !each.startsWith('--'));

for (const folder of folders) {
  const rules = await openIgnoreRules({ root: folder, settingGlobs: [] });
  let nLines = 0;
  let nChars = 0;
  let nAlarms = 0;
  let nCertain = 0;
  let ms = 0;
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const path = relative(folder, join(entry.parentPath, entry.name)).replaceAll('\\', '/');
    if (!entry.isFile() || path.startsWith('.git/') || isData(path) || rules.explain(path).isIgnored)
      continue;
    const text = readTyped(readFileSync(join(folder, path)));
    if (text === undefined || explainText(text) !== undefined) continue;
    nLines += text.split('\n').length;
    nChars += text.length;
    const before = process.cpuUsage();
    const found = await Promise.all(defaultFinders.map((find) => find(text, path)));
    const { user, system } = process.cpuUsage(before);
    ms += (user + system) / 1000;
    const places = new Map<number, string>();
    for (const [i, ranges] of found.entries()) {
      for (const { start, end, isUncertain, isCertain } of ranges) {
        const line = text.slice(0, start).split('\n').length;
        const secret = text.slice(start, Math.min(end, start + 60)).split('\n', 1)[0] ?? '';
        const known = places.get(line);
        const name = `${i}${isUncertain === true ? '?' : isCertain === true ? '!' : ''}`;
        places.set(line, known === undefined ? `${name} ${mask(secret)}` : `${name},${known}`);
      }
    }
    nAlarms += places.size;
    nCertain += Array.from(places.values()).filter((names) => /^[^ ]*!/.test(names)).length;
    for (const [line, what] of places) {
      console.log(
        `${path}:${line} ${what}${isShown ? `  | ${(text.split('\n')[line - 1] ?? '').trim().slice(0, 150)}` : ''}`,
      );
    }
  }
  const perLines = ((nAlarms / nLines) * 10_000).toFixed(1);
  const speed = (nChars / 1000 / ms).toFixed(1);
  console.log(
    `${basename(folder)}: ${nLines} lines, ${nAlarms} with an alarm (${perLines} in 10,000), ${nCertain} of them certain, ${speed} MB/s\n`,
  );
}

function mask(secret: string): string {
  return isShown ? secret : `${secret.slice(0, 4)}... (${secret.length})`;
}
