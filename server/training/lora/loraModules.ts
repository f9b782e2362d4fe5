/** The linear layers that can carry an adapter: their names here, in GGUF and in PEFT, and their sizes. */

import type { DecoderShape } from './decoderShape.ts';

export const loraModules = ['q', 'k', 'v', 'o', 'gate', 'up', 'down'] as const;
export type LoraModule = (typeof loraModules)[number];

interface ModuleNames {
  /** Of the tensor in a GGUF file, after "blk.N.". */
  readonly gguf: string;
  /** After "model.layers.N." in transformers. */
  readonly peft: string;
}

/** https://github.com/ggml-org/llama.cpp/blob/master/gguf-py/gguf/tensor_mapping.py */
export const moduleNames: Readonly<Record<LoraModule, ModuleNames>> = {
  q: { gguf: 'attn_q', peft: 'self_attn.q_proj' },
  k: { gguf: 'attn_k', peft: 'self_attn.k_proj' },
  v: { gguf: 'attn_v', peft: 'self_attn.v_proj' },
  o: { gguf: 'attn_output', peft: 'self_attn.o_proj' },
  gate: { gguf: 'ffn_gate', peft: 'mlp.gate_proj' },
  up: { gguf: 'ffn_up', peft: 'mlp.up_proj' },
  down: { gguf: 'ffn_down', peft: 'mlp.down_proj' },
};

export function moduleSize(
  shape: DecoderShape,
  module: LoraModule,
): { readonly nInputs: number; readonly nOutputs: number } {
  const { nChannels, nHidden, headSize } = shape;
  const queries = shape.nHeads * headSize;
  const keys = shape.nKvHeads * headSize;
  switch (module) {
    case 'q':
      return { nInputs: nChannels, nOutputs: queries };
    case 'k':
    case 'v':
      return { nInputs: nChannels, nOutputs: keys };
    case 'o':
      return { nInputs: queries, nOutputs: nChannels };
    case 'gate':
    case 'up':
      return { nInputs: nChannels, nOutputs: nHidden };
    case 'down':
      return { nInputs: nHidden, nOutputs: nChannels };
  }
}
