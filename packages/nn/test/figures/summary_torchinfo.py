# Tables of torchinfo (https://github.com/TylerYep/torchinfo, at 5c4164f, behind its release 1.8.0) for models that the test has, too.
# PYTHONPATH=torchinfo's-folder python3 summary_torchinfo.py summary-torchinfo.json
import json, sys, torch, torch.nn as nn, torch.nn.functional as F, torch.nn.utils.prune as prune
from torchinfo import summary


class SingleInputNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 10, kernel_size=5)
        self.conv2 = nn.Conv2d(10, 20, kernel_size=5)
        self.conv2_drop = nn.Dropout2d(0.3)
        self.fc1 = nn.Linear(320, 50)
        self.fc2 = nn.Linear(50, 10)

    def forward(self, x):
        x = F.relu(F.max_pool2d(self.conv1(x), 2))
        x = F.relu(F.max_pool2d(self.conv2_drop(self.conv2(x)), 2))
        return F.log_softmax(self.fc2(F.relu(self.fc1(x.view(-1, 320)))), dim=1)


class LSTMNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(20, 300)
        self.encoder = nn.LSTM(300, 512, num_layers=2, batch_first=True)
        self.decoder = nn.Linear(512, 20)

    def forward(self, x):
        out, hidden = self.encoder(self.embedding(x))
        out = self.decoder(out)
        return out.view(-1, out.size(2)), hidden


class Child(nn.Module):
    def __init__(self):
        super().__init__()
        self._sequential = nn.Sequential(nn.Linear(5, 5), nn.Linear(5, 5))
        self._between = nn.Linear(5, 5)

    def forward(self, x):
        out = self._between(self._sequential(x))
        for layer in self._sequential:
            out = layer(out)
        out = self._sequential(x)
        for layer in self._sequential:
            out = layer(out)
        return out


class Container(nn.Module):
    def __init__(self):
        super().__init__()
        self._layers = nn.ModuleList([nn.Linear(5, 5), Child(), nn.Linear(5, 5)])

    def forward(self, x):
        for layer in self._layers:
            x = layer(x)
        return x


class TwoInputs(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1a, self.fc1b, self.fc2a = nn.Linear(30, 5), nn.Linear(5, 10), nn.Linear(30, 10)
        self.scale = nn.Parameter(torch.ones(10))

    def forward(self, x1, x2):
        return self.fc1b(F.relu(self.fc1a(x1))) * self.scale + self.fc2a(x2.float())


class Siamese(nn.Module):
    def __init__(self):
        super().__init__()
        self.twin = nn.Sequential(nn.Conv2d(1, 4, 3, padding=1, groups=1), nn.BatchNorm2d(4), nn.ReLU(), nn.MaxPool2d(2))
        self.shared = self.twin[2]
        self.out = nn.Linear(4 * 4 * 4, 1)

    def forward(self, a, b):
        d = torch.abs(self.twin(a) - self.shared(self.twin(b)))
        return self.out(d.flatten(1))


class Tied(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(7, 4)
        self.mid = nn.Sequential(nn.Conv1d(4, 4, 3, groups=2, padding=1), nn.GroupNorm(2, 4))
        self.head = nn.Linear(4, 7, bias=False)
        self.head.weight = self.emb.weight

    def forward(self, x):
        return self.head(self.mid(self.emb(x).transpose(1, 2)).transpose(1, 2))


def frozen():
    m = SingleInputNet()
    for p in (m.conv1.weight, m.conv1.bias, m.fc1.weight):
        p.requires_grad = False
    return m


def pruned():
    m = nn.Sequential(nn.Linear(6, 4), nn.ReLU(), nn.Linear(4, 2))
    prune.l1_unstructured(m[0], "weight", 10)
    return m


full = ["kernel_size", "groups", "input_size", "output_size", "num_params", "params_percent", "mult_adds", "trainable"]
cases = [("readme", SingleInputNet(), dict(input_size=(7, 1, 28, 28), col_names=["input_size", "output_size", "num_params", "mult_adds"], col_width=20)),
         ("single", SingleInputNet(), dict(input_size=(2, 1, 28, 28))), ("no input", SingleInputNet(), {}), ("frozen", frozen(), dict(input_size=(16, 1, 28, 28), col_names=full, col_width=16)),
         ("lstm", LSTMNet(), dict(input_size=(1, 100), dtypes=[torch.long], verbose=2, col_width=20, col_names=["kernel_size", "output_size", "num_params", "mult_adds"], row_settings=["depth", "var_names"])),
         ("container", Container(), dict(input_size=(1, 5), depth=4)), ("container 2", Container(), dict(input_size=(3, 5), depth=2, col_names=full)), ("container without input", Container(), dict(depth=4)),
         ("two inputs", TwoInputs(), dict(input_size=[(1, 30), (1, 30)], dtypes=[torch.float, torch.long])), ("siamese", Siamese(), dict(input_size=[(2, 1, 8, 8), (2, 1, 8, 8)], col_names=full)),
         ("siamese 1", Siamese(), dict(input_size=[(2, 1, 8, 8), (2, 1, 8, 8)], depth=1, col_names=full)), ("tied", Tied(), dict(input_size=(2, 5), dtypes=[torch.long], col_names=full)), ("pruned", pruned(), dict(input_size=(3, 6), col_names=full, verbose=2))]
out = {}
for name, model, kw in cases:
    s = summary(model, **{"verbose": 0, **kw}) if kw.get("verbose") != 2 else summary(model, **kw)
    text = str(s)
    n = kw.get("input_size")
    out[name] = {"text": text, "totalParams": s.total_params, "trainableParams": s.trainable_params, "totalMultAdds": s.total_mult_adds, "outputBytes": s.total_output_bytes, "paramBytes": s.total_param_bytes}
json.dump(out, open(sys.argv[1], "w"), indent=1, ensure_ascii=False)
