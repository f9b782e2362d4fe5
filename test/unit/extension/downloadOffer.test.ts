/** What "Download Base Model" asks about, as a table of situations. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { currentOffer, offerSentence } from '../../../extension/downloadOffer.ts';
import type { DownloadOffer, StatusParams } from '../../../protocol/messages.ts';

const now: DownloadOffer = {
  ref: 'hf:o/r/m.gguf',
  name: 'Now',
  sizeBytes: 1.65e9,
  licence: 'Apache-2.0',
  source: 'huggingface.co',
};
const earlier: DownloadOffer = { ...now, name: 'Earlier' };

function check(
  name: string,
  status: Pick<StatusParams, 'state' | 'download'>,
  lastOffer: DownloadOffer | undefined,
  expected: string | undefined,
): void {
  test(name, () => {
    const found = currentOffer({ detail: '', ...status }, lastOffer);
    assert.equal(found === undefined ? undefined : `${found.offer.name} ${found.why}`, expected);
  });
}

check('no model yet', { state: 'consentNeeded', download: now }, earlier, 'Now needed');
check('declined before', { state: 'consentNeeded' }, earlier, 'Earlier needed');
check('a failed download', { state: 'error' }, earlier, 'Earlier needed');
check('an error of a machine that was never offered any', { state: 'error' }, undefined, undefined);
check('a better one', { state: 'ready', download: now }, earlier, 'Now better');
check('a better one, while it thinks', { state: 'thinking', download: now }, undefined, 'Now better');
check('the best is here', { state: 'ready' }, earlier, undefined);
check('it comes already', { state: 'downloading' }, earlier, undefined);

test('the question', () => {
  assert.equal(
    offerSentence(now, 'needed'),
    'Idiom needs a base model to suggest code. Download Now (1.6 GB, Apache-2.0) from huggingface.co? It runs on this machine only.',
  );
  assert.match(
    offerSentence(now, 'better'),
    /^Now would suit this machine better than the base model in use\. Download Now \(/,
  );
});
