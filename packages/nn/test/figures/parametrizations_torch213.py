# More parametrizations than there are in parametrizations-torch213.json, in its format: PyTorch 2.13, one thread.
# python3 parametrizations_torch213.py | gzip -9n > parametrizations-more-torch213.json.gz
import base64, json, torch
import torch.nn as nn

torch.set_num_threads(1)


def enc(t):
    if t is None or not isinstance(t, torch.Tensor):
        return t
    t = t.detach().contiguous()
    return {"$t": str(t.dtype)[6:], "shape": list(t.shape), "data": base64.b64encode(t.numpy().tobytes()).decode()}


# the odd ones: each map on tall, wide and square matrices and on batches, without trivialization, other layers, old functions
CASES = [("orthogonal", dict(orthogonal_map=m, use_trivialization=t), s) for m in ("matrix_exp", "cayley", "householder") for t in (True, False)
         for s in (["Linear", 3, 6], ["Linear", 6, 3], ["Linear", 4, 4], ["Conv2d", 2, 3, 3], ["Conv1d", 2, 4, 3])]
CASES += [("spectral_norm", {}, ["ConvTranspose2d", 2, 3, 3]), ("spectral_norm", dict(n_power_iterations=2, eps=1e-3, dim=-1), ["Conv1d", 2, 4, 3]),
          ("spectral_norm", dict(name="bias"), ["Linear", 3, 4]), ("weight_norm", dict(name="bias"), ["Linear", 3, 4]),
          ("weight_norm", dict(dim=2), ["Conv2d", 2, 3, 3]), ("weight_norm", dict(dim=-1), ["Linear", 3, 4])]
OLD = [("weight_norm", {}, ["Linear", 3, 4]), ("weight_norm", dict(dim=None), ["Conv1d", 2, 4, 3]), ("spectral_norm", {}, ["Linear", 3, 4]),
       ("spectral_norm", dict(n_power_iterations=3), ["ConvTranspose2d", 2, 3, 3])]


def case(where, name, kw, spec, dtype):
    torch.manual_seed(3)
    m = getattr(nn, spec[0])(*spec[1:], dtype=dtype)
    m = getattr(where, name)(m, **kw)
    state = {k: enc(v.clone()) for k, v in m.state_dict().items()}
    size = {"L": (2, spec[1]), "Conv1": (2, 2, 5)}.get(spec[0][:1] if spec[0] == "Linear" else spec[0][:5], (2, 2, 5, 5))
    x = torch.randn(size, dtype=dtype, requires_grad=True)
    out = m(x)
    ct = torch.randn(out.shape, dtype=dtype)
    grads = torch.autograd.grad(out, [x] + list(m.parameters()), ct, allow_unused=True)
    after = {k: enc(v.clone()) for k, v in m.state_dict().items()}
    m.eval()
    return {"parametrization": name, "kw": kw, "spec": spec, "dtype": str(dtype)[6:], "state_dict": state, "x": enc(x), "out": enc(out), "ct": enc(ct),
            "grads": [enc(g) for g in grads], "params": [k for k, _ in m.named_parameters()], "state_dict_after": after, "weight": enc(getattr(m, kw.get("name", "weight"))),
            "out_eval": enc(m(x))}


P = nn.utils.parametrizations
cases = []
for name, kw, spec in CASES:
    for dtype in (torch.float32, torch.float64):
        try:
            cases.append(case(P, name, kw, spec, dtype))
        except Exception as e:
            cases.append({"parametrization": name, "kw": kw, "spec": spec, "dtype": str(dtype)[6:], "error": type(e).__name__})
old = [case(nn.utils, *c, torch.float32) for c in OLD]
print(json.dumps({"seed": 3, "torch": torch.__version__, "cases": cases, "old": old}))
