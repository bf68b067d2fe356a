#!/usr/bin/env python3
"""PyTorch's figures for in-place writes, views and higher orders: python torch213.py > torch213.json (torch 2.13, CPU)."""
import json
import torch

torch.set_default_dtype(torch.float64)
t = torch.tensor


def leaf(*shape):
    n = 1
    for s in shape:
        n *= s
    return ((torch.arange(float(n)) + 1) / 4).reshape(shape).requires_grad_()


def weights(x):
    return (torch.arange(float(x.numel())).reshape(x.shape) - 1) / 2


out = {}


def case(f):
    """f gives (result, leaves); stored: the result and the gradients of sum(result * weights)."""
    y, leaves = f()
    g = torch.autograd.grad((y * weights(y)).sum(), leaves, allow_unused=True)
    out[f.__name__] = {"y": y.tolist(), "grads": [None if v is None else v.tolist() for v in g]}


@case
def mul_row():
    x, w = leaf(2, 3), leaf(3)
    b = x * 1
    b[0].mul_(w)
    return b * b, [x, w]


@case
def copy_row():
    x, v = leaf(2, 3), leaf(3)
    b = x * 2
    b[1].copy_(v * 3)
    return b * b, [x, v]


@case
def fill_column():
    x = leaf(2, 3)
    b = x * 2
    b[:, 1].fill_(7)
    return b * b, [x]


@case
def view_of_view():
    x, w = leaf(3, 4), leaf(2)
    b = x * 1
    b.t()[1:3][:, 0].mul_(w)
    return b.exp(), [x, w]


@case
def view_made_before_the_base_changed():
    x = leaf(2, 3)
    b = x * 2
    v = b[1]
    b.mul_(3)
    return v * v, [x]


@case
def view_and_base_both_changed():
    x = leaf(2, 3)
    b = x * 2
    v, u = b[1], b[:, 0]
    b.mul_(3)
    v.add_(1)
    u.mul_(2)
    return torch.cat([b.reshape(-1), v * v, u * u]), [x]


@case
def views_of_views_after_a_write():
    x, w = leaf(4), leaf(2)
    b = x * 1
    v = b[1:]
    u = v[:2]
    u.mul_(w)
    return torch.cat([b * b, v * v, u * u]), [x, w]


@case
def write_into_zeros():
    x = leaf(3)
    b = torch.zeros(2, 3)
    b[1] = x * x
    b[0, 1:] = x[:2]
    return b * b, [x]


@case
def write_into_a_detached_part():
    x = leaf(2)
    b = torch.arange(6.0)[2:].detach()
    b[1:3].copy_(x * x)
    return b * b, [x]


@case
def write_into_a_detached_transpose():
    x = leaf(2)
    b = torch.arange(6.0).reshape(2, 3).t().detach()
    b[1].copy_(x * x)
    return b * b, [x]


@case
def view_of_a_detached_transpose_after_a_write():
    x = leaf(3, 2)
    b = torch.arange(6.0).reshape(2, 3).t().detach()
    v = b[1]
    b.mul_(x)
    return v * v, [x]


@case
def in_place_chain():
    x = leaf(4)
    y = x * 2
    y.add_(1).mul_(3).sub_(x)
    return y, [x]


@case
def in_place_that_keeps_its_result():
    x = leaf(4)
    y = x * 1
    y.tanh_()
    return y * 2, [x]


@case
def in_place_broadcast():
    x, w = leaf(2, 3), leaf(3)
    y = x * 1
    y.add_(w, alpha=2)
    y.mul_(w)
    return y, [x, w]


@case
def clone_then_write():
    x = leaf(2, 2)
    y = x.clone()
    y[0, 0] = 9.0
    return y * x, [x]


@case
def masked_write():
    x, v = leaf(2, 2), leaf()
    y = x * 2
    y.masked_fill_(t([[True, False], [False, True]]), v)
    return y * y, [x, v]


@case
def indexed_write():
    x, v = leaf(4), leaf(2)
    y = x * 2
    y.index_put_((t([0, 2]),), v * v)
    return y * y, [x, v]


@case
def use_twice():
    x = leaf(3)
    y = x * x
    return y * x + y, [x]


@case
def expand_and_reduce():
    x = leaf(3, 1)
    return x.expand(3, 4).cumsum(1) * x.sum(), [x]


@case
def unused_and_used():
    x, u = leaf(3), leaf(2)
    return x.sin(), [x, u]


@case
def strided_window_on_a_transpose():
    x = leaf(2, 3)
    v = (x * 1).t().as_strided((2, 2), (3, 1), 1)
    return v * v, [x]


@case
def strided_window_on_repeated_elements():
    x = leaf(1, 3)
    v = (x * 1).expand(2, 3).as_strided((2, 2), (1, 1), 0)
    return v * v, [x]


@case
def strided_window_beside_its_tensor():
    x = leaf(6)
    v = (x * 1)[2:5].as_strided((3,), (2,), 1)
    return v * v, [x]


@case
def write_through_a_strided_window():
    x, w = leaf(2, 3), leaf(2, 2)
    b = (x * 1).t()
    b.as_strided((2, 2), (3, 2), 0).mul_(w)
    return b * b, [x, w]


@case
def rounded_quotient_in_place():
    x, w = leaf(4), leaf(4)
    y = x * 5
    y.div_(w + 1, rounding_mode="floor")
    return y + x, [x, w]


@case
def comparison_in_place():
    x = leaf(4)
    y = x * 2
    y[1:].eq_(x[1:] * 2)
    return y * x, [x]


@case
def filled():
    x, v = leaf(3), leaf()
    return torch.fill(x, 2) + torch.fill(x * 2, v), [x, v]


@case
def joined_with_nothing():
    x, e = leaf(2, 2), leaf(0)
    return torch.cat([e, x]), [x, e]


def orders(f, point, n):
    x = t(point, requires_grad=True)
    y, found = f(x), []
    for _ in range(n):
        found.append(y.item())
        (y,) = torch.autograd.grad(y, x, create_graph=True)
    return found


functions = {
    "x**4": lambda x: x**4,
    "tanh": torch.tanh,
    "sin(x) exp(x)": lambda x: x.sin() * x.exp(),
    "1 / (1 + x*x)": lambda x: 1 / (1 + x * x),
    "log1p(x)": torch.log1p,
    "sigmoid": torch.sigmoid,
}
out["orders"] = {name: orders(f, 0.7, 5) for name, f in functions.items()}

x = leaf(3)
y = x * 2
y.retain_grad()
y.mul_(3)
(y * weights(y)).sum().backward()
out["retain_grad_then_in_place"] = {"y": y.grad.tolist(), "x": x.grad.tolist()}

x = leaf(2, 2)
h = torch.autograd.functional.hessian(lambda v: (v.sum() ** 3 + v.prod()), x.detach())
out["hessian"] = h.tolist()

seen = []
x = leaf(3)
y = x * 2
y.register_hook(lambda g: seen.append(g.tolist()))
y.mul_(3)
y.register_hook(lambda g: seen.append(g.tolist()))
(y * weights(y)).sum().backward()
out["hooks_around_in_place"] = seen

x = leaf(3)
y = x.clone()
y.register_hook(lambda g: g * 2)
y.register_hook(lambda g: g + 1)
x.register_hook(lambda g: g * 10)
(y * weights(y)).sum().backward()
out["hooks_replace"] = x.grad.tolist()

print(json.dumps(out, indent=1))
