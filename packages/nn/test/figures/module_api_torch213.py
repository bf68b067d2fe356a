# What module hooks see and in which order, in PyTorch 2.13. python3 module_api_torch213.py > module-api-torch213.json
import copy, json, torch, torch.nn as nn
import torch.nn.modules.module as M

log = []


def note(name):
    def hook(m, *a):
        log.append([name, type(m).__name__])

    return hook


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.a = nn.Linear(2, 2)
        self.b = nn.Sequential(nn.Tanh(), nn.Linear(2, 1))

    def forward(self, x):
        return self.b(self.a(x))


out = {}
handles = [M.register_module_forward_pre_hook(note("global pre")), M.register_module_forward_hook(note("global")),
           M.register_module_full_backward_pre_hook(note("global backward pre")), M.register_module_full_backward_hook(note("global backward"))]
net = Net()
net.a.register_forward_pre_hook(note("own pre"))
net.a.register_forward_hook(note("own"))
net.a.register_full_backward_pre_hook(note("own backward pre"))
net.a.register_full_backward_hook(note("own backward"))
net(torch.ones(3, 2, requires_grad=True)).sum().backward()
out["calls"] = list(log)
for h in handles:
    h.remove()
log.clear()
net(torch.ones(3, 2))
out["calls without global"] = list(log)
log.clear()
M_handles = [M.register_module_parameter_registration_hook(lambda m, n, p: log.append(["parameter", type(m).__name__, n])),
             M.register_module_buffer_registration_hook(lambda m, n, p: log.append(["buffer", type(m).__name__, n])),
             M.register_module_module_registration_hook(lambda m, n, p: log.append(["module", type(m).__name__, n]))]
nn.Sequential(nn.Linear(2, 2), nn.BatchNorm1d(2))
out["registrations"] = list(log)
for h in M_handles:
    h.remove()

log.clear()
net = Net()
for n, m in net.named_modules():
    m.register_state_dict_pre_hook(lambda m, prefix, keep: log.append(["state pre", prefix]))
    m.register_state_dict_post_hook(lambda m, state, prefix, meta: log.append(["state post", prefix, len(state)]))
    m.register_load_state_dict_pre_hook(lambda m, state, prefix, meta, strict, missing, unexpected, errors: log.append(["load pre", prefix, sorted(state)]))
    m.register_load_state_dict_post_hook(lambda m, keys: log.append(["load post", type(m).__name__, len(keys.missing_keys), len(keys.unexpected_keys)]))
state = net.state_dict()
net.load_state_dict({**{k: v for k, v in state.items() if k != "b.1.bias"}, "a.x": torch.ones(1), "c.y": torch.ones(1)}, strict=False)
out["states"] = list(log)

log.clear()


class Breaks(nn.Module):
    def forward(self, x):
        raise RuntimeError("no")


b = Breaks()
b.register_forward_hook(lambda m, i, o: log.append(["plain", o is None]))
b.register_forward_hook(lambda m, i, o: log.append(["always", o is None]), always_call=True)
try:
    b(torch.ones(1))
except RuntimeError:
    pass
out["always"] = list(log)
tied = nn.Sequential(nn.Linear(2, 2), nn.Linear(2, 2))
tied[1].weight = tied[0].weight
out["names"] = {"plain": [n for n, _ in tied.named_parameters()], "all": [n for n, _ in tied.named_parameters(remove_duplicate=False)],
                "prefix": [n for n, _ in tied.named_parameters("p")], "own": [n for n, _ in net.named_parameters(recurse=False)],
                "modules": [n for n, _ in nn.Sequential(*[nn.Tanh()] * 2).named_modules("p", remove_duplicate=False)] if False else [n for n, _ in nn.Sequential(*[nn.Tanh()] * 2).named_modules(prefix="p", remove_duplicate=False)]}
c = copy.deepcopy(tied)
out["copied ties"] = c[0].weight is c[1].weight
print(json.dumps(out))
