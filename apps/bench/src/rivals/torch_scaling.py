"""PyTorch's side of the scaling rows: names, shapes and order are those of src/scaling/."""
from torch_serve import Workload, serve
import torch_models as models

import torch
import torch.nn.functional as F

r = torch.randn
workbench = {}


def row(name, make):
    """`make` makes the tensors and gives the call, which records nothing but where it asks for a gradient."""

    def prepared():
        with torch.no_grad():
            call = make()

        def quiet():
            with torch.no_grad():
                call()

        return Workload(quiet)

    workbench[name] = prepared


def on(name, call, *tensors):
    """The same for a call on what `tensors` make."""
    row(name, lambda: bind(call, [make() for make in tensors]))


def bind(call, tensors):
    return lambda: call(*tensors)


def steps():
    workbench.update(
        mlp=models.mlp, cnn=models.cnn, gpt_d64=lambda: models.gpt(64, 64, 2, 12), gpt_d128=lambda: models.gpt(128, 128, 4, 16),
        lstm=models.lstm, lstm_lm=models.lstm_language_model, gru=models.gru, dcgan_d=models.discriminator,
        dcgan_g=models.generator, encoder=models.encoder_layer, resnet=models.residual_block)


def products():
    for n in [16, 32, 64, 128, 256, 512, 1024, 2048]:
        on(f"matmul_{n}", lambda a, b: a @ b, lambda n=n: r(n, n), lambda n=n: r(n, n))
    for n in [64, 256, 512]:
        on(f"matmulf64_{n}", lambda a: a @ a, lambda n=n: r(n, n).double())
    on("matmuli64_256", lambda a: a @ a, lambda: torch.randint(0, 9, (256, 256)))
    on("matmulf16_256", lambda a: a @ a, lambda: r(256, 256).half())
    for k, n in [(10000, 8), (10000, 4), (1000, 32), (100, 64)]:
        on(f"bmm_{k}x{n}", lambda a, b: a @ b, *[lambda k=k, n=n: r(k, n, n)] * 2)
    for m, n, k in [(768, 64, 64), (768, 256, 64), (2048, 512, 128), (32, 512, 128), (1, 1024, 1024)]:
        on(f"linear_{m}_{n}_{k}", lambda x, w: x @ w.t(), lambda m=m, k=k: r(m, k), lambda n=n, k=k: r(n, k))
        on(f"dW_{m}_{n}_{k}", lambda x, g: g.t() @ x, lambda m=m, k=k: r(m, k), lambda m=m, n=n: r(m, n))


def forward(name, call, x, w):
    on(name, call, lambda: r(*x), lambda: r(*w))


def backward(name, call, x, w):
    """The gradient of one input alone, of a graph that is recorded once."""
    for of, which in [("input", 0), ("weight", 1)]:
        def make(which=which):
            tensors = [r(*x), r(*w)]
            with torch.enable_grad():
                y = call(*[t.requires_grad_(i == which) for i, t in enumerate(tensors)])
            cotangent = r(*y.shape)
            return lambda: torch.autograd.grad(y, tensors[which], cotangent, retain_graph=True)

        row(f"{name}_d{of}", make)


def every(name, call, x, w):
    forward(name, call, x, w)
    backward(name, call, x, w)


def padded(x, w):
    return F.conv2d(x, w, padding=1)


def strided(x, w):
    return F.conv2d(x, w, padding=1, stride=2)


def convolutions():
    for c in [1, 4, 16, 64, 128, 256, 512]:
        forward(f"conv3_{c}", padded, (4, c, 16, 16), (c, c, 3, 3))
        forward(f"conv3s2_{c}", strided, (4, c, 16, 16), (c, c, 3, 3))
        forward(f"conv1_{c}", F.conv2d, (4, c, 16, 16), (c, c, 1, 1))
    every("conv3_512_4x4", padded, (8, 512, 4, 4), (512, 512, 3, 3))
    every("conv4s2_128_8x8", strided, (16, 128, 8, 8), (256, 128, 4, 4))
    every("conv3_128_16x16", padded, (8, 128, 16, 16), (128, 128, 3, 3))
    forward("depthwise_64", lambda x, w: F.conv2d(x, w, padding=1, groups=64), (4, 64, 32, 32), (64, 1, 3, 3))
    every("conv7_64", lambda x, w: F.conv2d(x, w, padding=3), (4, 64, 32, 32), (64, 64, 7, 7))
    transposed = lambda x, w: F.conv_transpose2d(x, w, stride=2, padding=1)
    every("convT4s2_64_32", transposed, (4, 64, 32, 32), (64, 32, 4, 4))
    every("conv3d_16", lambda x, w: F.conv3d(x, w, padding=1), (2, 16, 8, 16, 16), (16, 16, 3, 3, 3))
    every("conv1d_64", lambda x, w: F.conv1d(x, w, padding=1), (8, 64, 256), (64, 64, 3))


sdpa = F.scaled_dot_product_attention


def attention_training(name, options=dict, expanded=False):
    shape = (8, 4, 256, 64)

    def make():
        inputs = [r(*shape).requires_grad_() for _ in range(3)]
        cotangent, given = r(*shape), options()

        def call():
            with torch.enable_grad():
                y = sdpa(*inputs, **given)
                return torch.autograd.grad(y.sum(), inputs) if expanded else torch.autograd.grad(y, inputs, cotangent)

        return call

    row(name, make)


def vocabulary(rows, classes):
    def make():
        logits, y = r(rows, classes).requires_grad_(), torch.randint(0, classes, (rows,))

        def call():
            with torch.enable_grad():
                return torch.autograd.grad(F.cross_entropy(logits, y), logits)

        return call

    row(f"crossentropy_{rows}x{classes}", make)


def attention():
    for t in [64, 256, 1024, 2048, 4096]:
        inputs = [lambda t=t: r(max(1, 1024 // t), 4, t, 32)] * 3
        on(f"attn_{t}", sdpa, *inputs)
        on(f"attnc_{t}", lambda q, k, v: sdpa(q, k, v, is_causal=True), *inputs)
    triangle = lambda: dict(attn_mask=torch.ones(256, 256, dtype=torch.bool).tril())
    attention_training("attn_train")
    attention_training("attn_train_causal", lambda: dict(is_causal=True))
    attention_training("attn_train_bool", triangle)
    attention_training("attn_train_float", lambda: dict(attn_mask=r(256, 256)))
    attention_training("attn_train_expanded", expanded=True)
    vocabulary(700, 1000)
    vocabulary(256, 32768)


million = lambda: r(1000000)
positive = lambda: million().abs() + 0.1


def maps():
    for name in "exp log sin tanh sigmoid erf sqrt rsqrt gelu silu relu abs floor reciprocal log1p expm1 cos tan atan softplus mish lgamma digamma erfinv".split():
        call = getattr(torch, name, None) or getattr(F, name)
        x = positive if name in "log sqrt rsqrt log1p lgamma digamma".split() else million
        on(f"f_{name}", call, (lambda: million().tanh() * 0.9) if name == "erfinv" else x)
    on("f_add", lambda x: x + x, million)
    on("f_pow2.5", lambda x: x.pow(2.5), positive)
    on("f_pow2", lambda x: x.pow(2), million)
    on("f_div", lambda x: x / x, million)
    on("f_clamp", lambda x: x.clamp(-1, 1), million)


def reductions():
    on("sum_1000000", lambda x: x.sum(), million)
    calls = dict(
        softmax=lambda x: x.softmax(-1), logsumexp=lambda x: x.logsumexp(-1), sumlast=lambda x: x.sum(-1), sumfirst=lambda x: x.sum(0),
        max=lambda x: x.max(-1), argmax=lambda x: x.argmax(-1), cumsum=lambda x: x.cumsum(-1), var=lambda x: x.var(-1))
    for a, b in [(4096, 16), (4096, 64), (512, 1024), (16, 32768), (1, 1000000)]:
        for name, call in calls.items():
            on(f"{name}_{a}x{b}", call, lambda a=a, b=b: r(a, b))
    on("softmax0_512x1024", lambda x: x.softmax(0), lambda: r(512, 1024))
    on("cumsum0_512x1024", lambda x: x.cumsum(0), lambda: r(512, 1024))
    on("norm_1000000", lambda x: x.norm(), million)


def order():
    for n in [1000, 10000, 100000, 1000000]:
        on(f"sort_{n}", lambda x: x.sort(), lambda n=n: r(n))
        on(f"topk10_{n}", lambda x: x.topk(10), lambda n=n: r(n))
        on(f"unique_{n}", lambda x: x.unique(), lambda n=n: torch.randint(0, 1000, (n,)))
        on(f"median_{n}", lambda x: x.median(), lambda n=n: r(n))
    on("sortrows_1000x1000", lambda x: x.sort(), lambda: r(1000, 1000))
    on("topkrows_1000x1000", lambda x: x.topk(10), lambda: r(1000, 1000))


def indexing():
    for n in [10000, 1000000]:
        x, i, m = (lambda n=n: r(n)), (lambda n=n: torch.randint(0, n, (n,))), (lambda n=n: r(n) > 0)
        to = lambda dtype: lambda n=n: r(n).to(dtype)
        on(f"gather_{n}", lambda x, i: x.gather(0, i), x, i)
        on(f"scatteradd_{n}", lambda x, i, v: x.scatter_add(0, i, v), x, i, x)
        on(f"index_{n}", lambda x, i: x.index_select(0, i), x, i)
        on(f"indexadd_{n}", lambda x, i, v: x.index_add(0, i, v), x, i, x)
        on(f"masksel_{n}", lambda x, m: x.masked_select(m), x, m)
        on(f"nonzero_{n}", lambda m: m.nonzero(), m)
        on(f"where_{n}", torch.where, m, x, x)
        on(f"gt_{n}", lambda x: x > 0, x)
        on(f"boolsum_{n}", lambda m: m.sum(), m)
        on(f"i64add_{n}", lambda i: i + i, i)
        on(f"i64sum_{n}", lambda i: i.sum(), i)
        on(f"i32sum_{n}", lambda i: i.sum(), lambda n=n: torch.randint(0, n, (n,)).int())
        for name, dtype in dict(f64=torch.float64, f16=torch.float16).items():
            on(f"{name}add_{n}", lambda x: x + x, to(dtype))
            on(f"{name}exp_{n}", lambda x: x.exp(), to(dtype))
            on(f"{name}sum_{n}", lambda x: x.sum(), to(dtype))
        on(f"bf16add_{n}", lambda x: x + x, to(torch.bfloat16))
        on(f"tof16_{n}", lambda x: x.half(), x)
        on(f"tobf16_{n}", lambda x: x.bfloat16(), x)
    table, rows = (lambda: r(10000, 128)), (lambda: torch.randint(0, 10000, (8192,)))
    on("embedding_8192x128", lambda e, i: F.embedding(i, e), table, rows)
    on("indexadd_rows", lambda e, i, v: e.index_add(0, i, v), table, rows, lambda: r(8192, 128))


def layout():
    for k in [2, 10, 100, 1000]:
        parts = lambda k=k: [r(100000 // k, 10) for _ in range(k)]
        on(f"cat_{k}", lambda l: torch.cat(l, 0), parts)
        on(f"cat1_{k}", lambda l: torch.cat(l, 1), parts)
        on(f"stack_{k}", lambda l: torch.stack(l, 0), parts)
    t, p = (lambda: r(1000, 1000)), (lambda: r(16, 16, 64, 64))
    on("transpose_contig", lambda t: t.t().contiguous(), t)
    on("add_bcast_row", lambda t: t + t[0], t)
    on("add_T", lambda t: t + t.t(), t)
    on("flip", lambda t: t.flip([1]), t)
    on("roll", lambda t: t.roll(3, 1), t)
    on("tril", lambda t: t.tril(), t)
    on("pad_const", lambda p: F.pad(p, (1, 1, 1, 1)), p)
    on("pad_reflect", lambda p: F.pad(p, (1, 1, 1, 1), mode="reflect"), p)
    on("maxpool", lambda p: F.max_pool2d(p, 2), p)
    on("avgpool", lambda p: F.avg_pool2d(p, 2), p)
    on("interp2", lambda p: F.interpolate(p, scale_factor=2, mode="bilinear"), p)
    on("permute", lambda p: p.permute(0, 2, 3, 1).contiguous(), p)
    on("outer", lambda x: torch.outer(x, x), lambda: r(1000))


def random():
    on("rand", lambda: torch.rand(1000000))
    on("randn", lambda: torch.randn(1000000))
    on("randperm", lambda: torch.randperm(100000))
    on("bernoulli", lambda x: F.dropout(x, 0.5, True), million)


def linalg():
    for n in [64, 256]:
        plain = lambda n=n: r(n, n)
        definite = lambda n=n: (lambda a: a @ a.T + torch.eye(n))(r(n, n))
        for name in "inv det svd eigh qr cholesky".split():
            on(f"la_{name}_{n}", getattr(torch.linalg, name), definite if name in ("eigh", "cholesky") else plain)
    on("cdist", torch.cdist, *[lambda: r(500, 32)] * 2)


for family in [steps, products, convolutions, attention, maps, reductions, order, indexing, layout, random, linalg]:
    family()
serve(workbench, keep_last=True)
