/** `--adapter`: one that does not fit is told with its file and the reason, whichever way it was named. */

import assert from 'node:assert/strict';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { IdiomError } from '../../../server/base/errors.ts';
import { adapterHelp, useNamed } from '../../../server/cli/chooseAdapter.ts';
import type { CliContext, OwnSuggester } from '../../../server/cli/cliContext.ts';
import { writeGguf } from '../../../server/gguf/writeGguf.ts';
import { writeLoraGguf } from '../../../server/gguf/writeLora.ts';
import { storeAdapter } from '../../../server/registry/adapterStore.ts';
import { writeTinyAdapter, writeTinyBase } from '../../support/tinyLora.ts';

const folder = mkdtempSync(join(tmpdir(), 'idiom-adapters-'));
let basePath = '';
before(async () => void (basePath = await writeTinyBase(folder)));
after(() => rmSync(folder, { recursive: true }));
const info = { digest: 'b'.repeat(64) };

/** @returns digest of the adapter that serves then, or the sentence of the refusal and its exit code. */
async function use(name: string): Promise<string> {
  const context = { groundPath: join(folder, 'none'), folders: { data: folder }, mediaDir: folder };
  let served = 'base';
  const suggester = {
    info: { ...info, path: basePath },
    useAdapter: (adapter: { digest: string } | undefined) => (served = adapter?.digest ?? 'base'),
  };
  try {
    await useNamed(name, suggester as unknown as OwnSuggester, context as CliContext);
    return served;
  } catch (error) {
    assert.ok(error instanceof IdiomError, String(error));
    return `${error.exitCode}: ${error.sentence}`;
  }
}

const text = (name: string, content: string | Uint8Array): string => {
  writeFileSync(join(folder, name), content);
  return join(folder, name);
};

/** @param make returns the file's path. */
function checkRefused(name: string, make: () => string | Promise<string>, expected: RegExp): void {
  test(`refused: ${name}`, async () => {
    const path = await make();
    const told = await use(path);
    assert.match(told, expected);
    assert.ok(told.includes('.gguf'), told);
    assert.match(told, /(Name another|Use --adapter)/);
  });
}

checkRefused(
  'a Git LFS pointer',
  () => text('lfs.gguf', 'version https://git-lfs.github.com/spec/v1\noid sha256:6d28\nsize 7185088\n'),
  /^4: .*lfs\.gguf is broken: it is a Git LFS pointer/,
);
checkRefused('a page', () => text('page.gguf', '<!doctype html>'.repeat(9)), /^4: .*it is no GGUF file/);
checkRefused('an empty file', () => text('empty.gguf', ''), /^4: .*it ends in the middle of its header/);
checkRefused('no file', () => join(folder, 'none.gguf'), /^2: There is no adapter file/);
checkRefused(
  'no file without an ending',
  () => './none.gguf.part',
  /^2: There is no adapter file .*none\.gguf\.part/,
);
checkRefused(
  'a cut file',
  async () => text('cut.gguf', readFileSync(await writeTinyAdapter(folder, 'whole.gguf')).subarray(0, -40)),
  /^4: .*cut\.gguf is broken: it is cut short/,
);
checkRefused(
  'a base model',
  () => {
    copyFileSync(basePath, join(folder, 'model.gguf'));
    return join(folder, 'model.gguf');
  },
  /^4: .*model\.gguf can't be used: it is a base model/,
);
checkRefused(
  'another architecture',
  () => lora('qwen.gguf', { architecture: 'qwen2' }),
  /the architecture "qwen2", and the base model is "llama"/,
);
checkRefused(
  'blocks that the base model lacks',
  () => writeTinyAdapter(folder, 'blocks.gguf', { baseTensor: 'blk.40.attn_q.weight' }),
  /it changes the tensor "blk\.40\.attn_q\.weight", which the base model does not have/,
);
checkRefused(
  'another size',
  () => writeTinyAdapter(folder, 'size.gguf', { width: 16 }),
  /its part for the tensor "blk\.0\.attn_q\.weight" is of another size/,
);
checkRefused('no tensors', () => lora('hollow.gguf', { pairs: [] }), /it has no tensors/);
checkRefused(
  'a tensor that is no part of one',
  () => gguf('odd.gguf', { names: ['blk.0.attn_q.weight'] }),
  /its tensor "blk\.0\.attn_q\.weight" is no part of a LoRA adapter/,
);
checkRefused(
  'half of a pair',
  () => gguf('half.gguf', { names: ['blk.0.attn_q.weight.lora_a'] }),
  /lora_a" lacks its counterpart/,
);
checkRefused('another kind', () => gguf('vector.gguf', { type: 'ia3' }), /of type "ia3", and only "lora"/);
checkRefused('an alpha of 0', () => gguf('alpha.gguf', { alpha: 0 }), /"adapter\.lora\.alpha" is 0/);
checkRefused('an alpha that is no number', () => gguf('nan.gguf', { alpha: NaN }), /is NaN, which is out of/);

test('one that fits serves, by its path and by its digest', async () => {
  const path = await writeTinyAdapter(folder, 'fits.gguf');
  const digest = await use(path);
  assert.match(digest, /^[0-9a-f]{64}$/);
  assert.equal(await use(await store(path)), digest);
  assert.equal(await use('base'), 'base');
  assert.match(adapterHelp, /GGUF file/);
});

test('a stored version that does not fit is refused by its digest', async () => {
  const digest = await store(
    await writeTinyAdapter(folder, 'stored.gguf', { baseTensor: 'blk.9.attn_q.weight' }),
  );
  assert.match(await use(digest), /^4: .*blk\.9\.attn_q\.weight/);
});

function lora(name: string, over: object): Promise<string> {
  const path = join(folder, name);
  const pair = { baseTensor: 'blk.0.attn_q.weight', nInputs: 32, nOutputs: 2, r: 1 };
  const weights = { loraA: new Float32Array(32), loraB: new Float32Array(2) };
  const whole = { architecture: 'llama', alpha: 1, type: 'F32' as const, pairs: [{ ...pair, ...weights }] };
  return writeLoraGguf(path, { ...whole, ...over }).then(() => path);
}

async function gguf(
  name: string,
  over: { names?: string[]; type?: string; alpha?: number },
): Promise<string> {
  const { names = [], type = 'lora', alpha = 1 } = over;
  const path = join(folder, name);
  await writeGguf(path, {
    metadata: new Map([
      ['general.type', { type: 'string', value: 'adapter' }],
      ['general.architecture', { type: 'string', value: 'llama' }],
      ['adapter.type', { type: 'string', value: type }],
      ['adapter.lora.alpha', { type: 'float32', value: alpha }],
    ]),
    tensors: names.map((each) => ({ name: each, shape: [2], type: 'F32', bytes: () => new Uint8Array(8) })),
  });
  return path;
}

/** @returns the digest under which the adapter is stored. */
async function store(path: string): Promise<string> {
  const staged = join(folder, 'staged');
  mkdirSync(staged, { recursive: true });
  copyFileSync(path, join(staged, 'adapter.gguf'));
  const origin = {
    repoId: 'r',
    repoName: 'R',
    asOf: 'a',
    datasetDigest: 'd',
    idiomVersion: '1',
    createdAtMs: 1,
  };
  const stored = await storeAdapter(join(folder, 'adapters'), staged, {
    ...{ ...origin, baseDigest: info.digest, baseName: 'Tiny' },
  });
  return stored.digest;
}
