import { amp, memory, nn, ones, optim, randn, type Tensor, tensor } from "flambeau";
import { describe, expect, test } from "vitest";

const { GradScaler } = amp;
const leaf = (values: number[]): Tensor => tensor(values, { requiresGrad: true });

describe("a step", () => {
  test("is that of the unscaled gradients, for each optimizer", () => {
    type Make = (params: Tensor[]) => { step(): unknown; zeroGrad(): void; paramGroups: { params: Tensor[] }[] };
    const makes: { readonly [name: string]: Make } = {
      SGD: (p) => new optim.SGD(p, { lr: 0.1, momentum: 0.9 }),
      Adam: (p) => new optim.Adam(p, { lr: 0.1 }),
      AdamW: (p) => new optim.AdamW(p, { lr: 0.1 }),
      RMSprop: (p) => new optim.RMSprop(p, { lr: 0.1 }),
      Adagrad: (p) => new optim.Adagrad(p, { lr: 0.1 }),
      NAdam: (p) => new optim.NAdam(p, { lr: 0.1 }),
    };
    for (const [name, make] of Object.entries(makes)) {
      const run = (scaler: amp.GradScaler): unknown => {
        const w = leaf([1, -2, 0.5]);
        const optimizer = make([w]);
        for (let i = 0; i < 4; i++) {
          optimizer.zeroGrad();
          scaler.scale(w.square().sum()).backward();
          scaler.step(optimizer);
          scaler.update();
        }
        return w.tolist();
      };
      // a power of two changes no digit
      expect(run(new GradScaler({ initScale: 4096 })), name).toEqual(run(new GradScaler({ enabled: false })));
    }
  });
  test("is left out where a gradient is not finite, and the scale falls", () => {
    for (const bad of [Infinity, Number.NaN]) {
      const [w, v] = [leaf([1, 2]), leaf([3])];
      const [one, two] = [new optim.Adam([w], { lr: 0.1 }), new optim.SGD([v], { lr: 1 })];
      const scaler = new GradScaler({ initScale: 8, backoffFactor: 0.25 });
      scaler.scale([w.mul(tensor([1, bad])).sum(), v.sum()]).forEach((loss) => void loss.backward());
      expect(scaler.step(one)).toBeUndefined();
      scaler.step(two);
      scaler.update();
      expect(w.tolist()).toEqual([1, 2]);
      expect(v.tolist()).toEqual([2]); // the other optimizer's gradients are fine
      expect(scaler.getScale()).toBe(2);
      expect(Object.keys(one.stateDict().state)).toEqual([]);
    }
  });
  test("gives what the optimizer's gives, and hands on its arguments", () => {
    const optimizer = { paramGroups: [{ params: [leaf([1])] }], step: (a: number, b: string) => `${a}${b}` };
    const scaler = new GradScaler();
    scaler.scale(optimizer.paramGroups[0].params[0].sum()).backward();
    expect(scaler.step(optimizer, 1, "x")).toBe("1x");
  });
  test("waits for the device where it cannot be read at once", async () => {
    const w = leaf([1, 2]);
    const optimizer = new optim.SGD([w], { lr: 0.5 });
    const scaler = new GradScaler();
    for (const factor of [1, Infinity]) {
      optimizer.zeroGrad();
      scaler.scale(w.sum().mul(factor)).backward();
      await scaler.stepAsync(optimizer);
      scaler.update();
    }
    expect(w.tolist()).toEqual([0.5, 1.5]);
    expect(scaler.getScale()).toBe(32768);
  });
});

describe("the scale", () => {
  const good = (scaler: amp.GradScaler, w = leaf([1])): void => {
    scaler.scale(w.sum()).backward();
    scaler.step(new optim.SGD([w]));
    scaler.update();
  };
  test("grows after some steps in a row that went well", () => {
    const scaler = new GradScaler({ initScale: 2, growthInterval: 3, growthFactor: 4 });
    const scales = Array.from({ length: 7 }, () => {
      good(scaler);
      return scaler.getScale();
    });
    expect(scales).toEqual([2, 2, 8, 8, 8, 32, 32]);
  });
  test("does not grow beyond float32", () => {
    const scaler = new GradScaler({ initScale: 2 ** 127, growthInterval: 1 });
    good(scaler, leaf([1]));
    expect(scaler.getScale()).toBe(2 ** 127);
  });
  test("is what update is given", () => {
    const scaler = new GradScaler();
    scaler.scale(ones([1]));
    scaler.update(16);
    expect(scaler.getScale()).toBe(16);
    scaler.update(tensor(4));
    expect(scaler.getScale()).toBe(4);
    expect(() => scaler.update(0)).toThrow(/positive and finite/);
  });
  test("goes on from a state", () => {
    const scaler = new GradScaler({ initScale: 2, growthInterval: 3 });
    good(scaler);
    good(scaler);
    const other = new GradScaler();
    other.loadStateDict(JSON.parse(JSON.stringify(scaler.stateDict())));
    good(other);
    expect(other.getScale()).toBe(4);
    expect(new GradScaler({ enabled: false }).stateDict()).toEqual({});
    expect(() => other.loadStateDict({})).toThrow(/state is empty/);
    expect(() => other.loadStateDict({ ...scaler.stateDict(), scale: "2" as never })).toThrow(
      /"scale" must be a number/,
    );
    expect(other.getScale()).toBe(4);
  });
});

test("gradients are unscaled once, for clipping before the step", () => {
  const w = leaf([3, 4]);
  const optimizer = new optim.SGD([w], { lr: 1 });
  const scaler = new GradScaler({ initScale: 1024 });
  scaler.scale(w.square().sum().div(2)).backward();
  scaler.unscale_(optimizer);
  expect(w.grad?.tolist()).toEqual([3, 4]);
  expect(optim.clipGradNorm_([w], 1).item()).toBe(5);
  scaler.step(optimizer);
  scaler.update();
  const [a, b] = w.tolist() as number[];
  expect(a).toBeCloseTo(2.4, 5);
  expect(b).toBeCloseTo(3.2, 5);
});

test("trains in float16, with autocast", () => {
  const model = new nn.Sequential(new nn.Linear(4, 8), new nn.ReLU(), new nn.Linear(8, 1));
  const optimizer = new optim.Adam(model.parameters(), { lr: 0.05 });
  const scaler = new GradScaler();
  const x = randn([32, 4]);
  const y = x.sum(1, { keepdim: true });
  const seen: number[] = [];
  for (let i = 0; i < 60; i++) {
    const loss = amp.autocast("float16", () => model.forward(x).float().sub(y).square().mean());
    optimizer.zeroGrad();
    scaler.scale(loss).backward();
    scaler.step(optimizer);
    scaler.update();
    seen.push(loss.item());
  }
  expect(seen[59]).toBeLessThan(seen[0] / 10);
});

test("an iteration leaves nothing in memory", () => {
  const w = leaf([1, 2]);
  const optimizer = new optim.SGD([w], { lr: 0.5 });
  const scaler = new GradScaler();
  const iteration = (): void => {
    using loss = w.sum();
    using scaled = scaler.scale(loss);
    scaled.backward();
    scaler.step(optimizer);
    scaler.update();
    w.grad?.dispose();
    w.grad = null;
  };
  iteration();
  const before = memory().cpu.tensors;
  for (let i = 0; i < 3; i++) iteration();
  expect(memory().cpu.tensors).toBe(before);
});

describe("errors", () => {
  const ready = () => {
    const w = leaf([1]);
    const optimizer = new optim.SGD([w]);
    const scaler = new GradScaler();
    scaler.scale(w.sum()).backward();
    return { scaler, optimizer, w };
  };
  test("methods out of order", () => {
    const { optimizer, scaler } = ready();
    const fresh = new GradScaler();
    expect(() => fresh.unscale_(optimizer)).toThrow(/nothing has been scaled yet/);
    expect(() => fresh.step(optimizer)).toThrow(/nothing has been scaled yet/);
    expect(() => fresh.update()).toThrow(/nothing has been scaled yet/);
    expect(() => scaler.update()).toThrow(/no gradients have been looked at/);
    scaler.unscale_(optimizer);
    expect(() => scaler.unscale_(optimizer)).toThrow(/has been called for this optimizer since the last update/);
    scaler.step(optimizer);
    expect(() => scaler.step(optimizer)).toThrow(/step has been called for this optimizer/);
    expect(() => scaler.unscale_(optimizer)).toThrow(/called after step/);
    scaler.update();
    scaler.step(optimizer);
  });
  test("what cannot be stepped", () => {
    const { optimizer, scaler, w } = ready();
    expect(() => scaler.step(optimizer, () => w.sum())).toThrow(/closure cannot be used/);
    expect(() => scaler.step({} as never)).toThrow(/takes an optimizer/);
    expect(() => scaler.step(new optim.SGD([leaf([1])]))).toThrow(/none of the optimizer's parameters has a gradient/);
    const half = tensor([1], { dtype: "float16", requiresGrad: true });
    scaler.scale(half.sum()).backward();
    expect(() => scaler.unscale_(new optim.SGD([half]))).toThrow(/gradients are float16/);
    expect(() => scaler.scale(1 as never)).toThrow(/must be a tensor or a list of tensors/);
  });
  test.each([
    [{ initScale: 0 }, /initScale must be positive/],
    [{ growthFactor: 1 }, /growthFactor must be above 1/],
    [{ backoffFactor: 1 }, /backoffFactor must be between 0 and 1/],
    [{ growthInterval: 0.5 }, /growthInterval must be a positive integer/],
    [{ growth: 1 } as object, /no option "growth"/],
  ])("options: %o", (options, message) => expect(() => new GradScaler(options)).toThrow(message));
});
