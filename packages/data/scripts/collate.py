"""Writes test/fixtures/collate.json: what default_collate, default_convert and pad_sequence of PyTorch 2.13 make of samples.

Values are written as [kind, ...]: ["array", dtype, shape, numbers] for NumPy arrays, ["tensor", dtype, shape, numbers], ["list", ...], ["dict", [key, value]...];
strings, numbers and booleans stand for themselves.
"""

import json
import pathlib
import random

import numpy as np
import torch
from torch.nn.utils.rnn import pad_sequence
from torch.utils.data import default_collate, default_convert

random.seed(5)
dtypes = ["float32", "float64", "int32", "int64", "uint8", "int8", "int16"]


def numbers(values):
    return [float(v) if isinstance(v, float) else int(v) for v in values]


def written(value):
    if isinstance(value, torch.Tensor):
        return ["tensor", str(value.dtype)[6:], list(value.shape), numbers(value.flatten().tolist())]
    if isinstance(value, np.ndarray):
        return ["array", str(value.dtype), list(value.shape), numbers(value.flatten().tolist())]
    if isinstance(value, dict):
        return ["dict", *[[key, written(each)] for key, each in value.items()]]
    if isinstance(value, (list, tuple)):
        return ["list", *map(written, value)]
    return value


def numbers_of(dtype, n):
    return [random.randint(0, 100) / (4 if "float" in dtype else 1) for _ in range(n)]


def shape_of_sample(depth):
    """A maker of samples that are all built alike."""
    kind = random.choice(["number", "bool", "text", "tensor", "array"] + (["list", "dict"] * 3 if depth < 3 else []))
    if kind == "number":
        return lambda: random.randint(0, 40) / 4 + 0.25
    if kind == "bool":
        return lambda: random.random() < 0.5
    if kind == "text":
        return lambda: random.choice(["a", "bc", "", "d e"])
    if kind == "tensor":
        dtype = random.choice(dtypes)
        shape = [random.randint(0, 3) for _ in range(random.randint(0, 3))]
        size = int(np.prod(shape))
        return lambda: torch.tensor(numbers_of(dtype, size), dtype=getattr(torch, dtype)).reshape(shape)
    if kind == "array":
        dtype = random.choice(dtypes)
        size = random.randint(0, 4)
        return lambda: np.array(numbers_of(dtype, size), dtype=dtype)
    parts = [shape_of_sample(depth + 1) for _ in range(random.randint(1, 3))]
    if kind == "list":
        return lambda: [part() for part in parts]
    return lambda: {f"k{i}": part() for i, part in enumerate(parts)}


cases = []
for _ in range(60):
    make = shape_of_sample(0)
    samples = [make() for _ in range(random.randint(1, 4))]
    cases.append({
        "samples": written(samples)[1:], "collated": written(default_collate(samples)),
        "converted": written(default_convert(samples[0])),
    })  # fmt: skip
# dtypes that differ from sample to sample are promoted
mixed = []
for a in dtypes:
    for b in dtypes:
        samples = [torch.tensor([1, 2]).to(getattr(torch, a)), torch.tensor([3, 4]).to(getattr(torch, b))]
        mixed.append({"samples": written(samples)[1:], "collated": written(default_collate(samples))})
padded = []
for rest in [[], [2], [2, 3]]:
    for batch_first in [False, True]:
        for side in ["right", "left"]:
            for value in [0, -1.5]:
                shapes = [[random.randint(0, 4), *rest] for _ in range(3)]
                samples = [torch.tensor(numbers_of("float32", int(np.prod(s))), dtype=torch.float32).reshape(s) for s in shapes]
                y = pad_sequence(samples, batch_first=batch_first, padding_value=value, padding_side=side)
                padded.append({"samples": written(samples)[1:], "batchFirst": batch_first, "paddingSide": side, "paddingValue": value, "padded": written(y)})  # fmt: skip

parts = {"cases": cases, "mixed": mixed, "padded": padded}
text = ",\n".join(f'  "{name}": [\n    ' + ",\n    ".join(map(json.dumps, rows)) + "\n  ]" for name, rows in parts.items())
out = pathlib.Path(__file__).parent / "../test/fixtures/collate.json"
out.write_text(f'{{\n  "torch": "{torch.__version__}",\n{text}\n}}\n')
print(out.stat().st_size)
