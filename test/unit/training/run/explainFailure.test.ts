/** Whatever ends a training becomes a sentence that says what would help. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { IdiomError } from '../../../../server/base/errors.ts';
import { explainEnd, explainFailure } from '../../../../server/training/run/explainFailure.ts';

function check(name: string, error: unknown, message: RegExp, remedy: RegExp | undefined): void {
  test(name, () => {
    const failure = explainFailure(error);
    assert.match(failure.message, message);
    if (remedy === undefined) assert.equal(failure.remedy, undefined);
    else assert.match(failure.remedy ?? '', remedy);
  });
}

const notEnough = /not enough memory to train/;
const smaller = /smaller base model/;
const refused = (cause: Error) =>
  new IdiomError('trainingFailed', 'onnxruntime refused a graph.', { remedy: 'Tell us.', cause });

check('no room for an array', new RangeError('Array buffer allocation failed'), notEnough, smaller);
check(
  'onnxruntime, while it computes',
  new Error(
    'Non-zero status code returned while running MatMul node. BFCArena: Failed to allocate memory for requested buffer of size 9663676416',
  ),
  notEnough,
  smaller,
);
check('onnxruntime, as it opens a graph', refused(new Error('std::bad_alloc')), notEnough, smaller);
check('the system', Object.assign(new Error('read'), { code: 'ENOMEM' }), notEnough, smaller);
check('another refusal', refused(new Error('unknown operator')), /refused a graph/, /Tell us/);
check(
  'an index that is wrong is no lack of memory',
  new RangeError('There is no layer 5.'),
  /no layer 5/,
  undefined,
);
check(
  'a full disk',
  new IdiomError('diskFull', 'The disk is full.', { remedy: 'Free some space.' }),
  /disk is full/,
  /Free some/,
);

function checkEnd(how: string, sentence: RegExp): void {
  test(`ended: ${how}`, () => {
    const error = explainEnd(how);
    assert.equal(error.code, 'trainingFailed');
    assert.match(error.sentence, sentence);
  });
}

checkEnd('SIGKILL', /by force \(SIGKILL\).* out of memory .*last checkpoint.*smaller base model/);
checkEnd('SIGTERM', /in the middle of its work \(SIGTERM\).*last checkpoint/);
checkEnd('FATAL ERROR: JavaScript heap out of memory', /not enough memory.*smaller base model/);
