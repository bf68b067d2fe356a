import { cpuWasm } from "@flambeau/backend-cpu-wasm";
import {
  ArgumentError,
  AutogradError,
  FlambeauError,
  keep,
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
  checkpoint,
  disableSavedTensorsHooks,
  Function,
  type FunctionContext,
  grad,
  gradcheck,
  gradgradcheck,
  savedTensorsHooks,
  saveOnCpu,
} from "../src/index.ts";

registerBackend(cpuWasm({ threads: 1 }));

const leaf = (values: number[]) => tensor(values, { requiresGrad: true });
const live = () => memory().cpu.tensors;
class Square extends Function {
  static forward(ctx: FunctionContext, x: Tensor): Tensor {
    ctx.saveForBackward(x);
    return x.mul(x);
  }
  static backward(ctx: FunctionContext, g: Tensor): Tensor {
    return g.mul(ctx.savedTensors[0]).mul(2);
  }
}
/** Ops whose graph saves inputs, results, leaves, views and what is written in place. */
const formula = (x: Tensor): Tensor => {
  const y = x.mul(x).exp().sin();
  const z = Square.apply(y).mul_(x.tanh());
  z.at(0).exp_();
  return z.matmul(y.unsqueeze(1)).sum();
};
// biome-ignore lint/suspicious/noExplicitAny: each pair has a type of its own
const hooks: [string, (x: Tensor) => any, (packed: any) => Tensor][] = [
  ["the tensor itself", (x) => x, (x: Tensor) => x],
  ["a copy", (x) => x.clone(), (x: Tensor) => x],
  ["its values", (x) => ({ values: x.tolist(), dtype: x.dtype }), ({ values, dtype }) => tensor(values, { dtype })],
  ["a list of two halves", (x) => [x.div(2), x.div(2)], ([a, b]: [Tensor, Tensor]) => a.add(b)],
];

describe("savedTensorsHooks", () => {
  for (const [name, pack, unpack] of hooks)
    it(`keep ${name}, and no value changes, in gradients of gradients either`, () => {
      const x = leaf([0.3, -0.7, 1.1]);
      const f = (t: Tensor) => savedTensorsHooks(pack, unpack, () => formula(t));
      expect(grad(f(x), [x])[0].tolist()).toEqual(grad(formula(x), [x])[0].tolist());
      const twice = (g: (t: Tensor) => Tensor) => {
        const [dx] = grad(g(x), [x], { createGraph: true });
        return grad(dx.pow(2).sum(), [x])[0].tolist();
      };
      expect(twice(f)).toEqual(twice(formula));
      const wide = tensor([0.3, -0.7, 1.1], { dtype: "float64", requiresGrad: true });
      expect(gradcheck(f, [wide])).toBe(true);
      expect(gradgradcheck(f, [wide])).toBe(true);
    });

  it("see each tensor that is saved, unrecorded, when it is saved and when it is read, as PyTorch's do", () => {
    const seen: string[] = [];
    const x = leaf([1, 2]);
    const watch = (what: string) => (t: Tensor) => {
      seen.push(`${what} ${t.tolist()} ${t.requiresGrad}`);
      return t;
    };
    const y = savedTensorsHooks(watch("pack"), watch("unpack"), () => x.mul(x).mul(2));
    noGrad(() => savedTensorsHooks(watch("pack"), watch("unpack"), () => x.mul(x)));
    expect(seen).toEqual(["pack 1,2 false", "pack 1,2 false"]);
    y.sum().backward({ retainGraph: true });
    y.sum().backward();
    expect(seen.slice(2)).toEqual(Array(4).fill("unpack 1,2 false"));
    expect(() => y.sum().backward()).toThrow("a second time");
  });

  it("of hooks inside one another the innermost apply, and the outer ones again after them, also after an error", () => {
    const seen: string[] = [];
    const named = (name: string, fn: () => Tensor | void) =>
      savedTensorsHooks<Tensor, Tensor | void>(
        (t) => {
          seen.push(name);
          return t;
        },
        (t) => t,
        fn,
      );
    const x = leaf([1]);
    named("outer", () => {
      x.exp();
      expect(() =>
        named("inner", () => {
          x.exp();
          throw new Error("inside");
        }),
      ).toThrow("inside");
      x.exp();
    });
    x.exp();
    expect(seen).toEqual(["outer", "inner", "outer"]);
  });

  it("find what was changed in place since, where the saved memory itself comes back", () => {
    const x = leaf([1, 2]);
    const changed = (pack: (t: Tensor) => Tensor) => {
      const h = x.mul(1);
      const y = savedTensorsHooks(
        pack,
        (t: Tensor) => t,
        () => h.sin().sum(),
      );
      noGrad(() => h.add_(1));
      return y;
    };
    expect(() => changed((t) => t).backward()).toThrow(
      /SinBackward: .* changed in place \(version 1, saved at version 0\)/,
    );
    expect(
      grad(
        changed((t) => t.clone()),
        [x],
      )[0].tolist(),
    ).toEqual(x.cos().tolist());
    // what an op in place overwrote is nowhere: no copy can have it
    const stale = savedTensorsHooks(
      (t) => t.clone(),
      (t) => t,
      () => Square.apply(x.mul(1)).mul_(x),
    );
    expect(() => stale.sum().backward()).not.toThrow();
  });

  it("say what a hook did wrong", () => {
    const x = leaf([1, 2]);
    const told = (call: () => unknown, kind: new (...rest: never[]) => Error, message: RegExp) => {
      expect(call).toThrow(kind);
      expect(call).toThrow(message);
    };
    const back = (unpack: (t: Tensor) => unknown) =>
      savedTensorsHooks(
        (t) => t,
        unpack as (t: Tensor) => Tensor,
        () => x.exp().sum(),
      ).backward();
    told(() => back(() => 1), ArgumentError, /what unpack gives must be a tensor, got 1/);
    told(
      () => back(() => ones([3])),
      AutogradError,
      /ExpBackward: a float32 tensor of shape \[2\] .*unpacked is a float32 tensor of shape \[3\]/,
    );
    told(() => back((t) => t.to("float64")), AutogradError, /unpacked is a float64 tensor/);
    told(() => back((t) => ones([2]).to("meta").add(t.to("meta"))), AutogradError, /on "meta"/);
    told(
      () =>
        savedTensorsHooks(
          (t) => t.mul_(2),
          (t) => t,
          () => x.mul(1).exp(),
        ),
      AutogradError,
      /pack changed the tensor that it was given in place/,
    );
    told(
      () =>
        savedTensorsHooks(
          1 as never,
          (t: Tensor) => t,
          () => x,
        ),
      ArgumentError,
      /pack must be a function/,
    );
    told(
      () =>
        savedTensorsHooks(
          (t) => t,
          1 as never,
          () => x,
        ),
      ArgumentError,
      /unpack must be a function/,
    );
    told(
      () =>
        savedTensorsHooks(
          (t) => t,
          (t) => t,
          1 as never,
        ),
      ArgumentError,
      /fn must be a function/,
    );
    told(
      () =>
        savedTensorsHooks(
          (t) => t,
          (t) => t,
          (async () => x) as never,
        ),
      FlambeauError,
      /synchronous/,
    );
    told(() => saveOnCpu(3 as never), ArgumentError, /fn must be a function/);
    const fails = () =>
      savedTensorsHooks(
        () => {
          throw new RangeError("mine");
        },
        (t: Tensor) => t,
        () => x.exp(),
      );
    told(fails, RangeError, /mine/);
  });

  it("leave no memory behind", () => {
    const x = leaf([0.5, 1]);
    x.grad = ones([2]);
    const seed = ones([2]);
    const cache = new Map<number, Tensor>();
    for (const [name, pack, unpack] of [
      ...hooks,
      [
        "a table of copies that is the user's",
        (t: Tensor) => {
          if (!cache.has(t.size)) cache.set(t.size, keep(ones(t.shape)));
          return cache.get(t.size);
        },
        (t: Tensor) => t,
      ] as (typeof hooks)[number],
    ]) {
      const f = () => savedTensorsHooks(pack, unpack, () => x.exp().mul(x).sum());
      f().dispose();
      for (const step of [
        () => f().backward(),
        () => void f(), // the graph is dropped with its scope
        () => grad(grad(f(), [x], { createGraph: true })[0].sum(), [x])[0].dispose(),
        () => f().backward({ retainGraph: true }),
      ]) {
        const before = live();
        tidy(step);
        expect([name, live()]).toEqual([name, before]);
      }
      const before = live();
      const y = savedTensorsHooks(pack, unpack, () => x.exp()); // outside of scopes: backward frees what the hooks kept
      y.backward({ gradient: seed });
      y.dispose();
      expect([name, live()]).toEqual([name, before]);
      // a graph that leaves a tidy keeps what it saved
      const z = tidy(() => tidy(f));
      z.backward();
      z.dispose();
      expect([name, live()]).toEqual([name, before]);
    }
    for (const t of cache.values()) expect(t.disposed).toBe(false);
  });

  it("take a checkpoint's inputs too", () => {
    const x = leaf([0.5, 1]);
    const packed: number[] = [];
    const y = savedTensorsHooks(
      (t) => {
        packed.push(t.size);
        return t.clone();
      },
      (t) => t,
      () => checkpoint((t) => t.exp().sin().sum(), [x.mul(2)]),
    );
    expect(packed).toEqual([2]);
    expect(grad(y, [x])[0].tolist()).toEqual(grad(x.mul(2).exp().sin().sum(), [x])[0].tolist());
  });
});

describe("saveOnCpu", () => {
  it("keeps saved tensors of another device on the CPU, and gives them back there", () => {
    const other = cpuWasm({ threads: 1 });
    Object.defineProperty(other, "name", { value: "other" });
    registerBackend(other);
    const x = tensor([0.5, 1], { device: "other", requiresGrad: true });
    const f = () => x.exp().sin().mul(x).sum();
    const [plain] = grad(f(), [x]);
    const before = memory();
    const y = tidy(() => saveOnCpu(f));
    // of all that there is now, the loss alone lies on the other device
    expect(memory().other.tensors - before.other.tensors).toBe(1);
    expect(memory().cpu.tensors).toBeGreaterThan(before.cpu.tensors);
    const [g] = grad(y, [x]);
    expect([g.device, g.tolist()]).toEqual(["other", plain.tolist()]);
    expect(memory().cpu.tensors).toBe(before.cpu.tensors);
  });
});

describe("disableSavedTensorsHooks", () => {
  it("refuses hooks inside, and to stand inside hooks", () => {
    const x = leaf([1]);
    const id = (t: Tensor) => t;
    expect(() => disableSavedTensorsHooks("mine", () => savedTensorsHooks(id, id, () => x.exp()))).toThrow("mine");
    expect(() => savedTensorsHooks(id, id, () => disableSavedTensorsHooks("mine", () => x.exp()))).toThrow(
      AutogradError,
    );
    expect(() => disableSavedTensorsHooks("a", () => disableSavedTensorsHooks("b", () => saveOnCpu(() => 1)))).toThrow(
      "b",
    );
    expect(() => disableSavedTensorsHooks(1 as never, () => 1)).toThrow(ArgumentError);
    expect(() => disableSavedTensorsHooks("a", 1 as never)).toThrow(ArgumentError);
    expect(savedTensorsHooks(id, id, () => 3)).toBe(3);
  });
});
