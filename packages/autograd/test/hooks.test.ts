// Hooks on tensors, nodes and leaves: what they see and in which order, as PyTorch 2.13 calls them (the log there is the one here).
import { cpuWasm } from "@flambeau/backend-cpu-wasm";
import {
  ArgumentError,
  AutogradError,
  memory,
  noGrad,
  ones,
  registerBackend,
  type Tensor,
  tensor,
  tidy,
} from "@flambeau/tensor";
import { describe, expect, it } from "vitest";
import {
  type AccumulateGrad,
  backward,
  getGradientEdge,
  grad,
  registerMultiGradHook,
  registerPostAccumulateGradHook,
} from "../src/index.ts";

registerBackend(cpuWasm({ threads: 1 }));

const leaf = (values: number[]) => tensor(values, { requiresGrad: true });
const told = (call: () => unknown, kind: new (...rest: never[]) => Error, message: RegExp) => {
  expect(call).toThrow(kind);
  expect(call).toThrow(message);
};
const node = (t: Tensor) => t.gradFn as NonNullable<Tensor["gradFn"]>; // of results
const values = (grads: readonly (Tensor | null)[]) => grads.map((g) => g?.tolist() ?? null);

describe("hooks", () => {
  it("come in PyTorch's order, and see what PyTorch's see", () => {
    const log: unknown[] = [];
    const note =
      (...name: string[]) =>
      (...given: (readonly (Tensor | null)[] | Tensor)[]) =>
        void log.push([...name, ...given.map((g) => (Array.isArray(g) ? values(g) : (g as Tensor).tolist()))]);
    const [x, w] = [leaf([1, 2]), leaf([3, 4])];
    const y = x.mul(w);
    const s = y.add(y.square()).sum();
    y.registerHook(note("y tensor"));
    node(y).registerPrehook(note("y pre"));
    node(y).registerHook(note("y post"));
    x.registerHook(note("x tensor"));
    x.registerPostAccumulateGradHook((t) => void log.push(["x done", t.grad?.tolist()]));
    registerPostAccumulateGradHook(w, (t) => void log.push(["w done", t.grad?.tolist()]));
    const end = node(y).nextFunctions[0][0] as AccumulateGrad;
    end.registerPrehook(note("end pre"));
    end.registerHook(note("end post"));
    registerMultiGradHook([x, y, w], (gs) => void log.push(["all", values(gs)]));
    registerMultiGradHook([x, y, w], (g) => void log.push(["any", g.tolist()]), { mode: "any" });
    registerMultiGradHook([x], (gs) => void log.push(["all of x", values(gs)]));
    s.backward();
    const [gy, gx, gw] = [
      [7, 17],
      [21, 68],
      [7, 34],
    ];
    expect(log).toEqual([
      ["y tensor", gy],
      ["any", gy],
      ["y pre", [gy]],
      ["y post", [gx, gw], [gy]],
      ["x tensor", gx],
      ["all of x", [gx]],
      ["end pre", [gx]],
      ["x done", gx],
      ["end post", [], [gx]],
      ["all", [gx, gy, gw]],
      ["w done", gw],
    ]);
    log.length = 0;
    // grad calls the hooks of what it gives, and accumulates nothing
    grad(x.mul(w.detach()).sum(), [x]);
    expect(log).toEqual([
      ["x tensor", [3, 4]],
      ["all", [[3, 4], null, null]],
      ["any", [3, 4]],
      ["all of x", [[3, 4]]],
    ]);
    log.length = 0;
    grad(x.mul(w).sum(), [w]);
    expect(log).toEqual([
      ["all", [null, null, [1, 2]]],
      ["any", [1, 2]],
    ]);
  });

  it("replace gradients, until they are removed", () => {
    const x = leaf([1, 2]);
    const slope = (hang: (y: Tensor) => () => void) => {
      const y = x.mul(3);
      const remove = hang(y);
      const [with_] = grad(y.sum(), [x], { retainGraph: true });
      remove();
      const [without_] = grad(y.sum(), [x]);
      return [with_.tolist(), without_.tolist()];
    };
    const plain = [3, 3];
    expect(slope((y) => node(y).registerPrehook(([g]) => [g?.mul(10) ?? null]))).toEqual([[30, 30], plain]);
    expect(slope((y) => node(y).registerHook(([g]) => [g?.add(1) ?? null]))).toEqual([[4, 4], plain]);
    const cut = x.mul(3);
    node(cut).registerHook(() => [null]);
    expect(grad(cut.sum(), [x], { allowUnused: true })[0]).toBe(null);
    const end = getGradientEdge(x).node;
    const remove = [end.registerPrehook(([g]) => [g?.mul(2) ?? null]), x.registerHook((g) => g.add(1))];
    x.mul(3).sum().backward();
    expect(x.grad?.tolist()).toEqual([8, 8]);
    for (const r of remove) {
      r();
      r(); // a second time does nothing
    }
    expect(grad(x.mul(3).sum(), [x])[0].tolist()).toEqual(plain);
    // one function hung twice is called twice, and goes once at a time
    let calls = 0;
    const count = () => void calls++;
    const both = [x.registerHook(count), x.registerHook(count)];
    x.mul(3).sum().backward();
    both[0]();
    x.mul(3).sum().backward();
    expect(calls).toBe(3);
  });

  it("record when a graph is made of the gradients", () => {
    const x = leaf([2]);
    const y = x.mul(x);
    node(y).registerPrehook(([g]) => [g?.mul(x) ?? null]);
    node(y).registerHook(([a, b]) => [a?.mul(x) ?? null, b]);
    const [g] = grad(y.sum(), [x], { createGraph: true }); // x^3 + x^2
    expect([g.item(), grad(g, [x])[0].item()]).toEqual([12, 16]);
  });

  it("of several gradients come once those that can come are there", () => {
    const seen: unknown[] = [];
    const [p, q] = [leaf([1]), leaf([1])];
    const r = p.mul(2);
    const remove = registerMultiGradHook([p, q, r], (gs) => void seen.push(values(gs)));
    r.sum().backward();
    p.mul(3).sum().backward();
    expect(seen).toEqual([
      [[2], null, [1]],
      [[3], null, null],
    ]);
    backward([q.sum(), p.sum()]); // roots whose gradients lead to leaves at once
    expect(seen.at(-1)).toEqual([[1], [1], null]);
    q.detach().requiresGrad = true;
    remove();
    p.sum().backward();
    expect(seen.length).toBe(3);
  });

  it("after accumulation see the sum over all paths, once, while others are still to come", () => {
    const [a, b] = [leaf([1]), leaf([2])];
    const log: unknown[] = [];
    a.registerPostAccumulateGradHook((t) => void log.push(["a", t.grad?.item(), b.grad?.item()]));
    b.registerPostAccumulateGradHook((t) => void log.push(["b", t.grad?.item()]));
    const h = a.mul(b); // b is used here, and above
    h.mul(b).add(b).sum().backward();
    expect(log).toEqual([
      ["a", 4, undefined],
      ["b", 5],
    ]);
    // an optimizer in the walk: a step as soon as a gradient is there, which is freed at once
    const layers = Array.from({ length: 6 }, () =>
      tensor(
        [
          [0.5, 0.1],
          [0.2, 0.3],
        ],
        { requiresGrad: true },
      ),
    );
    let most = 0;
    for (const w of layers)
      w.registerPostAccumulateGradHook(() => {
        most = Math.max(most, layers.filter((l) => l.grad !== null).length);
        const g = w.grad as Tensor;
        noGrad(() => w.sub_(g.mul(0.1)));
        g.dispose();
        w.grad = null;
      });
    const before = layers.map((w) => w.tolist());
    const copies = layers.map((w) => w.clone().detach());
    for (const c of copies) c.requiresGrad = true;
    const run = (ws: Tensor[]) =>
      ws
        .reduce((t, w) => t.matmul(w).tanh(), ones([1, 2]))
        .sum()
        .backward();
    run(copies);
    run(layers);
    expect(most).toBe(1);
    expect(layers.map((w) => w.tolist())).toEqual(
      copies.map((c) =>
        c
          .detach()
          .sub((c.grad as Tensor).mul(0.1))
          .tolist(),
      ),
    );
    expect(layers.map((w) => w.tolist())).not.toEqual(before);
  });

  it("leave no memory behind", () => {
    const x = leaf([1, 2]);
    x.registerPostAccumulateGradHook((t) => {
      t.grad?.dispose();
      t.grad = null;
    });
    const before = memory().cpu.tensors;
    tidy(() => {
      const y = x.mul(2);
      node(y).registerPrehook(([g]) => [g?.mul(2) ?? null]);
      node(y).registerHook(([g]) => [g?.mul(2) ?? null]);
      y.sum().backward();
      const z = x.mul(2);
      node(z).registerHook(() => {
        throw new RangeError("mine");
      });
      expect(() => z.sum().backward()).toThrow("mine");
    });
    expect(memory().cpu.tensors).toBe(before);
  });

  it("say what is wrong", () => {
    const x = leaf([1, 2]);
    const run = (hang: (y: Tensor) => unknown) => {
      const y = x.mul(3);
      hang(y);
      y.sum().backward();
    };
    told(
      () => run((y) => node(y).registerPrehook(([g]) => [g, g])),
      AutogradError,
      /a prehook of MulBackward returned 2 gradients, and there are 1/,
    );
    told(
      () => run((y) => node(y).registerPrehook((([g]: Tensor[]) => g) as never)),
      AutogradError,
      /must return a list of gradients or nothing, got a tensor/,
    );
    told(
      () => run((y) => node(y).registerHook((() => [3]) as never)),
      AutogradError,
      /a hook of MulBackward must return tensors or null, got 3/,
    );
    told(
      () => run((y) => node(y).registerHook(() => [ones([3])])),
      AutogradError,
      /of shape \[3\] in the place of one of shape \[2\]/,
    );
    told(() => node(x.mul(2)).registerHook(3 as never), ArgumentError, /hook must be a function/);
    told(() => node(x.mul(2)).registerPrehook(3 as never), ArgumentError, /hook must be a function/);
    told(
      () => x.mul(2).registerPostAccumulateGradHook(() => {}),
      AutogradError,
      /only leaves accumulate gradients.*MulBackward/,
    );
    told(() => ones([2]).registerPostAccumulateGradHook(() => {}), AutogradError, /does not require gradients/);
    told(() => x.registerPostAccumulateGradHook(3 as never), ArgumentError, /hook must be a function/);
    told(() => registerPostAccumulateGradHook(3 as never, () => {}), ArgumentError, /leaf must be a tensor/);
    told(
      () => registerMultiGradHook([x], () => {}, { mode: "some" } as never),
      ArgumentError,
      /mode is "all" or "any"/,
    );
    told(() => registerMultiGradHook([ones([2])], () => {}), AutogradError, /tensor 0 does not require gradients/);
    told(() => registerMultiGradHook([], () => {}), ArgumentError, /must not be empty/);
    told(() => registerMultiGradHook(x as never, () => {}), ArgumentError, /must be a list of tensors/);
    told(() => getGradientEdge(ones([1])), AutogradError, /does not require gradients/);
  });
});

describe("the graph", () => {
  it("can be walked by its nodes, which take notes", () => {
    const [x, c] = [leaf([3, 1]), ones([2])];
    const [sorted] = x.mul(c).sort();
    const s = sorted.sum();
    expect([node(s).name, node(s).nextFunctions.map(([n, i]) => [n?.name, i])]).toEqual([
      "SumBackward",
      [["SortBackward", 0]],
    ]);
    const [[mul]] = node(sorted).nextFunctions;
    expect(mul?.name).toBe("MulBackward");
    expect(mul?.nextFunctions.map(([n]) => n?.name ?? null)).toEqual(["AccumulateGrad", null]);
    const end = mul?.nextFunctions[0][0] as AccumulateGrad;
    expect([end.variable === x, end === getGradientEdge(x).node, end.nextFunctions]).toEqual([true, true, []]);
    expect(getGradientEdge(sorted)).toEqual({ node: sorted.gradFn, outputNr: 0 });
    node(s).metadata.made = "here";
    end.metadata.made = "there";
    expect([node(s).metadata, getGradientEdge(x).node.metadata]).toEqual([{ made: "here" }, { made: "there" }]);
  });
});
