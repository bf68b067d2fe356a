// Functions of each of 1,000,000 elements.
import { erfinv, mish, randn, softplus, type Tensor } from "flambeau";
import { both, op, type ScalingRow, type Target } from "./row.ts";

const positive = (x: Tensor) => x.abs().add(0.1);
const plain = (x: Tensor) => x;

const map = (
  name: string,
  call: (x: Tensor) => unknown,
  { on = plain, target, cycles }: { on?: typeof plain; target?: Target; cycles?: number } = {},
) =>
  op(
    `f_${name}`,
    `${name}, 1,000,000 elements`,
    () => {
      const x = on(randn([1_000_000]));
      return () => call(x);
    },
    { ...(target && { target }), ...(cycles !== undefined && { cycles: (cycles * 1e6) / 4 }) },
  );

export const maps: readonly ScalingRow[] = [
  map("exp", (x) => x.exp(), { target: { wasm: 1.5, native: 0.9 } }),
  map("log", (x) => x.log(), { on: positive }),
  map("sin", (x) => x.sin()),
  map("tanh", (x) => x.tanh(), { target: { wasm: 1.7, native: 0.9 } }),
  map("sigmoid", (x) => x.sigmoid()),
  map("erf", (x) => x.erf()),
  map("sqrt", (x) => x.sqrt(), { on: positive }),
  map("rsqrt", (x) => x.rsqrt(), { on: positive }),
  map("gelu", (x) => x.gelu(), { target: { wasm: 1.8, native: 0.9 }, cycles: 9 }),
  map("silu", (x) => x.silu()),
  map("relu", (x) => x.relu()),
  map("abs", (x) => x.abs()),
  map("floor", (x) => x.floor()),
  map("reciprocal", (x) => x.reciprocal()),
  map("log1p", (x) => x.log1p(), { on: positive }),
  map("expm1", (x) => x.expm1()),
  map("cos", (x) => x.cos()),
  map("tan", (x) => x.tan()),
  map("atan", (x) => x.atan()),
  map("softplus", (x) => softplus(x)),
  map("mish", (x) => mish(x)),
  map("lgamma", (x) => x.lgamma(), { on: positive }),
  map("digamma", (x) => x.digamma(), { on: positive }),
  map("erfinv", (x) => erfinv(x), { on: (x) => x.tanh().mul(0.9), target: both(3) }),
  map("add", (x) => x.add(x)),
  map("pow2.5", (x) => x.pow(2.5), { on: positive }),
  map("pow2", (x) => x.pow(2)),
  map("div", (x) => x.div(x)),
  map("clamp", (x) => x.clamp(-1, 1)),
];
