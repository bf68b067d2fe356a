"""Writes test/fixtures/samplers.json: orders of PyTorch's samplers (torch 2.13) for many lengths and seeds.

An order of more than 12 indices is kept as the first 16 digits of the SHA-256 of its indices with commas between them. With each stands the number that
the generator draws next.
"""

import hashlib
import json
import pathlib

import torch
from torch.utils.data import (
    DistributedSampler,
    RandomSampler,
    SubsetRandomSampler,
    WeightedRandomSampler,
    random_split,
)

lengths = [1, 2, 3, 5, 8, 17, 31, 32, 33, 64, 100, 257, 1000, 4099]
seeds = [0, 7, 2026, 2**40 + 3]


def order(indices):
    indices = [int(i) for i in indices]
    text = ",".join(map(str, indices))
    return indices if len(indices) <= 12 else hashlib.sha256(text.encode()).hexdigest()[:16]


def drawn(sampler, passes=2):
    """Two passes from the global generator, and what it draws next."""
    return [order(sampler) for _ in range(passes)] + [torch.randint(0, 10**6, ()).item()]


cases = []


def case(kind, seed, make, **arguments):
    torch.manual_seed(seed)
    cases.append({"kind": kind, "seed": seed, **arguments, "drawn": drawn(make())})


for n in lengths:
    for seed in seeds:
        case("random", seed, lambda: RandomSampler(range(n)), length=n)
        case("subset", seed, lambda: SubsetRandomSampler([3 * i + 1 for i in range(n)]), length=n)
    for seed in seeds[:2]:
        for count in sorted({1, max(1, n // 2), n + 1, 3 * n + 2}):
            case("random", seed, lambda: RandomSampler(range(n), num_samples=count), length=n, numSamples=count)
            case("random", seed, lambda: RandomSampler(range(n), replacement=True, num_samples=count),
                 length=n, numSamples=count, replacement=True)  # fmt: skip
        # weights that float32 holds, some of them 0
        weights = [((7 * i + seed) % 13) / 8 for i in range(n)]
        if sum(weights) > 0:
            positive = sum(w > 0 for w in weights)
            case("weighted", seed, lambda: WeightedRandomSampler(weights, 2 * n + 1), length=n, numSamples=2 * n + 1)
            case("weighted", seed, lambda: WeightedRandomSampler(weights, positive, replacement=False),
                 length=n, numSamples=positive, replacement=False)  # fmt: skip
        parts = [n // 3, n - n // 3]
        torch.manual_seed(seed)
        split = [order(part.indices) for part in random_split(range(n), parts)]
        cases.append({"kind": "split", "seed": seed, "length": n, "parts": parts,
                      "drawn": [*split, torch.randint(0, 10**6, ()).item()]})  # fmt: skip

distributed = []
for n in lengths:
    for replicas in [1, 2, 3, 8]:
        for shuffle, drop_last, seed, epoch in [(False, False, 0, 0), (False, True, 0, 0), (True, False, 0, 0), (True, True, 5, 2), (True, False, 11, 9)]:
            shares = []
            for rank in range(replicas):
                sampler = DistributedSampler(range(n), replicas, rank, shuffle=shuffle, seed=seed, drop_last=drop_last)
                sampler.set_epoch(epoch)
                # PyTorch asserts where a replica is left with less than nothing
                shares.append(list(sampler) if sampler.num_samples >= 0 else [])
            distributed.append({
                "length": n, "numReplicas": replicas, "shuffle": shuffle, "dropLast": drop_last, "seed": seed, "epoch": epoch,
                "perReplica": len(shares[0]), "all": order(i for share in shares for i in share),
            })  # fmt: skip

lines = ",\n    ".join(json.dumps(each) for each in cases)
more = ",\n    ".join(json.dumps(each) for each in distributed)
text = f'{{\n  "torch": "{torch.__version__}",\n  "cases": [\n    {lines}\n  ],\n  "distributed": [\n    {more}\n  ]\n}}\n'
(pathlib.Path(__file__).parent / "../test/fixtures/samplers.json").write_text(text)
print(len(cases), len(distributed), len(text))
