"""PyTorch's side of the bench: the same lines of JSON as protocol.ts, the workloads as a PyTorch user writes them."""
import json
import os
import sys
import time

sys.path.pop(0)  # the folder of this file, in which "torch" would be this file itself
try:
    import torch
    import torch.nn as nn
    import torch.nn.functional as F
except Exception as error:
    print(json.dumps({"unavailable": f"this Python cannot import torch: {error}"}), flush=True)
    sys.exit(0)

threads = int(sys.argv[1]) if len(sys.argv) > 1 else 1
device = os.environ.get("FLAMBEAU_TORCH_DEVICE", "cpu")
torch.set_num_threads(threads)
try:
    torch.set_default_device(device)
    torch.zeros(1)
except Exception as error:
    print(json.dumps({"unavailable": f"this torch has no {device}: {str(error).splitlines()[0]}"}), flush=True)
    sys.exit(0)
torch.manual_seed(0)


class Workload:
    """A call to time; `loss` holds the last loss of a training step."""

    def __init__(self, call):
        self.call = call
        self.loss = None

    def run(self, iterations):
        call = self.call
        start = time.perf_counter()
        for _ in range(iterations):
            call()
        if device != "cpu":
            torch.cuda.synchronize()
        return (time.perf_counter() - start) * 1e3


def training(optimizer, loss_of):
    def step():
        optimizer.zero_grad()
        loss = loss_of()
        loss.backward()
        optimizer.step()
        workload.loss = loss

    workload = Workload(step)
    return workload


def add_8x8(grad):
    a, b = torch.randn(8, 8, requires_grad=grad), torch.randn(8, 8)
    return Workload(lambda: a + b)


def pointwise(f, *shape):
    x = torch.randn(*shape)
    return Workload(lambda: f(x))


def matmul(n):
    a, b = torch.randn(n, n), torch.randn(n, n)
    return Workload(lambda: a @ b)


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


def mlp():
    model = nn.Sequential(nn.Linear(784, 256), nn.ReLU(), nn.Linear(256, 128), nn.ReLU(), nn.Linear(128, 10))
    x, y = torch.randn(64, 784), torch.randint(0, 10, (64,))
    return training(torch.optim.Adam(model.parameters(), 1e-3), lambda: F.cross_entropy(model(x), y))


def cnn():
    model = nn.Sequential(
        nn.Conv2d(1, 32, 3), nn.ReLU(), nn.Conv2d(32, 64, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(),
        nn.Linear(9216, 128), nn.ReLU(), nn.Linear(128, 10))
    x, y = torch.randn(64, 1, 28, 28), torch.randint(0, 10, (64,))
    return training(torch.optim.Adam(model.parameters(), 1e-3), lambda: F.cross_entropy(model(x), y))


class Block(nn.Module):
    def __init__(self, d, heads):
        super().__init__()
        self.heads = heads
        self.norm1, self.norm2 = nn.LayerNorm(d), nn.LayerNorm(d)
        self.qkv, self.projection = nn.Linear(d, 3 * d), nn.Linear(d, d)
        self.up, self.down = nn.Linear(d, 4 * d), nn.Linear(4 * d, d)

    def forward(self, x):
        batch, time_, d = x.shape
        q, k, v = (
            t.view(batch, time_, self.heads, d // self.heads).transpose(1, 2)
            for t in self.qkv(self.norm1(x)).split(d, 2))
        y = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        x = x + self.projection(y.transpose(1, 2).reshape(batch, time_, d))
        return x + self.down(F.gelu(self.up(self.norm2(x))))


class GPT(nn.Module):
    def __init__(self, vocabulary, context, d, heads, layers):
        super().__init__()
        self.tokens, self.positions = nn.Embedding(vocabulary, d), nn.Embedding(context, d)
        self.blocks = nn.ModuleList(Block(d, heads) for _ in range(layers))
        self.norm, self.head = nn.LayerNorm(d), nn.Linear(d, vocabulary)

    def forward(self, ids):
        x = self.tokens(ids) + self.positions(torch.arange(ids.shape[1]))
        for block in self.blocks:
            x = block(x)
        return self.head(self.norm(x))


def gpt(context, d, layers, batch):
    model = GPT(65, context, d, 4, layers)
    x, y = torch.randint(0, 65, (batch, context)), torch.randint(0, 65, (batch, context))
    optimizer = torch.optim.AdamW(model.parameters(), 1e-3)
    return training(optimizer, lambda: F.cross_entropy(model(x).view(-1, 65), y.view(-1)))


def lstm():
    layer, head = nn.LSTM(64, 128, 1), nn.Linear(128, 10)
    x, y = torch.randn(50, 32, 64), torch.randint(0, 10, (32,))
    optimizer = torch.optim.Adam([*layer.parameters(), *head.parameters()])
    return training(optimizer, lambda: F.cross_entropy(head(layer(x)[0][-1]), y))


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
    "add_1e7_us": lambda: pointwise(lambda x: x + x, 10_000_000),
    "softmax_4096x1024_us": lambda: pointwise(lambda x: x.softmax(-1), 4096, 1024),
    "matmul_2048_us": lambda: card_matmul(2048),
    "matmul_2048_tf32_us": lambda: card_matmul(2048, tf32=True),
    "matmul_2048_bf16_us": lambda: card_matmul(2048, torch.bfloat16),
    "conv_64x64x28x28_us": lambda: conv(64, 64, 28),
    "attention_16x8x256x64_us": lambda: attention(16, 8, 256, 64),
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
prepared = {}

print(json.dumps({"ready": {"version": torch.__version__, "threads": torch.get_num_threads()}}), flush=True)
for line in sys.stdin:
    request = json.loads(line)
    name = request["run"]
    try:
        if name not in workbench:
            answer = {"unsupported": "not written for this rival"}
        else:
            if name not in prepared:
                prepared[name] = workbench[name]()
            workload = prepared[name]
            answer = {"ms": workload.run(request["iterations"])}
            if workload.loss is not None:
                answer["loss"] = workload.loss.item()
    except Exception as error:
        answer = {"unsupported": str(error).split("\n")[0]}
    print(json.dumps(answer), flush=True)
