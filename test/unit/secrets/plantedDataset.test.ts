/** Secrets planted in a repository, its old commits, suggestions and reports are in nothing that is kept of it; the lines around them are. */

import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { after, test } from 'node:test';
import { ManualClock } from '../../../server/base/clock.ts';
import { createLogger, silentLogger } from '../../../server/base/logger.ts';
import { reportWithoutSecrets } from '../../../server/evaluation/reportWithoutSecrets.ts';
import { SignalRecorder } from '../../../server/signals/signalRecorder.ts';
import { TextWriter } from '../../../server/signals/textWriter.ts';
import { openGround } from '../../../server/store/ground.ts';
import { learnableOutcomes } from '../../../server/store/learnableOutcomes.ts';
import { defaultDatasetSettings } from '../../../server/training/dataset/datasetSettings.ts';
import { createFreshRetriever } from '../../../server/training/dataset/freshRetriever.ts';
import { outcomeExamples } from '../../../server/training/dataset/outcomeExamples.ts';
import { readDataset, storeDataset } from '../../../server/training/dataset/storeDataset.ts';
import { temporaryFolder } from '../../support/gitFixture.ts';
import { plantAll } from '../../support/planted/allPlants.ts';
import type { Plant } from '../../support/planted/plant.ts';
import { amongLines, neighboursOf, plantHistory } from '../../support/planted/plantedHistory.ts';
import { secretsLeft, textsIn } from '../../support/planted/secretsLeft.ts';
import { report } from '../registry/registryFixture.ts';
import { build, createHistory, open } from '../training/dataset/historyFixture.ts';

const inFiles = [...plantAll(11), ...plantAll(12)];
const inSuggestions = plantAll(13);
const folder = temporaryFolder();
const repository = createHistory(plantHistory(inFiles));
after(() => {
  repository.dispose();
  rmSync(folder, { recursive: true, force: true });
});

/** Of settings, prose and personal data so much has to be gone; of keys and tokens everything. */
const minShare = 0.97;

/** @param minAround share of the plants whose neighbours have to be there: what is left out whole has no secrets either. */
function check(kept: string, plants: readonly Plant[], minAround: number): void {
  const nAround = plants.filter((_, i) => kept.includes(neighboursOf(i).above)).length;
  assert.ok(nAround >= plants.length * minAround, `${nAround} of ${plants.length} have their neighbours`);
  const left = secretsLeft(plants, kept);
  const tell = (some: readonly Plant[]) => some.map(({ kind, secret }) => `${kind}: ${secret}`);
  assert.deepEqual(tell(left.filter(({ group }) => group !== 'other')), []);
  assert.ok(left.length <= plants.length * (1 - minShare), tell(left).join('\n'));
}

test('the set is large enough to speak for others', () => {
  assert.ok(inFiles.length >= 300);
  assert.ok(new Set(inFiles.map(({ kind }) => kind)).size >= 120);
});

/** Every second one is in the text around a suggestion, the others are in the suggestion and in what is kept. */
async function record(clock: ManualClock) {
  const { ground } = openGround(':memory:', clock);
  const texts = new TextWriter(clock);
  const log: string[] = [];
  const logger = createLogger(
    { write: (_level, line) => log.push(line) },
    () => 'debug',
    () => 0,
  );
  const policy = (uri: string) => ({ isStored: true, repoId: 'repo', path: uri.slice(13) }) as const;
  const recorder = new SignalRecorder({ ground, clock, logger, policy, baseModelDigest: () => 'm', texts });
  for (const [i, plant] of inSuggestions.entries()) {
    const uri = `file:///repo/at${i}/${plant.path}`;
    const secret = plant.text.trimEnd();
    const [above = '', below = ''] = amongLines('<|>', i).split('<|>');
    const isAround = i % 2 === 0;
    const before = isAround ? `${above}${secret}\n` : above;
    const written = isAround ? `walkParts(${i});` : secret;
    recorder.documentOpened(uri, before + below);
    const how = { adapter: 'base', route: 'local', latencyMs: {}, snippets: [], replaceLength: 0 };
    const text = isAround ? `runParts(${i});` : secret;
    recorder.returned({
      id: `s${i}`,
      uri,
      languageId: 'x',
      offset: before.length,
      text,
      isMultiline: true,
      ...how,
    });
    clock.advance(300);
    recorder.documentChanged(uri, 2, [
      { startOffset: before.length, endOffset: before.length, text: written },
    ]);
    clock.advance(40_000);
    await texts.written();
  }
  return { ground, log };
}

const clock = new ManualClock(1_700_000_000_000);
const recorded = record(clock);

test('in recorded suggestions, in what was kept in their place, and in the log', async () => {
  const { ground, log } = await recorded;
  const rows = ground.db.all('SELECT * FROM suggestions JOIN outcomes ON suggestionId = id');
  check(textsIn([rows, log]), inSuggestions, 0.95);
  const nKept = rows.filter(({ keptText }) => String(keptText).startsWith('walkParts(')).length;
  assert.ok(nKept >= inSuggestions.length * 0.4, `${nKept} have what was kept`);
});

test('in the examples, held-out lines and snippets of a dataset', async () => {
  const { ground } = await recorded;
  const opened = await open(repository);
  const outcomes = learnableOutcomes(ground.db, { repoId: 'repo' }, 100);
  const extraExamples = outcomeExamples(outcomes, { nowMs: clock.nowMs() });
  const retriever = createFreshRetriever({
    repository: opened,
    cacheFolder: folder,
    settingGlobs: [],
    logger: silentLogger,
    nowMs: () => 1,
  });
  const sizes = { maxFilesPerCommit: 99, windowTokens: 999_999, nFillIns: 60, nEvaluationCases: 40 };
  const settings = { ...defaultDatasetSettings, ...sizes };
  const result = await build(repository, {
    sources: { repository: opened, retriever, extraExamples },
    options: { settings },
  });
  retriever.dispose();
  assert(result.kind === 'built', result.kind === 'refused' ? result.reasons.join('\n') : '');
  const { examples, evaluation } = readDataset(folder, storeDataset(folder, result.dataset).digest);
  const [learned, heldOut] = [textsIn(examples), textsIn(evaluation)];
  check(`${learned}\n${heldOut}`, inFiles, 0.95);
  const snippets = examples.flatMap((each) => (each.kind === 'fillIn' ? each.parts.snippets : []));
  const ofOutcomes = examples.filter(({ source }) => source === 'correction');
  assert.ok(evaluation.length >= 20 && snippets.length >= 100 && ofOutcomes.length >= 30);
  check(textsIn(ofOutcomes), inSuggestions, 0.1);
});

test('in a report', async () => {
  const side = { nll: 1, isExactMatch: false };
  const cases = inSuggestions.map(({ path, text }, i) => {
    const [above = ''] = amongLines('<|>', i).split('<|>');
    const [before, middle] = i % 2 === 0 ? [above + text, `walkParts(${i});`] : [above, text];
    const where = { set: 'repository', path, languageId: 'x', line: 3, commit: 'c' };
    return { ...where, before, middle, champion: { ...side, text: middle }, candidate: { ...side, text } };
  });
  const scrubbed = await reportWithoutSecrets({ ...report('candidate', 'base', 'pass'), cases });
  check(textsIn(scrubbed), inSuggestions, 0.95);
});
