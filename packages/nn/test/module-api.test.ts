// The Module API beside what module.test.ts and hooks.test.ts hold: PyTorch 2.13 says in which order hooks are called and what they see.
import { readFileSync } from "node:fs";
import {
  ArgumentError,
  AutogradError,
  FlambeauError,
  memory,
  nn,
  ones,
  optim,
  ShapeError,
  type Tensor,
  tensor,
  tidy,
  zeros,
} from "flambeau";
import { describe, expect, test, vi } from "vitest";

const figures: Record<string, unknown> & { readonly names: Record<string, string[]> } = JSON.parse(
  readFileSync(new URL("./figures/module-api-torch213.json", import.meta.url), "utf8"),
);
class Net extends nn.Module {
  a = new nn.Linear(2, 2);
  b = new nn.Sequential(new nn.Tanh(), new nn.Linear(2, 1));
  forward(x: Tensor): Tensor {
    return this.b.forward(this.a.forward(x));
  }
}
const nameOf = (module: nn.Module) => module.constructor.name;
const told = (call: () => unknown, kind: new (...rest: never[]) => Error, message: RegExp) => {
  expect(call).toThrow(kind);
  expect(call).toThrow(message);
};

describe("hooks of all modules", () => {
  test("come before a module's own, in PyTorch's order, and leave the classes as they were", () => {
    const log: unknown[] = [];
    const note = (name: string) => (module: nn.Module) => void log.push([name, nameOf(module)]);
    const forward = Object.getOwnPropertyDescriptor(nn.Linear.prototype, "forward");
    const removals = [
      nn.registerModuleForwardPreHook(note("global pre")),
      nn.registerModuleForwardHook(note("global")),
      nn.registerModuleFullBackwardPreHook(note("global backward pre")),
      nn.registerModuleFullBackwardHook(note("global backward")),
    ];
    const net = new Net();
    net.a.registerForwardPreHook(note("own pre"));
    net.a.registerForwardHook(note("own"));
    net.a.registerFullBackwardPreHook(note("own backward pre"));
    net.a.registerFullBackwardHook(note("own backward"));
    const x = ones([3, 2], { requiresGrad: true });
    net.forward(x).sum().backward();
    expect(log).toEqual(figures.calls);
    for (const remove of [...removals, ...removals]) remove();
    log.length = 0;
    net.forward(ones([3, 2]));
    expect(log).toEqual(figures["calls without global"]);
    expect(Object.getOwnPropertyDescriptor(nn.Linear.prototype, "forward")).toEqual(forward);
  });

  test("see modules that were there before and classes that come later, once for a call with super, and replace what they are given", () => {
    const before = new nn.Tanh();
    const log: string[] = [];
    const removals = [
      nn.registerModuleForwardHook((module) => void log.push(nameOf(module))),
      nn.registerModuleForwardPreHook((_, [x]) => [(x as Tensor).add(1)]),
      nn.registerModuleForwardHook((_, __, y) => (y as Tensor).mul(10)),
    ];
    class Later extends nn.Identity {
      override forward(x: Tensor): Tensor {
        return super.forward(x).add(5);
      }
    }
    before.forward(zeros([1]));
    expect(new Later().forward(zeros([1])).tolist()).toEqual([60]);
    expect(log).toEqual(["Tanh", "Later"]);
    for (const remove of removals) remove();
    expect(new Later().forward(zeros([1])).tolist()).toEqual([5]);
  });

  test("see registrations in fields and by name, and replace what is registered", () => {
    const log: unknown[] = [];
    const note = (kind: string) => (module: nn.Module, name: string) => void log.push([kind, nameOf(module), name]);
    const removals = [
      nn.registerModuleParameterRegistrationHook(note("parameter")),
      nn.registerModuleBufferRegistrationHook(note("buffer")),
      nn.registerModuleModuleRegistrationHook(note("module")),
    ];
    const sequential = new nn.Sequential(new nn.Linear(2, 2), new nn.BatchNorm1d(2));
    const camel = (name: string) => name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
    expect(log).toEqual((figures.registrations as string[][]).map(([kind, of, name]) => [kind, of, camel(name)]));
    const frozen = nn.registerModuleParameterRegistrationHook((_, __, p) => new nn.Parameter(p, false));
    const layer = new nn.Linear(2, 2);
    for (const remove of [...removals, frozen]) remove();
    expect([...layer.parameters()].map((p) => p.requiresGrad)).toEqual([false, false]);
    layer.bias = new nn.Parameter(zeros([2])); // no more
    expect(layer.bias.requiresGrad).toBe(true);
    log.length = 0;
    const remove = nn.registerModuleParameterRegistrationHook(note("parameter"));
    const old = new nn.Identity();
    remove();
    const again = nn.registerModuleParameterRegistrationHook(note("parameter"));
    for (const module of [old, sequential]) module.registerParameter("extra", new nn.Parameter(zeros([1])));
    again();
    expect(log).toEqual([
      ["parameter", "Identity", "extra"],
      ["parameter", "Sequential", "extra"],
    ]);
  });
});

test("a hook that is always called is called when forward throws, and its own error does not hide that one", () => {
  class Breaks extends nn.Module {
    forward(_: Tensor): Tensor {
      throw new RangeError("no");
    }
  }
  const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
  const log: unknown[] = [];
  const module = new Breaks();
  module.registerForwardHook((_, __, y) => void log.push(["plain", y === undefined]));
  module.registerForwardHook((_, __, y) => void log.push(["always", y === undefined]), { alwaysCall: true });
  module.registerForwardHook(
    () => {
      throw new TypeError("other");
    },
    { alwaysCall: true },
  );
  expect(() => module.forward(ones([1]))).toThrow(RangeError);
  expect(log).toEqual(figures.always);
  expect(warn.mock.calls[0][0]).toMatch("a hook of Breaks threw while another error was on its way: TypeError: other");
  warn.mockRestore();
});

describe("states", () => {
  test("call their hooks in PyTorch's order with what PyTorch's see", () => {
    const log: unknown[] = [];
    const net = new Net();
    const removals = [...net.modules()].flatMap((module) => [
      module.registerStateDictPreHook((_, prefix) => void log.push(["state pre", prefix])),
      module.registerStateDictPostHook((_, state, prefix) => void log.push(["state post", prefix, state.size])),
      module.registerLoadStateDictPreHook(
        (_, state, prefix) => void log.push(["load pre", prefix, [...state.keys()].sort()]),
      ),
      module.registerLoadStateDictPostHook(
        (m, keys) => void log.push(["load post", nameOf(m), keys.missingKeys.length, keys.unexpectedKeys.length]),
      ),
    ]);
    const state = net.stateDict();
    state.delete("b.1.bias");
    const given = new Map([...state, ["a.x", ones([1])], ["c.y", ones([1])]]);
    expect(net.loadStateDict(given, { strict: false })).toEqual({
      missingKeys: ["b.1.bias"],
      unexpectedKeys: ["c.y", "a.x"],
    });
    // those after loading come once all is loaded, so that all is checked before: in PyTorch each comes before the next module is looked at
    const of = (list: unknown, last: boolean) =>
      (list as string[][]).filter(([what]) => (what === "load post") === last);
    expect([of(log, false), of(log, true)]).toEqual([of(figures.states, false), of(figures.states, true)]);
    for (const remove of removals) remove();
    log.length = 0;
    net.loadStateDict(net.stateDict());
    expect(log).toEqual([]);
  });

  test("are changed by hooks: keys are renamed, what is missing is forgiven, errors are thrown", () => {
    const net = new Net();
    const value = tensor([[7, 7]]);
    const state = net.stateDict();
    state.delete("b.1.weight");
    state.set("b.1.kernel", value);
    told(() => net.loadStateDict(state), FlambeauError, /missing keys: b.1.weight; unexpected keys: b.1.kernel/);
    const last = net.getSubmodule("b.1");
    const remove = last.registerLoadStateDictPreHook((_, part, prefix) => {
      const found = part.get(`${prefix}kernel`);
      if (found) part.set(`${prefix}weight`, found);
      part.delete(`${prefix}kernel`);
    });
    net.loadStateDict(state);
    expect(net.getParameter("b.1.weight").tolist()).toEqual([[7, 7]]);
    expect(state.has("b.1.kernel")).toBe(true); // what was given stays
    remove();
    state.delete("b.1.kernel");
    const forgive = net.registerLoadStateDictPostHook((_, { missingKeys }) => void missingKeys.splice(0));
    expect(net.loadStateDict(state).missingKeys).toEqual([]);
    forgive();
    net.registerLoadStateDictPreHook((_, __, ___, { errors }) => void errors.push("too old"));
    told(() => net.loadStateDict(state, { strict: false }), FlambeauError, /^loadStateDict: too old$/);
    net.registerStateDictPostHook((_, made, prefix) => void made.set(`${prefix}version`, tensor(3)));
    expect(net.stateDict({ prefix: "model." }).get("model.version")?.item()).toBe(3);
  });

  test("hold extra state", () => {
    class Counter extends nn.Module {
      steps = 0;
      forward(x: Tensor): Tensor {
        this.steps++;
        return x;
      }
      override getExtraState(): Tensor {
        return tensor(this.steps, { dtype: "int64" });
      }
      override setExtraState(state: Tensor): void {
        this.steps = Number(state.item());
      }
    }
    const [from, to] = [new nn.Sequential(new Counter()), new nn.Sequential(new Counter())];
    from.forward(ones([1]));
    const state = from.stateDict();
    expect([...state.keys()]).toEqual(["0._extra_state"]);
    to.loadStateDict(state);
    expect((to.get(0) as nn.Layer & Counter).steps).toBe(1);
    told(() => to.loadStateDict({}), FlambeauError, /missing keys: 0._extra_state/);
    told(() => new nn.Sequential(new nn.ReLU()).loadStateDict(state), FlambeauError, /unexpected keys: 0._extra_state/);
    told(() => new nn.ReLU().setExtraState(ones([1])), ArgumentError, /takes no extra state/);
  });

  test("are put in the place of a module's tensors with assign, and scalars of old files load", () => {
    const layer = new nn.BatchNorm1d(2);
    const { weight, runningMean } = layer;
    if (weight === null) throw new Error("it has one");
    weight.requiresGrad = false;
    const state = new Map([...layer.stateDict()].map(([key, t]) => [key, t.detach().clone().to("float64")] as const));
    const own = new nn.Parameter(tensor([1, 2]));
    state.set("bias", own);
    layer.loadStateDict(state, { assign: true });
    expect([layer.weight?.dtype, layer.weight === weight, layer.weight?.requiresGrad]).toEqual([
      "float64",
      false,
      false,
    ]);
    expect(layer.bias).toBe(own);
    expect([layer.runningMean === runningMean, [...layer.buffers()].length]).toEqual([false, 3]);
    expect(layer.weight?.storage).toBe(state.get("weight")?.storage);
    told(() => layer.loadStateDict({ weight: ones([3]) }, { assign: true, strict: false }), ShapeError, /shape \[3\]/);
    const plain = new nn.BatchNorm1d(2);
    plain.loadStateDict({ num_batches_tracked: tensor([5]) }, { strict: false });
    expect(plain.numBatchesTracked?.item()).toBe(5);
  });
});

describe("modules", () => {
  test("name what they hold as PyTorch's do, by each of the ways to ask", () => {
    const tied = new nn.Sequential(new nn.Linear(2, 2), new nn.Linear(2, 2));
    tied.setSubmodule("1", new nn.Linear(2, 2));
    (tied.get(1) as nn.Linear).weight = (tied.get(0) as nn.Linear).weight;
    const names = (all: Iterable<[string, unknown]>) => [...all].map(([name]) => name);
    const tanh = new nn.Tanh();
    expect({
      plain: names(tied.namedParameters()),
      all: names(tied.namedParameters({ removeDuplicate: false })),
      prefix: names(tied.namedParameters({ prefix: "p" })),
      own: names(new Net().namedParameters({ recurse: false })),
      modules: names(new nn.Sequential(tanh, tanh).namedModules({ prefix: "p", removeDuplicate: false })),
    }).toEqual(figures.names);
    expect([...new nn.BatchNorm1d(2).parameters({ recurse: false })].length).toBe(2);
    expect(names(new nn.Sequential(new nn.BatchNorm1d(2)).namedBuffers({ recurse: false }))).toEqual([]);
    expect(tied.getParameter("1.weight")).toBe(tied.getParameter("0.weight")); // by its second name, too
    expect(new nn.Sequential(tanh, tanh).getSubmodule("1")).toBe(tanh);
    expect(tied.getSubmodule("")).toBe(tied);
    expect(new nn.Sequential(new nn.BatchNorm1d(2)).getBuffer("0.running_mean").tolist()).toEqual([0, 0]);
    told(() => tied.getBuffer("0.weight"), ArgumentError, /there is no buffer "0.weight"/);
    told(() => tied.getParameter("2.weight"), ArgumentError, /parameters: 0.weight, 0.bias, 1.bias/);
  });

  test("take other submodules at a path", () => {
    const net = new Net();
    net.setSubmodule("b.1", new nn.Linear(2, 5));
    expect(net.forward(ones([1, 2])).shape).toEqual([1, 5]);
    net.setSubmodule("b.2", new nn.ReLU());
    expect(net.b.length).toBe(3);
    told(() => net.setSubmodule("b.3", new nn.ReLU(), { strict: true }), ArgumentError, /"b.3" is not there/);
    told(() => net.setSubmodule("a.weight", new nn.ReLU()), ArgumentError, /"a.weight" is no module/);
    told(() => net.setSubmodule("c.d", new nn.ReLU()), ArgumentError, /there is no submodule "c"/);
    told(() => net.setSubmodule("", new nn.ReLU()), ArgumentError, /must name something/);
  });

  test("convert by type", () => {
    expect(new nn.Linear(1, 1).type("float64").weight.dtype).toBe("float64");
    told(() => new nn.Linear(1, 1).type("torch" as "float32"), ArgumentError, /dtype/);
  });
});

describe("a copy", () => {
  class Model extends nn.Module {
    embedding = new nn.Embedding(3, 2);
    out = new nn.Linear(2, 3, { bias: false });
    norm = new nn.BatchNorm1d(3);
    settings = { sizes: [1, 2], when: new Map([["a", zeros([1])]]) };
    seen = new Set([1]);
    constructor() {
      super();
      this.out.weight = this.embedding.weight;
    }
    forward(x: Tensor): Tensor {
      this.settings.sizes.push(3);
      return this.norm.forward(this.out.forward(this.embedding.forward(x)));
    }
  }
  const x = tensor([0, 1, 2, 0], { dtype: "int64" });

  test("shares nothing, keeps ties, hooks and modes, and trains apart", () => {
    const model = new Model().eval();
    model.out.requiresGrad_(true);
    model.forward(x).sum().backward();
    let calls = 0;
    model.norm.registerForwardHook(() => void calls++);
    model.registerStateDictPostHook((_, state) => void state.set("more", zeros([1])));
    const copy = model.clone();
    expect(copy).toBeInstanceOf(Model);
    expect(copy.out.weight).toBe(copy.embedding.weight);
    expect(copy.out.weight).not.toBe(model.out.weight);
    const storages = (module: nn.Module) => [...module.parameters(), ...module.buffers()].map((t) => t.storage);
    expect(storages(copy).filter((each) => storages(model).includes(each))).toEqual([]);
    expect(copy.out.weight.grad?.tolist()).toEqual(model.out.weight.grad?.tolist());
    expect(copy.out.weight.grad?.storage).not.toBe(model.out.weight.grad?.storage);
    expect([copy.training, copy.norm.training]).toEqual([false, false]);
    expect([...copy.stateDict().keys()]).toEqual([...model.stateDict().keys()]);
    expect(copy.forward(x).tolist()).toEqual(model.forward(x).tolist());
    expect(calls).toBe(2);
    expect([copy.settings.sizes.length, model.settings.sizes.length]).toEqual([4, 4]);
    expect(copy.settings.when.get("a")).not.toBe(model.settings.when.get("a"));
    copy.seen.add(2);
    expect(model.seen.size).toBe(1);
    const before = model.out.weight.tolist();
    const optimizer = new optim.SGD(copy.parameters(), { lr: 1 });
    copy.train().forward(x).square().sum().backward();
    optimizer.step();
    expect(model.out.weight.tolist()).toEqual(before);
    expect(copy.out.weight.tolist()).not.toEqual(before);
    expect(model.norm.numBatchesTracked?.item()).toBe(0);
    expect(copy.norm.numBatchesTracked?.item()).toBe(1);
  });

  test("of one that contains itself, of parametrized ones, and of what cannot be copied", () => {
    class Self extends nn.Module {
      self: nn.Module = this;
      forward(): void {}
    }
    const self = new Self().clone();
    expect(self.self).toBe(self);
    const { parametrizations, parametrize } = nn.utils;
    const normed = parametrizations.weightNorm(new nn.Linear(2, 2));
    const copy = normed.clone();
    nn.init.zeros_(copy.parametrizations.get("weight").original0 as Tensor);
    expect([copy.weight.abs().sum().item(), normed.weight.abs().sum().item() > 0]).toEqual([0, true]);
    parametrize.removeParametrizations(normed, "weight");
    expect(copy.weight.abs().sum().item()).toBe(0); // its own are still there
    class Arrow extends nn.Module {
      forward = (y: Tensor) => y;
    }
    told(() => new Arrow().clone(), ArgumentError, /forward of Arrow is a function in a field/);
    class Holds extends nn.Identity {
      made = ones([1], { requiresGrad: true }).mul(2);
    }
    told(() => new Holds().clone(), AutogradError, /holds a tensor that an op made/);
  });

  test("leaves no more than itself", () => {
    const model = new Model();
    tidy(() => model.clone());
    const before = memory().cpu.tensors;
    const copy = model.clone();
    expect(memory().cpu.tensors - before).toBeLessThanOrEqual(storagesOf(copy) + 1); // and the one in a Map
  });
  const storagesOf = (module: nn.Module) => new Set([...module.parameters(), ...module.buffers()]).size;
});
