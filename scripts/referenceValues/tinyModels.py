"""Writes a tiny base model with random weights for each architecture that can be trained.

    python scripts/referenceValues/tinyModels.py test/fixtures/training

Needs numpy and gguf. 256 byte tokens, one end token, two layers, grouped queries; F16 matrices as they would be served.
"""

import sys

import numpy as np
from gguf import GGMLQuantizationType, GGUFWriter

LAYERS, CHANNELS, HEADS, KV_HEADS, HIDDEN, VOCABULARY, CONTEXT = 2, 32, 4, 2, 48, 257, 256


def byte_tokens():
    """The printable characters that stand for bytes in byte-level BPE, in the order of the bytes."""
    printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
    others = [byte for byte in range(256) if byte not in printable]
    characters = {byte: chr(byte) for byte in printable} | {byte: chr(256 + i) for i, byte in enumerate(others)}
    return [characters[byte] for byte in range(256)]


def write(path, architecture, seed):
    random = np.random.default_rng(seed)
    writer = GGUFWriter(path, architecture)
    writer.add_name(f"tiny {architecture}")
    writer.add_context_length(CONTEXT)
    writer.add_embedding_length(CHANNELS)
    writer.add_block_count(LAYERS)
    writer.add_feed_forward_length(HIDDEN)
    writer.add_head_count(HEADS)
    writer.add_head_count_kv(KV_HEADS)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_rope_dimension_count(CHANNELS // HEADS)
    writer.add_rope_freq_base(1000.0 if architecture == "llama" else 10000.0)
    writer.add_vocab_size(VOCABULARY)
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("default")
    writer.add_token_list([*byte_tokens(), "<|endoftext|>"])
    writer.add_token_types([1] * 256 + [3])
    writer.add_token_merges(["a b"])
    writer.add_eos_token_id(256)
    writer.add_bos_token_id(256)
    writer.add_add_bos_token(False)

    def matrix(name, rows, columns):
        data = random.standard_normal((rows, columns)) / np.sqrt(columns)
        writer.add_tensor(name, data.astype(np.float16), raw_dtype=GGMLQuantizationType.F16)

    def vector(name, size, mean):
        writer.add_tensor(name, (mean + 0.3 * random.standard_normal(size)).astype(np.float32))

    kv = CHANNELS // HEADS * KV_HEADS
    matrix("token_embd.weight", VOCABULARY, CHANNELS)
    vector("output_norm.weight", CHANNELS, 1)
    if architecture == "llama":
        matrix("output.weight", VOCABULARY, CHANNELS)
    for layer in range(LAYERS):
        block = f"blk.{layer}."
        vector(f"{block}attn_norm.weight", CHANNELS, 1)
        vector(f"{block}ffn_norm.weight", CHANNELS, 1)
        for part, rows, columns in [
            ("attn_q", CHANNELS, CHANNELS),
            ("attn_k", kv, CHANNELS),
            ("attn_v", kv, CHANNELS),
            ("attn_output", CHANNELS, CHANNELS),
            ("ffn_gate", HIDDEN, CHANNELS),
            ("ffn_up", HIDDEN, CHANNELS),
            ("ffn_down", CHANNELS, HIDDEN),
        ]:
            matrix(f"{block}{part}.weight", rows, columns)
            if architecture == "qwen2" and part in ("attn_q", "attn_k", "attn_v"):
                vector(f"{block}{part}.bias", rows, 0)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


if __name__ == "__main__":
    write(f"{sys.argv[1]}/tinyLlama.gguf", "llama", 1)
    write(f"{sys.argv[1]}/tinyQwen2.gguf", "qwen2", 2)
