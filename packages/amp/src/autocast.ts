import { ArgumentError, type DType, DTypeError, isTensor, keep, type Tensor } from "@flambeau/tensor/functional";
import {
  type Call,
  checkFunction,
  checkOptions,
  context,
  type Interpreter,
  isHalf,
  type Kinds,
  liftedOf,
  option,
  type RunWhole,
  type Synchronous,
  show,
  toDType,
  withInterpreter,
  withModes,
  withoutSome,
} from "@flambeau/tensor/plugin";
import { elsewhere, onCpu, type Tables, type Treatment, takesPart } from "./lists.ts";

/** What autocast computes in. */
export type HalfDType = "float16" | "bfloat16";

export interface AutocastOptions {
  /** False runs the function without autocast, inside a region of it too. Default true. */
  readonly enabled?: boolean | undefined;
  /** Whether a parameter is converted once for the whole region, and not by each op that reads it. Default true. */
  readonly cacheEnabled?: boolean | undefined;
}
const autocastKinds: Kinds<AutocastOptions> = { enabled: option.boolean, cacheEnabled: option.boolean };

/** A parameter in half precision, as long as it is what the parameter holds. */
interface Cached {
  readonly cast: Tensor;
  readonly version: number;
  /** Whether the conversion is part of the graph. */
  readonly recorded: boolean;
}

/** Converted parameters of a region and of those inside it, by dtype. */
class Casts {
  readonly #casts = new Map<string, Map<Tensor, Cached>>();

  /** `x` in `dtype`, converted at the first call. */
  of(x: Tensor, dtype: DType): Tensor {
    let known = this.#casts.get(dtype);
    if (known === undefined) this.#casts.set(dtype, (known = new Map()));
    const found = known.get(x);
    // one that was made unrecorded leads no gradient to the parameter
    if (found !== undefined && found.version === x.storage.version && (found.recorded || !context.gradEnabled))
      return found.cast;
    const cast = keep(toDType(x, dtype));
    known.set(x, { cast, version: x.storage.version, recorded: context.gradEnabled });
    found?.cast.dispose();
    return cast;
  }
  dispose(): void {
    for (const known of this.#casts.values()) for (const { cast } of known.values()) cast.dispose();
    this.#casts.clear();
  }
}

/** A region: sees each op of the program, and gives it inputs of the dtype that its list says. */
class Region implements Interpreter {
  readonly isAutocast = true;
  readonly forwardOnly = true;
  readonly dtype: HalfDType;
  readonly casts: Casts | null;

  constructor(dtype: HalfDType, casts: Casts | null) {
    this.dtype = dtype;
    this.casts = casts;
  }

  op(call: Call): readonly Tensor[] {
    const { inputs, op } = call;
    const treatment = inputs.length === 0 ? undefined : tablesOf(inputs[0]).ops.get(op.name);
    if (treatment === undefined) return call.next();
    if (treatment === "refused") throw refused(op.title ?? op.name);
    if (treatment === "parts") return this.#parts(call);
    const to = this.#target(treatment, inputs);
    return to === null ? call.next() : this.#with(to, (cast) => call.next(inputs.map(cast)));
  }

  again<T>(fn: () => T): T {
    try {
      return fn();
    } finally {
      this.casts?.dispose(); // the region may have ended
    }
  }

  whole(name: string, on: Tensor): RunWhole | null {
    const treatment = isTensor(on) ? tablesOf(on).wholes.get(name) : undefined;
    if (treatment === undefined) return null;
    if (treatment === "refused") throw refused(name);
    return (fn, args) => {
      const stack = withoutSome(context.stack, isRegion);
      const call = <T>(run: () => T): T => withModes("autocast", { stack }, run as Synchronous<T>); // a function of tensors
      if (treatment === "input") return call(() => inDTypeOf(on, fn(...args)));
      const to = treatment === "plain" ? null : this.#target(treatment, tensorsIn(args));
      if (to === null) return call(() => fn(...args));
      return this.#with(to, (cast) => {
        const given = args.map((arg) => castIn(arg, cast)) as unknown as typeof args; // each of its own kind
        return call(() => fn(...given));
      });
    };
  }

  /** The ops that an op is made of, each in its own dtype. */
  #parts(call: Call): readonly Tensor[] {
    const { op, inputs, attrs } = call;
    const { decompose } = op;
    if (decompose === undefined) return call.next();
    const made = withInterpreter(this as Interpreter, () => decompose(inputs, attrs));
    return isTensor(made) ? [made] : made;
  }

  /** Runs `fn` with what converts an input; what is converted for it alone is freed. */
  #with<T>(to: DType, fn: (cast: (x: Tensor) => Tensor) => T): T {
    const own: Tensor[] = [];
    const cast = (x: Tensor): Tensor => {
      if (!takesPart(x) || x.dtype === to) return x;
      if (this.casts !== null && cacheable(x)) return this.casts.of(x, to);
      const made = toDType(x, to);
      own.push(made);
      return made;
    };
    try {
      return fn(cast);
    } finally {
      for (const t of own) t.dispose();
    }
  }

  /** What the inputs shall be converted to; null when they are that already, or nothing is to be done. */
  #target(treatment: Exclude<Treatment, "parts" | "refused">, inputs: readonly Tensor[]): DType | null {
    const to = treatment === "low" ? this.dtype : "float32";
    const floats = inputs.filter(takesPart);
    if (floats.every((x) => x.dtype === to)) return null;
    // the widest of equal ones is what they are
    if (treatment === "widest" && floats.every((x) => x.dtype === floats[0].dtype)) return null;
    return to;
  }
}

/** A result in half precision where the input was: float32 parameters have made it wider. */
function inDTypeOf<R>(input: Tensor, result: R): R {
  if (!isTensor(result) || !isHalf(input.dtype) || result.dtype === input.dtype) return result;
  const rounded = toDType(result, input.dtype);
  result.dispose();
  return rounded as R; // a tensor like it
}

const tablesOf = (x: Tensor): Tables => (x.device === "cpu" ? onCpu : elsewhere);
const refused = (op: string): DTypeError =>
  new DTypeError(
    op,
    "is not safe in half precision, and is refused in a region of autocast",
    "bceWithLogits is safe, and takes logits; or write autocast(dtype, fn, { enabled: false }) around it, with float32 inputs",
  );
const isPlain = (x: unknown): x is { readonly [key: string]: unknown } =>
  typeof x === "object" && x !== null && Object.getPrototypeOf(x) === Object.prototype;
/** The tensors among arguments, in lists and options too. */
function tensorsIn(args: readonly unknown[]): Tensor[] {
  return args.flatMap((x) =>
    isTensor(x) ? [x] : Array.isArray(x) ? tensorsIn(x) : isPlain(x) ? tensorsIn(Object.values(x)) : [],
  );
}
function castIn(arg: unknown, cast: (x: Tensor) => Tensor): unknown {
  if (isTensor(arg)) return cast(arg);
  if (Array.isArray(arg)) return arg.some(isTensor) ? arg.map((x) => castIn(x, cast)) : arg;
  if (!isPlain(arg) || !Object.values(arg).some(isTensor)) return arg;
  return Object.fromEntries(Object.entries(arg).map(([k, x]) => [k, castIn(x, cast)]));
}

/** A parameter. What a transform makes of one lives no longer than that. */
const cacheable = (x: Tensor): boolean =>
  x.dtype === "float32" && x.requiresGrad && x.isLeaf && x.base === null && !liftedOf(x);

const isRegion = (interpreter: object): interpreter is Region => "isAutocast" in interpreter;
/** The innermost region around, of whichever copy of this package. */
function current(): Region | null {
  for (let frame = context.stack; frame !== null; frame = frame.below)
    if (isRegion(frame.interpreter)) return frame.interpreter;
  return null;
}

/**
 * Runs `fn` in mixed precision: products and convolutions compute in `dtype`, ops that need the range or the digits in float32, as PyTorch's lists say
 * (those of its cpu on "cpu", those of cuda on other devices), and all others in what they are given. Parameters stay float32, and so do their gradients.
 *
 * A parameter is converted once for a region. float64 tensors, in-place ops and walks backward are left alone: what was recorded runs backward in the dtypes
 * that it ran forward in, wherever `backward()` is called. A region inside a region takes its place, with `enabled: false` too, which runs `fn` as if
 * there were none. With float16 gradients can become too small: scale the loss ({@link GradScaler}).
 *
 * Shapes: those of `fn`. Gives what `fn` gives.
 *
 * @throws ArgumentError for another dtype; DTypeError when the device does not have `dtype`, and on other devices than the cpu for `bce`, which is
 * not safe in half precision; FlambeauError when `fn` is asynchronous: wrap the parts between its awaits.
 * @see https://docs.pytorch.org/docs/stable/amp.html#torch.autocast
 * @example
 * import { amp, nn, randn } from "flambeau";
 * const model = new nn.Sequential(new nn.Linear(4, 8), new nn.ReLU(), new nn.Linear(8, 2));
 * const y = amp.autocast("bfloat16", () => model.forward(randn([3, 4])));
 * console.log(y.dtype); // bfloat16
 * y.float().square().mean().backward();
 * console.log([...model.parameters()].every((p) => p.grad?.dtype === "float32")); // true
 */
export function autocast<T>(dtype: HalfDType, fn: Synchronous<T>, options: AutocastOptions = {}): T {
  checkOptions("autocast", autocastKinds, options);
  if (dtype !== "float16" && dtype !== "bfloat16")
    throw new ArgumentError("autocast", `computes in "float16" or "bfloat16", got ${show(dtype)}`);
  checkFunction("autocast", "fn", fn);
  const { enabled = true, cacheEnabled = true } = options;
  const outer = current();
  const stack = outer === null ? context.stack : withoutSome(context.stack, isRegion);
  if (!enabled) return withModes("autocast", { stack }, fn);
  const casts = cacheEnabled ? (outer?.casts ?? new Casts()) : null;
  const interpreter: Interpreter = new Region(dtype, casts);
  try {
    return withModes("autocast", { stack: { interpreter, below: stack } }, fn);
  } finally {
    if (casts !== outer?.casts) casts?.dispose();
  }
}

/**
 * Whether a region of {@link autocast} is around.
 *
 * @throws nothing.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.is_autocast_enabled.html
 * @example
 * import { amp } from "flambeau";
 * amp.autocast("bfloat16", () => amp.isAutocastEnabled()); // true
 * amp.isAutocastEnabled(); // false
 */
export const isAutocastEnabled = (): boolean => current() !== null;

/**
 * The dtype of the region of {@link autocast} that is around; null where there is none.
 *
 * @throws nothing.
 * @see https://docs.pytorch.org/docs/stable/amp.html#torch.autocast
 * @example
 * import { amp } from "flambeau";
 * amp.autocast("float16", () => amp.autocastDType()); // "float16"
 * amp.autocastDType(); // null
 */
export const autocastDType = (): HalfDType | null => current()?.dtype ?? null;
