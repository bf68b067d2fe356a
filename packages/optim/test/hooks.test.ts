import "@flambeau/autograd";
import { cpuWasm } from "@flambeau/backend-cpu-wasm";
import { ArgumentError, registerBackend, type Tensor, tensor, zeros } from "@flambeau/tensor";
import { describe, expect, it } from "vitest";
import * as optim from "../src/index.ts";

registerBackend(cpuWasm({ threads: 1 }));

const leaf = (...values: number[]) => tensor(values, { requiresGrad: true });
function sgd() {
  const w = leaf(1);
  w.grad = tensor([1]);
  return { w, optimizer: new optim.SGD([w], { lr: 0.5, momentum: 0.5 }) };
}

describe("step hooks", () => {
  it("run around a step: those of all optimizers outside, each in the order of registration, until removed", () => {
    const { optimizer } = sgd();
    const calls: string[] = [];
    const note = (name: string) => () => void calls.push(name);
    const removes = [
      optimizer.registerStepPreHook(note("pre 1")),
      optimizer.registerStepPreHook(note("pre 2")),
      optimizer.registerStepPostHook(note("post")),
      optim.registerOptimizerStepPreHook(note("all pre")),
      optim.registerOptimizerStepPostHook(note("all post")),
    ];
    optimizer.step();
    expect(calls).toEqual(["all pre", "pre 1", "pre 2", "post", "all post"]);
    for (const remove of removes) {
      remove();
      remove(); // once more does nothing
    }
    optimizer.step();
    expect(calls).toHaveLength(5);
  });

  it("see the optimizer and the arguments, and may replace them", () => {
    const { w, optimizer } = sgd();
    const closure = () => zeros([]);
    const instead = () => tensor(7);
    const seen: unknown[] = [];
    optimizer.registerStepPreHook((o, args) => {
      seen.push(o, ...args);
      return [instead];
    });
    optimizer.registerStepPostHook((_, args) => void seen.push(...args));
    expect(optimizer.step(closure)?.item()).toBe(7);
    expect(seen).toEqual([optimizer, closure, instead]);
    expect(w.tolist()).toEqual([0.5]);
    optimizer.registerStepPreHook(() => 3 as never);
    expect(() => optimizer.step()).toThrow("SGD.step: a step pre-hook returned 3");
  });

  it("run for LBFGS and for an optimizer that says itself how to step", () => {
    class Mine extends optim.Optimizer<{ lr: number }> {
      protected check() {}
      step(): undefined {
        steps++;
      }
    }
    let steps = 0;
    let hooks = 0;
    const w = leaf(1);
    const remove = optim.registerOptimizerStepPostHook(() => void hooks++);
    new Mine([w], { lr: 1 }).step();
    new optim.LBFGS([w], { maxIter: 1 }).step(() => {
      w.grad = null;
      const loss = w.square().sum();
      loss.backward();
      return loss;
    });
    remove();
    expect([steps, hooks]).toEqual([1, 2]);
  });
});

describe("state dict hooks", () => {
  it("run before and after stateDict, and what the last one returns is given", () => {
    const { optimizer } = sgd();
    const calls: string[] = [];
    optimizer.registerStateDictPreHook((o) => void calls.push(String(o === optimizer)));
    optimizer.registerStateDictPreHook(() => void calls.push("first"), { prepend: true });
    optimizer.registerStateDictPostHook((_, dict) => ({ ...dict, state: { "0": { note: 1 } } }));
    optimizer.registerStateDictPostHook((_, dict) => void calls.push(...Object.keys(dict.state["0"])));
    expect(optimizer.stateDict().state).toEqual({ "0": { note: 1 } });
    expect(calls).toEqual(["first", "true", "note"]);
  });

  it("run before and after loadStateDict on a copy; a refusal comes before the last", () => {
    const [from, to] = [sgd(), sgd()];
    from.optimizer.step();
    const dict = from.optimizer.stateDict();
    let loaded = 0;
    to.optimizer.registerLoadStateDictPreHook((_, given) => {
      expect(given).not.toBe(dict);
      return { ...given, paramGroups: given.paramGroups.map((g) => ({ ...g, lr: 0.25 })) };
    });
    const remove = to.optimizer.registerLoadStateDictPostHook(() => void loaded++);
    to.optimizer.loadStateDict(dict);
    expect([to.optimizer.paramGroups[0].lr, loaded]).toEqual([0.25, 1]);
    expect(() => to.optimizer.loadStateDict({ ...dict, state: { "7": {} } })).toThrow("holds state for parameter 7");
    expect(loaded).toBe(1);
    remove();
    to.optimizer.loadStateDict(dict);
    expect(loaded).toBe(1);
  });
});

describe("named parameters", () => {
  const named = (...names: string[]) => names.map((name) => [name, leaf(1, 2)] as const);
  it("keep their names in groups and in state dicts, as PyTorch's do", () => {
    const optimizer = new optim.Adam(named("w", "b"));
    expect(optimizer.paramGroups[0].params.map((p) => p.shape)).toEqual([[2], [2]]);
    expect(optimizer.stateDict().paramGroups[0]).toMatchObject({ params: [0, 1], paramNames: ["w", "b"] });
    const groups = new optim.Adam([{ params: named("w") }, { params: new Map(named("b")), lr: 1 }]);
    expect(groups.paramGroups.map((g) => g.paramNames)).toEqual([["w"], ["b"]]);
    const again = new optim.Adam(groups.paramGroups);
    expect(again.paramGroups.map((g) => g.paramNames)).toEqual([["w"], ["b"]]);
  });

  it("load by position: names of the state take the place of the optimizer's, no names leave them", () => {
    const [one, other] = [new optim.SGD(named("w", "b")), new optim.SGD(named("x", "y"))];
    other.loadStateDict(one.stateDict());
    expect(other.paramGroups[0].paramNames).toEqual(["w", "b"]);
    other.loadStateDict(new optim.SGD([leaf(1), leaf(2)]).stateDict());
    expect(other.paramGroups[0].paramNames).toEqual(["w", "b"]);
    const plain = new optim.SGD([leaf(1), leaf(2)]);
    plain.loadStateDict(one.stateDict());
    expect(plain.paramGroups[0].paramNames).toEqual(["w", "b"]);
  });

  it.each<[string, () => unknown]>([
    ["SGD: some parameters have names, others none", () => new optim.SGD([...named("w"), leaf(1)] as never)],
    ["SGD: some parameters have names, others none", () => new optim.SGD([leaf(1), ...named("w")] as never)],
    [
      "SGD: parameters of some groups have names, those of others none",
      () => new optim.SGD([{ params: named("w") }, { params: [leaf(1)] }]),
    ],
    ['SGD: a parameter with its name is [name, tensor], got ["w"]', () => new optim.SGD([["w"]] as never)],
    ["SGD: each parameter must be a tensor", () => new optim.SGD([["w", 3]] as never)],
    [
      "SGD: paramNames has 1 names for 2 parameters",
      () => new optim.SGD([{ params: [leaf(1), leaf(2)], paramNames: ["w"] }]),
    ],
  ])("%s", (message, make) => {
    expect(make).toThrow(ArgumentError);
    expect(make).toThrow(message);
  });

  it("are refused in a state dict that has another number of them", () => {
    const optimizer = new optim.SGD(named("w", "b"));
    const dict = optimizer.stateDict();
    const wrong = { ...dict, paramGroups: [{ ...dict.paramGroups[0], paramNames: ["w"] }] };
    expect(() => optimizer.loadStateDict(wrong)).toThrow("group 0 has other paramNames than one for each");
  });
});

describe("swapInOptimizerParamsAndState", () => {
  const { swapInOptimizerParamsAndState } = optim;
  function stepped() {
    const { w, optimizer } = sgd();
    optimizer.step();
    const other = leaf(10);
    other.grad = tensor([2]);
    const buffer = tensor([4]);
    const dict = optimizer.stateDict();
    const state = {
      state: { "0": { momentumBuffer: buffer as Tensor } },
      paramGroups: [{ ...dict.paramGroups[0], lr: 1 }],
    };
    return { w, optimizer, other, buffer, state };
  }
  it("steps other parameters with their own state and options, in place, and puts its own back", () => {
    const { w, optimizer, other, buffer, state } = stepped();
    const before = w.tolist();
    const seen = swapInOptimizerParamsAndState(optimizer, new Map([["w", other]]), state, () => {
      optimizer.step();
      return [optimizer.paramGroups[0].params[0] === other, optimizer.paramGroups[0].lr];
    });
    expect(seen).toEqual([true, 1]);
    expect(buffer.tolist()).toEqual([4]); // 0.5 * 4 + 2
    expect(other.tolist()).toEqual([6]);
    expect(w.tolist()).toEqual(before);
    expect(optimizer.paramGroups[0]).toMatchObject({ params: [w], lr: 0.5 });
    expect((optimizer.stateDict().state["0"].momentumBuffer as Tensor).tolist()).toEqual([1]);
  });
  it("puts them back when the function throws", () => {
    const { w, optimizer, other, state } = stepped();
    const fail = () => {
      throw new Error("within");
    };
    expect(() => swapInOptimizerParamsAndState(optimizer, [other], state, fail)).toThrow("within");
    expect(optimizer.paramGroups[0].params).toEqual([w]);
  });
  it("refuses what does not fit", () => {
    const { optimizer, other, state } = stepped();
    const call = (o: optim.SGD, tensors: Tensor[], s: unknown) => () =>
      swapInOptimizerParamsAndState(o, tensors, s as never, () => 1);
    expect(call(sgd().optimizer, [other], state)).toThrow("the optimizer has no state yet");
    expect(call(optimizer, [other, leaf(1)], state)).toThrow("got 2 parameters, the optimizer has 1");
    expect(call(optimizer, [other], { ...state, state: { "3": {} } })).toThrow("parameters that no group names: 3");
    const { lr: _, ...fewer } = state.paramGroups[0];
    expect(call(optimizer, [other], { ...state, paramGroups: [fewer] })).toThrow(
      "group 0 of state has other options: lr",
    );
    expect(() => swapInOptimizerParamsAndState(optimizer, [other], state, (async () => 1) as never)).toThrow();
  });
});
