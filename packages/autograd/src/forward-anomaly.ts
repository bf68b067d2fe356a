import {
  AutogradError,
  any,
  isFloat,
  isinf,
  isnan,
  logicalOr,
  noGrad,
  type Tensor,
  tidy,
} from "@flambeau/tensor/functional";
import {
  type Call,
  callSite,
  type Interpreter,
  showShape,
  valuesFor,
  withoutInterpreters,
} from "@flambeau/tensor/plugin";

/** What an op of the forward must not make. */
export type Wrong = "nan" | "nonfinite";

/** Looks at each result of the program's own ops, as soon as it is there. */
export class ForwardCheck implements Interpreter {
  readonly forwardOnly = true;
  readonly #wrong: Wrong;

  constructor(wrong: Wrong) {
    this.#wrong = wrong;
  }

  op(call: Call): readonly Tensor[] {
    const { op, inputs, attrs } = call;
    // what an op in place will have overwritten is looked at before, which costs as much again
    const before = op.writes === undefined && op.writesOf === undefined ? null : this.#inInputs(inputs);
    const outputs = call.next();
    for (const [i, out] of outputs.entries()) {
      const found = this.#in(out);
      if (found === null || unset.has(op.name)) continue;
      const brought = before ?? this.#inInputs(inputs);
      // an infinity that the program itself gives, as a mask's value, is meant
      if (found === "infinity" && (brought.includes("infinity") || infiniteIn(attrs))) continue;
      // what was made elsewhere is not this op's doing
      const from = brought.indexOf("NaN");
      const what =
        found === "NaN" && from >= 0
          ? `got NaN in its input ${from}, which no op in here made`
          : `made ${found}${outputs.length > 1 ? ` in its result ${i}` : ""}`;
      const title = op.title ?? op.name;
      for (const made of outputs) if (!inputs.includes(made)) made.dispose();
      throw new AutogradError(
        `${title} ${what}, from inputs of shapes ${inputs.map((x) => showShape(x.shape)).join(", ") || "none"}; it was called at ${callSite()}`,
        found === "NaN" && from >= 0
          ? "look at where that tensor comes from: data, or ops outside of detectAnomaly"
          : "look at that op's inputs for zeros, large numbers, or what lies outside its domain",
      );
    }
    return outputs;
  }

  #inInputs(inputs: readonly Tensor[]): readonly (Found | null)[] {
    return inputs.map((x) => this.#in(x));
  }
  /** What is wrong with a tensor's values: NaN before infinity. */
  #in(x: Tensor): Found | null {
    if (!isFloat(x.dtype) || x.size === 0) return null;
    const has = (test: (x: Tensor) => Tensor): boolean => {
      const flag = withoutInterpreters(() => noGrad(() => tidy(() => any(test(x)))));
      try {
        return Number(valuesFor("detectAnomaly", flag, "each result is looked at as it is made", instead)[0]) !== 0;
      } finally {
        flag.dispose();
      }
    };
    if (this.#wrong === "nan") return has(isnan) ? "NaN" : null;
    if (!has((t) => logicalOr(isnan(t), isinf(t)))) return null;
    return has(isnan) ? "NaN" : "infinity";
  }
}
type Found = "NaN" | "infinity";

const instead = 'leave forward out here, or await module.toAsync("cpu") and look there';

/** Their results hold whatever was in memory. */
const unset: ReadonlySet<string> = new Set(["empty"]);

function infiniteIn(attrs: unknown): boolean {
  if (typeof attrs === "number") return Math.abs(attrs) === Infinity;
  return typeof attrs === "object" && attrs !== null && Object.values(attrs).some(infiniteIn);
}
