import {
  adaptiveAvgPool2d,
  adaptiveMaxPool2d,
  arange,
  avgPool2d,
  conv2d,
  convTranspose2d,
  fractionalMaxPool2d,
  grad,
  interpolate,
  linear,
  maxPool1d,
  maxPool2d,
  ones,
  pad,
  type Tensor,
  tensor,
} from "flambeau";
import { expect, test } from "vitest";

const image = (): Tensor =>
  arange(20, { dtype: "float32" }).mul(7).remainder(11).reshape([1, 1, 4, 5]).detach().requiresGrad_();

// which of PyTorch's gradients with createGraph require gradients though they are the same for all inputs: those whose kernel takes these
const tied: { readonly [name: string]: readonly [requires: boolean, f: (x: Tensor) => Tensor] } = {
  conv2d: [true, (x) => conv2d(x, ones([1, 1, 2, 2]))],
  convTranspose2d: [true, (x) => convTranspose2d(x, ones([1, 1, 2, 2]))],
  linear: [false, (x) => linear(x, ones([2, 5]))],
  maxPool1d: [true, (x) => maxPool1d(x.select(0, 0), 2)],
  maxPool2d: [true, (x) => maxPool2d(x, 2)],
  avgPool2d: [true, (x) => avgPool2d(x, 2)],
  "adaptiveMaxPool2d, even": [true, (x) => adaptiveMaxPool2d(x, [2, 5])],
  "adaptiveMaxPool2d, uneven": [true, (x) => adaptiveMaxPool2d(x, [3, 2])],
  "adaptiveAvgPool2d, even": [true, (x) => adaptiveAvgPool2d(x, [2, 5])],
  "adaptiveAvgPool2d, uneven": [true, (x) => adaptiveAvgPool2d(x, [3, 2])],
  fractionalMaxPool2d: [true, (x) => fractionalMaxPool2d(x, 2, { outputSize: 2 })],
  "interpolate, area": [true, (x) => interpolate(x, { size: [2, 3], mode: "area" })],
  "interpolate, bilinear": [false, (x) => interpolate(x, { size: [2, 3], mode: "bilinear" })],
  "pad, reflect": [true, (x) => pad(x, [1, 1], { mode: "reflect" })],
  "pad, replicate": [true, (x) => pad(x, [1, 1], { mode: "replicate" })],
  "pad, circular": [false, (x) => pad(x, [1, 1], { mode: "circular" })],
  "pad, constant": [false, (x) => pad(x, [1, 1])],
};

test.each(Object.entries(tied))("%s: the graph of its constant gradient is PyTorch's", (_, [requires, f]) => {
  const x = image();
  const [g] = grad([f(x).sum()], [x], { createGraph: true });
  expect(g.requiresGrad).toBe(requires);
  if (requires) expect(grad([g.sum()], [x], { allowUnused: true })[0]?.any().item() ?? false).toBe(false);
  // without one asked for there is none
  expect(grad([f(x).sum()], [x])[0].requiresGrad).toBe(false);
});

test("a penalty on a constant gradient goes backward, and what else it is made of gets its own", () => {
  const x = image();
  const w = tensor([[[[2]]]], { requiresGrad: true });
  const [g] = grad([conv2d(x, w).sum()], [x], { createGraph: true });
  g.square().sum().backward();
  expect(w.grad?.item()).toBe(80); // 20 elements, each with the slope 2 w
  expect(x.grad).toBe(null);
});

test("nothing comes back through the graph of a constant gradient, where zeros would meet infinities", () => {
  const x = tensor([[[[0, 2]]]], { requiresGrad: true });
  const y = x.reciprocal();
  const [g] = grad([maxPool2d(y, [1, 2]).sum().add(x.square().sum())], [y, x], { createGraph: true });
  expect(g.tolist()).toEqual([[[[1, 0]]]]);
  expect(grad([g.sum().add(x.square().sum())], [x])[0].tolist()).toEqual([[[[0, 4]]]]);
});
