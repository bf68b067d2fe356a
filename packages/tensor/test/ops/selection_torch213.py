"""Which of equal elements PyTorch 2.13 selects on the cpu: python selection_torch213.py | gzip -9n > selection-torch213.json.gz"""
import json, math, torch
def values(n, m, with_nan):
    return [math.nan if with_nan and i % 11 == 4 else float((i * i * 7 + i * 3) % 101 % m) for i in range(n)]
def killer(n):
    """Musser's sequence, of which each median of three parts off but two elements."""
    k, out = n // 2, [0.0] * n
    for i in range(1, k + 1):
        if i % 2: out[i - 1], out[i] = float(i), float(k + i)
        out[k + i - 1] = 2.0 * i
    return [v // 3 for v in out]
cases = []
def record(n, m, with_nan, dtype):
    line = killer(n) if m is None else values(n, m, with_nan)
    x = torch.tensor(line, dtype=torch.float64).to(getattr(torch, dtype))
    ks = {1, 20, 70, 1000} if n > 1000 else {1, 2, n // 3, n // 2, n - 1, n, 20, 70} & set(range(1, n + 1))
    for k in sorted(ks):
        case = {'n': n, 'm': m, 'nan': with_nan, 'dtype': dtype, 'k': k, 'kth': torch.kthvalue(x, k).indices.item()}
        for name, largest in ('largest', True), ('smallest', False):
            case[name] = torch.topk(x, k, largest=largest).indices.tolist()
        cases.append(case)
for n in 1, 2, 3, 4, 5, 7, 16, 17, 18, 33, 64, 100, 300:
    for m in 1, 2, 7, 50:
        record(n, m, False, 'float32')
    record(n, 5, True, 'float32')
for dtype in 'float64', 'float16', 'bfloat16', 'int64', 'int32', 'uint8', 'int8':
    record(40, 6, dtype in ('float64', 'float16', 'bfloat16'), dtype)
record(5000, 9, True, 'float32')
record(2048, None, False, 'float32')
print(json.dumps(cases, separators=(',', ':')))
