/** `node scripts/run.mjs scripts/taskAdapter/main.ts`: from the list of packages to the files that the task adapter is trained on. */

import { mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { gzipSync } from 'node:zlib';
import { chooseFimFormat } from '../../server/prompt/fimFormats.ts';
import { canonicalJson } from '../../server/training/dataset/canonicalJson.ts';
import { defaultDatasetSettings } from '../../server/training/dataset/datasetSettings.ts';
import { storeDataset } from '../../server/training/dataset/storeDataset.ts';
import { buildCorpus } from './buildCorpus.ts';
import { checkLicence } from './checkLicence.ts';
import { downloadPackage } from './download.ts';
import type { UnpackedPackage } from './download.ts';
import { openTokenizer } from './openTokenizer.ts';
import { joinNotices } from './notices.ts';
import { packagesPath, readPackageList } from './packageList.ts';

const root = join(import.meta.dirname, '..', '..');
const { values: flags } = parseArgs({
  options: {
    model: { type: 'string', default: process.env['IDIOM_TEST_MODEL'] ?? '' },
    out: { type: 'string', default: join(root, '.cache', 'taskAdapter') },
    'fill-ins': { type: 'string', default: '7000' },
    'window-tokens': { type: 'string', default: '200000' },
    cases: { type: 'string', default: '200' },
    replay: { type: 'string', default: '300' },
    seed: { type: 'string', default: '1' },
    /** Write the archives' digests into the list, where it has none yet. */
    record: { type: 'boolean', default: false },
  },
});
const out = resolve(flags.out);
mkdirSync(out, { recursive: true });

const packages = await getPackages();
const notices = packages.map(({ package: each, folder }) => ({
  title: `${each.name} ${each.version} (${each.licence})`,
  text: checkLicence(folder, each),
}));
const engine = openTokenizer();
try {
  const info = await engine.load(resolve(flags.model));
  const { dataset, replay, heldOut } = await buildCorpus({
    packages,
    tokenizer: engine,
    bound: chooseFimFormat(info),
    info,
    settings: {
      ...defaultDatasetSettings,
      nFillIns: Number(flags['fill-ins']),
      windowTokens: Number(flags['window-tokens']),
      nEvaluationCases: Number(flags.cases),
      // The language is known; what is new is where to begin and when to stop.
      middleWeight: 8,
      retrievalShare: 0.6,
    },
    seed: Number(flags.seed),
    workFolder: out,
    nReplay: Number(flags.replay),
    onProgress: (text) => console.log(text),
  });
  const stored = storeDataset(join(out, 'datasets'), dataset);
  writeFileSync(join(out, 'replay.jsonl.gz'), packed(replay));
  writeFileSync(join(out, 'heldOut.jsonl.gz'), packed(heldOut));
  writeFileSync(join(out, 'notices.txt'), joinNotices(notices));
  const { counts, tokens, dropped, evaluation } = dataset.manifest;
  console.log(
    JSON.stringify({ digest: stored.digest, folder: stored.folder, counts, tokens, dropped, evaluation }),
  );
} finally {
  engine.dispose();
}

async function getPackages(): Promise<UnpackedPackage[]> {
  const list = readPackageList();
  const found: UnpackedPackage[] = [];
  for (const each of list) {
    const unpacked = { package: each, ...(await downloadPackage(each, join(out, 'packages'))) };
    if (each.sha256 !== '' && each.sha256 !== unpacked.sha256) {
      throw new Error(`${each.name} ${each.version} is not what it was when the list was made.`);
    }
    if (each.sha256 === '' && !flags.record) throw new Error(`${each.name} has no digest yet; see --record.`);
    found.push(unpacked);
  }
  if (flags.record) {
    const recorded = found.map((each) => ({ ...each.package, sha256: each.sha256 }));
    writeFileSync(packagesPath, `${JSON.stringify(recorded, null, 2)}\n`);
  }
  return found;
}

/** The packing has no time stamp in it (RFC 1952, section 2.3.1: MTIME is 0), so equal lines are equal files. */
function packed(values: readonly unknown[]): Buffer {
  return gzipSync(values.map((each) => `${canonicalJson(each)}\n`).join(''), { level: 9 });
}
