/** Which tensors of a base model a LoRA adapter changes, and why it can't where it does not fit. Reads no weights. */

import { IdiomError } from '../base/errors.ts';
import { numberOf, stringOf } from './format.ts';
import type { GgufHeader, GgufTensor, TensorType } from './format.ts';
import { quoteName } from './quoteName.ts';

export interface LoraTensors {
  readonly a: GgufTensor;
  readonly b: GgufTensor;
}

export interface LoraHeader {
  /** Above 0. */
  readonly alpha: number;
  /** By the name of the base model's tensor. */
  readonly pairs: ReadonlyMap<string, LoraTensors>;
}

const computable: readonly TensorType[] = ['F32', 'F16', 'BF16', 'Q8_0'];
const endings = ['.lora_a', '.lora_b'] as const;
/** llama.cpp passes these over. */
const ignored = /_norm\.weight$/;

/**
 * Keys and names: `llama_adapter_lora_init_impl` in https://github.com/ggml-org/llama.cpp/blob/master/src/llama-adapter.cpp.
 * @throws IdiomError `adapterBroken` for a file that is something else, or contradicts itself.
 */
export function readLora(adapter: GgufHeader): LoraHeader {
  const fail = (why: string): IdiomError => unfit(adapter, why);
  const kind = stringOf(adapter, 'general.type') ?? 'model';
  if (kind !== 'adapter')
    throw fail(kind === 'model' ? 'it is a base model' : `it is a GGUF file of type ${quoteName(kind)}`);
  const type = stringOf(adapter, 'adapter.type') ?? '';
  if (type !== 'lora') throw fail(`it is an adapter of type ${quoteName(type)}, and only "lora" can be used`);
  const alpha = numberOf(adapter, 'adapter.lora.alpha') ?? 0;
  if (!(alpha > 0) || alpha > 1e6) throw fail(`its "adapter.lora.alpha" is ${alpha}, which is out of range`);
  const byName = new Map(adapter.tensors.map((tensor) => [tensor.name, tensor]));
  const pairs = new Map<string, LoraTensors>();
  for (const { name, type: stored } of adapter.tensors) {
    if (ignored.test(name)) continue;
    const ending = endings.find((each) => name.endsWith(each));
    if (ending === undefined) throw fail(`its tensor ${quoteName(name)} is no part of a LoRA adapter`);
    const baseName = name.slice(0, -ending.length);
    const [a, b] = endings.map((each) => byName.get(baseName + each));
    if (a === undefined || b === undefined) throw fail(`its tensor ${quoteName(name)} lacks its counterpart`);
    if (!computable.includes(stored)) throw fail(`its tensor ${quoteName(name)} is of type ${stored}`);
    pairs.set(baseName, { a, b });
  }
  if (pairs.size === 0) throw fail('it has no tensors');
  return { alpha, pairs };
}

/** @throws IdiomError `adapterBroken` with what does not fit the base model, as readLora. */
export function checkLoraFits(base: GgufHeader, adapter: GgufHeader): LoraHeader {
  const lora = readLora(adapter);
  const fail = (why: string): IdiomError => unfit(adapter, why);
  const [own, wanted] = [adapter, base].map((each) => stringOf(each, 'general.architecture') ?? '');
  if (own !== wanted)
    throw fail(
      `it is for models of the architecture ${quoteName(own ?? '')}, and the base model is ${quoteName(wanted ?? '')}`,
    );
  const byName = new Map(base.tensors.map((tensor) => [tensor.name, tensor]));
  for (const [name, pair] of lora.pairs) {
    const tensor = byName.get(name);
    if (tensor === undefined)
      throw fail(`it changes the tensor ${quoteName(name)}, which the base model does not have`);
    if (!fits(tensor, pair)) throw fail(`its part for the tensor ${quoteName(name)} is of another size`);
  }
  return lora;
}

/** W (nOutputs, nInputs) + B (nOutputs, r) A (r, nInputs); GGUF tells the innermost size first. */
function fits({ name, shape }: GgufTensor, { a, b }: LoraTensors): boolean {
  const [nInputs, nOutputs, ...others] = shape;
  // Rows of it are looked up, not multiplied, so its A and B lie the other way.
  const [first, r, second, r2] =
    name === 'token_embd.weight'
      ? [b.shape[1], b.shape[0], a.shape[1], a.shape[0]]
      : [a.shape[0], a.shape[1], b.shape[1], b.shape[0]];
  const areOthersEqual = [a, b].every((each) => each.shape.slice(2).join() === others.join());
  return first === nInputs && second === nOutputs && r === r2 && (r ?? 0) > 0 && areOthersEqual;
}

function unfit({ path }: GgufHeader, why: string): IdiomError {
  return new IdiomError('adapterBroken', `The adapter ${path} can't be used: ${why}.`, {
    remedy: 'Name another adapter, or train one for this base model.',
  });
}
