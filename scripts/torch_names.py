"""Writes scripts/torch-names.json: the names of PyTorch's public functions and of Tensor's methods and attributes, by module (torch 2.13)."""

import inspect
import json
import pathlib

import torch

MODULES = {
    "torch": torch,
    "torch.Tensor": torch.Tensor,
    "torch.nn.functional": torch.nn.functional,
    "torch.linalg": torch.linalg,
    "torch.special": torch.special,
    "torch.nn.init": torch.nn.init,
    "torch.autograd": torch.autograd,
}
# the machinery of PyTorch itself, which a program does not call
INTERNAL = (
    "boolean_dispatch", "handle_torch_function", "has_torch_function", "import_ir", "is_multithreading", "is_tensor_like", "is_view_replay",
    "kineto", "merge_type", "module_load", "parse_", "sym_", "thread_safe", "unify_type", "while_loop",
)  # fmt: skip


def public(module):
    for name in sorted(dir(module)):
        value = getattr(module, name, None)
        if name.startswith(("_",) + INTERNAL) or inspect.ismodule(value) or not getattr(value, "__doc__", None):
            continue
        if module is torch.Tensor:
            yield name
        elif callable(value) and not inspect.isclass(value):
            if (getattr(value, "__module__", None) or "torch").startswith("torch"):
                yield name


names = {path: list(public(module)) for path, module in MODULES.items()}
names["torch"] += ["enable_grad", "inference_mode", "no_grad", "relu", "dropout"]
names["torch"].sort()
out = pathlib.Path(__file__).with_name("torch-names.json")
out.write_text(json.dumps({path: " ".join(list_) for path, list_ in names.items()}, indent=2) + "\n")
