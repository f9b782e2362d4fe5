"""Records what PyTorch and PEFT compute when they train an adapter: loss, gradients, ten losses, the adapter after that.

    python scripts/referenceValues/training.py BASE.gguf OUT.json tiny|real

Needs torch, transformers, peft, gguf. "tiny" records every gradient and the adapter; "real" norms only, on one example.
The initial adapter, the tokens and the weights follow from formulas, so that nothing large needs to be recorded.
"""

import hashlib
import json
import os
import sys

import torch
import torch.nn.functional as F
import transformers
from baseModel import load
from peft import LoraConfig, get_peft_model
import peft

MODULES = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]
SETTINGS = {
    "tiny": {"r": 4, "loraAlpha": 8, "size": 0.3, "lengths": [40, 23, 9], "learningRate": 2e-2, "weightDecay": 0.1},
    "real": {"r": 8, "loraAlpha": 16, "size": 0.02, "lengths": [65], "learningRate": 2e-3, "weightDecay": 0.0},
}
MAX_GRADIENT_NORM = 1.0


def initial(length, size):
    """Spread evenly over ±size/2, without a random generator: item i is ((i + 1) * 2654435761 mod 2^32) / 2^32."""
    i = torch.arange(1, length + 1, dtype=torch.int64)
    return (((i * 2654435761) % 2**32).double() / 2**32 - 0.5).mul(size).float()


def example(length, vocabulary, index):
    """Token i is (i * i + 7 * index + 3 i) mod 251, or mod 40000; every third weight is 2, the first quarter is 0."""
    span = 251 if vocabulary < 1000 else 40000
    step = 1 if vocabulary < 1000 else 97
    tokens = [(step * i * i + 7 * index + 3 * i) % span for i in range(length)]
    weights = [0.0 if i < length // 4 else 2.0 if i % 3 == 0 else 1.0 for i in range(length)]
    return torch.tensor([tokens]), torch.tensor([weights])


def parameters_in_order(model):
    """By layer, module, A before B: the order of our flat array."""
    found = dict(model.named_parameters())
    for layer in range(model.config.num_hidden_layers):
        for module in MODULES:
            for half in ("lora_A", "lora_B"):
                [name] = [n for n in found if f".layers.{layer}." in n and f".{module}.{half}." in n]
                yield found[name]


def nll_of(model, tokens):
    logits = model(input_ids=tokens[:, :-1]).logits
    return F.cross_entropy(logits[0], tokens[0, 1:], reduction="none")


def loss_of(model, examples):
    total = sum(weights[0, 1:].sum() for _, weights in examples)
    return sum((nll_of(model, tokens) * weights[0, 1:]).sum() for tokens, weights in examples) / total


def digest_of(path):
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def short(values):
    return [float(f"{value:.7g}") for value in values]


def record(path, kind):
    torch.manual_seed(0)
    setting = SETTINGS[kind]
    base = load(path)
    vocabulary = base.config.vocab_size
    examples = [example(length, vocabulary, index) for index, length in enumerate(setting["lengths"])]
    with torch.no_grad():
        base_nll = torch.cat([nll_of(base, tokens) for tokens, _ in examples])
    config = LoraConfig(r=setting["r"], lora_alpha=setting["loraAlpha"], target_modules=MODULES)
    model = get_peft_model(base, config)
    parameters = list(parameters_in_order(model))
    flat = initial(sum(p.numel() for p in parameters), setting["size"])
    start = 0
    for parameter in parameters:
        parameter.data.copy_(flat[start : start + parameter.numel()].reshape(parameter.shape))
        start += parameter.numel()
    loss = loss_of(model, examples)
    loss.backward()
    gradients = torch.cat([p.grad.flatten() for p in parameters])
    norms = [p.grad.norm().item() for p in parameters]
    first = {"loss": loss.item(), "gradientNorms": short(norms)}
    optimizer = torch.optim.AdamW(
        parameters, lr=setting["learningRate"], weight_decay=setting["weightDecay"], betas=(0.9, 0.999), eps=1e-8
    )
    losses, step_norms = [], []
    for _ in range(10):
        optimizer.zero_grad()
        loss = loss_of(model, examples)
        loss.backward()
        losses.append(loss.item())
        step_norms.append(torch.nn.utils.clip_grad_norm_(parameters, MAX_GRADIENT_NORM).item())
        optimizer.step()
    with torch.no_grad():
        trained_nll = torch.cat([nll_of(model, tokens) for tokens, _ in examples])
    result = {
        "format": "idiom training",
        "version": 1,
        "madeBy": "scripts/referenceValues/training.py",
        "torch": torch.__version__.split("+")[0],
        "transformers": transformers.__version__,
        "peft": peft.__version__,
        "baseDigest": digest_of(path),
        "setting": {**setting, "maxGradientNorm": MAX_GRADIENT_NORM},
        "examples": [{"tokens": t[0].tolist(), "weights": w[0].tolist()} for t, w in examples],
        "baseNll": short(base_nll.tolist()),
        "first": first | ({"gradients": short(gradients.tolist())} if kind == "tiny" else {}),
        "losses": short(losses),
        "gradientNorms": short(step_norms),
        "trainedNll": short(trained_nll.tolist()),
    }
    if kind == "tiny":
        result["trained"] = short(torch.cat([p.detach().flatten() for p in parameters]).tolist())
    return result, model


if __name__ == "__main__":
    path, out, kind = sys.argv[1:]
    result, model = record(path, kind)
    with open(out, "w") as file:
        file.write("{\n" + ",\n".join(f"{json.dumps(k)}:{json.dumps(v)}" for k, v in result.items()) + "\n}\n")
    if kind == "tiny":
        # PEFT's own folder, with which ours is compared; it adds a model card.
        model.save_pretrained(out.removesuffix(".json") + "Peft")
        os.remove(out.removesuffix(".json") + "Peft/README.md")
