// A checkpointed function is that function, bit for bit; what its graph keeps is its inputs.
import {
  ArgumentError,
  AutogradError,
  amp,
  backendOf,
  checkpoint,
  checkpointSequential,
  cpuWasm,
  disableSavedTensorsHooks,
  FlambeauError,
  full,
  Generator,
  getRngState,
  grad,
  inferenceMode,
  manualSeed,
  memory,
  nn,
  noGrad,
  ones,
  rand,
  randn,
  registerBackend,
  savedTensorsHooks,
  scaledDotProductAttention,
  setDefaultDType,
  type Tensor,
  tensor,
  tidy,
  vmap,
  withDevice,
} from "flambeau";
import { describe, expect, it } from "vitest";

class Block extends nn.Module {
  norm1 = new nn.LayerNorm(16);
  norm2 = new nn.LayerNorm(16);
  qkv = new nn.Linear(16, 48);
  out = new nn.Linear(16, 16);
  mlp = new nn.Sequential(new nn.Linear(16, 64), new nn.GELU(), new nn.Linear(64, 16), new nn.Dropout(0.2));
  forward(x: Tensor): Tensor {
    const [b, t, d] = x.shape;
    const [q, k, v] = this.qkv
      .forward(this.norm1.forward(x))
      .chunk(3, -1)
      .map((y: Tensor) => y.view([b, t, 4, d / 4]).transpose(1, 2));
    const y = scaledDotProductAttention(q, k, v, { isCausal: true, dropoutP: 0.1 });
    const z = x.add(this.out.forward(y.transpose(1, 2).reshape([b, t, d])));
    return z.add(this.mlp.forward(this.norm2.forward(z)));
  }
}
class Conv extends nn.Module {
  body = new nn.Sequential(
    new nn.Conv2d(3, 8, 3, { padding: 1 }),
    new nn.BatchNorm2d(8),
    new nn.ReLU(),
    new nn.Dropout2d(0.3),
    new nn.MaxPool2d(2),
  );
  forward(x: Tensor): Tensor {
    return this.body.forward(x);
  }
}
class Recurrent extends nn.Module {
  lstm = new nn.LSTM(6, 5, { numLayers: 2, dropout: 0.25, batchFirst: true });
  forward(x: Tensor): Tensor {
    return this.lstm.forward(x)[0];
  }
}

const bits = (x: Tensor | null | undefined) =>
  x && [x.shape, [...new Uint32Array(Float32Array.from(x.flatten().tolist() as number[]).buffer)]];

type Call = (m: nn.Module, x: Tensor) => Tensor;
/** Values, gradients, buffers and what is drawn afterwards, with the module run as `call` says. */
function run(make: () => nn.Module, shape: number[], call: Call) {
  manualSeed(7);
  const model = make();
  const x = randn(shape, { requiresGrad: true });
  const y = call(model, x);
  const drawn = bits(rand([3]));
  y.mul(randn(y.shape)).sum().backward();
  return {
    y: bits(y),
    x: bits(x.grad),
    drawn,
    drawnAfterBackward: bits(rand([3])),
    grads: [...model.namedParameters()].map(([name, p]) => [name, bits(p.grad)]),
    buffers: [...model.namedBuffers()].map(([name, b]) => [name, bits(b)]),
  };
}

const models: [string, () => nn.Module, number[]][] = [
  ["a GPT block", () => new Block(), [2, 5, 16]],
  ["a CNN with batch norm and dropout", () => new Conv(), [4, 3, 6, 6]],
  ["an LSTM with dropout", () => new Recurrent(), [3, 4, 6]],
];
const ways: [string, Call][] = [
  ["as it is", (m, x) => checkpoint((y) => m.forward(y), [x])],
  ["without an early stop", (m, x) => checkpoint((y) => m.forward(y), [x], { earlyStop: false })],
  ["in autocast", (m, x) => amp.autocast("bfloat16", () => checkpoint((y) => m.forward(y), [x])).float()],
  ["of autocast", (m, x) => checkpoint((y) => amp.autocast("bfloat16", () => m.forward(y)).float(), [x])],
  ["in tidy", (m, x) => tidy(() => checkpoint((y) => m.forward(y), [x]))],
  ["in a checkpoint", (m, x) => checkpoint((y) => checkpoint((z) => m.forward(z), [y]), [x])],
  ["of a tidy", (m, x) => checkpoint((y) => tidy(() => m.forward(y)), [x])],
];

describe("a checkpointed function is the function itself, bit for bit", () => {
  for (const [model, make, shape] of models)
    for (const [way, call] of ways)
      it(`${model}, ${way}`, () => {
        const plain: Call = way.includes("autocast")
          ? (m, x) => amp.autocast("bfloat16", () => m.forward(x)).float()
          : (m, x) => m.forward(x);
        expect(run(make, shape, call)).toEqual(run(make, shape, plain));
      });

  it("in parts of a sequence", () => {
    const make = () =>
      new nn.Sequential(...Array.from({ length: 7 }, (_, i) => (i % 2 ? new nn.Dropout(0.2) : new nn.Linear(6, 6))));
    const plain = run(make, [3, 6], (m, x) => m.forward(x));
    for (const segments of [1, 2, 3, 7])
      expect(run(make, [3, 6], (m, x) => checkpointSequential(m as nn.Sequential, segments, x))).toEqual(plain);
    expect(run(make, [3, 6], (m, x) => checkpointSequential([(y) => m.forward(y)], 1, x))).toEqual(plain);
  });

  it("of gradients of gradients", () => {
    const make = () => [randn([4, 3], { requiresGrad: true }), randn([3, 3], { requiresGrad: true })] as const;
    const second = (call: (f: (x: Tensor) => Tensor, x: Tensor) => Tensor) => {
      manualSeed(3);
      const [x, w] = make();
      const y = call((t) => t.matmul(w).tanh().mul(t).exp(), x).sum();
      const [dx, dw] = grad(y, [x, w], { createGraph: true });
      dx.pow(2).sum().add(dw.sin().sum()).backward();
      return [bits(x.grad), bits(w.grad)];
    };
    const plain = second((f, x) => f(x));
    expect(second((f, x) => checkpoint(f, [x]))).toEqual(plain);
    expect(second((f, x) => checkpoint((y) => checkpoint(f, [y]), [x]))).toEqual(plain);
  });
});

describe("checkpoint", () => {
  const leaf = (values: number[]) => tensor(values, { requiresGrad: true });

  it("takes whatever the function takes, and gives what it gives", () => {
    const [a, b] = [leaf([1, 2]), tensor([3, 4])];
    const f = (x: Tensor, { scale, more }: { scale: number; more: Tensor[] }, name: string) => ({
      [name]: x.mul(scale).mul(more[0]).exp(),
      count: 2,
      list: [x.sin(), more[0]],
    });
    const plain = f(a, { scale: 0.5, more: [b] }, "y");
    const out = checkpoint(f, [a, { scale: 0.5, more: [b] }, "y"]);
    expect(out.count).toBe(2);
    expect((out.y as Tensor).tolist()).toEqual((plain.y as Tensor).tolist());
    const total = (r: typeof out) => (r.y as Tensor).sum().add(r.list[0].sum());
    expect(grad(total(out), [a])[0].tolist()).toEqual(grad(total(plain), [a])[0].tolist());
    expect(out.list[1].requiresGrad).toBe(false);
  });

  it("gives gradients to what the function closes over, also where no input has one", () => {
    const w = leaf([2, 3]);
    checkpoint((x) => x.mul(w).exp(), [tensor([0.5, 1])])
      .sum()
      .backward();
    expect(w.grad?.tolist()).toEqual(
      tensor([0.5, 1])
        .mul(tensor([1, 3]).exp())
        .tolist(),
    );
  });

  it("runs the function once where nothing records, and a second time in the first backward that needs it", () => {
    let runs = 0;
    const x = leaf([1, 2]);
    const f = (y: Tensor) => {
      runs++;
      return y.exp().mul(y);
    };
    noGrad(() => checkpoint(f, [x]));
    checkpoint(f, [tensor([1])]);
    expect(runs).toBe(2);
    const y = checkpoint(f, [x]).sum();
    y.backward({ retainGraph: true });
    expect(runs).toBe(4);
    y.backward();
    expect(runs).toBe(5);
    expect(() => y.backward()).toThrow(AutogradError);
    expect(runs).toBe(5);
  });

  it("draws again from the generators that the function drew from", () => {
    const generator = new Generator(5);
    const twice = (options: { preserveRngState?: boolean }) => {
      const seen: number[][] = [];
      const x = ones([3], { requiresGrad: true });
      const y = checkpoint(
        (t) => {
          const noise = rand([3], { generator }).add(rand([3]));
          seen.push(noise.tolist() as number[]);
          return t.mul(noise).exp();
        },
        [x],
        options,
      );
      rand([2]); // what others draw in between
      rand([2], { generator });
      const [here, there] = [getRngState(), generator.getState()];
      y.sum().backward();
      if (options.preserveRngState !== false) expect([getRngState(), generator.getState()]).toEqual([here, there]);
      return seen;
    };
    const [first, second] = twice({});
    expect(second).toEqual(first);
    const [once, other] = twice({ preserveRngState: false });
    expect(other).not.toEqual(once);
  });

  it("runs again under the dtype and device of then, recording whatever backward does", () => {
    const x = leaf([1, 2]);
    setDefaultDType("float64");
    const y = checkpoint((t) => t.mul(full([2], 0.5)).exp(), [x]);
    setDefaultDType("float32");
    withDevice("meta", () => inferenceMode(() => y.sum().to("float32"))); // nothing of it stays
    withDevice("meta", () => y.sum().backward());
    expect(x.grad?.tolist()).toEqual([0.5, 1].map((v) => Math.fround(0.5 * Math.exp(v))));
  });

  it("lets a function differentiate inside, and its results be retained, hooked and changed in place", () => {
    const x = leaf([1, 2]);
    const penalty = (t: Tensor) => {
      const [g] = grad(t.pow(3).sum(), [t], { createGraph: true });
      return t.mul(g).sin().add_(1).mul_(2);
    };
    const [plain] = grad(penalty(x).sum(), [x]);
    for (const earlyStop of [true, false])
      expect(grad(checkpoint(penalty, [x], { earlyStop }).sum(), [x])[0].tolist()).toEqual(plain.tolist());
    const y = checkpoint((t) => t.exp().mul(t), [x]);
    y.retainGrad();
    const seen: unknown[] = [];
    y.registerHook((g) => void seen.push(g.tolist()));
    y.mul_(3).sum().backward();
    const [g] = grad(x.exp().mul(x).mul(3).sum(), [x]);
    expect([seen, x.grad?.tolist()]).toEqual([[[3, 3]], g.tolist()]);
  });

  it("keeps its inputs alive when their handles end, also through the tidy of a step", () => {
    const w = leaf([1, 2]);
    const f = (x: Tensor) => x.exp().mul(x);
    const loss = tidy(() => {
      const h = tidy(() => checkpoint(f, [w.mul(2)]));
      return h.sum();
    });
    loss.backward();
    expect(w.grad?.tolist()).toEqual(grad(f(w.mul(2)).sum(), [w])[0].tolist());
  });
});

describe("checkpoint says what is wrong", () => {
  const x = tensor([1, 2], { requiresGrad: true });
  const told = (call: () => unknown, message: RegExp, kind: new (...rest: never[]) => Error = AutogradError) => {
    let error: unknown;
    try {
      call();
    } catch (caught) {
      error = caught;
    }
    expect(error).toBeInstanceOf(kind);
    expect(String(error)).toMatch(message);
  };
  /** A function that does one thing the first time, and another from then on. */
  const fickle = (first: (t: Tensor) => Tensor, then: (t: Tensor) => Tensor) => {
    let runs = 0;
    return (t: Tensor) => (runs++ === 0 ? first(t) : then(t));
  };

  it("when the second run saves something else", () => {
    const fewer = fickle(
      (t) => t.exp().sin().sum(),
      (t) => t.exp().sum(),
    );
    told(() => checkpoint(fewer, [x]).backward(), /its graph saved 2 tensors, and 1 when it was computed again/);
    const more = () =>
      fickle(
        (t) => t.exp().sum(),
        (t) => t.exp().sin().sum(),
      );
    checkpoint(more(), [x]).backward(); // it has ended before that
    told(() => checkpoint(more(), [x], { earlyStop: false }).backward(), /saved 1 tensors, and 2/);
    const longer = () =>
      fickle(
        (t) => t.exp().sum(),
        (t) => t.repeat(2).exp().sum(),
      );
    told(
      () => checkpoint(longer(), [x]).backward(),
      /saved tensor 0 was a float32 tensor of shape \[2\] on "cpu", and is a float32 tensor of shape \[4\]/,
    );
    told(
      () => checkpoint(longer(), [x], { determinismCheck: "none" }).backward(),
      /ExpBackward: a float32 tensor of shape \[2\] .* was saved, and what was unpacked/,
    );
  });

  it("when what the function reads was changed in place", () => {
    const w = tensor([1, 2], { requiresGrad: true });
    const h = w.mul(1);
    const y = checkpoint((t) => t.exp().sum(), [h]);
    h.add_(1);
    told(() => y.backward(), /checkpoint.*changed in place/i);
    const z = checkpoint((t) => t.mul(w).sum(), [x]);
    noGrad(() => w.mul_(2));
    told(() => z.backward(), /MulBackward: a tensor of shape \[2\] that it needs was changed in place/);
  });

  it("when the arguments are no such thing", () => {
    told(
      () => checkpoint((t) => t, x as never),
      /inputs must be the list.*\n.*checkpoint\(fn, \[x, y\]\)/,
      ArgumentError,
    );
    told(() => checkpoint(3 as never, [x]), /fn must be a function, got 3/, ArgumentError);
    told(
      () => checkpoint((t: Tensor) => t, [x], { useReentrant: true } as never),
      /no option "useReentrant"/,
      ArgumentError,
    );
    told(() => checkpoint(async (t: Tensor) => t, [x]), /takes a synchronous function/, FlambeauError);
    told(() => checkpointSequential([(t) => t], 2, x), /segments must lie between 1 and .*, 1, got 2/, ArgumentError);
    told(
      () => checkpointSequential([3 as never], 1, x),
      /functions\[0\] must be a function or a module/,
      ArgumentError,
    );
    told(() => checkpointSequential(3 as never, 1, x), /functions must be a list/, ArgumentError);
    told(() => disableSavedTensorsHooks("not here", () => checkpoint((t) => t.exp(), [x])), /not here/);
  });
});

describe("memory of checkpoints", () => {
  const live = () => memory().cpu.tensors;

  it("falls to what a part saves", () => {
    const usual = backendOf("cpu");
    const peak = (run: (layer: nn.Sequential, x: Tensor) => Tensor) => {
      registerBackend(cpuWasm({ threads: 1 })); // whose peak is its own
      const layers = Array.from(
        { length: 12 },
        () => new nn.Sequential(new nn.Linear(32, 32), new nn.Tanh(), new nn.GELU()),
      );
      const x = randn([256, 32]);
      const before = memory().cpu.bytes;
      tidy(() => {
        let y = x;
        for (const layer of layers) y = run(layer, y);
        y.sum().backward();
      });
      const { peakBytes } = memory().cpu;
      registerBackend(usual);
      return peakBytes - before;
    };
    const plain = peak((layer, x) => layer.forward(x));
    const parts = peak((layer, x) => checkpoint((y) => layer.forward(y), [x]));
    // of a layer's three results one is kept, and three of one layer come back at a time
    expect(parts / plain).toBeLessThan(0.55);
  });

  it("is back where it was after backward, after errors, and when a graph is dropped in a tidy", () => {
    const w = tensor([1, 2], { requiresGrad: true });
    w.grad = ones([2]);
    const half = ones([2, 2], { requiresGrad: true });
    half.grad = ones([2, 2]);
    const block = (t: Tensor) => t.mul(w).exp().sin().mul(t);
    const deep = (t: Tensor) => checkpoint((a) => checkpoint((b) => checkpoint(block, [b.exp()]), [a]).mul(2), [t]);
    const steps: (() => unknown)[] = [
      () => deep(w).sum().backward(),
      () => checkpoint(deep, [w], { earlyStop: false }).sum().backward(),
      () => void deep(w),
      () => {
        const f = (t: Tensor) => t.view([1, 2]).matmul(half).sum();
        amp
          .autocast("bfloat16", () => checkpoint(f, [w.mul(1)]))
          .float()
          .backward();
      },
      () => void deep(w).sum().backward({ retainGraph: true }),
      () => void grad(deep(w).sum(), [w]),
      () => void grad(grad(deep(w).sum(), [w], { createGraph: true })[0].sum(), [w]),
      () => {
        let runs = 0;
        const fails = (t: Tensor) => {
          const y = block(t);
          if (runs++ > 0) throw new Error("second run");
          return y;
        };
        expect(() =>
          checkpoint(fails, [w.mul(1)], { earlyStop: false })
            .sum()
            .backward(),
        ).toThrow("second run");
      },
      () =>
        expect(() =>
          checkpoint(
            (t: Tensor) => {
              block(t);
              throw new Error("first run");
            },
            [w.mul(1)],
          ),
        ).toThrow("first run"),
    ];
    for (const [i, step] of steps.entries()) {
      const before = live();
      tidy(step as () => void);
      expect([i, live()]).toEqual([i, before]);
    }
    // nor does anything stay outside of scopes
    const y = deep(w);
    const total = y.sum();
    total.backward();
    y.dispose();
    total.dispose();
    const before = live();
    const [again, sum] = [deep(w), null as Tensor | null];
    const s = sum ?? again.sum();
    s.backward();
    again.dispose();
    s.dispose();
    expect(live()).toBe(before);
  });
});

describe("checkpoint and hooks inside function transforms", () => {
  const f = (t: Tensor) => t.exp().sin().mul(t).sum();
  const ways: [string, (t: Tensor) => Tensor][] = [
    ["checkpoint", (t) => checkpoint(f, [t])],
    ["a checkpoint in a checkpoint", (t) => checkpoint((y: Tensor) => checkpoint(f, [y.mul(1)]), [t])],
    [
      "hooks that copy",
      (t) =>
        savedTensorsHooks(
          (x) => x.clone(),
          (x) => x,
          () => f(t),
        ),
    ],
  ];
  manualSeed(4);
  const x = randn([3, 4]);
  const w = randn([3, 4], { requiresGrad: true });
  it.each(ways)("%s: grad, grad of grad, vmap of both, and a gradient of what they gave", (_, g) => {
    const second = (h: (t: Tensor) => Tensor) => (t: Tensor) => grad((u: Tensor) => grad(h)(u).pow(2).sum())(t);
    // hooks that copy put copies into the graphs around, whose gradients are summed in another order
    const same = (ours: Tensor, theirs: Tensor) => expect(ours.allclose(theirs, { rtol: 1e-6, atol: 1e-7 })).toBe(true);
    expect(grad(g)(x).tolist()).toEqual(grad(f)(x).tolist());
    same(second(g)(x), second(f)(x));
    expect(vmap(grad(g))(x).tolist()).toEqual(vmap(grad(f))(x).tolist());
    same(vmap(second(g))(x), vmap(second(f))(x));
    const outer = (h: (t: Tensor) => Tensor) => grad(grad(h)(w).sin().sum(), [w])[0];
    same(outer(g), outer(f));
    // directly inside vmap it is the call
    const batched = (h: (t: Tensor) => Tensor) => grad(vmap(h)(w).sum(), [w])[0];
    same(batched(g), batched(f));
  });
  it.each(ways)("%s leaves no memory there", (_, g) => {
    tidy(() => void vmap(grad(g))(x));
    const before = memory().cpu.tensors;
    tidy(() => void vmap(grad(g))(x));
    tidy(() => void grad(g)(x));
    expect(memory().cpu.tensors).toBe(before);
  });
});
