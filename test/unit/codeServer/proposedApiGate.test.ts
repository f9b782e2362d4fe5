/** The check of proposed APIs is found by its shape in minified text, whatever its names are this time. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gateSource } from '../../../scripts/codeServer/proposedApiGate.ts';

const complaint = "throw new Error(`Extension '${i.identifier.value}' CANNOT use API proposal: ${t}`)";

/** Runs the bundle's `check(extension, proposal)` after the change and tells what it says to an undeclared proposal. */
function check(bundle: string, expected: 'refused' | 'allowed' | 'not found', declared: string[] = []): void {
  const gated = gateSource(bundle);
  if (gated === undefined) return assert.equal('not found', expected);
  // The text under test is code; running it is the only way to see what it does.
  // eslint-disable-next-line @typescript-eslint/no-implied-eval, @typescript-eslint/no-unsafe-call
  const verdict: unknown = new Function(
    'extension',
    `${gated};try{C(extension,'p')}catch{return 'refused'}return 'allowed'`,
  )({
    identifier: { value: 'x.y' },
    enabledApiProposals: declared,
  });
  assert.equal(verdict, expected);
}

test('an undeclared proposal is refused', () =>
  check(`function G(i,t){return!0}function C(i,t){if(!G(i,t))${complaint}}`, 'refused'));
test('a declared one is allowed', () =>
  check(`function G(i,t){return!0}function C(i,t){if(!G(i,t))${complaint}}`, 'allowed', ['p']));
test('names with a dollar sign', () =>
  check(`function $e(i,t){return!0}function C(i,t){if(!$e(i,t))${complaint}}`, 'refused'));
test('text that is not minified', () =>
  check(`function G(i, t) { return true; } function C(i, t) { if (!G(i, t)) ${complaint} }`, 'refused'));
test('the gate after its use', () =>
  check(`function C(i,t){if(!G(i,t))${complaint}}function G(i,t){return!0}`, 'refused'));
test('another function that always says yes stays', () => {
  const bundle = `function A(i,t){return!0}function G(i,t){return!0}function C(i,t){if(!G(i,t))${complaint}}`;
  assert.match(gateSource(bundle) ?? '', /function A\(i,t\)\{return!0\}/);
});
test('a gate that is there already is not touched', () =>
  check(`function G(i,t){return i.ok}function C(i,t){if(!G(i,t))${complaint}}`, 'not found'));
test('a bundle without the complaint', () => check('function G(i,t){return!0}', 'not found'));
