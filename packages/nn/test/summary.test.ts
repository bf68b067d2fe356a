// Summaries against torchinfo's tables. Its totals are written in units of their own since its last release; those here are as in its
// documentation (its README's first table is below), so numbers are compared there, and lines of layers letter by letter.
import { readFileSync } from "node:fs";
import { ArgumentError, getRngState, isGradEnabled, memory, nn, ones, relu, type Tensor, tensor } from "flambeau";
import { describe, expect, test } from "vitest";

interface Table {
  readonly text: string;
  readonly totalParams: number;
  readonly trainableParams: number;
  readonly totalMultAdds: number;
  readonly outputBytes: number;
  readonly paramBytes: number;
}
const tables: Record<string, Table> = JSON.parse(
  readFileSync(new URL("./figures/summary-torchinfo.json", import.meta.url), "utf8"),
);

class SingleInputNet extends nn.Module {
  conv1 = new nn.Conv2d(1, 10, 5);
  conv2 = new nn.Conv2d(10, 20, 5);
  conv2_drop = new nn.Dropout2d(0.3);
  fc1 = new nn.Linear(320, 50);
  fc2 = new nn.Linear(50, 10);
  forward(x: Tensor): Tensor {
    const first = this.conv1.forward(x).maxPool2d(2).relu();
    const second = this.conv2_drop.forward(this.conv2.forward(first)).maxPool2d(2).relu();
    return this.fc2.forward(relu(this.fc1.forward(second.reshape([-1, 320])))).logSoftmax(1);
  }
}
class LSTMNet extends nn.Module {
  embedding = new nn.Embedding(20, 300);
  encoder = new nn.LSTM(300, 512, { numLayers: 2, batchFirst: true });
  decoder = new nn.Linear(512, 20);
  forward(x: Tensor): unknown {
    const [out, hidden] = this.encoder.forward(this.embedding.forward(x));
    return [this.decoder.forward(out).reshape([-1, 20]), hidden];
  }
}
class Child extends nn.Module {
  _sequential = new nn.Sequential(new nn.Linear(5, 5), new nn.Linear(5, 5));
  _between = new nn.Linear(5, 5);
  forward(x: Tensor): Tensor {
    let out = this._between.forward(this._sequential.forward(x));
    for (const layer of this._sequential as Iterable<nn.Layer>) out = layer.forward(out);
    out = this._sequential.forward(x);
    for (const layer of this._sequential as Iterable<nn.Layer>) out = layer.forward(out);
    return out;
  }
}
class Container extends nn.Module {
  _layers = new nn.ModuleList<nn.Layer>([new nn.Linear(5, 5), new Child(), new nn.Linear(5, 5)]);
  forward(x: Tensor): Tensor {
    let out = x;
    for (const layer of this._layers as Iterable<nn.Layer>) out = layer.forward(out);
    return out;
  }
}
class TwoInputs extends nn.Module {
  fc1a = new nn.Linear(30, 5);
  fc1b = new nn.Linear(5, 10);
  fc2a = new nn.Linear(30, 10);
  scale = new nn.Parameter(ones([10]));
  forward(x1: Tensor, x2: Tensor): Tensor {
    return this.fc1b.forward(this.fc1a.forward(x1).relu()).mul(this.scale).add(this.fc2a.forward(x2.float()));
  }
}
class Siamese extends nn.Module {
  twin = new nn.Sequential(
    new nn.Conv2d(1, 4, 3, { padding: 1 }),
    new nn.BatchNorm2d(4),
    new nn.ReLU(),
    new nn.MaxPool2d(2),
  );
  shared = this.twin.get(2);
  out = new nn.Linear(64, 1);
  forward(a: Tensor, b: Tensor): Tensor {
    const d = this.twin
      .forward(a)
      .sub(this.shared.forward(this.twin.forward(b)))
      .abs();
    return this.out.forward(d.flatten(1));
  }
}
class Tied extends nn.Module {
  emb = new nn.Embedding(7, 4);
  mid = new nn.Sequential(new nn.Conv1d(4, 4, 3, { groups: 2, padding: 1 }), new nn.GroupNorm(2, 4));
  head = new nn.Linear(4, 7, { bias: false });
  constructor() {
    super();
    this.head.weight = this.emb.weight;
  }
  forward(x: Tensor): Tensor {
    return this.head.forward(this.mid.forward(this.emb.forward(x).transpose(1, 2)).transpose(1, 2));
  }
}
function frozen(): nn.Module {
  const net = new SingleInputNet();
  for (const p of [net.conv1.weight, net.conv1.bias, net.fc1.weight]) if (p) p.requiresGrad = false;
  return net;
}
function pruned(): nn.Module {
  const net = new nn.Sequential(new nn.Linear(6, 4), new nn.ReLU(), new nn.Linear(4, 2));
  nn.utils.prune.l1Unstructured(net.get(0), "weight", 10);
  return net;
}

const all = [
  "kernelSize",
  "groups",
  "inputSize",
  "outputSize",
  "numParams",
  "paramsPercent",
  "multAdds",
  "trainable",
] as const;
const cases: readonly (readonly [name: string, model: () => nn.Module, options: nn.SummaryOptions])[] = [
  [
    "readme",
    () => new SingleInputNet(),
    { inputSize: [7, 1, 28, 28], columns: ["inputSize", "outputSize", "numParams", "multAdds"], columnWidth: 20 },
  ],
  ["single", () => new SingleInputNet(), { inputSize: [2, 1, 28, 28] }],
  ["no input", () => new SingleInputNet(), {}],
  ["frozen", frozen, { inputSize: [16, 1, 28, 28], columns: all, columnWidth: 16 }],
  [
    "lstm",
    () => new LSTMNet(),
    {
      inputSize: [1, 100],
      dtypes: ["int64"],
      weights: true,
      columnWidth: 20,
      columns: ["kernelSize", "outputSize", "numParams", "multAdds"],
      names: true,
    },
  ],
  ["container", () => new Container(), { inputSize: [1, 5], depth: 4 }],
  ["container 2", () => new Container(), { inputSize: [3, 5], depth: 2, columns: all }],
  ["container without input", () => new Container(), { depth: 4 }],
  [
    "two inputs",
    () => new TwoInputs(),
    {
      inputSize: [
        [1, 30],
        [1, 30],
      ],
      dtypes: ["float32", "int64"],
    },
  ],
  [
    "siamese",
    () => new Siamese(),
    {
      inputSize: [
        [2, 1, 8, 8],
        [2, 1, 8, 8],
      ],
      columns: all,
    },
  ],
  [
    "siamese 1",
    () => new Siamese(),
    {
      inputSize: [
        [2, 1, 8, 8],
        [2, 1, 8, 8],
      ],
      columns: all,
      depth: 1,
    },
  ],
  ["tied", () => new Tied(), { inputSize: [2, 5], dtypes: ["int64"], columns: all }],
  ["pruned", pruned, { inputSize: [3, 6], columns: all, weights: true }],
];

describe("a summary", () => {
  test.each(cases)("has torchinfo's rows and totals: %s", (name, model, options) => {
    const made = nn.summary(model(), options);
    const { text, ...totals } = tables[name];
    const rows = (table: string) => table.slice(0, table.indexOf("Total params"));
    expect(rows(String(made))).toBe(rows(text));
    expect(made).toMatchObject(totals);
  });

  test("is the table of torchinfo's documentation", () => {
    const made = nn.summary(new SingleInputNet(), cases[0][2]);
    const rule = "=".repeat(120);
    expect(String(made).split("\n").slice(9)).toEqual([
      rule,
      "Total params: 21,840",
      "Trainable params: 21,840",
      "Non-trainable params: 0",
      "Total mult-adds (M): 3.41",
      rule,
      "Input size (MB): 0.02",
      "Forward/backward pass size (MB): 0.40",
      "Params size (MB): 0.09",
      "Estimated Total Size (MB): 0.51",
      rule,
    ]);
  });

  test("leaves the model, the generator and the memory as they were", () => {
    const model = new Siamese();
    const state = JSON.stringify([...model.stateDict()].map(([key, t]) => [key, t.tolist()]));
    const random = getRngState();
    const tensors = memory().cpu.tensors;
    nn.summary(model, {
      inputSize: [
        [2, 1, 8, 8],
        [2, 1, 8, 8],
      ],
      mode: "train",
    });
    nn.summary(model, { input: [ones([1, 1, 8, 8]), ones([1, 1, 8, 8])], mode: "eval" });
    expect(JSON.stringify([...model.stateDict()].map(([key, t]) => [key, t.tolist()]))).toBe(state);
    expect(getRngState()).toEqual(random);
    expect([model.training, model.twin.get(1).training, isGradEnabled()]).toEqual([true, true, true]);
    expect(memory().cpu.tensors - tensors).toBeLessThanOrEqual(2); // the inputs of this test
    expect(Object.hasOwn(model, "forward")).toBe(false);
    class Breaks extends nn.Module {
      inner = new nn.ReLU();
      forward(x: Tensor): Tensor {
        throw new RangeError(`no ${this.inner.forward(x).shape}`);
      }
    }
    const broken = new Breaks();
    expect(() => nn.summary(broken, { inputSize: [1] })).toThrow(RangeError);
    expect(Object.hasOwn(broken.inner, "forward")).toBe(false);
  });

  test("is HTML that is safe to show, and what a notebook shows", () => {
    const Evil = { "<img src=x onerror=alert(1)>": class extends nn.Identity {} }["<img src=x onerror=alert(1)>"];
    const model = new nn.Sequential({ "a&b<script>": new Evil(), out: new nn.Linear(2, 1) });
    const made = nn.summary(model, { input: ones([1, 2]), names: true, columns: all });
    const html = made.toHTML();
    expect(html).not.toMatch(/<(script|img)/);
    expect(html).toContain("&lt;img src=x onerror=alert(1)&gt; (a&amp;b&lt;script&gt;): 1-1");
    const tags = [...html.matchAll(/<\/?(\w+)/g)].map(([, tag]) => tag);
    expect(new Set(tags)).toEqual(new Set(["table", "thead", "tbody", "tr", "th", "td"]));
    expect(html.match(/<tr>/g)?.length).toBe(html.match(/<\/tr>/g)?.length);
    expect(html.match(/<tr>/g)?.length).toBe(1 + 3 + 8); // head, rows, totals
    const display = Reflect.get(made, Symbol.for("Jupyter.display")) as () => Record<string, string>;
    expect(display.call(made)).toEqual({ "text/plain": String(made), "text/html": html });
  });

  test("says what is wrong with its arguments", () => {
    const model = new nn.Linear(2, 1);
    const told = (options: nn.SummaryOptions, message: RegExp) => {
      expect(() => nn.summary(model, options)).toThrow(ArgumentError);
      expect(() => nn.summary(model, options)).toThrow(message);
    };
    told({ input: ones([1, 2]), inputSize: [1, 2] }, /either input or inputSize/);
    told({ columns: ["outputSize", "multAdds"] }, /columns outputSize, multAdds need a call/);
    told({ depth: -1 }, /depth must be an integer from 0 on/);
    told({ columnWidth: 0 }, /columnWidth must be an integer from 1 on/);
    expect(() => nn.summary(tensor(1) as unknown as nn.Module)).toThrow(/model must be a Module/);
  });
});
