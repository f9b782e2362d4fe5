"""Makes a transformers model out of a GGUF file: the config from its metadata, the weights dequantised. Needs no hub."""

import numpy as np
import torch
from gguf import GGUFReader
from gguf.quants import dequantize
from transformers import LlamaConfig, LlamaForCausalLM, Qwen2Config, Qwen2ForCausalLM

CLASSES = {"llama": (LlamaConfig, LlamaForCausalLM), "qwen2": (Qwen2Config, Qwen2ForCausalLM)}

NAMES = {
    "attn_norm": "input_layernorm",
    "ffn_norm": "post_attention_layernorm",
    "attn_q": "self_attn.q_proj",
    "attn_k": "self_attn.k_proj",
    "attn_v": "self_attn.v_proj",
    "attn_output": "self_attn.o_proj",
    "ffn_gate": "mlp.gate_proj",
    "ffn_up": "mlp.up_proj",
    "ffn_down": "mlp.down_proj",
}
TOP = {
    "token_embd.weight": "model.embed_tokens.weight",
    "output_norm.weight": "model.norm.weight",
    "output.weight": "lm_head.weight",
}


def to_halves(rows, n_heads):
    """Undoes the order in which GGUF files of the architecture llama store the rows of q and k."""
    shape = rows.shape
    return rows.reshape(n_heads, shape[0] // n_heads // 2, 2, *shape[1:]).swapaxes(1, 2).reshape(shape)


def load(path):
    """The model in single precision, for evaluation and training on a processor."""
    reader = GGUFReader(path)

    def value(key, default=None):
        field = reader.get_field(key)
        return default if field is None else field.contents()

    architecture = value("general.architecture")
    config_class, model_class = CLASSES[architecture]
    n_heads = value(f"{architecture}.attention.head_count")
    n_kv_heads = value(f"{architecture}.attention.head_count_kv", n_heads)
    tensors = {
        tensor.name: dequantize(tensor.data, tensor.tensor_type).astype(np.float32).reshape(
            tuple(reversed(tensor.shape.tolist()))
        )
        for tensor in reader.tensors
    }
    is_tied = "output.weight" not in tensors
    config = config_class(
        vocab_size=tensors["token_embd.weight"].shape[0],
        hidden_size=value(f"{architecture}.embedding_length"),
        intermediate_size=value(f"{architecture}.feed_forward_length"),
        num_hidden_layers=value(f"{architecture}.block_count"),
        num_attention_heads=n_heads,
        num_key_value_heads=n_kv_heads,
        rms_norm_eps=value(f"{architecture}.attention.layer_norm_rms_epsilon"),
        rope_theta=value(f"{architecture}.rope.freq_base", 10000.0),
        max_position_embeddings=value(f"{architecture}.context_length"),
        tie_word_embeddings=is_tied,
    )
    state = {}
    for name, data in tensors.items():
        if name in TOP:
            state[TOP[name]] = data
            continue
        if not name.startswith("blk."):
            continue
        _, layer, part, kind = name.split(".")
        if architecture == "llama" and part in ("attn_q", "attn_k"):
            data = to_halves(data, n_heads if part == "attn_q" else n_kv_heads)
        state[f"model.layers.{layer}.{NAMES[part]}.{kind}"] = data
    if is_tied:
        state["lm_head.weight"] = state["model.embed_tokens.weight"]
    model = model_class(config)
    model.load_state_dict({name: torch.from_numpy(np.ascontiguousarray(data)) for name, data in state.items()})
    return model.float()
