"""What PyTorch 2.13 gives at the edges of the pointwise functions: python edges_torch213.py | gzip -9n > edges-torch213.json.gz"""
import json, math, torch
import torch.nn.functional as F
inf, nan = math.inf, math.nan
points = [nan, inf, -inf, 0.0, -0.0, 1.0, -1.0, 0.5, -0.5, 2.5, -2.5, 3.0, -3.0, 6.0, 20.5, -20.5, 100.0, -100.0, 1e-6, -1e-6, 1e-30, 1e30, -1e30, 3e38]
S = torch.special
unary = {
 'exp': torch.exp, 'exp2': torch.exp2, 'expm1': torch.expm1, 'log': torch.log, 'log2': torch.log2, 'log10': torch.log10, 'log1p': torch.log1p,
 'sqrt': torch.sqrt, 'rsqrt': torch.rsqrt, 'sigmoid': torch.sigmoid, 'logit': torch.logit, 'sin': torch.sin, 'cos': torch.cos, 'tan': torch.tan,
 'asin': torch.asin, 'acos': torch.acos, 'atan': torch.atan, 'sinh': torch.sinh, 'cosh': torch.cosh, 'tanh': torch.tanh, 'asinh': torch.asinh,
 'acosh': torch.acosh, 'atanh': torch.atanh, 'sinc': torch.sinc, 'deg2rad': torch.deg2rad, 'rad2deg': torch.rad2deg, 'floor': torch.floor, 'ceil': torch.ceil,
 'trunc': torch.trunc, 'round': torch.round, 'frac': torch.frac, 'sgn': torch.sgn, 'sign': torch.sign, 'abs': torch.abs, 'square': torch.square,
 'reciprocal': torch.reciprocal, 'relu': F.relu, 'relu6': F.relu6, 'leakyRelu': F.leaky_relu, 'elu': F.elu, 'celu': F.celu, 'selu': F.selu, 'gelu': F.gelu,
 'silu': F.silu, 'mish': F.mish, 'softplus': F.softplus, 'hardtanh': F.hardtanh, 'hardswish': F.hardswish, 'hardsigmoid': F.hardsigmoid, 'hardshrink': F.hardshrink,
 'softshrink': F.softshrink, 'tanhshrink': F.tanhshrink, 'softsign': F.softsign, 'logsigmoid': F.logsigmoid, 'nanToNum': torch.nan_to_num,
 'erf': torch.erf, 'erfc': torch.erfc, 'erfinv': torch.erfinv, 'erfcx': S.erfcx, 'lgamma': torch.lgamma, 'digamma': torch.digamma, 'i0': S.i0, 'i0e': S.i0e, 'i1': S.i1,
 'i1e': S.i1e, 'ndtr': S.ndtr, 'ndtri': S.ndtri, 'logNdtr': S.log_ndtr, 'entr': S.entr,
}
plain = {'besselJ0': S.bessel_j0, 'besselJ1': S.bessel_j1, 'besselY0': S.bessel_y0, 'besselY1': S.bessel_y1, 'modifiedBesselK0': S.modified_bessel_k0,
 'modifiedBesselK1': S.modified_bessel_k1, 'scaledModifiedBesselK0': S.scaled_modified_bessel_k0, 'scaledModifiedBesselK1': S.scaled_modified_bessel_k1,
 'sphericalBesselJ0': S.spherical_bessel_j0, 'airyAi': S.airy_ai, 'isnan': torch.isnan, 'isinf': torch.isinf, 'isfinite': torch.isfinite, 'signbit': torch.signbit}
pairs = [(a, b) for a in [nan, inf, -inf, 0.0, -0.0, 1.0, -1.0, 2.5, -2.5, 1e30] for b in [nan, inf, -inf, 0.0, -0.0, 1.0, -1.0, 2.5, -3.0, 1e30]]
binary = {'atan2': torch.atan2, 'hypot': torch.hypot, 'copysign': torch.copysign, 'fmax': torch.fmax, 'fmin': torch.fmin, 'maximum': torch.maximum, 'minimum': torch.minimum,
 'xlogy': torch.xlogy, 'xlog1py': S.xlog1py, 'logaddexp': torch.logaddexp, 'logaddexp2': torch.logaddexp2, 'pow': torch.pow, 'remainder': torch.remainder, 'fmod': torch.fmod,
 'clampMin': torch.clamp_min, 'clampMax': torch.clamp_max}
plain2 = {'heaviside': torch.heaviside, 'nextafter': torch.nextafter, 'floorDivide': torch.floor_divide, 'igamma': torch.igamma, 'igammac': torch.igammac, 'zeta': S.zeta}
def enc(t):
  if t._is_zerotensor(): t = torch.zeros(t.shape)
  return [('nan' if v != v else 'inf' if v == inf else '-inf' if v == -inf else '-0' if v == 0 and math.copysign(1, v) < 0 else v) for v in t.double().reshape(-1).tolist()]
out = {'points': enc(torch.tensor(points, dtype=torch.float64)), 'pairs': [enc(torch.tensor(p, dtype=torch.float64)) for p in pairs], 'unary': {}, 'binary': {}}
for group, fs in (('unary', unary), ('unary', plain)):
  for name, f in fs.items():
    r = {}
    for dt, key in ((torch.float32, 'float32'), (torch.float64, 'float64')):
      x = torch.tensor(points, dtype=dt, requires_grad=fs is unary)
      y = f(x)
      r[key] = {'value': enc(y.detach())}
      if fs is unary: r[key]['grad'] = enc(torch.autograd.grad(y.sum(), x)[0])
    out[group][name] = r
for fs in (binary, plain2):
  for name, f in fs.items():
    r = {}
    for dt, key in ((torch.float32, 'float32'), (torch.float64, 'float64')):
      x = torch.tensor([p[0] for p in pairs], dtype=dt, requires_grad=fs is binary); y = torch.tensor([p[1] for p in pairs], dtype=dt, requires_grad=fs is binary)
      z = f(x, y)
      r[key] = {'value': enc(z.detach())}
      if fs is binary:
        g = torch.autograd.grad(z.sum(), (x, y)); r[key]['grad'] = enc(g[0]); r[key]['grad2'] = enc(g[1])
    out['binary'][name] = r
# the special functions over their ranges
wide = torch.cat([torch.linspace(-12.3, 12.7, 101), torch.linspace(13, 120, 30), torch.tensor([1e-3, 1e-8, 300.0, 5000.0])])
a = torch.tensor([0.05, 0.5, 1.0, 2.5, 9.0, 19.0, 21.0, 45.0, 150.0, 199.0, 201.0, 900.0, 2e4, 1e6])
ratio = torch.tensor([1e-3, 0.1, 0.3, 0.69, 0.71, 0.9, 0.99, 1.0, 1.001, 1.1, 1.29, 1.31, 2.0, 4.0, 20.0])
ga, gx = [t.reshape(-1) for t in torch.meshgrid(a, ratio, indexing='ij')]; gx = ga * gx
zx, zq = [t.reshape(-1) for t in torch.meshgrid(torch.tensor([1.001, 1.5, 2.0, 3.0, 7.0, 20.0]), torch.tensor([-9.5, -3.25, 0.01, 0.5, 1.0, 3.7, 9.0, 40.0, 1e4]), indexing='ij')]
special1 = {**{k: unary[k] for k in 'erf erfc erfinv erfcx lgamma digamma i0 i0e i1 i1e ndtr ndtri logNdtr sinc'.split()}, **{k: plain[k] for k in list(plain)[:10]}}
out['wide'] = enc(wide); out['range'] = {k: {'float64': enc(f(wide.double())), 'float32': enc(f(wide.float()))} for k, f in special1.items()}
for n in range(5): out['range'][f'polygamma {n}'] = {'float64': enc(torch.polygamma(n, wide.double()))}
out['incomplete'] = {'a': enc(ga), 'x': enc(gx.double()), 'igamma': enc(torch.igamma(ga.double(), gx.double())), 'igammac': enc(torch.igammac(ga.double(), gx.double()))}
out['zeta'] = {'x': enc(zx), 'q': enc(zq), 'value': enc(S.zeta(zx.double(), zq.double()))}
print(json.dumps(out))
