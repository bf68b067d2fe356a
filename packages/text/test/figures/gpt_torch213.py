# GPT written in PyTorch, and what it computes: initial weights, logits, loss, gradients, 50 steps of AdamW with dropout, and tokens drawn by
# torch.multinomial. Writes gpt-torch213.json.gz beside this file. Run with PyTorch 2.13 on the CPU.
import gzip
import json
import math
import os

import torch
from torch import nn
from torch.nn import functional as F

torch.set_num_threads(1)


class Attention(nn.Module):
    def __init__(self, width, heads, dropout):
        super().__init__()
        self.heads, self.p = heads, dropout
        self.qkv = nn.Linear(width, 3 * width)
        self.projection = nn.Linear(width, width)
        self.residual = nn.Dropout(dropout)

    def forward(self, x, turn):
        b, t, w = x.shape
        q, k, v = (y.view(b, t, self.heads, w // self.heads).transpose(1, 2) for y in self.qkv(x).split(w, dim=2))
        if turn is not None:
            q, k = turn(q), turn(k)
        y = F.scaled_dot_product_attention(q, k, v, is_causal=True, dropout_p=self.p if self.training else 0)
        return self.residual(self.projection(y.transpose(1, 2).reshape(b, t, w)))


class FeedForward(nn.Module):
    def __init__(self, width, dropout):
        super().__init__()
        self.up = nn.Linear(width, 4 * width)
        self.down = nn.Linear(4 * width, width)
        self.residual = nn.Dropout(dropout)

    def forward(self, x):
        return self.residual(self.down(F.gelu(self.up(x))))


class Block(nn.Module):
    def __init__(self, width, heads, dropout):
        super().__init__()
        self.norm1 = nn.LayerNorm(width)
        self.attention = Attention(width, heads, dropout)
        self.norm2 = nn.LayerNorm(width)
        self.mlp = FeedForward(width, dropout)

    def forward(self, x, turn):
        x = x + self.attention(self.norm1(x), turn)
        return x + self.mlp(self.norm2(x))


def rotary(x):
    """LLaMA's: feature i is turned together with feature i + width / 2."""
    t, w = x.shape[-2:]
    angle = torch.outer(torch.arange(t).double(), 10000 ** (-torch.arange(0, w, 2).double() / w))
    cos, sin = (torch.cat([f(angle)] * 2, -1).to(x.dtype) for f in (torch.cos, torch.sin))
    return x * cos + torch.cat([-x[..., w // 2 :], x[..., : w // 2]], -1) * sin


def sinusoidal(t, w):
    angle = torch.arange(t).double()[:, None] * 10000 ** (-torch.arange(0, w, 2).double() / w)
    return torch.stack([angle.sin(), angle.cos()], -1).flatten(1).float()


class GPT(nn.Module):
    def __init__(self, vocabulary, block, layers, heads, width, dropout=0.0, position="learned", tied=False):
        super().__init__()
        self.position, self.width, self.block = position, width, block
        self.tokens = nn.Embedding(vocabulary, width)
        if position == "learned":
            self.positions = nn.Embedding(block, width)
        self.drop = nn.Dropout(dropout)
        self.blocks = nn.ModuleList([Block(width, heads, dropout) for _ in range(layers)])
        self.norm = nn.LayerNorm(width)
        self.head = nn.Linear(width, vocabulary, bias=False)
        if tied:
            self.head.weight = self.tokens.weight
        self.apply(self.draw)
        for one in self.blocks:
            for weight in (one.attention.projection.weight, one.mlp.down.weight):
                nn.init.normal_(weight, 0, 0.02 / math.sqrt(2 * layers))

    @staticmethod
    def draw(m):
        if isinstance(m, (nn.Linear, nn.Embedding)):
            nn.init.normal_(m.weight, 0, 0.02)
            if isinstance(m, nn.Linear) and m.bias is not None:
                nn.init.zeros_(m.bias)

    def forward(self, ids):
        t = ids.shape[1]
        x = self.tokens(ids)
        if self.position == "learned":
            x = x + self.positions(torch.arange(t))
        if self.position == "sinusoidal":
            x = x * math.sqrt(self.width) + sinusoidal(t, self.width)
        x = self.drop(x)
        for one in self.blocks:
            x = one(x, rotary if self.position == "rotary" else None)
        return self.head(self.norm(x))


sizes = dict(vocabulary=11, block=12, layers=2, heads=2, width=8)
out = {"torch": torch.__version__, "cases": [], "curve": {}, "draws": []}
flat = lambda t: [float(f"{v:.8g}") for v in t.detach().flatten().tolist()]
for position, tied in [("learned", False), ("learned", True), ("rotary", False), ("sinusoidal", True)]:
    torch.manual_seed(1337)
    model = GPT(**sizes, position=position, tied=tied)
    ids = torch.randint(0, 11, (2, 12))
    targets = torch.randint(0, 11, (2, 12))
    logits = model(ids)
    loss = F.cross_entropy(logits.view(-1, 11), targets.view(-1))
    loss.backward()
    out["cases"].append(
        {
            "position": position,
            "tied": tied,
            "weights": {k: flat(v) for k, v in model.named_parameters()},
            "gradients": {k: flat(v.grad) for k, v in model.named_parameters()},
            "logits": flat(logits),
            "loss": loss.item(),
        }
    )

torch.manual_seed(7)
model = GPT(**sizes, dropout=0.2)
ids = torch.randint(0, 11, (4, 12))
targets = torch.randint(0, 11, (4, 12))
optimizer = torch.optim.AdamW(model.parameters(), lr=1e-2)
losses = []
for _ in range(50):
    loss = F.cross_entropy(model(ids).view(-1, 11), targets.view(-1))
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    losses.append(loss.item())
out["curve"] = {"dropout": 0.2, "lr": 1e-2, "loss": losses}


@torch.no_grad()
def generate(model, ids, count, temperature=1.0, top_k=None):
    """The usual loop: crop, forward, the last logits, softmax, draw."""
    for _ in range(count):
        logits = model(ids[:, -model.block :])[:, -1, :] / temperature
        if top_k is not None:
            least = torch.topk(logits, min(top_k, logits.size(-1))).values[:, [-1]]
            logits[logits < least] = -float("inf")
        ids = torch.cat([ids, torch.multinomial(F.softmax(logits, dim=-1), num_samples=1)], dim=1)
    return ids


model.eval()
for prompt, count, temperature, top_k in [([[3, 1, 4]], 30, 1.0, None), ([[3, 1, 4], [1, 5, 9]], 20, 0.8, 5)]:
    torch.manual_seed(42)
    ids = generate(model, torch.tensor(prompt), count, temperature, top_k)
    out["draws"].append(
        {"prompt": prompt, "count": count, "temperature": temperature, "topK": top_k, "tokens": ids[:, 3:].tolist()}
    )

path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "gpt-torch213.json.gz")
with gzip.GzipFile(path, "wb", mtime=0) as file:
    file.write(json.dumps(out).encode())
