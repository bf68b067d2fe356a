"""PyTorch's side of the bench: the workloads as a PyTorch user writes them."""
from torch_serve import Workload, serve  # first: it says so when there is no torch
from torch_models import cnn, gpt, lstm, mlp

import torch
import torch.nn.functional as F


def add_8x8(grad):
    a, b = torch.randn(8, 8, requires_grad=grad), torch.randn(8, 8)
    return Workload(lambda: a + b)


def pointwise(f, *shape):
    x = torch.randn(*shape)
    return Workload(lambda: f(x))


def matmul(n):
    a, b = torch.randn(n, n), torch.randn(n, n)
    return Workload(lambda: a @ b)


def per_sample(loss, weights, x):
    y = torch.randint(0, 10, (len(x),))
    each = torch.func.vmap(torch.func.grad(loss), in_dims=(None, 0, 0))
    return Workload(lambda: each(weights, x, y))


def looped(loss, weights, x):
    y = torch.randint(0, 10, (len(x),))
    weights = [w.requires_grad_() for w in weights]

    def run():
        each = [torch.autograd.grad(loss(weights, x[i], y[i]), weights) for i in range(len(x))]
        return [torch.stack(grads) for grads in zip(*each)]

    return Workload(run)


def scaled(scale, *shape):
    return torch.randn(*shape) * scale


def mlp_per_sample(gradients=per_sample):
    def loss(w, x, y):
        hidden = F.relu(F.linear(F.relu(F.linear(x[None], w[0], w[1])), w[2], w[3]))
        return F.cross_entropy(F.linear(hidden, w[4], w[5]), y[None])

    shapes = [(128, 64), (128,), (128, 128), (128,), (10, 128), (10,)]
    return gradients(loss, [scaled(0.1, *shape) for shape in shapes], torch.rand(64, 64))


def cnn_per_sample(gradients=per_sample):
    def loss(w, x, y):
        first = F.max_pool2d(F.relu(F.conv2d(x[None], w[0], w[1], padding=1)), 2)
        second = F.max_pool2d(F.relu(F.conv2d(first, w[2], w[3], padding=1)), 2)
        return F.cross_entropy(F.linear(second.flatten(1), w[4], w[5]), y[None])

    shapes = [(8, 1, 3, 3), (8,), (16, 8, 3, 3), (16,), (10, 784), (10,)]
    return gradients(loss, [scaled(0.1, *shape) for shape in shapes], torch.rand(64, 1, 28, 28))


workbench = {
    "add_8x8_us": lambda: add_8x8(False),
    "add_8x8_grad_us": lambda: add_8x8(True),
    "add_1e6_us": lambda: pointwise(lambda x: x + x, 1_000_000),
    "exp_1e6_us": lambda: pointwise(torch.exp, 1_000_000),
    "tanh_1e6_us": lambda: pointwise(torch.tanh, 1_000_000),
    "gelu_1e6_us": lambda: pointwise(F.gelu, 1_000_000),
    "sum_1e6_us": lambda: pointwise(torch.sum, 1_000_000),
    "softmax_512x1024_us": lambda: pointwise(lambda x: x.softmax(-1), 512, 1024),
    "layernorm_512x1024_us": lambda: pointwise(lambda x: F.layer_norm(x, (1024,)), 512, 1024),
    "matmul_64_us": lambda: matmul(64),
    "matmul_256_us": lambda: matmul(256),
    "matmul_512_us": lambda: matmul(512),
    "matmul_1024_us": lambda: matmul(1024),
    "mlp_ms": mlp,
    "cnn_ms": cnn,
    "gpt_d64_ms": lambda: gpt(64, 64, 2, 12),
    "gpt_d128_ms": lambda: gpt(128, 128, 4, 16),
    "lstm_ms": lstm,
    "mlp_per_sample_ms": mlp_per_sample,
    "cnn_per_sample_ms": cnn_per_sample,
    "mlp_per_sample_loop_ms": lambda: mlp_per_sample(looped),
    "cnn_per_sample_loop_ms": lambda: cnn_per_sample(looped),
}

if __name__ == "__main__":
    serve(workbench)
