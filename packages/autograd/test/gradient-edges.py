#!/usr/bin/env python3
"""PyTorch's figures of gradients by places in the graph: python gradient-edges.py > gradient-edges.json (torch 2.13, CPU)."""
import json
import torch
from torch.autograd.graph import GradientEdge, get_gradient_edge

torch.set_default_dtype(torch.float64)
t = torch.tensor
out = {}


def made():
    x, w = t([1.0, 2.0, 3.0], requires_grad=True), t([2.0, 3.0, 4.0], requires_grad=True)
    h = x * w
    y = h.sin()
    return x, w, h, y, y.sum()


def case(f):
    try:
        out[f.__name__] = [None if v is None else v.tolist() for v in f()]
    except RuntimeError:
        out[f.__name__] = "refused"


@case
def inputs():
    x, w, h, y, l = made()
    return torch.autograd.grad(l, [get_gradient_edge(h), get_gradient_edge(x), w])


@case
def one_input():
    x, w, h, y, l = made()
    return torch.autograd.grad(l, get_gradient_edge(h))


@case
def next_functions():
    x, w, h, y, l = made()
    sin = y.grad_fn
    ((mul, nr),) = sin.next_functions
    return torch.autograd.grad(l, [GradientEdge(mul, nr), *(GradientEdge(*f) for f in mul.next_functions)])


@case
def named_twice():
    x, w, h, y, l = made()
    return torch.autograd.grad(l, [get_gradient_edge(h), h, get_gradient_edge(h)])


@case
def scalar_root():
    x, w, h, y, l = made()
    return torch.autograd.grad(get_gradient_edge(l), [x])


@case
def root():
    x, w, h, y, l = made()
    return torch.autograd.grad([get_gradient_edge(y)], [x], grad_outputs=[t([1.0, 0.0, 2.0])])


@case
def root_without_gradient():
    x, w, h, y, l = made()
    return torch.autograd.grad([get_gradient_edge(y)], [x])


@case
def root_of_another_shape():
    x, w, h, y, l = made()
    return torch.autograd.grad([get_gradient_edge(y)], [x], grad_outputs=[torch.ones(2)])


@case
def root_is_input():
    x, w, h, y, l = made()
    return torch.autograd.grad([get_gradient_edge(y)], [get_gradient_edge(y)], grad_outputs=[t([1.0, 0.0, 2.0])])


@case
def leaf_is_root():
    x, w, h, y, l = made()
    return torch.autograd.grad([get_gradient_edge(x)], [x], grad_outputs=[t([1.0, 0.0, 2.0])])


@case
def results():
    x = t([3.0, 1.0, 2.0], requires_grad=True)
    a, b = x.split([1, 2])
    return torch.autograd.grad(a.sum() * 2 + (b * b).sum(), [get_gradient_edge(a), get_gradient_edge(b)])


@case
def unused():
    x = t([3.0, 1.0, 2.0], requires_grad=True)
    a, b = x.split([1, 2])
    return torch.autograd.grad(a.sum() * 2, [get_gradient_edge(a), get_gradient_edge(b)], allow_unused=True)


@case
def unused_is_refused():
    x = t([3.0, 1.0, 2.0], requires_grad=True)
    a, b = x.split([1, 2])
    return torch.autograd.grad(a.sum() * 2, [get_gradient_edge(b)])


@case
def second_order():
    x, w, h, y, l = made()
    e = get_gradient_edge(x)
    (g,) = torch.autograd.grad(l, [e], create_graph=True)
    return torch.autograd.grad(g.sum(), [e, get_gradient_edge(w)])


@case
def before_a_write():
    x = t([1.0, 2.0], requires_grad=True)
    h = x * 3
    e = get_gradient_edge(h)
    h.mul_(5.0)
    return torch.autograd.grad(h.sum(), [e, h])


@case
def hooked_leaf():
    x, w, h, y, l = made()
    x.register_hook(lambda g: g * 2)
    return torch.autograd.grad(l, [get_gradient_edge(x)])


@case
def backward_leaf():
    x, w, h, y, l = made()
    l.backward(inputs=[get_gradient_edge(x)])
    return [x.grad, w.grad]


@case
def backward_result():
    x, w, h, y, l = made()
    l.backward(inputs=[get_gradient_edge(h)])
    return [x.grad, w.grad]


@case
def backward_mixed():
    x, w, h, y, l = made()
    h.retain_grad()
    l.backward(inputs=[get_gradient_edge(w), h])
    return [x.grad, w.grad, h.grad]


@case
def backward_root():
    x, w, h, y, l = made()
    torch.autograd.backward([get_gradient_edge(y)], [t([1.0, 0.0, 2.0])])
    return [x.grad, w.grad]


@case
def backward_root_without_gradient():
    x, w, h, y, l = made()
    torch.autograd.backward([get_gradient_edge(y)])
    return []


print(json.dumps(out, indent=1))
