/**
 * `node scripts/run.mjs scripts/taskAdapter/histories.ts`: from the list of histories to a dataset of what versions of
 * packages added. The held-out cases are those of main.ts, which goes first.
 */

import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { gunzipSync } from 'node:zlib';
import { chooseFimFormat } from '../../server/prompt/fimFormats.ts';
import type { PromptParts } from '../../server/prompt/promptParts.ts';
import { defaultDatasetSettings } from '../../server/training/dataset/datasetSettings.ts';
import type { HeldOutCase } from '../../server/training/dataset/evaluationCases.ts';
import { storeDataset } from '../../server/training/dataset/storeDataset.ts';
import { buildHistories } from './buildHistories.ts';
import type { UnpackedHistory } from './buildHistories.ts';
import { checkLicence } from './checkLicence.ts';
import { downloadPackage } from './download.ts';
import { openTokenizer } from './openTokenizer.ts';
import { joinNotices } from './notices.ts';
import type { Notice } from './notices.ts';
import { historiesPath, readHistoryList } from './packageList.ts';
import type { PackageHistory } from './packageList.ts';

const root = join(import.meta.dirname, '..', '..');
const { values: flags } = parseArgs({
  options: {
    model: { type: 'string', default: process.env['IDIOM_TEST_MODEL'] ?? '' },
    out: { type: 'string', default: join(root, '.cache', 'taskAdapter') },
    /** Of each package. */
    'fill-ins': { type: 'string', default: '50' },
    'window-tokens': { type: 'string', default: '6000' },
    seed: { type: 'string', default: '1' },
    /** Write the archives' digests into the list, where it has none yet. */
    record: { type: 'boolean', default: false },
  },
});
const out = resolve(flags.out);

const histories: UnpackedHistory[] = [];
for (const each of readHistoryList()) histories.push(await getVersions(each));
if (flags.record) {
  const recorded = histories.map((each) => each.history);
  writeFileSync(historiesPath, `${JSON.stringify(recorded, null, 2)}\n`);
}
writeFileSync(join(out, 'historyNotices.txt'), joinNotices(histories.map(noticeOf)));
const engine = openTokenizer();
try {
  const info = await engine.load(resolve(flags.model));
  const dataset = await buildHistories({
    ...{ histories, heldOut: readHeldOut(), tokenizer: engine, bound: chooseFimFormat(info), info },
    settings: {
      ...defaultDatasetSettings,
      nFillIns: Number(flags['fill-ins']),
      windowTokens: Number(flags['window-tokens']),
      // Of these packages all is learned; others are held out.
      ...{ nEvaluationCases: 0, heldOutCommitShare: 0, heldOutFileShare: 0, replayShare: 0 },
      // A version is a large commit.
      maxFilesPerCommit: 80,
    },
    seed: Number(flags.seed),
    workFolder: out,
    onProgress: (text) => console.log(text),
  });
  const stored = storeDataset(join(out, 'datasets'), dataset);
  const { counts, tokens, dropped, evaluation } = dataset.manifest;
  console.log(
    JSON.stringify({ digest: stored.digest, folder: stored.folder, counts, tokens, dropped, evaluation }),
  );
} finally {
  engine.dispose();
}

/** @throws Error when an archive is not what it was when the list was made. */
async function getVersions(each: PackageHistory): Promise<UnpackedHistory> {
  const folders: string[] = [];
  const versions: PackageHistory['versions'] = [];
  for (const { version, sha256: expected } of each.versions) {
    const { folder, sha256 } = await downloadPackage({ ...each, version }, join(out, 'packages'));
    const isKnown = expected === sha256 || (expected === '' && flags.record);
    if (!isKnown) throw new Error(`${each.name} ${version} is not what it was when the list was made.`);
    folders.push(folder);
    versions.push({ version, sha256 });
  }
  return { history: { ...each, versions }, folders };
}

function noticeOf({ history, folders }: UnpackedHistory): Notice {
  const title = `${history.name} ${history.versions.at(-1)?.version ?? ''} (${history.licence})`;
  return { title, text: checkLicence(folders.at(-1) ?? '', history) };
}

function readHeldOut(): { case: HeldOutCase; parts: PromptParts }[] {
  const lines = gunzipSync(readFileSync(join(out, 'heldOut.jsonl.gz')))
    .toString()
    .split('\n');
  return lines.filter(Boolean).map((line) => JSON.parse(line) as { case: HeldOutCase; parts: PromptParts });
}
