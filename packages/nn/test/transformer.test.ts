import { gradcheck, manualSeed, memory, nn, ones, randn, type Tensor, tensor, zeros } from "flambeau";
import { describe, expect, test } from "vitest";

// all cases of PyTorch's records are replayed by the testkit; here stands what they do not say
const values = (t: Tensor): number[] => t.flatten().tolist() as number[]; // of one dimension
const ramp = (...shape: number[]): Tensor => {
  const size = shape.reduce((n, s) => n * s, 1);
  return tensor(Array.from({ length: size }, (_, i) => -1 + (2 * i) / (size - 1))).reshape(shape);
};
const far = (a: Tensor, b: Tensor): number => a.sub(b).abs().max().item();

describe("MultiheadAttention", () => {
  test("projects one tensor as it projects three equal ones", () => {
    manualSeed(1);
    const layer = new nn.MultiheadAttention(6, 3);
    const run = (q: Tensor, k: Tensor, v: Tensor) => {
      layer.zeroGrad();
      layer.forward(q, k, v)[0].square().sum().backward();
      return layer.inProjWeight?.grad?.clone() as Tensor;
    };
    const x = randn([4, 2, 6]);
    const apart = run(x, x.clone(), x.clone());
    expect(far(run(x, x, x), apart)).toBeLessThan(1e-5);
    const two = x.clone();
    expect(far(run(x, two, two), apart)).toBeLessThan(1e-5);
  });

  test("leaves what is masked alone, in the way of either result", () => {
    manualSeed(2);
    const layer = new nn.MultiheadAttention(4, 2, { batchFirst: true });
    const x = randn([1, 3, 4]);
    const keyPaddingMask = tensor([[false, false, true]]);
    const other = x.clone();
    other.at(0, 2).fill_(100);
    for (const needWeights of [true, false]) {
      const [a, b] = [x, other].map((t) => layer.forward(x, t, t, { keyPaddingMask, needWeights })[0]);
      expect(values(a)).toEqual(values(b));
    }
  });

  test("has gradients of all its inputs", () => {
    manualSeed(3);
    const layer = new nn.MultiheadAttention(4, 2, { addBiasKv: true, addZeroAttn: true, kdim: 3, vdim: 2 }).double();
    const leaf = (...shape: number[]) => randn(shape, { dtype: "float64", requiresGrad: true });
    const attnMask = leaf(2, 3);
    const f = (q: Tensor, k: Tensor, v: Tensor, mask: Tensor) => {
      const [y, weights] = layer.forward(q, k, v, { attnMask: mask, averageAttnWeights: false });
      return [y, weights as Tensor];
    };
    expect(gradcheck(f, [leaf(2, 2, 4), leaf(3, 2, 3), leaf(3, 2, 2), attnMask])).toBe(true);
  });

  test("rounds half floats once", () => {
    manualSeed(4);
    const layer = new nn.MultiheadAttention(8, 2);
    const x = randn([5, 2, 8]);
    const half = new nn.MultiheadAttention(8, 2);
    half.loadStateDict(layer.stateDict());
    half.bfloat16();
    const wide = new nn.MultiheadAttention(8, 2);
    wide.loadStateDict(half.stateDict());
    const given = x.to("bfloat16");
    const y = half.forward(given, given, given)[0];
    expect(y.dtype).toBe("bfloat16");
    const exact = wide.forward(given.float(), given.float(), given.float())[0].to("bfloat16");
    expect(values(y)).toEqual(values(exact));
  });

  const layer = new nn.MultiheadAttention(4, 2);
  const x = ones([3, 2, 4]);
  test.each([
    [() => new nn.MultiheadAttention(5, 2), "2 heads do not divide 5 features"],
    [() => layer.forward(ones([3, 2, 5]), x, x), "the query's last size must be 4, got [3,2,5]"],
    [() => layer.forward(x, ones([2, 2, 4]), x), "key and value must be as long as each other"],
    [() => layer.forward(x, ones([3, 1, 4]), ones([3, 1, 4])), "query and key must have the same batch"],
    [() => layer.forward(x, x, x, { isCausal: true }), "isCausal says something of attnMask, which is missing"],
    [() => layer.forward(x, x, x, { attnMask: zeros([2, 3]) }), "attnMask must be [3,3] or [4,3,3], got [2,3]"],
    [() => layer.forward(x, x, x, { keyPaddingMask: zeros([3, 2]) }), "keyPaddingMask must be [2,3], got [3,2]"],
    [
      () => layer.forward(x, x, x, { attnMask: zeros([3, 3], { dtype: "int32" }) }),
      "attnMask must be bool (true: no attention) or float32, which is added to the scores, got int32",
    ],
    [() => layer.forward(x, ones([3, 4]), x), "query, key and value must all have a batch"],
  ])("says what is wrong: %s", (call, message) => {
    expect(call).toThrow(message);
  });
});

describe("a stack of layers", () => {
  test("starts with equal layers that share nothing", () => {
    // the figures are PyTorch 2.13's, from the same seeds
    manualSeed(3);
    const layer = new nn.TransformerEncoderLayer(8, 2, { dimFeedforward: 16, dropout: 0.3, batchFirst: true });
    const encoder = new nn.TransformerEncoder(layer, 2);
    expect([...encoder.parameters()].length).toBe(2 * 12);
    const first = [-0.046122, -0.333163, -0.077512, 0.042766, 0.020214, 0.192124, 0.104891, -0.09655];
    for (const each of [layer, ...encoder.layers])
      for (const [i, value] of values(each.linear1.weight.at(0)).entries()) expect(value).toBeCloseTo(first[i], 6);
    manualSeed(5);
    const y = values(encoder.forward(ramp(2, 3, 8)));
    const drawn = [-0.71312, -0.128422, 0.2022, 1.319564, 1.765579, -1.237313, -0.207793, -1.000695];
    for (const [i, value] of drawn.entries()) expect(y[i]).toBeCloseTo(value, 5);
    const [a, b] = encoder.layers;
    nn.init.zeros_(a.linear1.weight);
    expect(b.linear1.weight.abs().sum().item()).toBeGreaterThan(1);
    expect(a.training && b.training && !encoder.eval().layers.get(0).selfAttn.training).toBe(true);
  });

  test("takes layers of one's own, with what they tie, hold and hook", () => {
    class Own extends nn.Module {
      up = new nn.Linear(4, 4, { bias: false });
      down = new nn.Linear(4, 4, { bias: false });
      scale = new nn.Buffer(tensor([2]));
      readonly seen = new Map<string, nn.Module>([["up", this.up]]);
      constructor() {
        super();
        this.down.weight = this.up.weight;
      }
      forward(src: Tensor): Tensor {
        return this.down.forward(this.up.forward(src)).mul(this.scale);
      }
    }
    const own = new Own();
    let calls = 0;
    own.up.registerForwardHook(() => {
      calls++;
    });
    const encoder = new nn.TransformerEncoder(own, 3);
    expect([...encoder.parameters()].length).toBe(3);
    const copy = encoder.layers.get(1);
    expect(copy.down.weight).toBe(copy.up.weight);
    expect(copy.seen.get("up")).toBe(copy.up);
    expect(copy.up).not.toBe(own.up);
    const x = ones([2, 4]);
    expect(far(encoder.forward(x), own.forward(own.forward(own.forward(x))))).toBeLessThan(1e-6);
    expect(calls).toBe(6);
  });

  test("goes through a function or a module as through the name", () => {
    const make = (activation: nn.TransformerActivation) => {
      manualSeed(6);
      return new nn.TransformerEncoderLayer(4, 2, { dimFeedforward: 8, dropout: 0, activation });
    };
    const x = ramp(3, 1, 4);
    const gelu = make("gelu").forward(x);
    expect(values(make(new nn.GELU()).forward(x))).toEqual(values(gelu));
    expect(values(make((t) => t.gelu()).forward(x))).toEqual(values(gelu));
    expect(far(make("relu").forward(x), gelu)).toBeGreaterThan(1e-3);
    expect(() => make("tanh" as "relu")).toThrow(
      'the option activation is "relu", "gelu", a function or a module, got "tanh"',
    );
    const layer = make(new nn.PReLU());
    expect([...layer.stateDict().keys()].at(-1)).toBe("activation.weight");
  });

  test("lets hooks below keep what they see, and else leaves its result alone", () => {
    const layer = new nn.TransformerEncoderLayer(4, 2, { dimFeedforward: 8 });
    const encoder = new nn.TransformerEncoder(layer, 2, new nn.LayerNorm(4)).eval().requiresGrad_(false);
    const x = randn([3, 1, 4]);
    const before = memory().cpu.tensors;
    const y = encoder.forward(x);
    expect(memory().cpu.tensors - before).toBe(1);
    y.dispose();
    const kept: Tensor[] = [];
    const remove = encoder.layers.get(0).selfAttn.registerForwardHook((_, __, output) => {
      kept.push((output as [Tensor, null])[0]);
    });
    encoder.forward(x);
    expect(kept[0].shape).toEqual([3, 1, 4]);
    expect(values(kept[0]).every(Number.isFinite)).toBe(true);
    remove();
  });
});

describe("Transformer", () => {
  test("draws all weights by Xavier's rule, and has no norm that it does not show", () => {
    manualSeed(1);
    const model = new nn.Transformer(8, 2, { numEncoderLayers: 1, numDecoderLayers: 1, dimFeedforward: 8 });
    const bound = Math.sqrt(6 / 16);
    const largest = (name: string) => model.getParameter(name).abs().max().item();
    expect(largest("encoder.layers.0.linear1.weight")).toBeGreaterThan(1 / Math.sqrt(8));
    expect(largest("encoder.layers.0.linear1.weight")).toBeLessThanOrEqual(bound);
    expect(model.getParameter("decoder.norm.weight").sum().item()).toBe(8);
  });

  test("takes an encoder and a decoder of one's own", () => {
    class Same extends nn.Module {
      forward(x: Tensor): Tensor {
        return x.mul(2);
      }
    }
    class Sum extends nn.Module {
      forward(tgt: Tensor, memory: Tensor): Tensor {
        return tgt.add(memory.sum(0, { keepdim: true }));
      }
    }
    const model = new nn.Transformer(2, 1, { customEncoder: new Same(), customDecoder: new Sum() });
    expect(model.forward(ones([3, 2]), ones([1, 2])).tolist()).toEqual([[7, 7]]);
    expect(() => model.forward(ones([3, 2]), ones([1, 3]))).toThrow("src and tgt must have 2 features");
    expect(() => model.forward(ones([3, 1, 2]), ones([3, 2, 2]))).toThrow("differ in their batches");
  });

  test("has a mask for what comes later", () => {
    const mask = nn.Transformer.generateSquareSubsequentMask(2, { dtype: "float64" });
    expect(mask.dtype).toBe("float64");
    expect(mask.tolist()).toEqual([
      [0, -Infinity],
      [0, 0],
    ]);
  });

  test("prints as PyTorch's does", () => {
    const attention = (name: string) =>
      `(${name}): MultiheadAttention(\n  (out_proj): NonDynamicallyQuantizableLinear(in_features=8, out_features=8, bias=True)\n)`;
    const norm = (name: string) => `(${name}): LayerNorm((8,), eps=1e-05, elementwise_affine=True, bias=True)`;
    const dropout = (name: string) => `(${name}): Dropout(p=0.1, inplace=False)`;
    const tree = (name: string, ...lines: string[]) => `${name}(\n  ${lines.join("\n").replaceAll("\n", "\n  ")}\n)`;
    const inner = [
      "(linear1): Linear(in_features=8, out_features=16, bias=True)",
      dropout("dropout"),
      "(linear2): Linear(in_features=16, out_features=8, bias=True)",
    ];
    const norms = ["norm1", "norm2", "norm3"].map(norm);
    const dropouts = ["dropout1", "dropout2", "dropout3"].map(dropout);
    const encoder = tree(
      "TransformerEncoderLayer",
      attention("self_attn"),
      ...inner,
      ...norms.slice(0, 2),
      ...dropouts.slice(0, 2),
    );
    const decoder = tree(
      "TransformerDecoderLayer",
      attention("self_attn"),
      attention("multihead_attn"),
      ...inner,
      ...norms,
      ...dropouts,
    );
    const stack = (name: string, layers: string) => tree(name, `(layers): ${tree("ModuleList", layers)}`, norm("norm"));
    const model = new nn.Transformer(8, 2, { numEncoderLayers: 2, numDecoderLayers: 1, dimFeedforward: 16 });
    expect(String(model)).toBe(
      tree(
        "Transformer",
        `(encoder): ${stack("TransformerEncoder", `(0-1): 2 x ${encoder}`)}`,
        `(decoder): ${stack("TransformerDecoder", `(0): ${decoder}`)}`,
      ),
    );
  });
});
