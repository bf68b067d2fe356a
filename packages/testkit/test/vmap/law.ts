import { grad, vmap } from "@flambeau/autograd";
import {
  clone,
  type DType,
  isFloat,
  movedim,
  mul,
  noGrad,
  reshape,
  stack,
  sum,
  type Tensor,
  tensor,
  zeros,
} from "@flambeau/tensor";
import {
  type Call,
  dispatch,
  type Interpreter,
  type Op,
  sameShape,
  toDType,
  valuesFor,
  withInterpreter,
} from "@flambeau/tensor/plugin";
import { elementsOf } from "../../src/door/replay.ts";
import type { Kept } from "./calls.ts";

// The law of vmap: what a call gives for a batch of samples is what it gives for each of them, stacked. Values and gradients.

/** Samples of each input. */
const count = 3;

/** The `k`-th sample like `t`: other numbers, or the same integers and truths at other places, so that an index stays one. */
function sampleLike(t: Tensor, k: number, inOrder: boolean): Tensor {
  if (k === 0) return clone(t);
  const turned = inOrder || t.size < 2 ? clone(t) : reverse(t);
  return isFloat(t.dtype) ? toDType(mul(turned, 1 + k / 16), t.dtype) : turned;
}
function reverse(t: Tensor): Tensor {
  const flat = reshape(t, [t.size]);
  return reshape(flat.flip(0), t.shape);
}

export interface Problem {
  readonly what: string;
  readonly error: string;
}

/** A choice of what is a batch: bit i says that input i is one; the batch stands first, or last. */
interface Choice {
  readonly name: string;
  readonly batched: readonly boolean[];
  readonly last: boolean;
}
function choicesFor(n: number): Choice[] {
  const all = new Array<boolean>(n).fill(true);
  const out: Choice[] = [
    { name: "all", batched: all, last: false },
    { name: "all, last", batched: all, last: true },
  ];
  if (n > 1)
    for (let i = 0; i < n; i++) out.push({ name: `input ${i}`, batched: all.map((_, k) => k === i), last: false });
  return out;
}

/** Results close enough to be those of another order of additions: PyTorch's defaults. */
const tolerances: { readonly [D in DType]?: readonly [relative: number, absolute: number] } = {
  bfloat16: [1.6e-2, 1e-5],
  float16: [1e-3, 1e-5],
  float32: [1.3e-6, 1e-5],
  float64: [1e-7, 1e-7],
};

/** What differs between two results; null when they agree. */
export function difference(ours: Tensor, wanted: Tensor, exact: boolean, slack = 1): string | null {
  if (ours.dtype !== wanted.dtype || !sameShape(ours.shape, wanted.shape))
    return `is ${ours.dtype} [${ours.shape}], not ${wanted.dtype} [${wanted.shape}]`;
  if (exact) {
    const [a, b] = [elementsOf(ours), elementsOf(wanted)];
    const at = a.findIndex((byte, i) => byte !== b[i]);
    if (at < 0) return null;
  }
  const tolerance = tolerances[ours.dtype];
  const [a, b] = [ours, wanted].map((t) => Array.from(valuesFor("law", t, "numbers are compared"), Number));
  const [relative, absolute] = exact || tolerance === undefined ? [0, 0] : tolerance;
  const at = a.findIndex(
    (x, i) =>
      !Object.is(x, b[i]) &&
      !(Number.isNaN(x) && Number.isNaN(b[i])) &&
      !(x === b[i] && !exact) &&
      !(Math.abs(x - b[i]) <= slack * (absolute + relative * Math.abs(b[i]))),
  );
  return at < 0 ? null : `element ${at} of [${ours.shape}] is ${a[at]}, not ${b[at]}`;
}

/** Counts the calls of one op. */
class Counter implements Interpreter {
  calls = 0;
  readonly #name: string;
  constructor(name: string) {
    this.#name = name;
  }
  op(call: Call): readonly Tensor[] {
    if (call.op.name === this.#name) this.calls++;
    return call.next();
  }
}

export interface Law {
  /** Whether results must be equal bit for bit. */
  readonly exact: (op: Op) => boolean;
  /** How much farther apart than PyTorch's tolerances results of an op may be, where there is a reason. */
  readonly slack: (op: Op) => number;
  /** Ops whose inputs stand in an order that must stay. */
  readonly ordered: (op: Op) => boolean;
  /** How many results are compared; further ones are what a device keeps for the gradient. */
  readonly compared: (op: Op) => number;
  /** Whether shapes depend on values, which an empty batch has none of. */
  readonly dataDependent: (op: Op) => boolean;
  /** Whether the batch must stand first: ops that show memory as it lies. */
  readonly asItLies: (op: Op) => boolean;
}

/** Holds one call to the law. */
export class LawOf {
  readonly problems: Problem[] = [];
  /** Whether the call was made for one sample after the other. */
  looped = false;
  readonly #kept: Kept;
  readonly #law: Law;
  readonly #samples: Tensor[][];

  constructor(kept: Kept, law: Law) {
    this.#kept = kept;
    this.#law = law;
    this.#samples = kept.inputs.map((t) =>
      Array.from({ length: count }, (_, k) => noGrad(() => sampleLike(t, k, law.ordered(kept.op)))),
    );
  }

  check(): this {
    for (const choice of choicesFor(this.#kept.inputs.length)) {
      const written = this.#written();
      if (written.some((i) => !choice.batched[i]) || (choice.last && this.#law.asItLies(this.#kept.op))) continue;
      this.#guarded(`values, ${choice.name}`, () => this.#values(choice));
      if (this.#differentiable(choice)) {
        this.#guarded(`gradient through vmap, ${choice.name}`, () => this.#gradientThrough(choice));
        this.#guarded(`vmap of the gradient, ${choice.name}`, () => this.#gradientOfEach(choice));
      }
    }
    this.#guarded("nested", () => this.#nested());
    this.#guarded("an empty batch", () => this.#empty());
    return this;
  }

  #guarded(what: string, check: () => string | null): void {
    let error: string | null;
    try {
      error = check();
    } catch (e) {
      error = e instanceof Error ? `${e.name}: ${e.message} ${process.env.TRACE ? e.stack : ""}` : String(e);
    }
    if (error !== null) this.problems.push({ what, error });
  }

  #written(): readonly number[] {
    const { op, inputs, attrs } = this.#kept;
    return op.writesOf?.(inputs, attrs) ?? op.writes ?? [];
  }

  /** The call as a function of its inputs; what it writes are copies. */
  readonly #call = (...given: readonly Tensor[]): readonly Tensor[] => {
    const written = this.#written();
    const inputs = given.map((t, i) => (written.includes(i) ? clone(t) : t));
    return dispatch(this.#kept.op, inputs, this.#kept.attrs);
  };

  /** What is handed to the function: batches, and the first sample of what is the same for all. */
  #arguments(choice: Choice): Tensor[] {
    return this.#samples.map((own, i) => {
      if (!choice.batched[i]) return own[0];
      const whole = stack(own);
      return choice.last ? movedim(whole, 0, -1).clone() : whole;
    });
  }
  #sample(choice: Choice, k: number): Tensor[] {
    return this.#samples.map((own, i) => (choice.batched[i] ? own[k] : own[0]));
  }
  #inDims({ batched, last }: Choice): (number | null)[] {
    return batched.map((b) => (b ? (last ? -1 : 0) : null));
  }

  /** Each result of each sample, stacked; null where the op refuses, as it may for numbers that are not its. */
  #loop(choice: Choice): readonly Tensor[] | null {
    let each: (readonly Tensor[])[];
    try {
      each = Array.from({ length: count }, (_, k) => noGrad(() => this.#call(...this.#sample(choice, k))));
    } catch {
      return null;
    }
    return each[0].map((_, r) => stack(each.map((results) => results[r])));
  }

  #values(choice: Choice): string | null {
    const wanted = this.#loop(choice);
    if (wanted === null) return null;
    const counter = new Counter(this.#kept.op.name);
    const given = this.#arguments(choice);
    const run = vmap(this.#call as (...a: Tensor[]) => Tensor[], { inDims: this.#inDims(choice) });
    const found = noGrad(() => withInterpreter(counter, () => run(...given)));
    if (counter.calls >= count && !choice.last) this.looped = true;
    return this.#compare(found, wanted);
  }

  #compare(found: readonly Tensor[], wanted: readonly Tensor[], exact = this.#law.exact(this.#kept.op)): string | null {
    if (found.length !== wanted.length) return `${found.length} results, not ${wanted.length}`;
    for (const [r, t] of found.slice(0, this.#law.compared(this.#kept.op)).entries()) {
      const own = difference(t, wanted[r], exact, this.#law.slack(this.#kept.op));
      if (own !== null) return `result ${r} ${own}`;
    }
    return null;
  }

  #differentiable({ batched }: Choice): boolean {
    const { op, inputs, attrs } = this.#kept;
    const { op: rule } = op.recorded?.(attrs) ?? { op };
    if (rule.vjp === undefined && op.decompose === undefined && op.aliases === undefined) return false;
    return inputs.some((t, i) => batched[i] && isFloat(t.dtype));
  }

  /** The sum of the results, each element with a weight of its own. */
  #weighed(results: readonly Tensor[]): Tensor {
    const terms = results.flatMap((t) => (isFloat(t.dtype) && t.requiresGrad ? [sum(mul(t, weights(t)))] : []));
    return terms.length === 0 ? zeros([]) : terms.map((t) => toDType(t, "float64")).reduce((a, b) => a.add(b));
  }
  #positions(): number[] {
    return this.#kept.inputs.flatMap((t, i) => (isFloat(t.dtype) ? [i] : []));
  }

  /** The gradients of one sample's loss. */
  readonly #slopes = (...inputs: readonly Tensor[]): Tensor[] =>
    grad((...xs: Tensor[]) => this.#weighed(this.#call(...xs)), { argnums: this.#positions() })(...inputs) as Tensor[];

  #gradientOfEach(choice: Choice): string | null {
    let each: Tensor[][];
    try {
      each = Array.from({ length: count }, (_, k) => this.#slopes(...this.#sample(choice, k)));
    } catch {
      return null;
    }
    const wanted = each[0].map((_, r) => stack(each.map((own) => own[r])));
    const found = vmap(this.#slopes as (...a: Tensor[]) => Tensor[], { inDims: this.#inDims(choice) })(
      ...this.#arguments(choice),
    );
    return this.#compare(found, wanted, false);
  }

  #gradientThrough(choice: Choice): string | null {
    const positions = this.#positions();
    const whole = (...xs: Tensor[]): Tensor => {
      const results = vmap(this.#call as (...a: Tensor[]) => Tensor[], { inDims: this.#inDims(choice) })(...xs);
      const terms = results.flatMap((t) =>
        isFloat(t.dtype) && t.requiresGrad ? [sum(mul(t, weights(t, t.shape.slice(1))))] : [],
      );
      return terms.length === 0 ? zeros([]) : terms.map((t) => toDType(t, "float64")).reduce((a, b) => a.add(b));
    };
    let each: Tensor[][];
    try {
      each = Array.from({ length: count }, (_, k) => this.#slopes(...this.#sample(choice, k)));
    } catch {
      return null;
    }
    const wanted = positions.map((i, r) => {
      const own = stack(each.map((list) => list[r]));
      if (!choice.batched[i]) return toDType(sum(toDType(own, "float64"), 0), own.dtype);
      return choice.last ? movedim(own, 0, -1) : own;
    });
    const found = grad(whole, { argnums: positions })(...this.#arguments(choice)) as Tensor[];
    return this.#compare(found, wanted, false);
  }

  /** A batch of two batches. */
  #nested(): string | null {
    const all = choicesFor(this.#kept.inputs.length)[0];
    const wanted = this.#loop(all);
    if (wanted === null) return null;
    const twice = this.#arguments(all).map((t) => stack([t, t]));
    const found = noGrad(() => vmap(vmap(this.#call as (...a: Tensor[]) => Tensor[]))(...twice));
    return this.#compare(
      found,
      wanted.map((t) => stack([t, t])),
    );
  }

  #empty(): string | null {
    const { inputs } = this.#kept;
    let one: readonly Tensor[];
    try {
      one = noGrad(() => this.#call(...this.#sample({ name: "", batched: inputs.map(() => true), last: false }, 0)));
    } catch {
      return null;
    }
    if (this.#law.dataDependent(this.#kept.op)) return null;
    const none = inputs.map((t) => zeros([0, ...t.shape], { dtype: t.dtype }));
    const found = noGrad(() => vmap(this.#call as (...a: Tensor[]) => Tensor[])(...none));
    for (const [r, t] of found.slice(0, this.#law.compared(this.#kept.op)).entries())
      if (!sameShape(t.shape, [0, ...one[r].shape]) || t.dtype !== one[r].dtype)
        return `result ${r} is ${t.dtype} [${t.shape}], not ${one[r].dtype} [0,${one[r].shape}]`;
    return null;
  }
}

/**
 * {@link LawOf} of a call. Sums whose terms cancel may be farther apart in float32 than PyTorch's tolerances, which look at the result: such a call is held
 * to the law in float64, and to a tolerance of many more roundings in float32.
 */
export function holdToLaw(kept: Kept, law: Law): LawOf {
  const own = new LawOf(kept, law).check();
  if (own.problems.length === 0 || !kept.inputs.some((t) => t.dtype === "float32")) return own;
  const wide = kept.inputs.map((t) => (t.dtype === "float32" ? toDType(t, "float64") : t));
  const exact = new LawOf({ ...kept, inputs: wide }, law).check();
  const near = new LawOf(kept, { ...law, exact: () => false, slack: () => 32 }).check();
  return exact.problems.length === 0 && !law.exact(kept.op) ? near : own;
}

/** A number for each element of a sample: from -1 to 1, in no order. */
function weights(like: Tensor, shape = like.shape): Tensor {
  const size = shape.reduce((n, s) => n * s, 1);
  const values = Float64Array.from({ length: size }, (_, i) => Math.cos(3 * i + 1));
  return tensor(values, { dtype: like.dtype }).reshape(shape);
}
