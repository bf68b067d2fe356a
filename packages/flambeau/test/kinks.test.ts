import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import type { Tensor } from "flambeau";
import * as fl from "flambeau";
import { describe, expect, test } from "vitest";

type Coded = number | "NaN" | "Infinity" | "-Infinity" | "-0";
const orders = ["values", "slopes", "curvatures"] as const;
type Case = { readonly op: string; readonly args: readonly (Coded | "tanh")[]; readonly x: readonly Coded[] } & {
  readonly [order in (typeof orders)[number]]: readonly Coded[];
};
// made by kinks_torch213.py
const cases: readonly Case[] = JSON.parse(
  gunzipSync(readFileSync(new URL("figures/kinks-torch213.json.gz", import.meta.url))).toString(),
);

const { losses } = fl;
const none = { reduction: "none" } as const;
const like = (x: Tensor, value: number): Tensor => fl.full(x.shape, value, { dtype: x.dtype });
const pair = (x: Tensor): Tensor => fl.stack([x, like(x, 0)], 1);

/** What is no method of the point, or takes more than numbers. */
const functions: { readonly [op: string]: (x: Tensor, a: number, b: number) => Tensor } = {
  xlogySelf: (x) => fl.xlogy(x, x),
  xlog1pySelf: (x) => fl.xlog1py(x, x),
  maskedXlogy: (x) => fl.where(x.gt(0), fl.xlogy(x, x), x),
  entr: (x) => fl.entr(x),
  atan2Self: (x) => x.atan2(x),
  logaddexp: (x, y) => fl.logaddexp(x, like(x, y)),
  hypot: (x, y) => fl.hypot(x, like(x, y)),
  copysign: (x, y) => fl.copysign(x, like(x, y)),
  maximum: (x, y) => fl.maximum(x, like(x, y)),
  minimum: (x, y) => fl.minimum(x, like(x, y)),
  fmax: (x, y) => fl.fmax(x, like(x, y)),
  fmin: (x, y) => fl.fmin(x, like(x, y)),
  powTensor: (x, y) => x.pow(like(x, y)),
  powOf: (x, base) => fl.pow(base, x),
  powOfTensor: (x, base) => like(x, base).pow(x),
  mse: (x, t) => losses.mse(x, like(x, t), none),
  l1: (x, t) => losses.l1(x, like(x, t), none),
  huber: (x, t, delta) => losses.huber(x, like(x, t), { ...none, delta }),
  smoothL1: (x, t, beta) => losses.smoothL1(x, like(x, t), { ...none, beta }),
  bce: (x, t) => losses.bce(x, like(x, t), none),
  bceWithLogits: (x, t) => losses.bceWithLogits(x, like(x, t), none),
  klDiv: (x, t) => losses.klDiv(x, like(x, t), none),
  klDivLog: (x, t) => losses.klDiv(x, like(x, t), { ...none, logTarget: true }),
  poissonNll: (x, t) => losses.poissonNll(x, like(x, t), none),
  poissonNllFull: (x, t) => losses.poissonNll(x, like(x, t), { ...none, logInput: false, full: true }),
  gaussianNll: (x, t) => losses.gaussianNll(x, like(x, t), like(x, 1), none),
  softMargin: (x, t) => losses.softMargin(x, like(x, t), none),
  hingeEmbedding: (x, t) => losses.hingeEmbedding(x, like(x, t), none),
  marginRanking: (x, t, margin) => losses.marginRanking(x, like(x, 0), like(x, t), { ...none, margin }),
  multiMargin: (x, p) => losses.multiMargin(pair(x), fl.ones(x.shape, { dtype: "int32" }), { ...none, p }),
  multilabelMargin: (x) =>
    losses.multilabelMargin(pair(x), fl.tensor([[1, -1]], { dtype: "int32" }).expand([x.size, 2]), none),
  multilabelSoftMargin: (x, t) => losses.multilabelSoftMargin(x.unsqueeze(1), like(x.unsqueeze(1), t), none),
  gelu: (x, tanh) => x.gelu({ approximate: tanh ? "tanh" : "none" }),
};
type Method = (this: Tensor, ...args: readonly number[]) => Tensor;
const method = (x: Tensor, op: string): Method => (x as unknown as { readonly [op: string]: Method })[op]; // the names are methods

/** Where we differ on purpose; docs/differences.md says so, too. */
const exceptions: readonly {
  readonly op: RegExp;
  readonly order: RegExp;
  readonly at?: (x: number, theirs: number) => boolean;
  readonly reason: string;
}[] = [
  { op: /^pow$/, order: /slopes|curvatures/, at: (x) => x === -Infinity, reason: "PyTorch takes square roots there" },
  {
    op: /^softMargin$/,
    order: /slopes|curvatures/,
    at: (x) => Math.abs(x) === Infinity,
    reason: "a number where PyTorch has NaN",
  },
  { op: /^(hardtanh|relu6)$/, order: /slopes/, at: Number.isNaN, reason: "0, which is that of PyTorch's vectors" },
  { op: /^digamma$/, order: /curvatures/, at: (x) => x === -Infinity, reason: "NaN, as the values there" },
  { op: /^i0$/, order: /curvatures/, at: Number.isNaN, reason: "PyTorch takes NaN for a number near 0" },
  {
    op: /^bce$/,
    order: /curvatures/,
    at: (x) => x !== 0.5,
    reason: "the slope's denominator is cut there, and its own slope 0",
  },
];

describe.each(cases.map((c) => [`${c.op}(${c.args.join(", ")})`, c] as const))("%s", (_, c) => {
  test("has PyTorch's values, slopes and curvatures at kinks, limits and NaN", () => {
    const x = fl.tensor(c.x.map(Number), { dtype: "float64", requiresGrad: true });
    const args = c.args.map((a) => (a === "tanh" ? 1 : Number(a)));
    const y = functions[c.op]?.(x, args[0], args[1]) ?? method(x, c.op).apply(x, args);
    const zeros = fl.zerosLike(x);
    const slope = (of: Tensor): Tensor =>
      (of.requiresGrad &&
        fl.grad([of], [x], { gradOutputs: [fl.onesLike(of)], createGraph: true, allowUnused: true })[0]) ||
      zeros;
    const slopes = slope(y);
    const ours = { values: y, slopes, curvatures: slope(slopes) };
    const wrong: string[] = [];
    for (const order of orders) {
      const got = ours[order].tolist() as number[]; // one dimension
      c[order].forEach((coded, i) => {
        const [theirs, point] = [Number(coded), Number(c.x[i])];
        // bce cuts at 1e-12 in float32, which is 4e-9 off
        if (Object.is(got[i], theirs) || Math.abs(got[i] - theirs) <= 1e-8 * Math.max(1, Math.abs(theirs))) return;
        if (exceptions.some((e) => e.op.test(c.op) && e.order.test(order) && e.at?.(point, theirs) !== false)) return;
        wrong.push(`${order} at ${c.x[i]}: ${got[i]}, PyTorch has ${theirs}`);
      });
    }
    expect(wrong).toEqual([]);
  });
});
