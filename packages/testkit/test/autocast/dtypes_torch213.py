#!/usr/bin/env python3
"""The dtypes of PyTorch's results under autocast, for the cases of the op fixtures.
  python3 dtypes_torch213.py FOLDER_OF_OP_FIXTURES OUT.json      (torch 2.13, CPU; the folder holds what dump_oracle.py ops writes)
For each file: one string a case, or one for all where they are alike. It has four parts, "float32 inputs on the cpu / the same as bfloat16 / float32 inputs
on cuda / the same as bfloat16", each a letter a result: b bfloat16, f float32, d float64, h float16, i an integer, t bool, c complex; "-" where PyTorch refuses.
The region is autocast to bfloat16. Cuda's are fake tensors, which go through autocast's lists like real ones."""
import base64, glob, json, math, os, sys, warnings
warnings.filterwarnings("ignore")
folder, target = sys.argv[1:3]
sys.argv = sys.argv[:1]
import numpy as np, torch
from torch._subclasses.fake_tensor import FakeTensorMode
from torch.testing._internal import common_methods_invocations as cmi
from torch.utils._pytree import tree_flatten, tree_map

torch.set_num_threads(1)
ops = {op.name + ("__" + op.variant_test_name if op.variant_test_name else ""): op for op in cmi.op_db}

def dec(x):
    if isinstance(x, list): return [dec(i) for i in x]
    if not isinstance(x, dict): return x
    if "$t" in x:
        dt = getattr(torch, x["$t"])
        raw = bytearray(base64.b64decode(x["data"]))
        t = torch.frombuffer(raw, dtype=dt).reshape(x["shape"]).clone() if len(raw) else torch.empty(x["shape"], dtype=dt)
        return t
    if "$n" in x: return float(x["$n"])
    if "$c" in x: return complex(*x["$c"])
    if "$dtype" in x: return getattr(torch, x["$dtype"])
    if "$slice" in x: return slice(*[dec(i) for i in x["$slice"]])
    if "$ellipsis" in x: return Ellipsis
    if "$tuple" in x: return tuple(dec(i) for i in x["$tuple"])
    if "$device" in x: return torch.device(x["$device"])
    if "$layout" in x: return torch.strided
    if "$mf" in x: return getattr(torch, x["$mf"].split(".")[-1])
    if "$big" in x: return int(x["$big"])
    if "$repr" in x: raise ValueError("not representable")
    return {k: dec(v) for k, v in x.items()}

def letter(t):
    d = t.dtype
    return {torch.bfloat16: "b", torch.float32: "f", torch.float64: "d", torch.float16: "h", torch.bool: "t"}.get(d) or ("c" if d.is_complex else "i")

def letters(call):
    try: out = call()
    except Exception: return "-"
    return "".join(letter(t) for t in tree_flatten(out)[0] if isinstance(t, torch.Tensor))

half = lambda x: x.to(torch.bfloat16) if isinstance(x, torch.Tensor) and x.dtype == torch.float32 else x

def on_cpu(op, args, kwargs):
    def call():
        torch.manual_seed(0)
        with torch.autocast("cpu", torch.bfloat16): return op(*args, **kwargs)
    return letters(call)

def on_cuda(op, args, kwargs):
    def call():
        with FakeTensorMode() as mode:
            to = lambda x: torch.empty_strided(x.shape, x.stride(), dtype=x.dtype, device="cuda") if isinstance(x, torch.Tensor) else torch.device("cuda") if isinstance(x, torch.device) else x
            a, k = tree_map(to, args), tree_map(to, kwargs)
            torch.set_autocast_enabled("cuda", True); torch.set_autocast_dtype("cuda", torch.bfloat16)
            try: return op(*a, **k)
            finally: torch.set_autocast_enabled("cuda", False); torch.clear_autocast_cache()
    return letters(call)

table = {}
for path in sorted(glob.glob(os.path.join(folder, "*.json"))):
    with open(path) as f: file = json.load(f)
    name = os.path.basename(path)[:-5]
    op = ops.get(file["op"] + ("__" + file["variant"] if file["variant"] else ""))
    if op is None: print("no op", name); continue
    rows = []
    for c in file["cases"]:
        try: args, kwargs = [dec(c["input"]), *map(dec, c["args"])], dec(c["kwargs"])
        except ValueError: rows.append("-/-/-/-"); continue
        parts = []
        for run in (on_cpu, on_cuda):
            for a, k in ((args, kwargs), (tree_map(half, args), tree_map(half, kwargs))):
                parts.append(run(op, *tree_map(lambda x: x.clone() if isinstance(x, torch.Tensor) else x, (a, k))))
        rows.append("/".join(parts))
    table[name] = rows[0] if len(set(rows)) == 1 else rows
with open(target, "w") as f:
    f.write("{\n" + ",\n".join(f"{json.dumps(k)}: {json.dumps(v)}" for k, v in table.items()) + "\n}\n")
print(len(table), "ops")
