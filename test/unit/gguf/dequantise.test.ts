/** Weights read from blocks, and blocks made of weights, against numbers recorded from the Python package `gguf`. */

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { canDequantise, dequantise } from '../../../server/gguf/dequantise.ts';
import { floatToHalf, halfTable } from '../../../server/gguf/float16.ts';
import type { TensorType } from '../../../server/gguf/format.ts';
import { quantise } from '../../../server/gguf/quantise.ts';
import type { QuantisableType } from '../../../server/gguf/quantise.ts';

function load<T>(name: string): T {
  return JSON.parse(readFileSync(new URL(`../../fixtures/gguf/${name}.json`, import.meta.url), 'utf8')) as T;
}

function floats(base64: string): Float32Array {
  return new Float32Array(new Uint8Array(Buffer.from(base64, 'base64')).buffer);
}

function hex(bytes: Uint8Array | Float32Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex');
}

const blocks = load<Record<string, { bytes: string; weights: string }>>('blocks');
for (const [type, recorded] of Object.entries(blocks)) {
  test(`${type} blocks become the same weights as in the reference, bit for bit`, () => {
    const weights = dequantise(type as TensorType, Buffer.from(recorded.bytes, 'base64'));
    assert.equal(hex(weights), hex(floats(recorded.weights)));
  });
}

const quantised = load<Record<QuantisableType | 'weights', string>>('quantised');
for (const type of ['F32', 'F16', 'BF16', 'Q4_0', 'Q8_0'] as const) {
  test(`weights become the same ${type} blocks as in the reference, bit for bit`, () => {
    assert.equal(
      hex(quantise(type, floats(quantised.weights))),
      Buffer.from(quantised[type], 'base64').toString('hex'),
    );
  });
}

const recordedHalves = load<{ digestOfNumbers: string; singles: string; halves: string }>('halves');

test('all half-precision numbers have the value that NumPy gives them', () => {
  const numbers = halfTable().filter((value) => !Number.isNaN(value));
  const digest = createHash('sha256').update(new Uint8Array(numbers.buffer)).digest('hex');
  assert.equal(digest, recordedHalves.digestOfNumbers);
});

test('single precision is rounded to half precision as NumPy does, at the edges too', () => {
  const expected = new Uint16Array(new Uint8Array(Buffer.from(recordedHalves.halves, 'base64')).buffer);
  assert.deepEqual([...floats(recordedHalves.singles)].map(floatToHalf), [...expected]);
});

test('each half-precision number survives the way to single precision and back', () => {
  halfTable().forEach((value, bits) => {
    if (!Number.isNaN(value)) assert.equal(floatToHalf(value), bits);
  });
});

test('NaN stays NaN in half precision', () => {
  assert.ok(Number.isNaN(halfTable()[floatToHalf(NaN)]));
});

test('a part of a block is refused', () => {
  assert.throws(() => dequantise('Q4_0', new Uint8Array(17)), RangeError);
  assert.throws(() => quantise('Q8_0', new Float32Array(31)), RangeError);
});

test('a type without a dequantiser is refused in words', () => {
  assert.equal(canDequantise('IQ2_XS'), false);
  assert.throws(() => dequantise('IQ2_XS', new Uint8Array(74)), {
    code: 'modelUnsupported',
    message: 'Weights of type IQ2_XS cannot be read here.',
  });
});
