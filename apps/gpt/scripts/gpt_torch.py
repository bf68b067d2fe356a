# The job of this folder written in PyTorch: the same initial weights, batches and schedule by the same seed. Writes what came of it, the
# curve of training and validation losses, as JSON: record.json for the usual setting, test/small-record.json for a small one.
#
#   python apps/gpt/scripts/gpt_torch.py MOBY_DICK/data/data.txt apps/gpt/record.json
#   python apps/gpt/scripts/gpt_torch.py MOBY_DICK/data/data.txt apps/gpt/test/small-record.json --excerpt --steps 120 --eval-every 40 \
#     --batch-size 8 --block 32 --layers 2 --heads 2 --width 32 --warmup 20 --log-every 1 --threads 1
import argparse
import json
import math
import platform
import sys
import time

import torch
from torch import nn
from torch.nn import functional as F
from torch.optim.lr_scheduler import CosineAnnealingLR, LinearLR, SequentialLR

parser = argparse.ArgumentParser()
parser.add_argument("text")
parser.add_argument("out")
parser.add_argument("--excerpt", action="store_true", help="only the chapters that are bundled with @flambeau/data")
parser.add_argument("--steps", type=int, default=2000)
parser.add_argument("--batch-size", type=int, default=16)
parser.add_argument("--block", type=int, default=128)
parser.add_argument("--layers", type=int, default=4)
parser.add_argument("--heads", type=int, default=4)
parser.add_argument("--width", type=int, default=128)
parser.add_argument("--position", choices=["learned", "rotary"], default="rotary")
parser.add_argument("--lr", type=float, default=3e-3)
parser.add_argument("--warmup", type=int, default=100)
parser.add_argument("--eval-every", type=int, default=250)
parser.add_argument("--log-every", type=int, default=10)
parser.add_argument("--seed", type=int, default=0)
parser.add_argument("--threads", type=int, default=2)
args = parser.parse_args()
torch.set_num_threads(args.threads)

text = open(args.text, "rb").read()[: 119_767 if args.excerpt else None].decode()
tokens = {c: i for i, c in enumerate(sorted(set(text)))}
ids = torch.tensor([tokens[c] for c in text])
split = math.floor(0.9 * len(ids))
train, validation = ids[:split], ids[split:]


def rotary(x):
    t, w = x.shape[-2:]
    angle = torch.outer(torch.arange(t).double(), 10000 ** (-torch.arange(0, w, 2).double() / w))
    cos, sin = (torch.cat([f(angle)] * 2, -1).to(x.dtype) for f in (torch.cos, torch.sin))
    return x * cos + torch.cat([-x[..., w // 2 :], x[..., : w // 2]], -1) * sin


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        w = args.width
        self.norm1 = nn.LayerNorm(w)
        self.qkv = nn.Linear(w, 3 * w)
        self.projection = nn.Linear(w, w)
        self.norm2 = nn.LayerNorm(w)
        self.up = nn.Linear(w, 4 * w)
        self.down = nn.Linear(4 * w, w)

    def forward(self, x):
        b, t, w = x.shape
        q, k, v = (
            y.view(b, t, args.heads, w // args.heads).transpose(1, 2) for y in self.qkv(self.norm1(x)).split(w, dim=2)
        )
        if args.position == "rotary":
            q, k = rotary(q), rotary(k)
        y = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        x = x + self.projection(y.transpose(1, 2).reshape(b, t, w))
        return x + self.down(F.gelu(self.up(self.norm2(x))))


class GPT(nn.Module):
    def __init__(self):
        super().__init__()
        self.tokens = nn.Embedding(len(tokens), args.width)
        if args.position == "learned":
            self.positions = nn.Embedding(args.block, args.width)
        self.blocks = nn.ModuleList([Block() for _ in range(args.layers)])
        self.norm = nn.LayerNorm(args.width)
        self.head = nn.Linear(args.width, len(tokens), bias=False)
        for module in self.modules():
            if isinstance(module, (nn.Linear, nn.Embedding)):
                nn.init.normal_(module.weight, std=0.02)
            if isinstance(module, nn.Linear) and module.bias is not None:
                nn.init.zeros_(module.bias)
        for block in self.blocks:
            for layer in (block.projection, block.down):
                nn.init.normal_(layer.weight, std=0.02 / math.sqrt(2 * args.layers))

    def forward(self, x):
        y = self.tokens(x)
        if args.position == "learned":
            y = y + self.positions.weight[: x.shape[1]]
        for block in self.blocks:
            y = block(y)
        return self.head(self.norm(y))


torch.manual_seed(args.seed)
model = GPT()
optimizer = torch.optim.AdamW(model.parameters(), lr=args.lr, betas=(0.9, 0.99), weight_decay=0.1)
scheduler = SequentialLR(
    optimizer,
    [
        LinearLR(optimizer, start_factor=1 / args.warmup, total_iters=args.warmup),
        CosineAnnealingLR(optimizer, args.steps - args.warmup, eta_min=args.lr / 10),
    ],
    [args.warmup],
)


def windows(source, starts):
    x = torch.stack([source[i : i + args.block] for i in starts])
    y = torch.stack([source[i + 1 : i + 1 + args.block] for i in starts])
    return x, y


def loss_of(x, y, reduction="mean"):
    return F.cross_entropy(model(x).flatten(0, 1), y.flatten(), reduction=reduction)


@torch.no_grad()
def validate():
    starts = range(0, len(validation) - args.block, args.block)
    total = 0.0
    for i in range(0, len(starts), 32):
        x, y = windows(validation, starts[i : i + 32])
        total += loss_of(x, y, "sum").item()
    return total / (len(starts) * args.block)


began = time.time()
curve, tests, lrs = [], [], []
for step in range(1, args.steps + 1):
    starts = torch.randint(0, len(train) - args.block, (args.batch_size,)).tolist()
    loss = loss_of(*windows(train, starts))
    optimizer.zero_grad()
    loss.backward()
    nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    if step % args.log_every == 0 or step == 1:
        curve.append([step, loss.item()])
        lrs.append([step, optimizer.param_groups[0]["lr"]])
    optimizer.step()
    scheduler.step()
    if step % args.eval_every == 0 or step == args.steps:
        tests.append([step, validate()])
        print(f"step {step}  loss {loss.item():.4f}  validation {tests[-1][1]:.4f}  {time.time() - began:.0f} s", flush=True)

settings = {k: v for k, v in vars(args).items() if k not in ("text", "out", "log_every", "threads")}
record = {
    "command": "gpt_torch.py MOBY_DICK/data/data.txt " + " ".join(sys.argv[2:]),
    "torch": torch.__version__,
    "python": platform.python_version(),
    "threads": args.threads,
    "settings": settings,
    "characters": len(tokens),
    "parameters": sum(p.numel() for p in model.parameters()),
    "train": curve,
    "lr": lrs,
    "validation": tests,
}
with open(args.out, "w") as file:
    file.write(json.dumps(record, indent=None, separators=(", ", ": ")) + "\n")
