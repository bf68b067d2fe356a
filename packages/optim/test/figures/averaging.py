"""Averages of weights and clipped gradients in PyTorch: python averaging.py > averaging.json (torch 2.13)."""
import json
import torch
from torch.nn.utils import clip_grads_with_norm_, get_total_norm
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn


class Model(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.w = torch.nn.Parameter(torch.tensor([1.0, -2.0]))
        self.register_buffer("b", torch.tensor([0.5]))


def averages(**options):
    model = Model()
    averaged = AveragedModel(model, **options)
    out = []
    for t in range(4):
        with torch.no_grad():
            model.w.mul_(0.7).add_(t)
            model.b.add_(t)
        averaged.update_parameters(model)
        out.append([averaged.module.w.tolist(), averaged.module.b.tolist()])
    return out


def clipped(p, limit):
    ps = [torch.nn.Parameter(torch.zeros(2)), torch.nn.Parameter(torch.zeros(3)), torch.nn.Parameter(torch.zeros(1))]
    ps[0].grad = torch.tensor([3.0, -4.0])
    ps[1].grad = torch.tensor([1.0, 2.0, -2.0])
    total = get_total_norm([q.grad for q in ps if q.grad is not None], p)
    clip_grads_with_norm_(ps, limit, total)
    return [total.item(), [q.grad.tolist() for q in ps[:2]]]


print(json.dumps({
    "torch": torch.__version__,
    "swa": averages(),
    "ema": averages(multi_avg_fn=get_ema_multi_avg_fn(0.9)),
    "ema with buffers": averages(multi_avg_fn=get_ema_multi_avg_fn(0.9), use_buffers=True),
    "clip 2": clipped(2.0, 1.0),
    "clip 1": clipped(1.0, 100.0),
    "clip inf": clipped(float("inf"), 2.0),
}))
