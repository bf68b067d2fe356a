// Hooks of modules: what they see and in which order, as PyTorch 2.13 calls them (the log there is the one here).

import { grad } from "@flambeau/autograd";
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
import { describe, expect, test, vi } from "vitest";
import { functionalCall, Linear, Module, Parameter, Sequential, Tanh } from "../src/index.ts";

registerBackend(cpuWasm({ threads: 1 }));

class Scale extends Module {
  w = new Parameter(tensor(2));
  forward(x: Tensor): Tensor {
    return x.mul(this.w);
  }
}
class Two extends Module {
  forward(a: Tensor, b: Tensor, _: number): [Tensor, Tensor, number] {
    return [a.mul(b), a.add(1).sum(), 3];
  }
}
const leaf = (values: number[]) => tensor(values, { requiresGrad: true });
const told = (call: () => unknown, kind: new (...rest: never[]) => Error, message: RegExp) => {
  expect(call).toThrow(kind);
  expect(call).toThrow(message);
};
const shown = (x: unknown): unknown =>
  Array.isArray(x) ? x.map(shown) : x !== null && typeof x === "object" && "tolist" in x ? (x as Tensor).tolist() : x;

/** A module with two hooks of each kind, and what they saw. */
function watched<M extends Module>(module: M): { module: M; log: unknown[]; remove: () => void } {
  const log: unknown[] = [];
  const note =
    (n: number, name: string) =>
    (_: Module, ...given: unknown[]) =>
      void log.push([n, name, ...given.map(shown)]);
  const removals = [1, 2].flatMap((n) => [
    module.registerForwardPreHook(note(n, "forward pre")),
    module.registerForwardHook(note(n, "forward")),
    module.registerFullBackwardPreHook(note(n, "backward pre")),
    module.registerFullBackwardHook(note(n, "backward")),
  ]);
  return {
    module,
    log,
    remove: () => {
      for (const r of removals) r();
    },
  };
}

describe("module hooks", () => {
  test("come in PyTorch's order, and see what PyTorch's see", () => {
    const { module, log } = watched(new Scale());
    module
      .forward(leaf([1, 2]))
      .sum()
      .backward();
    const both = (...rest: unknown[]) => [
      [1, ...rest],
      [2, ...rest],
    ];
    const forward = [...both("forward pre", [[1, 2]]), ...both("forward", [[1, 2]], [2, 4])];
    expect(log).toEqual([...forward, ...both("backward pre", [[1, 1]]), ...both("backward", [[2, 2]], [[1, 1]])]);
    log.length = 0;
    // where no input wants a gradient they are called with those of the outputs
    module
      .forward(tensor([1, 2]))
      .sum()
      .backward();
    expect(log).toEqual([...forward, ...both("backward pre", [[1, 1]]), ...both("backward", [null], [[1, 1]])]);
    log.length = 0;
    noGrad(() => module.forward(leaf([1, 2])));
    expect(log).toEqual(forward);
  });

  test("see lists of arguments and results, with null for what has no gradient", () => {
    const { module, log } = watched(new Two());
    module
      .forward(leaf([1, 2]), ones([2]), 5)[0]
      .sum()
      .backward();
    expect(log.filter((entry) => (entry as unknown[])[1] === "backward")[0]).toEqual([
      1,
      "backward",
      [[1, 1], null, null],
      [[1, 1], null, null],
    ]);
  });

  test("replace gradients", () => {
    const layer = new Scale();
    layer.registerFullBackwardPreHook((_, [g]) => [g?.mul(10) ?? null]);
    layer.registerFullBackwardHook((_, [g]) => [g?.add(1) ?? null]);
    const x = leaf([1, 2]);
    layer.forward(x).sum().backward();
    expect([x.grad?.tolist(), layer.w.grad?.item()]).toEqual([[21, 21], 30]);
    const [first] = grad(layer.forward(x).pow(2).sum(), [x], { createGraph: true }); // 10 * 8x + 1
    expect(grad(first.sum(), [x])[0].tolist()).toEqual([801, 801]); // the hooks see the second gradient, too: 80 * 10 + 1
  });

  test("are put before others on request, and leave the module as it was when they go", () => {
    const layer = new Scale();
    const log: string[] = [];
    const add = (name: string, prepend: boolean) => [
      layer.registerForwardHook(() => void log.push(name), { prepend }),
      layer.registerForwardPreHook(() => void log.push(`pre ${name}`), { prepend }),
    ];
    const removals = [...add("a", false), ...add("b", true)];
    layer.forward(ones([1]));
    expect(log).toEqual(["pre b", "pre a", "b", "a"]);
    expect(Object.keys(layer)).not.toContain("forward");
    for (const remove of removals) {
      remove();
      remove();
    }
    expect(Object.hasOwn(layer, "forward")).toBe(false);
    layer.forward(ones([1]));
    expect(log.length).toBe(4);
    // a forward of the instance's own comes back, and one that was put around the hooks stays
    const own = (x: Tensor) => x;
    layer.forward = own;
    layer.registerForwardHook(() => {})();
    expect(layer.forward).toBe(own);
    const remove = layer.registerForwardHook(() => void log.push("inside"));
    const inner = layer.forward;
    layer.forward = (x) => inner(x);
    remove();
    layer.forward(ones([1]));
    expect(log.length).toBe(4);
  });

  test("change no value and no gradient, inside a model and in a functional call", () => {
    const net = new Sequential(new Linear(2, 3), new Tanh(), new Linear(3, 1));
    const x = leaf([0.5, -1]);
    const run = () => grad(net.forward(x).sum(), [x, ...net.parameters()]).map((g) => g.tolist());
    const plain = run();
    const watching = [...net.modules()].map(watched);
    expect(run()).toEqual(plain);
    expect(watching.map(({ log }) => log.length)).toEqual([8, 8, 8, 8]);
    const params = Object.fromEntries(net.namedParameters());
    const outside = grad((p: typeof params, t: Tensor) => functionalCall(net, p, t).sum(), { argnums: [0, 1] });
    const [gp, gx] = outside(params, x);
    expect([gx.tolist(), ...Object.values(gp).map((g) => (g as Tensor).tolist())]).toEqual(plain);
    for (const { remove } of watching) remove();
    expect(run()).toEqual(plain);
  });

  test("leave no memory behind", () => {
    const { module } = watched(new Scale());
    const x = leaf([1, 2]);
    const step = () => {
      module.forward(x.mul(2)).sum().backward();
      module.forward(x.mul(2));
    };
    tidy(step);
    const before = memory().cpu.tensors;
    tidy(step);
    expect(memory().cpu.tensors).toBe(before);
  });

  test("say what is wrong", () => {
    const x = leaf([1, 2]);
    const run = (hang: (m: Scale) => unknown) => {
      const layer = new Scale();
      hang(layer);
      layer.forward(x).sum().backward();
    };
    told(
      () => run((m) => m.registerFullBackwardHook((_, [g]) => [g, g])),
      AutogradError,
      /Scale: a backward hook returned 2 gradients, and there are 1/,
    );
    told(
      () => run((m) => m.registerFullBackwardPreHook((_, [g]) => [g, g])),
      AutogradError,
      /a backward pre-hook returned 2 gradients/,
    );
    told(
      () => run((m) => m.registerFullBackwardHook((_, [g]) => g as never)),
      AutogradError,
      /a backward hook returned a tensor/,
    );
    for (const name of [
      "registerForwardHook",
      "registerForwardPreHook",
      "registerFullBackwardHook",
      "registerFullBackwardPreHook",
    ] as const) {
      told(() => new Scale()[name](3 as never), ArgumentError, /hook must be a function, got 3/);
      told(() => new Scale()[name](() => {}, { first: true } as never), ArgumentError, /no option "first"/);
    }
    class Past extends Module {
      kept: Tensor | null = null;
      forward(y: Tensor): Tensor {
        this.kept = y;
        return y.mul(2);
      }
    }
    const past = new Past();
    past.registerFullBackwardHook(() => {});
    past.forward(x);
    told(() => past.kept?.sum().backward(), AutogradError, /a gradient came to its inputs and none to its outputs/);
    class Named extends Module {
      forward(y: Tensor): { y: Tensor } {
        return { y };
      }
    }
    const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
    const named = new Named();
    named.registerFullBackwardHook(() => {});
    named.forward(x);
    expect(warn.mock.calls.flat().join()).toMatch(
      /Named has backward hooks, which are called for outputs that are a tensor or a list/,
    );
    warn.mockRestore();
  });
});
