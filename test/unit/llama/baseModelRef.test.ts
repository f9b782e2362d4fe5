/** The forms of the setting that names a base model. */

import assert from 'node:assert/strict';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { IdiomError } from '../../../server/base/errors.ts';
import { formatHubRef, parseBaseModelRef } from '../../../server/llama/baseModelRef.ts';
import type { BaseModelRef } from '../../../server/llama/baseModelRef.ts';

function check(text: string, expected: BaseModelRef | 'refused'): void {
  test(JSON.stringify(text), () => {
    if (expected !== 'refused') return assert.deepEqual(parseBaseModelRef(text), expected);
    assert.throws(
      () => parseBaseModelRef(text),
      (error) => error instanceof IdiomError && error.code === 'wrongUse' && error.remedy !== undefined,
    );
  });
}

check('auto', { kind: 'auto' });
check('', { kind: 'auto' });
check(' embedded ', { kind: 'embedded' });
check('/models/a.gguf', { kind: 'path', path: '/models/a.gguf' });
check('~/a.gguf', { kind: 'path', path: join(homedir(), 'a.gguf') });
check('hf:Qwen/Qwen2.5-Coder/a.gguf', { kind: 'hub', owner: 'Qwen', repo: 'Qwen2.5-Coder', file: 'a.gguf' });
check('hf:o/r/folder/a.gguf', { kind: 'hub', owner: 'o', repo: 'r', file: 'folder/a.gguf' });
check('ollama:qwen', { kind: 'ollama', name: 'qwen', tag: 'latest' });
check('ollama:qwen2.5-coder:1.5b', { kind: 'ollama', name: 'qwen2.5-coder', tag: '1.5b' });
check('ollama:someone/model:q4', { kind: 'ollama', name: 'someone/model', tag: 'q4' });
check('a.gguf', 'refused');
check('models/a.gguf', 'refused');
check('hf:owner/repo', 'refused');
check('hf:owner/repo/', 'refused');
check('hf:../repo/a.gguf', 'refused');
check('hf:o/r/../../a.gguf', 'refused');
check('hf:o/r/a.gguf?x=1', 'refused');
check('hf:o r/r/a.gguf', 'refused');
check('ollama:', 'refused');
check('ollama:..', 'refused');
check('ollama:a/../b', 'refused');
check('ollama:a:b:c', 'refused');
check('ollama:a:..', 'refused');
check('https://example.org/a.gguf', 'refused');

test('a hub file is written as it is read', () => {
  const ref = parseBaseModelRef('hf:o/r/f/a.gguf');
  assert.ok(ref.kind === 'hub');
  assert.equal(formatHubRef(ref), 'hf:o/r/f/a.gguf');
});
