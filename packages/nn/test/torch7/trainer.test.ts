import { losses, manualSeed, nn, randn, tensor } from "flambeau";
import { Sequential, StochasticGradient, type TrainingExample } from "flambeau/torch7";
import { afterEach, expect, test, vi } from "vitest";

afterEach(() => void vi.restoreAllMocks());
const line: readonly TrainingExample[] = [
  [tensor([0]), tensor([1])],
  [tensor([1]), tensor([3])],
];

test("the XOR example of doc/training.md is learned", async () => {
  manualSeed(1);
  const dataset = Array.from({ length: 100 }, () => {
    const input = randn([2]);
    const [a, b] = input.tolist() as number[];
    return [input, tensor([a * b > 0 ? -1 : 1])] as const;
  });
  const mlp = new Sequential(new nn.Linear(2, 20), new nn.Tanh(), new nn.Linear(20, 1));
  const trainer = new StochasticGradient(mlp, new losses.MSELoss());
  trainer.verbose = false;
  trainer.learningRate = 0.05;
  await trainer.train(dataset);
  for (const [a, b] of [
    [0.5, 0.5],
    [0.5, -0.5],
    [-0.5, 0.5],
    [-0.5, -0.5],
  ])
    expect(Math.sign(mlp.forward(tensor([a, b])).item())).toBe(a * b > 0 ? -1 : 1);
});

test("a step is p - learningRate * dp after each example, the rate that of the iteration", async () => {
  const layer = new nn.Linear(1, 1);
  let [w, b] = [layer.weight.item(), layer.bias?.item() ?? 0];
  const trainer = new StochasticGradient(layer, new losses.MSELoss());
  Object.assign(trainer, {
    verbose: false,
    shuffleIndices: false,
    learningRate: 0.1,
    learningRateDecay: 0.5,
    maxIteration: 3,
  });
  const seen: [number, number][] = [];
  trainer.hookIteration = (_, iteration, error) => void seen.push([iteration, error]);
  const examples: TrainingExample[] = [];
  trainer.hookExample = (_, example) => void examples.push(example);
  const last = await trainer.train({ size: () => 2, get: async (i) => line[i] });

  // the same in plain numbers
  const errors: number[] = [];
  for (let iteration = 1; iteration <= 3; iteration++) {
    const rate = iteration === 1 ? 0.1 : 0.1 / (1 + iteration * 0.5);
    let total = 0;
    for (const [x, y] of [
      [0, 1],
      [1, 3],
    ]) {
      const difference = w * x + b - y;
      total += difference ** 2;
      w -= rate * 2 * difference * x;
      b -= rate * 2 * difference;
    }
    errors.push(total / 2);
  }
  expect(layer.weight.item()).toBeCloseTo(w, 5);
  expect(layer.bias?.item()).toBeCloseTo(b, 5);
  expect(seen.map(([iteration]) => iteration)).toEqual([1, 2, 3]);
  for (const [i, [, error]] of seen.entries()) expect(error).toBeCloseTo(errors[i], 5);
  expect(last).toBeCloseTo(errors[2], 5);
  expect(examples).toEqual([...line, ...line, ...line]);
  expect(layer.weight.grad).toBe(null);
});

test("examples come in a random order, and errors are printed", async () => {
  const log = vi.spyOn(console, "log").mockImplementation(() => {});
  manualSeed(2);
  const order: number[] = [];
  const data = Array.from({ length: 20 }, (_, i) => [tensor([i / 20]), tensor([0])] as const);
  const trainer = new StochasticGradient(new nn.Linear(1, 1), new losses.MSELoss());
  trainer.maxIteration = 2;
  trainer.hookExample = (_, example) => void order.push(data.indexOf(example as (typeof data)[number]));
  await trainer.train(data);
  expect(order.slice(0, 20)).toEqual(order.slice(20));
  expect(order.slice(0, 20)).not.toEqual(data.map((_, i) => i));
  expect(order.slice(0, 20).toSorted((a, b) => a - b)).toEqual(data.map((_, i) => i));
  expect(log.mock.calls.length).toBe(2);
  expect(log.mock.calls[0][0]).toMatch(/^# current error = [\d.]+/);
});

test("what is no data set is refused", async () => {
  const trainer = new StochasticGradient(new nn.Linear(1, 1), new losses.MSELoss());
  for (const given of [[], 3, null, {}, { size: () => 0, get: () => line[0] }, [1]])
    await expect(trainer.train(given as never)).rejects.toThrow(/StochasticGradient.train: /);
  expect(() => new StochasticGradient(3 as never, new losses.MSELoss())).toThrow("module must be a module, got 3");
  expect(() => new StochasticGradient(new nn.ReLU(), 3 as never)).toThrow("a criterion has a forward");
});
