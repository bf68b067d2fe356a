"""Writes kinks-torch213.json.gz: functions and losses at kinks, limits and NaN, with first and second derivatives, by PyTorch 2.13.

Each point is a tensor of its own: PyTorch's vectorized loops and their tails differ at NaN, and a short tensor is all tail.
"""
import gzip, json, math
from pathlib import Path
import torch
import torch.nn.functional as F

inf, nan = math.inf, math.nan
kinks = {"relu6": [6], "hardswish": [-3, 3], "hardsigmoid": [-3, 3], "softplus": [20], "hardshrink": [-0.5, 0.5], "softshrink": [-0.5, 0.5]}
none = {"reduction": "none"}


def coded(values):
    def one(v):
        if isinstance(v, str): return v
        if math.isnan(v): return "NaN"
        if math.isinf(v): return "Infinity" if v > 0 else "-Infinity"
        return "-0" if v == 0 and math.copysign(1, v) < 0 else v
    return [one(v) for v in values]


def at(function, point):
    """Value, slope and curvature; no curvature where PyTorch has none."""
    x = torch.tensor([point], dtype=torch.float64, requires_grad=True)
    y = function(x)
    (slope,) = torch.autograd.grad(y, x, torch.ones_like(y), create_graph=True)
    curvature = torch.zeros_like(x)
    if slope.requires_grad:
        try:
            (found,) = torch.autograd.grad(slope, x, torch.ones_like(slope), allow_unused=True)
        except RuntimeError:
            return y.item(), slope.item()
        if found is not None: curvature = found + curvature
    return y.item(), slope.item(), curvature.item()


cases = []


def case(op, args, function, points=None):
    if points is None:
        around = sorted({-inf, -2.5, -1, 1, 2.5, inf, *kinks.get(op, [])})
        points = [x for x in around if x < 0] + [-0.0, 0.0] + [x for x in around if x > 0] + [nan]
    figures = [at(lambda x: function(x, *args), x) for x in points]
    columns = [[f[k] for f in figures if len(f) > k] for k in range(3)]
    cases.append({"op": op, "args": coded(args), "x": coded(points)} | dict(zip(["values", "slopes", "curvatures"], map(coded, columns))))


def like(x, value): return torch.full_like(x, value)
def pair(x): return torch.stack([x, torch.zeros_like(x)], 1)


for op, function, *arguments in [
    ("relu", F.relu, []), ("relu6", F.relu6, []), ("hardtanh", F.hardtanh, [], [0, 2.5]), ("leakyRelu", F.leaky_relu, [], [0.5], [0]),
    ("elu", F.elu, [], [2], [0]), ("celu", F.celu, [], [2]), ("selu", F.selu, []),
    ("gelu", lambda x, a="none": F.gelu(x, approximate=a), [], ["tanh"]), ("silu", F.silu, []), ("mish", F.mish, []),
    ("softplus", F.softplus, [], [2, 2]), ("hardswish", F.hardswish, []), ("hardsigmoid", F.hardsigmoid, []),
    ("hardshrink", F.hardshrink, [], [0]), ("softshrink", F.softshrink, [], [0]), ("tanhshrink", F.tanhshrink, []),
    ("softsign", F.softsign, []), ("threshold", F.threshold, [1, 9]), ("logsigmoid", F.logsigmoid, []),
    *[(op, getattr(torch, op), []) for op in
      "abs sign square sqrt rsqrt reciprocal exp expm1 exp2 log log1p log2 log10 sigmoid logit tanh sinh cosh sin cos tan asin acos atan "
      "asinh acosh atanh erf erfc erfinv lgamma digamma sinc round floor frac trunc deg2rad i0".split()],
    ("nanToNum", torch.nan_to_num, []), ("clamp", torch.clamp, [-1, 1], [1, -1]),
    ("entr", torch.special.entr, []), ("xlogySelf", lambda x: torch.xlogy(x, x), []), ("xlog1pySelf", lambda x: torch.special.xlog1py(x, x), []),
    ("maskedXlogy", lambda x: torch.where(x.gt(0), torch.xlogy(x, x), x), []),
    ("logaddexp", lambda x, y: torch.logaddexp(x, like(x, y)), [0]), ("atan2Self", lambda x: torch.atan2(x, x), []),
    ("hypot", lambda x, y: torch.hypot(x, like(x, y)), [0], [1]), ("copysign", lambda x, y: torch.copysign(x, like(x, y)), [1]),
    *[(op, lambda x, y, op=op: getattr(torch, op)(x, like(x, y)), [0]) for op in ["maximum", "minimum", "fmax", "fmin"]],
    ("pow", torch.pow, *[[p] for p in [0, 1, 2, 3, 4, 5, -1, -2, -3, 0.5, -0.5, 1.5, 2.5, -1.5, inf, -inf, nan]]),
    ("powTensor", lambda x, y: torch.pow(x, like(x, y)), *[[p] for p in [0, 1, 2, 3, -1, -2, 2.5]]),
    ("powOf", lambda x, b: torch.pow(b, x), *[[b] for b in [0, 1, 2, -1, 0.5, -0.5]]),
    ("powOfTensor", lambda x, b: torch.pow(like(x, b), x), *[[b] for b in [0, 1, 2, -1, 0.5]]),
    ("mse", lambda x, t: F.mse_loss(x, like(x, t), **none), [0], [1], [inf]), ("l1", lambda x, t: F.l1_loss(x, like(x, t), **none), [0], [1], [inf]),
    ("huber", lambda x, t, delta=1: F.huber_loss(x, like(x, t), delta=delta, **none), [0], [1], [inf], [0, 2.5], [1, 2.5], [inf, 2.5]),
    ("smoothL1", lambda x, t, beta=1: F.smooth_l1_loss(x, like(x, t), beta=beta, **none), [0], [1], [inf], [0, 0], [1, 0], [inf, 0], [0, 2.5], [1, 2.5], [inf, 2.5]),
    ("bceWithLogits", lambda x, t: F.binary_cross_entropy_with_logits(x, like(x, t), **none), [0], [1], [inf]),
    ("klDiv", lambda x, t: F.kl_div(x, like(x, t), **none), [0], [1], [inf]),
    ("klDivLog", lambda x, t: F.kl_div(x, like(x, t), log_target=True, **none), [0], [1], [inf]),
    ("poissonNll", lambda x, t: F.poisson_nll_loss(x, like(x, t), **none), [0], [1], [inf]),
    ("poissonNllFull", lambda x, t: F.poisson_nll_loss(x, like(x, t), log_input=False, full=True, **none), [0], [1], [inf]),
    ("gaussianNll", lambda x, t: F.gaussian_nll_loss(x, like(x, t), like(x, 1), **none), [0], [1], [inf]),
    ("softMargin", lambda x, t: F.soft_margin_loss(x, like(x, t), **none), [1], [-1]),
    ("hingeEmbedding", lambda x, t: F.hinge_embedding_loss(x, like(x, t), **none), [1], [-1]),
    ("marginRanking", lambda x, t, margin: F.margin_ranking_loss(x, like(x, 0), like(x, t), margin=margin, **none), [1, 0], [1, 1], [-1, 0], [-1, 1]),
    ("multiMargin", lambda x, p: F.multi_margin_loss(pair(x), torch.tensor([1]), p=p, **none), [1], [2]),
    ("multilabelMargin", lambda x: F.multilabel_margin_loss(pair(x), torch.tensor([[1, -1]]), **none), []),
    ("multilabelSoftMargin", lambda x, t: F.multilabel_soft_margin_loss(x[:, None], like(x[:, None], t), **none), [0], [1]),
]:
    for args in arguments: case(op, args, function)
for t in (0, 1, 0.5): case("bce", [t], lambda x, t: F.binary_cross_entropy(x, like(x, t), **none), [0.0, 0.5, 1.0, 1e-300])

packed = gzip.compress(json.dumps(cases).encode(), mtime=0)
Path(__file__).with_name("kinks-torch213.json.gz").write_bytes(packed)
