"""Records what PyTorch computes for each operation of server/onnx, forward and backward.

    python scripts/referenceValues/operations.py > test/fixtures/onnx/operations.json

Needs torch. A case is: inputs with their shapes, the result y, a derivative dy, and the derivatives by each float input.
"""

import json
import math
import sys

import torch
import torch.nn.functional as F

torch.manual_seed(7)
# In double precision, so that the numbers are right to the last place written.
torch.set_default_dtype(torch.float64)


def uniform(*shape, low=-2.0, high=2.0):
    return torch.rand(*shape) * (high - low) + low


def positive(*shape):
    return uniform(*shape, low=0.3, high=3.0)


def rms_norm(x, weight):
    return x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + 1e-5) * weight


def rotate(x, cos, sin):
    first, second = x.chunk(2, -1)
    return torch.cat([first * cos - second * sin, second * cos + first * sin], -1)


def attention(q, k, v):
    b, heads, group, tokens, size = q.shape
    keys = k.expand(b, heads, group, tokens, size).reshape(b, heads * group, tokens, size)
    values = v.expand(b, heads, group, tokens, size).reshape(b, heads * group, tokens, size)
    queries = q.reshape(b, heads * group, tokens, size)
    y = F.scaled_dot_product_attention(queries, keys, values, is_causal=True, scale=1.0)
    return y.reshape(q.shape)


angles = torch.outer(torch.arange(5.0), 1.0 / 100 ** (torch.arange(3.0) / 3))
ids = torch.tensor([2, 0, 2])

CASES = {
    "add, broadcast": (lambda a, b: a + b, [uniform(2, 3), uniform(3)]),
    "sub, broadcast": (lambda a, b: a - b, [uniform(2, 1), uniform(2, 3)]),
    "mul, broadcast": (lambda a, b: a * b, [uniform(2, 3), uniform(2, 1)]),
    "div, broadcast": (lambda a, b: a / b, [uniform(2, 3), positive(1, 3)]),
    "neg": (lambda a: -a, [uniform(4)]),
    "scale": (lambda a: a * 0.25, [uniform(4)]),
    "exp": (torch.exp, [uniform(2, 3)]),
    "log": (torch.log, [positive(2, 3)]),
    "sqrt": (torch.sqrt, [positive(2, 3)]),
    "reciprocal": (torch.reciprocal, [positive(2, 3)]),
    "sigmoid": (torch.sigmoid, [uniform(2, 3)]),
    "softmax": (lambda a: a.softmax(-1), [uniform(2, 4)]),
    "logSoftmax": (lambda a: a.log_softmax(-1), [uniform(2, 4)]),
    "matmul": (torch.matmul, [uniform(2, 3), uniform(3, 4)]),
    "matmul, broadcast": (torch.matmul, [uniform(2, 2, 3, 4), uniform(2, 1, 4, 2)]),
    "transpose": (lambda a: a.transpose(-1, -2), [uniform(2, 3, 2)]),
    "transpose, order": (lambda a: a.permute(1, 2, 0), [uniform(2, 3, 4)]),
    "reshape": (lambda a: a.reshape(3, 2), [uniform(2, 3)]),
    "expand": (lambda a: a.expand(2, 3, 2), [uniform(3, 1)]),
    "sum": (lambda a: a.sum((0, 2), keepdim=True), [uniform(2, 3, 2)]),
    "slice": (lambda a: a[:, 1:3], [uniform(2, 4)]),
    "pad": (lambda a: F.pad(a, (0, 0, 1, 2)), [uniform(2, 2)]),
    "concat": (lambda a, b: torch.cat([a, b], 1), [uniform(2, 1), uniform(2, 3)]),
    "gather": (lambda table: table[ids], [uniform(3, 2)]),
    "scatterAdd": (lambda table, rows: table.index_add(0, ids, rows), [uniform(3, 2), uniform(3, 2)]),
    "pick": (lambda a: a.gather(1, ids[:, None]), [uniform(3, 4)]),
    "a value used twice": (lambda a: a * a + a, [uniform(3)]),
    "rmsNorm": (rms_norm, [uniform(3, 8), uniform(8)]),
    "swiglu": (lambda gate, up: F.silu(gate) * up, [uniform(3, 4), uniform(3, 4)]),
    "rotate": (lambda x: rotate(x, angles.cos(), angles.sin()), [uniform(2, 5, 6)]),
    "causalAttention": (attention, [uniform(2, 2, 3, 5, 4), uniform(2, 2, 1, 5, 4), uniform(2, 2, 1, 5, 4)]),
    "crossEntropy": (
        lambda logits: F.cross_entropy(logits, ids, reduction="none")[:, None],
        [uniform(3, 5)],
    ),
}


def numbers(tensor):
    return [float(f"{value:.9g}") for value in tensor.detach().flatten().tolist()]


def record(compute, inputs):
    inputs = [value.detach().requires_grad_() for value in inputs]
    y = compute(*inputs)
    dy = uniform(*y.shape)
    y.backward(dy)
    return {
        "inputs": [{"shape": list(value.shape), "data": numbers(value)} for value in inputs],
        "y": {"shape": list(y.shape), "data": numbers(y)},
        "dy": numbers(dy),
        "derivatives": [numbers(value.grad) for value in inputs],
    }


if __name__ == "__main__":
    cases = {name: record(*case) for name, case in CASES.items()}
    head = {
        "format": "idiom operations",
        "version": 1,
        "madeBy": "scripts/referenceValues/operations.py",
        "torch": torch.__version__.split("+")[0],
    }
    lines = ",\n".join(f"{json.dumps(name)}:{json.dumps(case, separators=(',', ':'))}" for name, case in cases.items())
    sys.stdout.write(json.dumps(head)[:-1] + ',"cases":{\n' + lines + "\n}}\n")
