import { grad } from "@flambeau/autograd";
import { cpuWasm } from "@flambeau/backend-cpu-wasm";
import { manualSeed, randn, registerBackend, type Tensor, tensor } from "@flambeau/tensor";
import { applyMany, type Op, withoutFused } from "@flambeau/tensor/plugin";
import { afterEach, describe, expect, test, vi } from "vitest";
import { nnOps } from "../../src/ops.ts";

// A device's own kernel for a layer gives what the op's steps give, one after the other.

const backend = cpuWasm({ threads: 2 });
registerBackend(backend);

afterEach(() => vi.restoreAllMocks());

const flags = [false, true];
const layers = [
  ["rnnLayer", { nonlinearity: "tanh" }],
  ["rnnLayer", { nonlinearity: "relu" }],
  ["lstmLayer", { projection: false }],
  ["gruLayer", {}],
] as const;
const shapes = [
  { steps: 5, n: 4, input: 3, hidden: 6 },
  { steps: 1, n: 1, input: 1, hidden: 1 },
  { steps: 3, n: 7, input: 9, hidden: 21 },
];
const cases = layers.flatMap(([name, own]) =>
  flags.flatMap((reverse) =>
    flags.flatMap((bias) =>
      flags.flatMap((lengths) => shapes.map((shape) => ({ name, shape, attrs: { reverse, bias, lengths, ...own } }))),
    ),
  ),
);
const titled = cases.map((c) => [`${c.name} ${JSON.stringify({ ...c.attrs, ...c.shape })}`, c] as const);

function inputsOf({ name, shape: { steps, n, input, hidden }, attrs }: (typeof cases)[number]): Tensor[] {
  manualSeed(5);
  const gates = { rnnLayer: 1, lstmLayer: 4, gruLayer: 3 }[name];
  const make = (...size: number[]) => randn(size).mul(0.5).requiresGrad_();
  const list = [make(steps, n, input), make(n, hidden)];
  if (name === "lstmLayer") list.push(make(n, hidden));
  list.push(make(gates * hidden, input), make(gates * hidden, hidden));
  if (attrs.bias) list.push(make(gates * hidden), make(gates * hidden));
  return list;
}

describe("the kernel of a recurrent layer", () => {
  test.each(titled)("%s", (_, c) => {
    const inputs = inputsOf(c);
    const counts = Array.from({ length: c.shape.n }, (_, i) => (i * 2 + 1) % (c.shape.steps + 1));
    const all = c.attrs.lengths ? [...inputs, tensor(counts, { dtype: c.attrs.bias ? "int32" : "int64" })] : inputs;
    const op = nnOps[c.name] as unknown as Op; // each with attributes of its own
    const runs = [c.name, `${c.name}Backward`].map((name) =>
      vi.spyOn(backend.fused?.[name as "lstmLayer"] as unknown as { run(): void }, "run"),
    );
    const results = () => {
      const found = applyMany(op, all, c.attrs);
      const own = found.slice(0, c.name === "lstmLayer" ? 3 : 2);
      manualSeed(6);
      const gradOutputs = own.map((t) => randn(t.shape));
      return [...own, ...grad(own, inputs, { gradOutputs })].map((t) => t.detach());
    };
    const fused = results();
    expect(runs.map((run) => run.mock.calls.length)).toEqual([1, 1]);
    const parts = withoutFused(results);
    expect(runs.map((run) => run.mock.calls.length)).toEqual([1, 1]);
    fused.forEach((t, i) => {
      const scale = Math.max(1, parts[i].abs().max().item());
      expect(t.sub(parts[i]).abs().max().item() / scale).toBeLessThan(3e-6);
    });
  });

  test("gives the gradients of some inputs alone, and of a graph of its own", () => {
    const c = { name: "gruLayer", shape: shapes[0], attrs: { reverse: false, bias: true, lengths: false } } as const;
    const inputs = inputsOf(c);
    const op = nnOps.gruLayer as unknown as Op;
    const loss = () => applyMany(op, inputs, c.attrs)[0].square().sum();
    const whole = grad(loss(), inputs).map((t) => t.tolist());
    inputs.forEach((input, i) => {
      const others = inputs.filter((other) => other !== input);
      for (const other of others) other.requiresGrad_(false);
      expect(grad(loss(), [input])[0].tolist()).toEqual(whole[i]);
      for (const other of others) other.requiresGrad_(true);
    });
    const again = grad(loss(), inputs, { createGraph: true });
    const second = (run: () => Tensor[]) => grad(run()[0].square().sum(), inputs.slice(0, 1))[0];
    const [found, wanted] = [() => again, () => withoutFused(() => grad(loss(), inputs, { createGraph: true }))].map(
      second,
    );
    expect(found.sub(wanted).abs().max().item()).toBeLessThan(1e-4 * wanted.abs().max().item());
  });
});
