"""What PyTorch 2.13 gives for reductions, scans and sorting of awkward tensors: python reductions_torch213.py | gzip -9n > reductions-torch213.json.gz"""
import json, math, torch
inf, nan = math.inf, math.nan
T = lambda x, **k: torch.tensor(x, dtype=torch.float64, **k)
inputs = {
 'scalar': T(-2.5), 'one': T([3.0]), 'none': T([]), 'rows of none': torch.zeros(2, 0, dtype=torch.float64), 'no rows': torch.zeros(0, 3, dtype=torch.float64),
 'ties': T([[1, 3, 3], [2, 2, 2], [-1, 0, -1]]), 'nan': T([[1, nan, 3], [nan, nan, nan], [2, 5, nan]]), 'inf': T([[inf, 1, -inf], [-inf, -inf, -inf], [inf, inf, 1]]),
 'zeros': T([[0, 2, 3], [0, 0, 4], [-0.0, 5, 0]]), 'mixed': T([[0.5, -1.25, 3.75, -2.0], [1.5, 0.25, -0.75, 8.0]]), 'huge': T([[1e300, 1e300], [-1e300, 700.0]]),
 'cube': torch.arange(24, dtype=torch.float64).reshape(2, 3, 4).sub(11).mul(0.37).sin(),
}
dims = {'scalar': [None, 0, -1], 'one': [None, 0], 'none': [None, 0], 'cube': [None, 1, [0, 2]]}
calls = {
 'sum': torch.sum, 'mean': torch.mean, 'amax': torch.amax, 'amin': torch.amin, 'any': torch.any, 'all': torch.all, 'nansum': torch.nansum, 'nanmean': torch.nanmean,
 'logsumexp': torch.logsumexp, 'var': torch.var, 'std': torch.std, 'varMean': torch.var_mean, 'countNonzero': torch.count_nonzero,
 'prod': torch.prod, 'argmax': torch.argmax, 'argmin': torch.argmin, 'max': torch.max, 'min': torch.min, 'median': torch.median, 'nanmedian': torch.nanmedian, 'mode': torch.mode,
 'softmax': torch.softmax, 'logSoftmax': torch.log_softmax, 'cumsum': torch.cumsum, 'cumprod': torch.cumprod, 'cummax': torch.cummax, 'cummin': torch.cummin,
 'logcumsumexp': torch.logcumsumexp, 'sort': lambda x, d: torch.sort(x, dim=d, stable=True), 'diff': lambda x, d: torch.diff(x, dim=d), 'trapezoid': lambda x, d: torch.trapezoid(x, dim=d),
 'cumulativeTrapezoid': lambda x, d: torch.cumulative_trapezoid(x, dim=d),
}
many = {'sum', 'mean', 'amax', 'amin', 'any', 'all', 'nansum', 'nanmean', 'logsumexp', 'var', 'std', 'varMean', 'countNonzero'}
overall = many | {'prod', 'argmax', 'argmin', 'max', 'min', 'median', 'nanmedian'}
def enc(t):
    if isinstance(t, torch.Tensor) and t._is_zerotensor(): t = torch.zeros(t.shape, dtype=t.dtype)
    if isinstance(t, torch.Tensor): return {'shape': list(t.shape), 'data': [('nan' if v != v else 'inf' if v == inf else '-inf' if v == -inf else v) for v in t.double().reshape(-1).tolist()], 'dtype': str(t.dtype)[6:]}
    return [enc(x) for x in t]
out = []
def record(name, key, args, f, grads=True):
    x = inputs[key].clone().requires_grad_()
    r = {'f': name, 'input': key, 'args': args}
    try:
        y = f(x)
        r['out'] = enc(y)
        first = y if isinstance(y, torch.Tensor) else y[0]
        g = torch.autograd.grad(first.sum(), x, allow_unused=True)[0] if grads and first.requires_grad else None
        if g is not None: r['grad'] = enc(g)
    except (RuntimeError, IndexError) as e:
        r['error'] = str(e).split('\n')[0][:120]
    out.append(r)
for name, f in calls.items():
    for key, x in inputs.items():
        for d in dims.get(key, [None, 0, 1]):
            if d is None:
                if name not in overall or name == 'logsumexp': continue
                record(name, key, [], lambda x: f(x))
            elif isinstance(d, list):
                if name in many: record(name, key, [d], lambda x: f(x, d))
            else: record(name, key, [d], lambda x: f(x, d))
for p in (0, 0.5, 1, 1.5, 2, 3, inf, -inf, -1):
    for key in ('scalar', 'none', 'rows of none', 'zeros', 'mixed', 'nan', 'inf'):
        record('vectorNorm', key, [p if math.isfinite(p) else 'inf' if p > 0 else '-inf', -1], lambda x: torch.linalg.vector_norm(x, p, -1))
for q in (0.0, 0.3, 0.5, 1.0):
    for key in ('one', 'ties', 'nan', 'mixed', 'zeros'):
        for i in ('linear', 'lower', 'higher', 'midpoint', 'nearest'):
            record('quantile', key, [q, 0, {'interpolation': i}], lambda x: torch.quantile(x, q, 0, interpolation=i), i != 'nearest')
            record('nanquantile', key, [q, 0, {'interpolation': i}], lambda x: torch.nanquantile(x, q, 0, interpolation=i), False)
for k in (1, 2, 3):
    record('kthvalue', 'mixed', [k, 1], lambda x: torch.kthvalue(x, k, 1)); record('topk', 'mixed', [k, 1], lambda x: torch.topk(x, k, 1))
record('topk', 'mixed', [2, 1, {'largest': False}], lambda x: torch.topk(x, 2, 1, largest=False))
record('kthvalue', 'mixed', [9, 1], lambda x: torch.kthvalue(x, 9, 1)); record('topk', 'mixed', [9, 1], lambda x: torch.topk(x, 9, 1))
for n in (5, 1):
    record('histc', 'mixed', [n, 0, 0], lambda x: torch.histc(x, n), False); record('histc', 'mixed', [n, -1, 2], lambda x: torch.histc(x, n, -1, 2), False); record('histc', 'one', [n, 0, 0], lambda x: torch.histc(x, n), False)
    record('histc', 'none', [n, 0, 0], lambda x: torch.histc(x, n), False)
record('cov', 'mixed', [], torch.cov); record('corrcoef', 'mixed', [], torch.corrcoef); record('cov', 'scalar', [], torch.cov); record('trace', 'mixed', [], torch.trace)
record('renorm', 'mixed', [2, 0, 3], lambda x: torch.renorm(x, 2, 0, 3)); record('unique', 'nan', [], lambda x: torch.unique(x), False); record('unique', 'ties', [{'dim': 0}], lambda x: torch.unique(x, dim=0), False)
record('uniqueConsecutive', 'ties', [], lambda x: torch.unique_consecutive(x), False); record('msort', 'ties', [], torch.msort)
print(json.dumps({'inputs': {k: enc(v) for k, v in inputs.items()}, 'cases': out}))
