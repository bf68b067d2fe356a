"""The models whose steps are timed, as a PyTorch user writes them."""
from torch_serve import training

import torch
import torch.nn as nn
import torch.nn.functional as F


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


def lstm_language_model():
    embedding, recurrent, head = nn.Embedding(1000, 200), nn.LSTM(200, 200, 2), nn.Linear(200, 1000)
    x, y = torch.randint(0, 1000, (35, 20)), torch.randint(0, 1000, (700,))
    optimizer = torch.optim.SGD([*embedding.parameters(), *recurrent.parameters(), *head.parameters()], 0.1)
    return training(optimizer, lambda: F.cross_entropy(head(recurrent(embedding(x))[0]).view(-1, 1000), y))


def gru():
    layer, head = nn.GRU(64, 128), nn.Linear(128, 10)
    x, y = torch.randn(50, 32, 64), torch.randint(0, 10, (32,))
    optimizer = torch.optim.Adam([*layer.parameters(), *head.parameters()])
    return training(optimizer, lambda: F.cross_entropy(head(layer(x)[0][-1]), y))


def discriminator():
    model = nn.Sequential(
        nn.Conv2d(3, 64, 4, 2, 1, bias=False), nn.LeakyReLU(0.2),
        nn.Conv2d(64, 128, 4, 2, 1, bias=False), nn.BatchNorm2d(128), nn.LeakyReLU(0.2),
        nn.Conv2d(128, 256, 4, 2, 1, bias=False), nn.BatchNorm2d(256), nn.LeakyReLU(0.2),
        nn.Conv2d(256, 1, 4, bias=False), nn.Flatten())
    x, y = torch.randn(16, 3, 32, 32), torch.randint(0, 2, (16, 1)).float()
    optimizer = torch.optim.Adam(model.parameters(), 2e-4)
    return training(optimizer, lambda: F.binary_cross_entropy_with_logits(model(x), y))


def generator():
    model = nn.Sequential(
        nn.ConvTranspose2d(64, 256, 4, bias=False), nn.BatchNorm2d(256), nn.ReLU(),
        nn.ConvTranspose2d(256, 128, 4, 2, 1, bias=False), nn.BatchNorm2d(128), nn.ReLU(),
        nn.ConvTranspose2d(128, 64, 4, 2, 1, bias=False), nn.BatchNorm2d(64), nn.ReLU(),
        nn.ConvTranspose2d(64, 3, 4, 2, 1, bias=False), nn.Tanh())
    x, y = torch.randn(16, 64, 1, 1), torch.randn(16, 3, 32, 32)
    return training(torch.optim.Adam(model.parameters(), 2e-4), lambda: F.mse_loss(model(x), y))


class EncoderLayer(nn.Module):
    def __init__(self):
        super().__init__()
        self.norm1, self.norm2 = nn.LayerNorm(256), nn.LayerNorm(256)
        self.qkv, self.projection = nn.Linear(256, 768), nn.Linear(256, 256)
        self.up, self.down = nn.Linear(256, 1024), nn.Linear(1024, 256)

    def forward(self, x):
        batch, time_, d = x.shape
        q, k, v = (t.view(batch, time_, 4, d // 4).transpose(1, 2) for t in self.qkv(x).split(d, 2))
        mixed = F.scaled_dot_product_attention(q, k, v).transpose(1, 2).reshape(batch, time_, d)
        y = self.norm1(x + self.projection(mixed))
        return self.norm2(y + self.down(self.up(y).relu()))


def encoder_layer():
    model = EncoderLayer()
    x, y = torch.randn(8, 128, 256), torch.randn(8, 128, 256)
    return training(torch.optim.Adam(model.parameters()), lambda: F.mse_loss(model(x), y))


def convolution(fan_in, fan_out, size, stride=1):
    return nn.Conv2d(fan_in, fan_out, size, stride, size // 2, bias=False)


class Residual(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1, self.norm1 = convolution(64, 128, 3, 2), nn.BatchNorm2d(128)
        self.conv2, self.norm2 = convolution(128, 128, 3), nn.BatchNorm2d(128)
        self.shortcut, self.shortcut_norm = convolution(64, 128, 1, 2), nn.BatchNorm2d(128)
        self.conv3, self.norm3 = convolution(128, 128, 3), nn.BatchNorm2d(128)
        self.conv4, self.norm4 = convolution(128, 128, 3), nn.BatchNorm2d(128)

    def forward(self, x):
        first = self.norm2(self.conv2(self.norm1(self.conv1(x)).relu()))
        y = (first + self.shortcut_norm(self.shortcut(x))).relu()
        return (self.norm4(self.conv4(self.norm3(self.conv3(y)).relu())) + y).relu()


def residual_block():
    model = Residual()
    x = torch.randn(8, 64, 32, 32)
    return training(torch.optim.SGD(model.parameters(), 0.01, momentum=0.9), lambda: model(x).mean())
