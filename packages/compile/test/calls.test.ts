import {
  compile,
  DeviceError,
  FlambeauError,
  IndexError,
  keep,
  losses,
  MemoryError,
  memory,
  nn,
  ones,
  optim,
  randn,
  reclaim,
  type Tensor,
  tensor,
  tidy,
  zeros,
} from "flambeau";
import { beforeEach, describe, expect, test } from "vitest";

const live = (): number => memory().cpu.tensors;
let before = 0;
beforeEach(() => {
  reclaim(); // what tests before this one have dropped
  before = live();
});
/** Tensors that were made since and live. */
const made = (): number => live() - before;

describe("what is made inside", () => {
  test("goes with the call, but for what is returned", () => {
    const f = compile((x: Tensor) => x.exp().add(1).sqrt());
    for (let i = 0; i < 3; i++) {
      const x = ones([3]);
      const y = f(x);
      expect(made()).toBe(2);
      x.dispose();
      y.dispose();
    }
    expect(made()).toBe(0);
  });
  test("is kept where the program says so, in lists and objects too", () => {
    let side = zeros([1]);
    const f = compile((x: Tensor) => {
      side = keep(x.mul(2));
      return { list: [x.add(1)], more: new Map([["a", x.sub(1)]]) };
    });
    side.dispose();
    for (let i = 0; i < 3; i++) {
      const x = tensor([1, 2]);
      const { list, more } = f(x);
      expect([list[0].tolist(), more.get("a")?.tolist(), side?.tolist()]).toEqual([
        [2, 3],
        [0, 1],
        [2, 4],
      ]);
      for (const t of [x, ...list, ...more.values(), side]) t.dispose();
    }
    expect(made()).toBe(0);
  });
  test("what escapes otherwise is gone, as with tidy", () => {
    let side = zeros([1]);
    const f = compile((x: Tensor) => {
      side.dispose();
      side = x.mul(2);
      return x.add(1);
    });
    for (let i = 0; i < 3; i++) {
      tidy(() => f(ones([2])).tolist());
      expect(() => side.tolist()).toThrow(MemoryError);
    }
    expect(made()).toBe(0);
  });
  test("views keep the memory that they show", () => {
    const f = compile((x: Tensor) => x.mul(2).narrow(0, 1, 2));
    for (let i = 0; i < 3; i++) tidy(() => expect(f(tensor([1, 2, 3])).tolist()).toEqual([4, 6]));
  });
  test("an argument that comes back, in whole or in part, is the argument", () => {
    const f = compile((x: Tensor) => [x, x.narrow(0, 0, 1), x.add(1)]);
    for (let i = 0; i < 3; i++)
      tidy(() => {
        const x = tensor([1, 2]);
        const [same, part, sum] = f(x);
        x.add_(1);
        expect([same === x, part.tolist(), sum.tolist()]).toEqual([true, [2], [2, 3]]);
      });
  });
  test("an argument that the function disposes of lives as long as it is read", () => {
    const f = compile((x: Tensor) => {
      const y = x.mul(2);
      x.dispose();
      return y.add(1);
    });
    for (let i = 0; i < 3; i++) tidy(() => expect(f(tensor([i])).tolist()).toEqual([2 * i + 1]));
    expect(made()).toBe(0);
  });
  test("tensors that are dropped inside are found by a collection in the middle", () => {
    const w = ones([100]);
    const f = compile((x: Tensor) => {
      let y = x;
      for (let i = 0; i < 5; i++) {
        y = y.mul(w);
        reclaim();
      }
      return y;
    });
    for (let i = 0; i < 3; i++)
      tidy(() =>
        expect(
          f(ones([100]))
            .sum()
            .item(),
        ).toBe(100),
      );
    w.dispose();
    expect(made()).toBe(0);
  });
});

describe("reads in the middle", () => {
  test("see what was computed", () => {
    const f = compile((x: Tensor) => {
      const y = x.mul(3);
      const first = y.select(0, 0).item() as number;
      return first > 5 ? y.add(first) : y.sub(first);
    });
    for (const x of [1, 2, 1, 2, 1, 2])
      tidy(() => expect(f(tensor([x, 1])).tolist()).toEqual(x === 1 ? [0, 0] : [12, 9]));
    expect(f.stats().parts).toBe(2);
  });
  test("asynchronous ones give the values of then", async () => {
    let reads: Promise<unknown>[] = [];
    const f = compile((x: Tensor) => {
      const y = x.mul(3);
      reads.push(y.data());
      y.mul_(2);
      reads.push(y.data());
      return y;
    });
    for (let i = 0; i < 3; i++) {
      reads = [];
      tidy(() => f(tensor([1, 2])).tolist());
      expect(await Promise.all(reads)).toEqual([new Float32Array([3, 6]), new Float32Array([6, 12])]);
    }
  });
  test("memory() counts what a program holds", () => {
    const counts: number[] = [];
    const f = compile((x: Tensor) => {
      const [a, b] = [x.mul(2), x.add(1)];
      counts.push(memory().cpu.tensors);
      return a.add(b);
    });
    tidy(() => {
      const x = ones([2]);
      const held = memory().cpu.tensors;
      for (let i = 0; i < 3; i++) f(x).dispose();
      expect(counts).toEqual([held + 2, held + 2, held + 2]);
    });
  });
  test("strings of tensors", () => {
    const f = compile((x: Tensor) => String(x.add(1)));
    for (let i = 0; i < 3; i++) expect(tidy(() => f(tensor([1.5])))).toBe("tensor([2.5000])");
  });
});

describe("errors", () => {
  test("of the function come through, after what it did before", () => {
    const w = zeros([2]);
    const f = compile((x: Tensor, fails: boolean) => {
      w.add_(x);
      const y = x.mul(2);
      if (fails) throw new RangeError("enough");
      return y;
    });
    for (let i = 0; i < 3; i++) {
      tidy(() => f(ones([2]), false).tolist());
      expect(() => tidy(() => f(ones([2]), true))).toThrow(new RangeError("enough"));
    }
    expect(w.tolist()).toEqual([6, 6]);
    w.dispose();
    expect(made()).toBe(0);
  });
  test("of shapes come at their place", () => {
    const f = compile((x: Tensor, y: Tensor) => x.mul(2).matmul(y));
    expect(() => tidy(() => f(ones([2, 3]), ones([2, 3])))).toThrow("matmul: inner dimensions differ");
    expect(tidy(() => f(ones([2, 3]), ones([3, 1])).tolist())).toEqual([[6], [6]]);
    expect(made()).toBe(0);
  });
  test("of indices and of targets leave what came before them, and nothing of what came after", () => {
    const w = zeros([1]);
    const embedding = new nn.Embedding(3, 2);
    before = live();
    const f = compile((ids: Tensor) => {
      w.add_(1);
      const x = embedding.forward(ids.add(0));
      w.add_(1);
      const loss = losses.crossEntropy(x, ids.sub(1));
      w.add_(1);
      return loss;
    });
    const call = (...ids: number[]) => tidy(() => f(tensor(ids, { dtype: "int32" })).item());
    for (let i = 0; i < 3; i++) {
      w.zero_();
      expect(() => call(1, 3)).toThrow(IndexError);
      expect(w.item()).toBe(1);
      w.zero_();
      expect(() => call(0, 1)).toThrow(IndexError); // a target of -1
      expect(w.item()).toBe(2);
      w.zero_();
      expect(call(1, 2)).toBeGreaterThan(0);
      expect(w.item()).toBe(3);
    }
    expect(made()).toBe(0);
  });
  test("functions that give promises are refused", () => {
    // @ts-expect-error: as the types say, too
    const f = compile(async (x: Tensor) => x.add(1));
    expect(() => f(ones([1]))).toThrow(FlambeauError);
    expect(() => f(ones([1]))).toThrow("compile takes a synchronous function");
    reclaim();
    expect(made()).toBe(0);
  });
  test.each<[string, () => unknown]>([
    ["compile: takes a function or a module, got 3", () => compile(3 as never)],
    ["compile: takes a function or a module, got null", () => compile(null as never)],
    ["compile: plans must be", () => compile(() => 1, { plans: 0 })],
    ['compile: there is no option "fullgraph"', () => compile(() => 1, { fullgraph: true } as never)],
  ])("%s", (message, call) => expect(call).toThrow(message));
  test("a disposed tensor", () => {
    const f = compile((x: Tensor) => x.add(1));
    const x = ones([1]);
    x.dispose();
    expect(() => f(x)).toThrow(MemoryError);
    expect(() => f(ones([1], { device: "moon" }))).toThrow(DeviceError);
  });
});

describe("plans", () => {
  test("are one for each set of shapes, bounded in number", () => {
    const f = compile((x: Tensor) => x.mul(2).add(x).tanh(), { plans: 8 });
    for (let n = 1; n <= 1000; n++)
      tidy(() => {
        const x = randn([n]);
        expect(f(x).tolist()).toEqual(x.mul(2).add(x).tanh().tolist());
      });
    expect(f.stats()).toMatchObject({ calls: 1000, tapes: 8, evicted: 992 });
    expect(made()).toBe(0);
  });
  test("of shapes that come again are used again", () => {
    const f = compile((x: Tensor) => x.mul(2).add(1).exp());
    for (let i = 0; i < 12; i++) tidy(() => f(ones([(i % 3) + 1])).tolist());
    expect(f.stats()).toMatchObject({ tapes: 3, evicted: 0, kernels: { asked: 3, run: 1 } });
  });
  test("two functions share tensors", () => {
    const w = ones([3]);
    const forward = compile((x: Tensor) => x.mul(w).add(1));
    const update = compile((g: Tensor) => void w.sub_(g.mul(0.5).add(0.5)));
    const expected: number[] = [];
    const got: number[] = [];
    for (let i = 0, weight = 1; i < 5; i++)
      tidy(() => {
        got.push(
          forward(tensor([2, 2, 2]))
            .select(0, 1)
            .item() as number,
        );
        expected.push(2 * weight + 1);
        update(ones([3]));
        weight -= 1;
      });
    expect(got).toEqual(expected);
    w.dispose();
  });
  test("a compiled function in another is a part of it", () => {
    const inner = compile((x: Tensor) => x.mul(2).add(1));
    const outer = compile((x: Tensor) => inner(x).exp().mul(inner(x)));
    for (let i = 0; i < 3; i++) tidy(() => expect(outer(zeros([1])).item()).toBeCloseTo(Math.E, 5));
    expect(outer.stats().parts).toBe(1);
    expect(inner.stats().calls).toBe(0);
  });
  test("are explained", () => {
    const f = compile((x: Tensor) => x.mul(2).add(1).sum());
    expect(f.explain()).toBe("not called yet, or a call asked for nothing");
    for (let i = 0; i < 2; i++) tidy(() => f(ones([4])));
    expect(f.explain()).toBe(
      "part 1, up to the end: 1 kernels for 3, 4 bytes for 36\n  reduce sum of mul add: [4] -> [1] (3 calls)",
    );
  });
});

test("scopes inside", () => {
  const f = compile((x: Tensor) => {
    const y = tidy(() => x.mul(2).add(1).exp());
    return tidy(() => y.log().mul(y));
  });
  for (let i = 0; i < 3; i++) tidy(() => expect(f(zeros([1])).item()).toBeCloseTo(Math.E, 5));
  expect(f.stats().kernels.run).toBe(1);
  expect(made()).toBe(0);
});

test("gradients and the state of an optimizer stay, a step at a time or forward and backward apart", () => {
  const model = new nn.Linear(3, 2);
  const optimizer = new optim.Adam(model.parameters());
  const forward = compile(model);
  for (let i = 0; i < 4; i++)
    tidy(() => {
      optimizer.zeroGrad();
      // the graph of what a compiled function returns goes on
      forward(ones([1, 3]))
        .sum()
        .backward();
      optimizer.step();
    });
  expect(model.weight.grad?.tolist()).toEqual([
    [1, 1, 1],
    [1, 1, 1],
  ]);
  for (const t of model.parameters()) (t.grad as Tensor).dispose();
  expect(Object.keys(optimizer.stateDict().state)).toEqual(["0", "1"]);
});

test("on meta, where nothing is computed", () => {
  const f = compile((x: Tensor) => x.matmul(x).add(1));
  for (let i = 0; i < 3; i++) tidy(() => expect(f(zeros([2, 2], { device: "meta" })).shape).toEqual([2, 2]));
});
