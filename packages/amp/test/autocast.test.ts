import { readFileSync } from "node:fs";
import { type Call, context, type Interpreter, withInterpreter } from "@flambeau/tensor/plugin";
import {
  amp,
  type DType,
  fromBytes,
  gradAndValue,
  losses,
  memory,
  nn,
  noGrad,
  ones,
  optim,
  randn,
  scaledDotProductAttention,
  type Tensor,
  tensor,
  tidy,
  vmap,
} from "flambeau";
import { describe, expect, test } from "vitest";

const { autocast } = amp;

/** An interpreter that is told of each call. */
const watching = (tell: (call: Call) => void): Interpreter => ({
  op(call) {
    tell(call);
    return call.next();
  },
});

/** The casts to half precision that `fn` makes. */
function castsIn(fn: () => unknown): number {
  let casts = 0;
  const count = watching(({ op, attrs }) => {
    if (op.name === "cast" && /16$/.test((attrs as { dtype: DType }).dtype)) casts++;
  });
  withInterpreter(count, fn as () => void);
  return casts;
}

test("a training run in bfloat16 follows PyTorch's losses", () => {
  type Encoded = { readonly $t: DType; readonly shape: number[]; readonly data: string };
  const figures = JSON.parse(readFileSync(new URL("figures/curve_torch213.json", import.meta.url), "utf8"));
  const decode = (t: Encoded): Tensor => fromBytes(new Uint8Array(Buffer.from(t.data, "base64")), t.$t, t.shape);
  const model = new nn.Sequential(
    new nn.Linear(8, 32),
    new nn.GELU(),
    new nn.LayerNorm(32),
    new nn.Linear(32, 32),
    new nn.ReLU(),
    new nn.Linear(32, 4),
  );
  const state = Object.entries(figures.init.net as { [name: string]: Encoded });
  model.loadStateDict(new Map(state.map(([name, t]) => [name, decode(t)])));
  const [x, y] = [decode(figures.data.x), decode(figures.data.y)];
  const optimizer = new optim.AdamW(model.parameters(), { lr: 5e-3 });
  for (const [i, reference] of (figures.loss as number[]).entries()) {
    const loss = autocast("bfloat16", () => {
      const o = model.forward(x.select(0, i % 5));
      if (i === 0) {
        expect(o.dtype).toBe("bfloat16");
        const [first] = figures.extra.first_output as number[][];
        const ours = Array.from(o.float().flatten().dataSync().slice(0, 8), Number);
        ours.forEach((v, k) => void expect(Math.abs(v - first[k])).toBeLessThan(4e-3)); // a unit in the last place of halves near 1
      }
      return losses.crossEntropy(o.float(), y.select(0, i % 5));
    });
    optimizer.zeroGrad();
    loss.backward();
    optimizer.step();
    // what float32 against float64 make of the run without rounding is 5.6e-3; PyTorch's own bound for a port is 2e-2
    expect(Math.abs(loss.item() - reference), `step ${i}`).toBeLessThan(2e-2);
  }
});

describe("in a region", () => {
  test("products are in its dtype, and what needs the digits is not", () => {
    const a = ones([2, 2]);
    for (const dtype of ["bfloat16", "float16"] as const)
      autocast(dtype, () => {
        const y = a.matmul(a);
        expect(y.dtype).toBe(dtype);
        expect(y.matmul(a).dtype).toBe(dtype); // dtypes that differ outside
        expect(losses.mse(y, y).dtype).toBe("float32");
        expect(y.add(a).dtype).toBe("float32");
        expect(y.relu().dtype).toBe(dtype);
      });
    expect(a.matmul(a).dtype).toBe("float32");
  });
  test("float64, integers and writes in place are left alone", () => {
    const [wide, whole] = [ones([2, 2], { dtype: "float64" }), ones([2, 2], { dtype: "int32" })];
    autocast("bfloat16", () => {
      expect(wide.matmul(wide).dtype).toBe("float64");
      expect(whole.matmul(whole).dtype).toBe("int32");
      const x = ones([2, 2]);
      expect(x.mul_(2).dtype).toBe("float32");
    });
  });
  test("options and lists of a function that is made of several ops are converted, too", () => {
    const q = ones([1, 2, 4]);
    const y = autocast("bfloat16", () => scaledDotProductAttention(q, q, q, { attnMask: ones([2, 2]) }));
    expect(y.dtype).toBe("bfloat16");
    const weighted = autocast("bfloat16", () => {
      const logits = ones([2, 3]).matmul(ones([3, 3]));
      return losses.nll(logits, tensor([0, 1], { dtype: "int32" }), { weight: ones([3]) });
    });
    expect(weighted.dtype).toBe("float32");
  });
  test("layers give the dtypes that PyTorch's give", () => {
    const [x, images] = [randn([3, 2, 4]), randn([2, 4, 6, 6])];
    const conv = new nn.Conv2d(4, 4, 3);
    // as printed by the same calls under torch.autocast("cpu", torch.bfloat16), torch 2.13
    const expected: readonly (readonly [DType, () => Tensor])[] = [
      ["bfloat16", () => new nn.LSTM(4, 8).forward(x)[0]],
      ["float32", () => new nn.GRU(4, 8).forward(x)[0]],
      ["bfloat16", () => new nn.RNN(4, 8).forward(x)[0]],
      ["bfloat16", () => new nn.BatchNorm2d(4).forward(conv.forward(images))],
      ["bfloat16", () => new nn.InstanceNorm2d(4, { affine: true }).forward(conv.forward(images))],
      ["bfloat16", () => new nn.GroupNorm(2, 4).forward(conv.forward(images))],
      ["bfloat16", () => new nn.LayerNorm(8).forward(new nn.Linear(4, 8).forward(x))],
      ["float32", () => new nn.LayerNorm(4).forward(x)],
      ["float32", () => new nn.Bilinear(4, 4, 3).forward(x, x)],
      ["bfloat16", () => new nn.PReLU().forward(x)],
    ];
    for (const [dtype, layer] of expected) expect(autocast("bfloat16", layer)).toMatchObject({ dtype });
  });
  test("the graph leads to float32 leaves", () => {
    const w = tensor([[1, 2]], { requiresGrad: true });
    const y = autocast("bfloat16", () => w.matmul(tensor([[3], [4]])));
    y.sum().backward();
    expect(w.grad?.dtype).toBe("float32");
    expect(w.grad?.tolist()).toEqual([[3, 4]]);
  });
});

describe("a parameter", () => {
  const layer = () => new nn.Linear(4, 4);
  const x = ones([2, 4]);
  test("is converted once for a region, and for those inside", () => {
    const m = layer();
    const twice = () => autocast("bfloat16", () => void m.forward(m.forward(x)));
    expect(castsIn(twice)).toBe(3); // weight, bias and x
    expect(
      castsIn(() =>
        autocast("bfloat16", () => {
          twice();
          twice();
        }),
      ),
    ).toBe(4); // x in each
    expect(
      castsIn(() => {
        twice();
        twice();
      }),
    ).toBe(6);
  });
  test("is converted at each use without the cache", () => {
    const m = layer();
    const region = () => autocast("bfloat16", () => void m.forward(m.forward(x)), { cacheEnabled: false });
    expect(castsIn(region)).toBe(5);
  });
  test("gets the sum of the gradients of its uses", () => {
    const w = tensor([[2]], { requiresGrad: true });
    const y = autocast("bfloat16", () => w.matmul(w).add(w.matmul(tensor([[3]]))));
    y.backward();
    expect(w.grad?.item()).toBe(7);
  });
  test("that was used in noGrad first gets its gradient", () => {
    const w = tensor([[2]], { requiresGrad: true });
    const y = autocast("bfloat16", () => {
      noGrad(() => w.matmul(w));
      return w.matmul(tensor([[3]]));
    });
    y.backward();
    expect(w.grad?.item()).toBe(3);
  });
  test("that changes within the region is converted anew", () => {
    const w = tensor([[2]], { requiresGrad: true });
    const found = autocast("bfloat16", () => {
      const before = w.matmul(ones([1, 1])).item();
      noGrad(() => w.add_(1));
      return [before, w.matmul(ones([1, 1])).item()];
    });
    expect(found).toEqual([2, 3]);
  });
});

describe("walks backward", () => {
  const run = (inside: boolean) => {
    const w = tensor([[1.5, -2.25]], { requiresGrad: true });
    const names: string[] = [];
    const forward = () =>
      w
        .matmul(tensor([[0.3], [0.7]]))
        .float()
        .exp()
        .sum();
    const backward = (y: Tensor) => {
      names.length = 0;
      y.backward();
    };
    const watcher = watching(({ op }) => void names.push(op.name));
    withInterpreter(watcher, () => {
      if (inside) autocast("bfloat16", () => backward(forward()));
      else backward(autocast("bfloat16", forward));
    });
    return { grad: w.grad?.tolist(), names };
  };
  test("run without it, inside of the region as outside", () => {
    expect(run(true)).toEqual(run(false));
    expect(run(true).names).toContain("matmul");
  });
  test("leave it in place for what comes after", () => {
    const w = tensor([[1]], { requiresGrad: true });
    autocast("bfloat16", () => {
      w.matmul(w).backward();
      expect(amp.isAutocastEnabled()).toBe(true);
      expect(w.matmul(w).dtype).toBe("bfloat16");
    });
  });
  test("of second derivatives, too", () => {
    const w = tensor([[3]], { requiresGrad: true });
    autocast("bfloat16", () => w.matmul(w).matmul(w)).backward({ createGraph: true });
    const first = w.grad as Tensor;
    expect(first.item()).toBe(27);
    w.grad = null;
    first.sum().backward();
    expect((w.grad as unknown as Tensor).item()).toBe(18);
  });
});

describe("regions nest", () => {
  const a = ones([2, 2]);
  test("the inner one holds, and ends with its function", () => {
    autocast("bfloat16", () => {
      expect(autocast("float16", () => [a.matmul(a).dtype, amp.autocastDType()])).toEqual(["float16", "float16"]);
      expect(autocast("float16", () => a.matmul(a).dtype, { enabled: false })).toBe("float32");
      expect(autocast("float16", () => amp.isAutocastEnabled(), { enabled: false })).toBe(false);
      expect(a.matmul(a).dtype).toBe("bfloat16");
    });
    expect(amp.autocastDType()).toBeNull();
  });
  test("an error ends it", () => {
    expect(() => autocast("bfloat16", () => ones([2, 3]).matmul(ones([2, 3])))).toThrow(/inner dimensions/);
    expect(context.stack).toBeNull();
    expect(a.matmul(a).dtype).toBe("float32");
  });
  test("among other interpreters, which see what it makes", () => {
    const seen: string[] = [];
    const watcher = watching(({ op, inputs }) => void seen.push(`${op.name} ${inputs[0].dtype}`));
    withInterpreter(watcher, () => autocast("bfloat16", () => a.matmul(a)));
    expect(seen).toEqual(["cast float32", "cast float32", "matmul bfloat16"]);
    seen.length = 0;
    autocast("bfloat16", () => withInterpreter(watcher, () => a.matmul(a)));
    expect(seen).toEqual(["matmul float32"]);
  });
});

describe("transforms", () => {
  const w = tensor([
    [0.3, -0.7],
    [1.1, 0.2],
  ]);
  const x = tensor([
    [1, 2],
    [3, -1],
    [0.5, 0.25],
  ]);
  const f = (row: Tensor): Tensor => row.matmul(w).relu().matmul(w);
  const rows = () => noGrad(() => autocast("bfloat16", () => f(x)));
  test("a batched function is cast, in a region inside of it or around it", () => {
    const expected = rows();
    expect(expected.dtype).toBe("bfloat16");
    const inside = vmap((row: Tensor) => autocast("bfloat16", () => f(row)))(x);
    const around = autocast("bfloat16", () => vmap(f)(x));
    for (const y of [inside, around]) {
      expect(y.dtype).toBe("bfloat16");
      expect(y.tolist()).toEqual(expected.tolist());
    }
  });
  test("gradients of functions are float32, and those that the tape finds", () => {
    const loss = (p: Tensor): Tensor => autocast("bfloat16", () => x.matmul(p).float().square().sum());
    const leaf = w.clone();
    leaf.requiresGrad = true;
    loss(leaf).backward();
    const g = gradAndValue(loss)(w)[0];
    expect(g.dtype).toBe("float32");
    expect(g.tolist()).toEqual(leaf.grad?.tolist());
  });
});

describe("memory", () => {
  const live = () => memory().cpu.tensors;
  test("a region leaves its results and nothing else", () => {
    const m = new nn.Linear(4, 4);
    const x = ones([2, 4]);
    tidy(() => autocast("bfloat16", () => void m.forward(x)));
    const before = live();
    const y = noGrad(() => autocast("bfloat16", () => m.forward(x)));
    expect(live() - before).toBe(1);
    y.dispose();
    const loss = autocast("bfloat16", () => tidy(() => m.forward(x).float().sum()));
    loss.backward();
    loss.dispose();
    expect(live() - before).toBe(2); // the gradients
    m.zeroGrad();
  });
  test("an error leaves nothing", () => {
    const w = tensor([[1, 2]], { requiresGrad: true });
    const x = ones([1, 2]);
    const before = live();
    expect(() =>
      autocast("bfloat16", () =>
        tidy(() => {
          w.matmul(x.t());
          throw new Error("the program's");
        }),
      ),
    ).toThrow("the program's");
    expect(live() - before).toBe(0);
  });
});

describe("errors", () => {
  test.each([
    [() => autocast("float32" as "float16", () => 1), /computes in "float16" or "bfloat16", got "float32"/],
    [() => autocast("float16", 1 as never), /fn must be a function/],
    [() => autocast("float16", () => 1, { enable: true } as object), /no option "enable"/],
    [() => autocast("float16", (async () => 1) as never), /takes a synchronous function/],
  ])("%#", (call, message) => expect(call).toThrow(message));
  test("an op that is not safe is refused where PyTorch refuses it", () => {
    const half = autocast("bfloat16", () => ones([1, 1]).matmul(ones([1, 1])));
    expect(autocast("bfloat16", () => losses.bce(half, half).dtype)).toBe("float32");
    const meta = ones([2], { device: "meta" });
    expect(() => autocast("bfloat16", () => losses.bce(meta, meta))).toThrow(/not safe in half precision/);
  });
});
