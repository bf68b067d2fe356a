"""PyTorch's side of the table of an NVIDIA card: the workloads of the bench, and larger ones."""
from torch_serve import Workload, serve  # first: it says so when there is no torch
from torch_workloads import pointwise, workbench

import torch
import torch.nn.functional as F


def card_matmul(n, dtype=torch.float32, tf32=False):
    a, b = torch.randn(n, n, dtype=dtype), torch.randn(n, n, dtype=dtype)

    def call():
        torch.backends.cuda.matmul.allow_tf32 = tf32
        return a @ b

    return Workload(call)


def conv(batch, channels, size):
    x, w = torch.randn(batch, channels, size, size), torch.randn(channels, channels, 3, 3)

    def call():
        torch.backends.cudnn.allow_tf32 = False
        return F.conv2d(x, w, padding=1)

    return Workload(call)


def attention(batch, heads, time_, width):
    q, k, v = (torch.randn(batch, heads, time_, width) for _ in range(3))
    return Workload(lambda: F.scaled_dot_product_attention(q, k, v, is_causal=True))


serve({
    **workbench,
    "add_1e7_us": lambda: pointwise(lambda x: x + x, 10_000_000),
    "softmax_4096x1024_us": lambda: pointwise(lambda x: x.softmax(-1), 4096, 1024),
    "matmul_2048_us": lambda: card_matmul(2048),
    "matmul_2048_tf32_us": lambda: card_matmul(2048, tf32=True),
    "matmul_2048_bf16_us": lambda: card_matmul(2048, torch.bfloat16),
    "conv_64x64x28x28_us": lambda: conv(64, 64, 28),
    "attention_16x8x256x64_us": lambda: attention(16, 8, 256, 64),
})
