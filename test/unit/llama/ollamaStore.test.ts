/** Finding a pulled model in a store that the test lays out. */

import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { IdiomError } from '../../../server/base/errors.ts';
import { parseBaseModelRef } from '../../../server/llama/baseModelRef.ts';
import { findOllamaModel } from '../../../server/llama/ollamaStore.ts';

const digest = 'ab'.repeat(32);
const layer = (mediaType: string, of = `sha256:${digest}`) => ({ mediaType, digest: of, size: 5 });
const model = layer('application/vnd.ollama.image.model');
const manifest = (...layers: object[]) => JSON.stringify({ schemaVersion: 2, layers });

/** Files of the store -> what `ref` finds: a path in the store, or an error. */
function check(
  name: string,
  files: Record<string, string>,
  ref: string,
  expected: string | [string, RegExp],
): void {
  test(name, () => {
    const home = mkdtempSync(join(tmpdir(), 'idiom-ollama-'));
    const store = join(home, '.ollama', 'models');
    try {
      for (const [path, text] of Object.entries(files)) {
        mkdirSync(dirname(join(store, path)), { recursive: true });
        writeFileSync(join(store, path), text);
      }
      const parsed = parseBaseModelRef(ref);
      assert.ok(parsed.kind === 'ollama');
      for (const env of [{ HOME: home }, { HOME: '/nowhere', OLLAMA_MODELS: store }]) {
        const run = (): string => findOllamaModel(parsed, env);
        if (typeof expected === 'string') assert.equal(run(), join(store, expected));
        else {
          assert.throws(run, (error) => {
            assert.ok(error instanceof IdiomError && error.code === expected[0], String(error));
            assert.match(error.sentence, expected[1]);
            return true;
          });
        }
      }
    } finally {
      rmSync(home, { recursive: true });
    }
  });
}

const library = 'manifests/registry.ollama.ai/library';
const blob = `blobs/sha256-${digest}`;

check(
  'a tag',
  {
    [`${library}/coder/1.5b`]: manifest(layer('application/other', `sha256:${'cd'.repeat(32)}`), model),
    [blob]: 'GGUF',
  },
  'ollama:coder:1.5b',
  blob,
);
check(
  'no tag is latest',
  { [`${library}/coder/latest`]: manifest(model), [blob]: 'GGUF' },
  'ollama:coder',
  blob,
);
check(
  'a name of its own',
  { 'manifests/registry.ollama.ai/someone/coder/latest': manifest(model), [blob]: 'GGUF' },
  'ollama:someone/coder',
  blob,
);
check('not pulled', {}, 'ollama:coder:7b', ['modelMissing', /no model coder:7b .*ollama pull coder:7b/]);
check('another tag', { [`${library}/coder/latest`]: manifest(model), [blob]: 'GGUF' }, 'ollama:coder:7b', [
  'modelMissing',
  /coder:7b/,
]);
check('the blob is gone', { [`${library}/coder/latest`]: manifest(model) }, 'ollama:coder', [
  'modelBroken',
  /manifest/,
]);
check('a manifest that is no JSON', { [`${library}/coder/latest`]: '{' }, 'ollama:coder', [
  'modelBroken',
  /manifest/,
]);
check(
  'a manifest that points elsewhere',
  { [`${library}/coder/latest`]: manifest(layer(model.mediaType, '../../x')) },
  'ollama:coder',
  ['modelBroken', /manifest/],
);
