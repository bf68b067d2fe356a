# Pruning, fusing and initial values by PyTorch 2.13. python3 utils_torch213.py | gzip -9n > utils-torch213.json.gz
import base64, json, torch, torch.nn as nn
import torch.nn.utils.prune as P

torch.set_num_threads(1)


def enc(t):
    t = t.detach().contiguous()
    return {"$t": str(t.dtype)[6:], "shape": list(t.shape), "data": base64.b64encode(t.numpy().tobytes()).decode()}


def layer(spec):
    torch.manual_seed(5)
    return getattr(nn, spec[0])(*spec[1:])


STEPS = {
    "identity": [["identity", "weight"]],
    "random": [["random_unstructured", "weight", 0.3], ["random_unstructured", "weight", 4], ["random_unstructured", "bias", 0.5]],
    "l1": [["l1_unstructured", "weight", 0.25], ["l1_unstructured", "weight", 0.25], ["l1_unstructured", "weight", 3]],
    "half to even": [["l1_unstructured", "bias", 0.125], ["l1_unstructured", "bias", 0.5]],
    "random channels": [["random_structured", "weight", 0.4, 0], ["random_structured", "weight", 1, 1], ["random_structured", "weight", 0.5, -1]],
    "channels": [["ln_structured", "weight", 0.4, 2, 0], ["ln_structured", "weight", 1, 1, 1], ["ln_structured", "weight", 1, float("inf"), -1]],
    "mixed": [["ln_structured", "weight", 1, 2, 0], ["l1_unstructured", "weight", 0.2], ["random_structured", "weight", 1, 1], ["random_unstructured", "weight", 2], ["identity", "weight"]],
    "all and none": [["l1_unstructured", "weight", 0.0], ["ln_structured", "weight", 0.0, 2, 0], ["random_structured", "weight", 0.01, 0], ["random_unstructured", "weight", 0.0]],
}
prunes = []
for spec in (["Linear", 5, 4], ["Conv2d", 3, 5, 3]):
    for name, steps in STEPS.items():
        m = layer(spec)
        torch.manual_seed(11)
        after = []
        for fn, *args in steps:
            getattr(P, fn)(m, *args)
            after.append({k: enc(v) for k, v in m.state_dict().items()})
        x = torch.ones(2, 5) if spec[0] == "Linear" else torch.ones(1, 3, 4, 4)
        out = m(x)
        out.sum().backward()
        prunes.append({"name": name, "spec": spec, "steps": [["inf" if a == float("inf") else a for a in s] for s in steps], "after": after, "out": enc(out), "grads": {k: enc(p.grad) for k, p in m.named_parameters()}})
a, b = layer(["Linear", 5, 4]), layer(["Conv2d", 3, 5, 3])
P.l1_unstructured(a, "weight", 3)
where = [(a, "weight"), (a, "bias"), (b, "weight")]
P.global_unstructured(where, P.L1Unstructured, amount=0.3)
scores = {(a, "bias"): torch.arange(4.0)}
first = [enc(getattr(m, n + "_mask")) for m, n in where]
P.global_unstructured(where, P.L1Unstructured, importance_scores=scores, amount=10)
second = [enc(getattr(m, n + "_mask")) for m, n in where]
torch.manual_seed(1)
P.global_unstructured(where, P.RandomUnstructured, amount=20)
third = [enc(getattr(m, n + "_mask")) for m, n in where]

fuses = []
for kind, spec, bn, shape in (("conv", ["Conv2d", 3, 5, 3], ["BatchNorm2d", 5], (2, 3, 6, 6)), ("conv", ["Conv1d", 3, 5, 3], ["BatchNorm1d", 5], (2, 3, 6)),
                              ("transpose", ["ConvTranspose2d", 3, 5, 3], ["BatchNorm2d", 5], (2, 3, 4, 4)), ("linear", ["Linear", 3, 5], ["BatchNorm1d", 5], (2, 3))):
    m, n = layer(spec), getattr(nn, bn[0])(bn[1])
    torch.manual_seed(2)
    for t in (n.weight.data, n.bias.data, n.running_mean):
        t.normal_()
    n.running_var.uniform_(0.5, 2)
    m.eval(), n.eval()
    f = nn.utils.fuse_linear_bn_eval(m, n) if kind == "linear" else nn.utils.fuse_conv_bn_eval(m, n, kind == "transpose")
    x = torch.randn(shape)
    fuses.append({"kind": kind, "spec": spec, "bn": bn, "conv state": {k: enc(v) for k, v in m.state_dict().items()}, "bn state": {k: enc(v) for k, v in n.state_dict().items()},
                  "state": {k: enc(v) for k, v in f.state_dict().items()}, "x": enc(x), "out": enc(f(x)), "apart": enc(n(m(x)))})

INIT = [["uniform_", [], {}], ["uniform_", [-2.0, 3.0], {}], ["normal_", [], {}], ["normal_", [1.5, 0.5], {}], ["trunc_normal_", [], {}], ["trunc_normal_", [0.5, 2.0, -1.0, 1.5], {}], ["trunc_normal_", [10.0, 1.0, -2.0, 2.0], {}],
        ["constant_", [0.3], {}], ["ones_", [], {}], ["zeros_", [], {}], ["eye_", [], {}], ["dirac_", [], {}], ["dirac_", [2], {}], ["xavier_uniform_", [], {}], ["xavier_uniform_", [2.0], {}], ["xavier_normal_", [], {}], ["xavier_normal_", [0.5], {}],
        ["kaiming_uniform_", [], {}], ["kaiming_uniform_", [], {"a": 0.3, "mode": "fan_out"}], ["kaiming_uniform_", [], {"nonlinearity": "relu"}], ["kaiming_normal_", [], {}], ["kaiming_normal_", [], {"mode": "fan_out", "nonlinearity": "tanh"}],
        ["orthogonal_", [], {}], ["orthogonal_", [2.0], {}], ["sparse_", [0.3], {}], ["sparse_", [0.5, 2.0], {}]]
inits = []
for name, args, kw in INIT:
    for shape in ([6, 4], [4, 6], [20, 3], [4, 3, 3], [6, 2, 3, 3], [4, 2, 1, 3, 3], [7]):
        for dtype in (torch.float32, torch.float64):
            torch.manual_seed(9)
            t = torch.empty(shape, dtype=dtype)
            try:
                getattr(nn.init, name)(t, *args, **kw)
                r = enc(t)
            except (ValueError, RuntimeError, IndexError) as e:
                r = type(e).__name__
            inits.append([name, args, kw, shape, str(dtype)[6:], r])
gains = [[n, p, nn.init.calculate_gain(n, p)] for n, p in [(n, None) for n in ("linear", "conv1d", "conv2d", "conv3d", "conv_transpose1d", "conv_transpose2d", "conv_transpose3d", "sigmoid", "tanh", "relu", "leaky_relu", "selu")] + [("leaky_relu", 0.2), ("leaky_relu", 2)]]
print(json.dumps({"torch": torch.__version__, "prunes": prunes, "global": [first, second, third], "fuses": fuses, "inits": inits, "gains": gains}))
