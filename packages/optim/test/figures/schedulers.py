"""Rates that PyTorch's schedulers set: python schedulers.py > schedulers.json (torch 2.13)."""
import json
import torch
from torch.optim import lr_scheduler as s
from torch.optim.swa_utils import SWALR


def rates(make, steps=20, lr=0.1, optimizer=torch.optim.SGD, metric=None, **options):
    p = torch.nn.Parameter(torch.zeros(1))
    o = optimizer([p], lr=lr, **options)
    scheduler = make(o)
    group = o.param_groups[0]
    out = []
    for t in range(steps):
        out.append([group["lr"], group.get("momentum", (group.get("betas") or [0])[0])])
        o.step()
        scheduler.step() if metric is None else scheduler.step(metric(t))
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
    "MultiplicativeLR": rates(lambda o: s.MultiplicativeLR(o, lambda t: 1 - 0.01 * t)),
    "ConstantLR": rates(lambda o: s.ConstantLR(o, factor=0.5, total_iters=4)),
    "PolynomialLR": rates(lambda o: s.PolynomialLR(o, total_iters=12, power=2.0)),
    "CosineAnnealingWarmRestarts": rates(lambda o: s.CosineAnnealingWarmRestarts(o, 3, T_mult=2, eta_min=0.01)),
    "CosineAnnealingWarmRestarts equal": rates(lambda o: s.CosineAnnealingWarmRestarts(o, 4)),
    "CyclicLR": rates(lambda o: s.CyclicLR(o, 0.01, 0.2, step_size_up=3, step_size_down=4), momentum=0.5),
    "CyclicLR triangular2": rates(lambda o: s.CyclicLR(o, 0.01, 0.2, step_size_up=3, mode="triangular2"), optimizer=torch.optim.AdamW),
    "CyclicLR exp_range": rates(lambda o: s.CyclicLR(o, 0.01, 0.2, step_size_up=3, mode="exp_range", gamma=0.9, cycle_momentum=False)),
    "CyclicLR scale_fn": rates(lambda o: s.CyclicLR(o, 0.01, 0.2, step_size_up=3, scale_fn=lambda x: 1 / (1 + x), scale_mode="iterations"), momentum=0.5),
    "ChainedScheduler": rates(lambda o: s.ChainedScheduler([s.ConstantLR(o, factor=0.1, total_iters=4), s.ExponentialLR(o, 0.9)], o)),
    "SequentialLR": rates(lambda o: s.SequentialLR(o, [s.LinearLR(o, 0.1, total_iters=4), s.StepLR(o, 2, 0.5), s.CosineAnnealingLR(o, 5)], [5, 11])),
    "SequentialLR factors": rates(lambda o: s.SequentialLR(o, [s.ConstantLR(o, 0.5, 3), s.MultiplicativeLR(o, lambda t: 0.95), s.PolynomialLR(o, 6)], [4, 9])),
    "ReduceLROnPlateau": rates(lambda o: s.ReduceLROnPlateau(o, factor=0.5, patience=1, cooldown=2, min_lr=0.01), metric=lambda t: [5, 4, 4, 4, 4, 3, 3, 3, 3, 3][t % 10]),
    "ReduceLROnPlateau max": rates(lambda o: s.ReduceLROnPlateau(o, "max", factor=0.2, patience=2, threshold=0.5, threshold_mode="abs"), metric=lambda t: t * 0.2),
    "SWALR": rates(lambda o: SWALR(o, 0.02, anneal_epochs=6)),
    "SWALR linear": rates(lambda o: SWALR(o, 0.02, anneal_epochs=6, anneal_strategy="linear")),
    "SWALR at once": rates(lambda o: SWALR(o, 0.02, anneal_epochs=0)),
}))
