"""State dicts of PyTorch's optimizers: python torch-state.py > torch-state.json (torch 2.13).

For each setting: the parameters at the start, the state dict and the parameters after three steps down sum(p^4 / 4 + p^2 sin(i)), and
the parameters after three more. A tensor is {"dtype", "shape", "values"}, a tuple a list.

python torch-state.py FILE reads what our tests write instead (OPTIM_TORCH_STATE=FILE): takes three steps from each state dict of ours,
after load_state_dict, and compares with the recorded parameters.
"""

import json
import sys

import torch

torch.set_num_threads(1)
named = lambda ps: list(zip(["layer.weight", "layer.bias"], ps))  # noqa: E731
SETTINGS = {
    "SGD": {},
    "SGD momentum": {"momentum": 0.9, "dampening": 0.1, "weight_decay": 0.01},
    "SGD nesterov": {"momentum": 0.9, "nesterov": True, "maximize": True},
    "Adam": {"lr": 0.05},
    "Adam amsgrad": {"lr": 0.05, "amsgrad": True, "betas": (0.8, 0.99), "weight_decay": 0.1},
    "AdamW": {"lr": 0.05, "weight_decay": 0.2},
    "Adadelta": {"weight_decay": 0.1},
    "Adafactor": {"lr": 0.05, "eps": (None, 1e-2)},
    "Adafactor eps": {"lr": 0.05, "eps": (1e-4, 1e-2), "weight_decay": 0.1},
    "Adagrad": {"lr": 0.1, "lr_decay": 0.1, "initial_accumulator_value": 0.1},
    "Adamax": {"lr": 0.05},
    "ASGD": {"lr": 0.05, "t0": 1},
    "LBFGS": {"lr": 0.1, "max_iter": 2, "history_size": 3},
    "LBFGS strong_wolfe": {"max_iter": 2, "max_eval": 7, "line_search_fn": "strong_wolfe"},
    "Muon": {"lr": 0.05, "adjust_lr_fn": "match_rms_adamw"},
    "NAdam": {"lr": 0.05, "momentum_decay": 0.01},
    "NAdam decoupled": {"lr": 0.05, "weight_decay": 0.1, "decoupled_weight_decay": True},
    "RAdam": {"lr": 0.05, "betas": (0.9, 0.9)},
    "RMSprop": {"lr": 0.01},
    "RMSprop centered": {"lr": 0.01, "centered": True, "momentum": 0.5},
    "Rprop": {"lr": 0.05, "etas": (0.4, 1.3), "step_sizes": (1e-5, 1)},
    "SGD scheduled": {"lr": 0.1, "momentum": 0.5},
    "SGD named": {"lr": 0.1, "momentum": 0.5},
    "SGD groups": {"lr": 0.1, "momentum": 0.5},
}


def enc(x):
    if isinstance(x, torch.Tensor):
        return {"dtype": str(x.dtype)[6:], "shape": list(x.shape), "values": x.detach().double().flatten().tolist()}
    if isinstance(x, dict):
        return {str(k): enc(v) for k, v in x.items()}
    if isinstance(x, (list, tuple)):
        return [enc(v) for v in x]
    return x


def dec(x):
    if isinstance(x, dict) and "dtype" in x:
        return torch.tensor(x["values"], dtype=torch.float64).to(getattr(torch, x["dtype"])).reshape(x["shape"])
    if isinstance(x, dict):
        return {int(k) if k.isdigit() else k: dec(v) for k, v in x.items()}
    return [dec(v) for v in x] if isinstance(x, list) else x


def make(setting, tensors):
    name = setting.split()[0]
    params = [torch.nn.Parameter(t.clone()) for t in tensors]
    given = named(params) if setting == "SGD named" else params
    if setting == "SGD groups":
        given = [{"params": params[:1]}, {"params": params[1:], "lr": 0.03, "nesterov": True}]
    return params, getattr(torch.optim, name)(given, **SETTINGS[setting])


def train(params, optimizer, first):
    for i in range(first, first + 3):
        def closure():
            optimizer.zero_grad()
            loss = sum((p**4 / 4 + p**2 * weights[i]).sum() for p in params)
            loss.backward()
            return loss
        optimizer.step(closure)


weights = [0.8, 0.9, 0.1, -0.75, -0.95, -0.3]


def record(setting):
    torch.manual_seed(0)
    shapes = [(3, 2), (2, 2) if setting == "Muon" else (2,)]
    start = [torch.randn(s) for s in shapes]
    params, optimizer = make(setting, start)
    if setting == "SGD scheduled":
        torch.optim.lr_scheduler.StepLR(optimizer, 1)
    train(params, optimizer, 0)
    out = {"start": enc(start), "state_dict": enc(optimizer.state_dict()), "after3": enc(params)}
    train(params, optimizer, 3)
    return {**out, "after6": enc(params)}


if len(sys.argv) == 1:
    print(json.dumps({"torch": torch.__version__, "cases": {s: {"options": enc(SETTINGS[s]), **record(s)} for s in SETTINGS}}))
else:
    figures = json.load(open(__file__.replace(".py", ".json")))["cases"]
    for setting, ours in json.load(open(sys.argv[1])).items():
        params, optimizer = make(setting, dec(ours["params"]))
        optimizer.load_state_dict(dec(ours["state_dict"]))
        train(params, optimizer, 3)
        worst = max((p - dec(q)).abs().max().item() for p, q in zip(params, figures[setting]["after6"]))
        print(f"{setting:20s} {worst:.1e}")
        assert worst < 2e-5, setting
