import { expect, it } from "vitest";
import type { Engine } from "../../src/engine/engine.ts";
import { type Recurrent, recurrentBackward, recurrentForward } from "../../src/engine/recurrent.ts";
import { describeBuilds } from "./builds.ts";
import { error, get, numbers, numericGradient, put, putInt, random } from "./reference.ts";

let engine: Engine;
const use = (made: Engine) => {
  engine = made;
};

interface Case {
  kind: Recurrent["kind"];
  steps: number;
  sequences: number;
  input: number;
  hidden: number;
  reverse: boolean;
  bias: boolean;
  lengths: "none" | "int32" | "int64";
}
const shapes = [
  { steps: 1, sequences: 1, input: 1, hidden: 1 },
  { steps: 4, sequences: 3, input: 2, hidden: 5 },
  { steps: 3, sequences: 8, input: 3, hidden: 4 },
  { steps: 2, sequences: 11, input: 5, hidden: 9 },
];
const cases: Case[] = (["tanh", "relu", "lstm", "gru"] as const).flatMap((kind) =>
  shapes.flatMap((shape, s) =>
    [false, true].flatMap((reverse) =>
      (["none", s % 2 === 0 ? "int32" : "int64"] as const).map((lengths) => ({
        ...{ kind, ...shape, reverse, lengths, bias: (s + (reverse ? 1 : 0)) % 2 === 0 },
      })),
    ),
  ),
);
const gatesOf = { tanh: 1, relu: 1, lstm: 4, gru: 3 } as const;
const inputs = ["x", "h", "c", "weightIh", "weightHh", "biasIh", "biasHh"] as const;
type Values = Record<(typeof inputs)[number], ArrayLike<number>>;

const sigmoid = (v: number) => 1 / (1 + Math.exp(-v));
/** Some have no step, some all of them. */
const lengthOf = (s: Case, n: number) => (s.lengths === "none" ? s.steps : (n * 3 + s.steps) % (s.steps + 1));

/** The outputs and the last states one behind the other, by the formulas of PyTorch's documentation. */
function reference(s: Case, v: Values): Float64Array {
  const { kind, steps, sequences, input, hidden } = s;
  const size = sequences * hidden;
  const all = new Float64Array((steps + (kind === "lstm" ? 2 : 1)) * size);
  for (let n = 0; n < sequences; n++) {
    let h = Array.from({ length: hidden }, (_, i) => v.h[n * hidden + i]);
    let c = h.map((_, i) => v.c[n * hidden + i]);
    const length = lengthOf(s, n);
    for (let k = 0; k < length; k++) {
      const t = s.reverse ? length - 1 - k : k;
      const share = (
        w: ArrayLike<number>,
        b: ArrayLike<number>,
        row: number,
        of: (j: number) => number,
        width: number,
      ) => {
        let sum = s.bias ? b[row] : 0;
        for (let j = 0; j < width; j++) sum += w[row * width + j] * of(j);
        return sum;
      };
      const ofX = (row: number) => share(v.weightIh, v.biasIh, row, (j) => v.x[(t * sequences + n) * input + j], input);
      const old = h;
      const ofH = (row: number) => share(v.weightHh, v.biasHh, row, (j) => old[j], hidden);
      const sum = (row: number) => ofX(row) + ofH(row);
      if (kind === "lstm") {
        c = c.map((value, i) => sigmoid(sum(hidden + i)) * value + sigmoid(sum(i)) * Math.tanh(sum(2 * hidden + i)));
        h = c.map((value, i) => sigmoid(sum(3 * hidden + i)) * Math.tanh(value));
      } else if (kind === "gru") {
        h = old.map((value, i) => {
          const own = Math.tanh(ofX(2 * hidden + i) + sigmoid(sum(i)) * ofH(2 * hidden + i));
          const z = sigmoid(sum(hidden + i));
          return (1 - z) * own + z * value;
        });
      } else h = old.map((_, i) => (kind === "relu" ? Math.max(0, sum(i)) : Math.tanh(sum(i))));
      all.set(h, (t * sequences + n) * hidden);
    }
    all.set(h, steps * size + n * hidden);
    if (kind === "lstm") all.set(c, (steps + 1) * size + n * hidden);
  }
  return all;
}

function prepare(s: Case) {
  const { kind, steps, sequences, input, hidden } = s;
  const gates = gatesOf[kind] * hidden;
  const next = numbers(s.hidden * 31 + s.steps);
  const values: Values = {
    x: random(steps * sequences * input, next),
    h: random(sequences * hidden, next),
    c: random(sequences * hidden, next),
    weightIh: random(gates * input, next),
    weightHh: random(gates * hidden, next),
    biasIh: random(gates, next),
    biasHh: random(gates, next),
  };
  const at = Object.fromEntries(inputs.map((name) => [name, put(engine, values[name])])) as Record<
    keyof Values,
    number
  >;
  const counts = Array.from({ length: sequences }, (_, n) => lengthOf(s, n));
  const wide = s.lengths === "int64";
  const lengths = s.lengths === "none" ? 0 : putInt(engine, wide ? counts.flatMap((count) => [count, 0]) : counts);
  // what stands beyond the ends is nobody's business
  for (let n = 0; n < sequences; n++)
    for (let t = counts[n]; t < steps; t++)
      engine.f32.fill(Number.NaN, at.x / 4 + (t * sequences + n) * input, at.x / 4 + (t * sequences + n + 1) * input);
  const { biasIh, biasHh, ...others } = at;
  const r: Recurrent = {
    ...{ kind, steps, sequences, input, hidden, reverse: s.reverse, lengths, lengthBytes: wide ? 8 : 4 },
    ...{ ...others, biasIh: s.bias ? biasIh : 0, biasHh: s.bias ? biasHh : 0 },
  };
  const room = (count: number) => engine.alloc(count * 4);
  const size = sequences * hidden;
  const kept = {
    output: room(steps * size),
    sums: kind === "tanh" || kind === "relu" ? 0 : room(steps * sequences * gates),
    cells: room(steps * size),
  };
  const last = { h: room(size), c: kind === "lstm" ? room(size) : 0 };
  const weights = random(reference(s, values).length, next);
  const forward = () => {
    recurrentForward(engine, r, kept, last);
    return [kept.output, last.h, last.c]
      .filter((a) => a !== 0)
      .flatMap((a, i) => [...get(engine, a, i === 0 ? steps * size : size)]);
  };
  const g = put(engine, weights.subarray(0, steps * size));
  const wanted = inputs.filter((name) => (name !== "c" || kind === "lstm") && (s.bias || !name.startsWith("bias")));
  const backward = (only: readonly string[] = wanted) => {
    const to = Object.fromEntries(
      inputs.map((name) => [name, only.includes(name) ? put(engine, values[name]) : 0]),
    ) as Record<keyof Values, number>;
    engine.f32.set(weights.subarray(steps * size, (steps + 1) * size), to.h / 4);
    if (kind === "lstm") engine.f32.set(weights.subarray((steps + 1) * size), to.c / 4);
    recurrentBackward(engine, r, kept, g, to);
    return Object.fromEntries(
      only.map((name) => [name, get(engine, to[name as keyof Values], values[name as keyof Values].length)]),
    );
  };
  return { values, weights, forward, backward, wanted };
}

describeBuilds("recurrent layers", { threads: 2 }, use, () => {
  it.each(cases)("outputs and all gradients are those of the definition: %j", (s) => {
    const { values, weights, forward, backward, wanted } = prepare(s);
    // by the size of the states, whose differences may cancel
    const beside = Array.from(values.h);
    expect(error([...forward(), ...beside], [...reference(s, values), ...beside])).toBeLessThan(1e-6);
    const found = backward();
    for (const name of wanted) {
      const expected = numericGradient((at) => reference(s, { ...values, [name]: at }), values[name], weights);
      expect(found[name].some(Number.isNaN)).toBe(false);
      if (expected.every((value) => value === 0)) expect([...found[name]]).toEqual([...expected]);
      else expect([name, error(found[name], expected)]).toEqual([name, expect.closeTo(0, 5)]);
    }
  });

  it.each(["tanh", "lstm", "gru"] as const)("%s gives the same bits on any number of threads", (kind) => {
    for (const lengths of ["none", "int32"] as const) {
      const { forward, backward } = prepare({
        kind,
        lengths,
        steps: 7,
        sequences: 19,
        input: 6,
        hidden: 37,
        reverse: true,
        bias: true,
      });
      const results = [1, 2, 3, 7].map((threads) => {
        engine.setThreads(threads);
        return [forward(), backward()];
      });
      engine.setThreads(2);
      for (const other of results) expect(other).toEqual(results[0]);
    }
  });

  it("gives the gradients that are wanted alone", () => {
    const { forward, backward, wanted } = prepare({
      kind: "gru",
      lengths: "int32",
      steps: 3,
      sequences: 4,
      input: 3,
      hidden: 6,
      reverse: true,
      bias: true,
    });
    forward();
    const all = backward();
    for (const name of wanted) if (name !== "h") expect(backward(["h", name])).toEqual({ h: all.h, [name]: all[name] });
  });
});
