import { grad, gradcheck, gradgradcheck, jvp } from "@flambeau/autograd";
import { cpuWasm } from "@flambeau/backend-cpu-wasm";
import { allclose, manualSeed, noGrad, randn, registerBackend, type Tensor, tensor } from "@flambeau/tensor";
import { applyMany, type Op } from "@flambeau/tensor/plugin";
import { describe, expect, test } from "vitest";
import { nnOps } from "../../src/ops.ts";

registerBackend(cpuWasm({ threads: 1 }));

interface Case {
  readonly name: "rnnLayer" | "lstmLayer" | "gruLayer";
  readonly attrs: { readonly reverse: boolean; readonly bias: boolean; readonly lengths: boolean };
  readonly own: { readonly nonlinearity?: "tanh" | "relu"; readonly projection?: boolean };
}
const flags = [false, true];
const cases: readonly Case[] = flags.flatMap((reverse) =>
  flags.flatMap((lengths) =>
    (
      [
        ["rnnLayer", { nonlinearity: "tanh" }],
        ["rnnLayer", { nonlinearity: "relu" }],
        ["lstmLayer", { projection: false }],
        ["lstmLayer", { projection: true }],
        ["gruLayer", {}],
      ] as const
    ).map(([name, own]) => ({ name, own, attrs: { reverse, lengths, bias: reverse !== lengths } })),
  ),
);
const titled = cases.map((c) => [`${c.name} ${JSON.stringify({ ...c.attrs, ...c.own })}`, c] as const);
const [steps, n, input, hidden] = [4, 3, 2, 3];
const counts = [2, 4, 1];

/** The results that the gradient does not keep for itself. */
const resultsOf = ({ name }: Case): number => (name === "lstmLayer" ? 3 : 2);
const opOf = (c: Case): Op => nnOps[c.name] as unknown as Op; // each with attributes of its own
const attrsOf = (c: Case): object => ({ ...c.attrs, ...c.own });
function inputsOf(c: Case): Tensor[] {
  manualSeed(3);
  const gates = { rnnLayer: 1, lstmLayer: 4, gruLayer: 3 }[c.name];
  const width = c.own.projection ? 2 : hidden;
  const make = (...shape: number[]) => randn(shape, { dtype: "float64", requiresGrad: true });
  const list = [make(steps, n, input), make(n, width)];
  if (c.name === "lstmLayer") list.push(make(n, hidden));
  list.push(make(gates * hidden, input), make(gates * hidden, width));
  if (c.attrs.bias) list.push(make(gates * hidden), make(gates * hidden));
  if (c.own.projection) list.push(make(width, hidden));
  return list;
}
const run = (c: Case, inputs: readonly Tensor[]): Tensor[] => {
  const all = c.attrs.lengths ? [...inputs, tensor(counts, { dtype: "int32" })] : inputs;
  return applyMany(opOf(c), all, attrsOf(c)).slice(0, resultsOf(c));
};
const near = (a: Tensor, b: Tensor): boolean => allclose(a, b, { rtol: 1e-10, atol: 1e-12 });

describe("the op of a recurrent layer", () => {
  test.each(titled)("%s is what it is made of, gradients too", (_, c) => {
    const inputs = inputsOf(c);
    const all = c.attrs.lengths ? [...inputs, tensor(counts, { dtype: "int32" })] : inputs;
    const found = run(c, inputs);
    const parts = opOf(c).decompose?.(all, attrsOf(c)) as readonly Tensor[] | undefined; // it has several results
    const made = parts?.slice(0, resultsOf(c)) ?? [];
    expect(found.map((t, i) => near(t, made[i]))).toEqual(found.map(() => true));
    const gradOutputs = found.map((t) => randn(t.shape, { dtype: "float64" }));
    const [own, theirs] = [found, made].map((results) => grad([...results], inputs, { gradOutputs }));
    expect(own.map((g, i) => near(g, theirs[i]))).toEqual(own.map(() => true));
  });

  test.each(titled)("%s has the gradients that differences give, first and second", (_, c) => {
    const inputs = inputsOf(c);
    expect(gradcheck((...xs) => run(c, xs), inputs)).toBe(true);
    expect(gradgradcheck((...xs) => run(c, xs), inputs)).toBe(true);
  });

  test.each(titled)("%s has the tangents that its gradients say", (_, c) => {
    const inputs = inputsOf(c).map((t) => t.detach());
    const tangents = inputs.map((t) => randn(t.shape, { dtype: "float64" }));
    const [, moved] = jvp((...xs: Tensor[]) => run(c, xs), inputs, tangents) as [Tensor[], Tensor[]];
    const step = 1e-6;
    const at = (k: number) =>
      run(
        c,
        inputs.map((t, i) => t.add(tangents[i].mul(k * step))),
      );
    const [before, after] = [at(-1), at(1)];
    moved.forEach((t, i) => {
      expect(allclose(t, after[i].sub(before[i]).div(2 * step), { rtol: 1e-6, atol: 1e-7 })).toBe(true);
    });
  });

  test.each(titled.filter(([, c]) => c.attrs.lengths))("%s runs each sequence as if it were alone", (_, c) => {
    const inputs = inputsOf(c);
    const [x, ...rest] = inputs;
    const states = c.name === "lstmLayer" ? 2 : 1;
    const alone: Case = { ...c, attrs: { ...c.attrs, lengths: false } };
    const [output, ...last] = run(c, inputs);
    counts.forEach((count, i) => {
      const own = rest.slice(0, states).map((s) => s.at({ from: i, to: i + 1 }));
      const [y, ...ends] = run(alone, [x.at({ to: count }, { from: i, to: i + 1 }), ...own, ...rest.slice(states)]);
      expect(near(output.at({ to: count }, i), y.select(1, 0))).toBe(true);
      expect(output.at({ from: count }, i).abs().sum().item()).toBe(0);
      ends.forEach((end, k) => {
        expect(near(last[k].at(i), end.at(0))).toBe(true);
      });
    });
  });

  test.each(titled.filter(([, c]) => c.attrs.lengths))("%s does not look beyond the ends", (_, c) => {
    const inputs = inputsOf(c);
    const spoilt = noGrad(() => inputs[0].clone());
    counts.forEach((count, i) => {
      if (count < steps) noGrad(() => spoilt.at({ from: count }, i).fill_(Number.NaN));
    });
    const others = [spoilt.requiresGrad_(), ...inputs.slice(1)];
    const [wanted, found] = [inputs, others].map((given) => {
      const results = run(c, given);
      return [...results, ...grad(results, given, { gradOutputs: results.map((t) => t.detach()) })];
    });
    expect(found.map((t, i) => near(t, wanted[i]))).toEqual(found.map(() => true));
  });
});
