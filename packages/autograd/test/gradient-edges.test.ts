import { readFileSync } from "node:fs";
import { backward, type GradientEdge, getGradientEdge, grad } from "@flambeau/autograd";
import { cpuWasm } from "@flambeau/backend-cpu-wasm";
import {
  ArgumentError,
  AutogradError,
  type GraphNode,
  memory,
  ones,
  registerBackend,
  type Tensor,
  tensor,
  tidy,
} from "@flambeau/tensor";
import { describe, expect, it, test } from "vitest";

// gradient-edges.py computes the figures with PyTorch 2.13: each case below stands there under the same name
registerBackend(cpuWasm({ threads: 1 }));
const figures: { readonly [name: string]: "refused" | readonly (number[] | null)[] } = JSON.parse(
  readFileSync(new URL("gradient-edges.json", import.meta.url), "utf8"),
);

const leaf = (values: number[]): Tensor => tensor(values, { dtype: "float64", requiresGrad: true });
const t = (values: number[]): Tensor => tensor(values, { dtype: "float64" });
function made(): { x: Tensor; w: Tensor; h: Tensor; y: Tensor; l: Tensor } {
  const [x, w] = [leaf([1, 2, 3]), leaf([2, 3, 4])];
  const h = x.mul(w);
  const y = h.sin();
  return { x, w, h, y, l: y.sum() };
}
const edge = getGradientEdge;
const next = ({ gradFn }: { gradFn: GraphNode | null }): GradientEdge[] =>
  (gradFn as GraphNode).nextFunctions.map(([node, outputNr]) => ({ node: node as GraphNode, outputNr }));

const cases: { readonly [name: string]: () => readonly (Tensor | null)[] } = {
  inputs() {
    const { x, w, h, l } = made();
    return grad(l, [edge(h), edge(x), w]);
  },
  one_input() {
    const { h, l } = made();
    return grad(l, edge(h));
  },
  next_functions() {
    const { y, l } = made();
    const [mul] = next(y);
    return grad(l, [mul, ...next({ gradFn: mul.node })]);
  },
  named_twice() {
    const { h, l } = made();
    return grad(l, [edge(h), h, edge(h)]);
  },
  scalar_root() {
    const { x, l } = made();
    return grad(edge(l), [x]);
  },
  root() {
    const { x, y } = made();
    return grad([edge(y)], [x], { gradOutputs: [t([1, 0, 2])] });
  },
  root_without_gradient() {
    const { x, y } = made();
    return grad([edge(y)], [x]);
  },
  root_of_another_shape() {
    const { x, y } = made();
    return grad([edge(y)], [x], { gradOutputs: [t([1, 1])] });
  },
  root_is_input() {
    const { y } = made();
    return grad([edge(y)], [edge(y)], { gradOutputs: [t([1, 0, 2])] });
  },
  leaf_is_root() {
    const { x } = made();
    return grad([edge(x)], [x], { gradOutputs: [t([1, 0, 2])] });
  },
  results() {
    const [a, b] = leaf([3, 1, 2]).split([1, 2]);
    return grad(a.sum().mul(2).add(b.mul(b).sum()), [edge(a), edge(b)]);
  },
  unused() {
    const [a, b] = leaf([3, 1, 2]).split([1, 2]);
    return grad(a.sum().mul(2), [edge(a), edge(b)], { allowUnused: true });
  },
  unused_is_refused() {
    const [a, b] = leaf([3, 1, 2]).split([1, 2]);
    return grad(a.sum().mul(2), [edge(b)]);
  },
  second_order() {
    const { x, w, l } = made();
    const e = edge(x);
    const [g] = grad(l, [e], { createGraph: true });
    return grad(g.sum(), [e, edge(w)]);
  },
  before_a_write() {
    const h = leaf([1, 2]).mul(3);
    const e = edge(h);
    h.mul_(5);
    return grad(h.sum(), [e, h]);
  },
  hooked_leaf() {
    const { x, l } = made();
    x.registerHook((g) => g.mul(2));
    return grad(l, [edge(x)]);
  },
  backward_leaf() {
    const { x, w, l } = made();
    l.backward({ inputs: [edge(x)] });
    return [x.grad, w.grad];
  },
  backward_result() {
    const { x, w, h, l } = made();
    l.backward({ inputs: [edge(h)] });
    return [x.grad, w.grad];
  },
  backward_mixed() {
    const { x, w, h, l } = made();
    backward(l, undefined, { inputs: [edge(w), h] });
    return [x.grad, w.grad, h.grad];
  },
  backward_root() {
    const { x, w, y } = made();
    backward([edge(y)], [t([1, 0, 2])]);
    return [x.grad, w.grad];
  },
  backward_root_without_gradient() {
    const { y } = made();
    backward(edge(y));
    return [];
  },
};

describe("places in the graph give PyTorch's gradients", () => {
  test.each(Object.keys(figures))("%s", (name) => {
    const expected = figures[name];
    const given = (): unknown => cases[name]().map((g) => g?.tolist() ?? null);
    if (expected === "refused") {
      expect(given).toThrow(AutogradError);
      return;
    }
    const found = cases[name]().map((g) => g?.tolist() ?? null) as (number[] | null)[];
    expect(found.length).toBe(expected.length);
    for (const [i, g] of expected.entries())
      if (g === null) expect(found[i]).toBe(null);
      else for (const [k, v] of [g].flat().entries()) expect([found[i]].flat()[k]).toBeCloseTo(v, 12);
  });
  test("there are no others", () => {
    expect(Object.keys(cases)).toEqual(Object.keys(figures));
  });
});

describe("an edge", () => {
  it("needs no tensor to be kept", () => {
    const { h, l } = made();
    const e = edge(h);
    h.dispose();
    const [g] = grad(l, [e]);
    expect((g.tolist() as number[])[0]).toBeCloseTo(Math.cos(2), 12);
  });
  it("that is no place in a graph is refused", () => {
    const { h, l } = made();
    const { node } = edge(h);
    expect(() => grad(l, [{ node, outputNr: 1 }])).toThrow(ArgumentError);
    expect(() => grad(l, [{ node, outputNr: 1 }])).toThrow(/inputs\[0\] names result 1 of MulBackward, which has one/);
    expect(() => grad(l, [{ node: null as never, outputNr: 0 }])).toThrow(/its node is null/);
    expect(() => grad(l, [{ node: {} as never, outputNr: 0 }])).toThrow(ArgumentError);
    expect(() => backward(l, undefined, { inputs: [{ node, outputNr: 0.5 }] })).toThrow(ArgumentError);
    expect(() => l.backward({ inputs: [ones([1]), 3 as never] })).toThrow(/a list of tensors and gradient edges/);
  });
  it("leaves no memory behind", () => {
    const use = (): void =>
      tidy(() => {
        const { x, w, h, y, l } = made();
        grad(l, [edge(h), edge(x)], { retainGraph: true });
        l.backward({ inputs: [edge(h), edge(w)], retainGraph: true });
        backward([edge(y)], [t([1, 0, 2])]);
        w.grad?.dispose();
        x.grad?.dispose();
      });
    use();
    const before = memory().cpu;
    use();
    const after = memory().cpu;
    expect([after.bytes, memory().tensors]).toEqual([before.bytes, memory().tensors]);
  });
});
