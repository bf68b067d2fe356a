#!/usr/bin/env python3
"""Write golden.json.gz: what PyTorch's CPU generator draws in long runs that mix every kind of draw.

    python golden.py [OUT]        (torch 2.13; any x86 build)

A run is a seed and a list of steps; after each step stand
  hash   sha256 of the drawn bytes, where the arithmetic is exact (uniforms, integers, masks), else
  at     some of the values (float64, base64) at the indices that `picked` gives,
  state  sha256 of the generator state but for the waiting normal, and `normal`, that waiting normal.
"""
import base64, gzip, hashlib, json, random, struct, sys
import torch

EXACT = {"uniform", "randint", "random", "randperm", "bernoulli", "bernoulliEach", "dropout", "multinomial"}
DTYPES = {"float32": torch.float32, "float64": torch.float64, "int32": torch.int32, "int64": torch.int64,
          "int16": torch.int16, "int8": torch.int8, "uint8": torch.uint8}


def weights(n, dtype):
    """The same in TypeScript: exact in either precision."""
    return torch.tensor([((i * 7919) % 64 + 1) / 64 for i in range(n)], dtype=dtype)


def draw(op, dtype, n, args):
    t = DTYPES[dtype]
    e = torch.empty(n, dtype=t)
    if op == "uniform": return e.uniform_(*args)
    if op == "normal": return e.normal_(*args)
    if op == "normalOneByOne": return torch.empty(n, 2, dtype=t)[:, 0].normal_(*args)
    if op == "logNormal": return e.log_normal_(*args)
    if op == "randint": return torch.randint(int(args[0]), int(args[1]), (n,), dtype=t)
    if op == "random": return e.random_()
    if op == "randperm": return torch.randperm(n, dtype=t)
    if op == "bernoulli": return e.bernoulli_(*args)
    if op == "bernoulliEach": return torch.bernoulli(weights(n, t))
    if op == "dropout": return torch.nn.functional.dropout(torch.ones(n, dtype=t), *args)
    if op == "exponential": return e.exponential_(*args)
    if op == "geometric": return e.geometric_(*args)
    if op == "cauchy": return e.cauchy_(*args)
    if op == "truncNormal": return torch.nn.init.trunc_normal_(e, *args)
    if op == "multinomial":
        return torch.multinomial(weights(n, t).view(args[0], -1), args[1], replacement=args[2]).to(torch.int32)
    raise ValueError(op)


def picked(n):
    return sorted({i for i in range(n) if i < 8 or i >= n - 8 or i % 97 == 0})


def step(op, dtype, n, args):
    x = draw(op, dtype, n, args).contiguous().flatten()
    out = {"op": op, "dtype": dtype, "n": n, "args": args}
    if op in EXACT:
        out["hash"] = hashlib.sha256(x.numpy().tobytes()).hexdigest()[:16]
    else:
        out["at"] = base64.b64encode(x[picked(x.numel())].double().numpy().tobytes()).decode()
    state = bytearray(torch.get_rng_state().numpy().tobytes())
    out["normal"] = struct.unpack_from("<d", state, 5024)[0]
    state[5024:5032] = bytes(8)
    out["state"] = hashlib.sha256(state).hexdigest()[:16]
    return out


def menu(rng):
    f = rng.choice(["float32", "float64"])
    n = rng.choice([1, 2, 5, 15, 16, 17, 31, 33, 100, 1000, 4099])
    return rng.choice([
        lambda: ("uniform", f, n, rng.choice([[0, 1], [-2, 3], [-100, 100], [0.1, 0.3], [-0.0333, 0.0333]])),
        lambda: ("normal", f, n, rng.choice([[0, 1], [1, 2], [-0.5, 0.02]])),
        lambda: ("normal", f, rng.choice([1, 3, 7, 15]), [0, 1]),
        lambda: ("normalOneByOne", f, n, [0.5, 3]),
        lambda: ("logNormal", f, n, [0.1, 0.5]),
        lambda: ("randint", rng.choice(["int32", "int64", "float32", "float64", "uint8", "int16"]), n, ["0", "100"]),
        lambda: ("randint", "int64", n, rng.choice([["-5", str(2**28 - 5)], ["-5", str(2**28 - 6)], ["0", str(2**32)],
                                                  ["0", str(2**40 + 7)], [str(-2**62), str(2**62 + 5)], [str(2**60), str(2**60 + 9)]])),
        lambda: ("randint", "int32", n, [str(-2**31), str(2**31 - 1)]),
        lambda: ("randint", rng.choice(["float32", "float64"]), n, ["0", str(2**24)]),
        lambda: ("random", rng.choice(["int32", "int64", "int16", "int8", "uint8", "float32", "float64"]), n, []),
        lambda: ("randperm", rng.choice(["int64", "int32", "float64"]), n, []),
        lambda: ("bernoulli", rng.choice(["float32", "float64", "uint8", "int64"]), n, [0.3]),
        lambda: ("bernoulliEach", f, n, []),
        lambda: ("dropout", f, n, [rng.choice([0.5, 0.1, 0.9])]),
        lambda: ("exponential", f, n, [1.5]),
        lambda: ("geometric", rng.choice(["float32", "int64"]), n, [0.2]),
        lambda: ("cauchy", f, n, [0.5, 2]),
        lambda: ("truncNormal", f, n, rng.choice([[0, 1, -2, 2], [0, 0.02, -0.04, 0.04], [0, 1, -0.2, 0.3], [1, 0.5, 2.5, 4]])),
        lambda: ("multinomial", f, 60, [3, 7, rng.choice([True, False])]),
        lambda: ("multinomial", f, 1000, [1, rng.choice([1, 100]), True]),
    ])()


rng = random.Random(2026)
runs = []
for seed in [0, 1, 42, 2026, -1, 2**32 + 5, 2**63 - 1, 123456789012345]:
    torch.manual_seed(seed)
    runs.append({"seed": str(seed), "initialSeed": str(torch.initial_seed()), "steps": [step(*menu(rng)) for _ in range(40)]})
torch.manual_seed(5)
torch.randn(37), torch.randn(3)
state = base64.b64encode(torch.get_rng_state().numpy().tobytes()).decode()
resume = {"state": state, "randn_5": torch.randn(5).tolist(), "rand_700": hashlib.sha256(torch.rand(700).numpy().tobytes()).hexdigest()[:16]}
with gzip.GzipFile(sys.argv[1] if len(sys.argv) > 1 else "golden.json.gz", "wb", mtime=0) as file:
    file.write(json.dumps({"torch": torch.__version__, "runs": runs, "resume": resume}, separators=(",", ":")).encode())
