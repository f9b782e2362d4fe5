/** A judgement's suggester asks the completer as an editor would: adapter, retrieval and a fresh document for each case. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { neverAborts } from '../../../server/base/abort.ts';
import { ManualClock } from '../../../server/base/clock.ts';
import { silentLogger } from '../../../server/base/logger.ts';
import { createCompleterSuggester } from '../../../server/learning/completerSuggester.ts';
import type { RetrievalQuery } from '../../../server/retrieval/snippet.ts';
import { FakeEngine } from '../completion/fakeEngine.ts';

const at = { path: 'src/a.ts', prefix: 'const total = ', suffix: ';\n' };
const adapter = { digest: 'new', path: 'new.gguf' };

function open() {
  const engine = new FakeEngine();
  const asked: RetrievalQuery[] = [];
  const suggester = createCompleterSuggester({
    ...{ engine, clock: new ManualClock(), logger: silentLogger, repoName: 'repo' },
    retriever: {
      retrieve: (query) => {
        asked.push(query);
        return Promise.resolve([]);
      },
    },
    ...{ maxPromptTokens: 200, maxNewTokens: 20 },
  });
  return { engine, asked, suggester };
}

test('the same case is computed for each adapter, and nothing is remembered from one to the next', async () => {
  const { engine, asked, suggester } = open();
  engine.answer = 'sum(items)';
  assert.equal((await suggester.suggest(at, adapter, neverAborts)).text, 'sum(items)');
  engine.answer = 'other(items)';
  assert.equal((await suggester.suggest(at, undefined, neverAborts)).text, 'other(items)');
  await suggester.suggest(at, adapter, neverAborts);
  assert.deepEqual(
    engine.adapters.map((each) => each?.digest),
    ['new', undefined, 'new'],
  );
  assert.equal(asked.length, 3);
  suggester.dispose();
});

test('without retrieval nothing is looked up', async () => {
  const { engine, asked, suggester } = open();
  engine.answer = 'x';
  await suggester.suggest({ ...at, useRetrieval: false }, adapter, neverAborts);
  assert.equal(asked.length, 0);
  suggester.dispose();
});

test('no suggestion is an empty text, and an aborted one no answer at all', async () => {
  const { engine, suggester } = open();
  engine.answer = '';
  assert.equal((await suggester.suggest(at, adapter, neverAborts)).text, '');
  engine.answer = undefined;
  const abort = new AbortController();
  const pending = suggester.suggest(at, adapter, abort.signal);
  abort.abort();
  await assert.rejects(pending, { name: 'AbortError' });
  suggester.dispose();
});
