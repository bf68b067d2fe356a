"""Rates that PyTorch's schedulers set: python schedulers.py > schedulers.json (torch 2.13)."""
import json
import torch
from torch.optim import lr_scheduler as s


def rates(make, steps=20, lr=0.1, optimizer=torch.optim.SGD, **options):
    p = torch.nn.Parameter(torch.zeros(1))
    o = optimizer([p], lr=lr, **options)
    scheduler = make(o)
    group = o.param_groups[0]
    out = []
    for _ in range(steps):
        out.append([group["lr"], group.get("momentum", (group.get("betas") or [0])[0])])
        o.step()
        scheduler.step()
    return out


print(json.dumps({
    "torch": torch.__version__,
    "StepLR": rates(lambda o: s.StepLR(o, 3, gamma=0.5)),
    "MultiStepLR": rates(lambda o: s.MultiStepLR(o, [2, 5, 5, 11], gamma=0.3)),
    "ExponentialLR": rates(lambda o: s.ExponentialLR(o, 0.9)),
    "LinearLR": rates(lambda o: s.LinearLR(o, start_factor=0.25, total_iters=6)),
    "LambdaLR": rates(lambda o: s.LambdaLR(o, lambda t: 1 / (1 + t))),
    "CosineAnnealingLR": rates(lambda o: s.CosineAnnealingLR(o, 7, eta_min=0.01)),
    "OneCycleLR": rates(lambda o: s.OneCycleLR(o, 0.5, total_steps=20), momentum=0.9),
    "OneCycleLR three phases": rates(lambda o: s.OneCycleLR(o, 0.5, total_steps=20, three_phase=True, anneal_strategy="linear"), optimizer=torch.optim.AdamW),
}))
