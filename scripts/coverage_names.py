"""Writes scripts/coverage-names.json: the names of PyTorch's layers, losses, functionals, optimizers, schedulers, data loading and utilities (torch 2.13)."""

import inspect
import json
import pathlib

import torch
import torch.nn as nn
import torch.nn.attention
import torch.nn.utils as utils
import torch.nn.utils.parametrizations
import torch.nn.utils.parametrize
import torch.nn.utils.prune
import torch.utils.data
from torch.nn.modules import loss as losses
from torch.optim import lr_scheduler, swa_utils

here = pathlib.Path(__file__)


def classes(module):
    """Public classes, and no others that the module imports."""
    for name in sorted(dir(module)):
        value = getattr(module, name)
        if not name.startswith("_") and inspect.isclass(value) and value.__module__.startswith("torch"):
            yield name


def own(module):
    """Public functions and classes that are defined in a module."""
    for name in sorted(dir(module)):
        value = getattr(module, name)
        if name.startswith("_") or inspect.ismodule(value) or not callable(value):
            continue
        if getattr(value, "__module__", None) == module.__name__:
            yield name


loss_names = sorted(n for n in losses.__all__)
module_names = [n for n in classes(nn) if n not in loss_names]
listed = json.loads((here.with_name("torch-names.json")).read_text())
names = {
    "torch.nn": module_names,
    "torch.nn (losses)": loss_names,
    "torch.nn.functional": listed["torch.nn.functional"].split(),
    "torch.nn.attention": [n for n in torch.nn.attention.__all__ if n[0] != "_"],
    "torch.optim": [n for n in torch.optim.__all__ if not inspect.ismodule(getattr(torch.optim, n))]
    + ["Optimizer.register_step_pre_hook", "Optimizer.register_step_post_hook", "Optimizer.register_state_dict_pre_hook",
       "Optimizer.register_state_dict_post_hook", "Optimizer.register_load_state_dict_pre_hook",
       "Optimizer.register_load_state_dict_post_hook", "Optimizer.add_param_group", "Optimizer.state_dict",
       "Optimizer.load_state_dict", "Optimizer.step", "Optimizer.zero_grad", "optimizer.register_optimizer_step_pre_hook",
       "optimizer.register_optimizer_step_post_hook"],
    "torch.optim.lr_scheduler": list(lr_scheduler.__all__),
    "torch.optim.swa_utils": list(swa_utils.__all__),
    "torch.nn.utils": [n for n in utils.__all__ if not inspect.ismodule(getattr(utils, n))],
    "torch.nn.utils.rnn": list(utils.rnn.__all__),
    "torch.nn.utils.parametrize": list(utils.parametrize.__all__),
    "torch.nn.utils.parametrizations": list(utils.parametrizations.__all__),
    "torch.nn.utils.prune": list(own(utils.prune)),
    "torch.nn.utils.stateless": list(utils.stateless.__all__),
    "torch.nn.init": listed["torch.nn.init"].split(),
    "torch.utils.data": [n for n in torch.utils.data.__all__ if n[0] != "_"],
}  # fmt: skip
out = here.with_name("coverage-names.json")
out.write_text(json.dumps({module: " ".join(list_) for module, list_ in names.items()}, indent=2) + "\n")
