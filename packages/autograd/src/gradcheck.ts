import {
  ArgumentError,
  AutogradError,
  copy_,
  fromBytes,
  Generator,
  isFloat,
  noGrad,
  Tensor,
  tidy,
} from "@flambeau/tensor/functional";
import {
  checkFunction,
  checkOptions,
  checkTensors,
  decode,
  encode,
  type Kinds,
  option,
  valuesFor,
} from "@flambeau/tensor/plugin";
import { grad } from "./grad.ts";

export interface GradcheckOptions {
  /** Half the distance of the two points of a difference quotient. Default 1e-6. */
  readonly eps?: number | undefined;
  /** Largest difference that passes whatever the figure. Default 1e-5. */
  readonly atol?: number | undefined;
  /** Largest difference that passes, as a share of the numerical figure; both tolerances add up. Default 0.001. */
  readonly rtol?: number | undefined;
  /** Largest difference between the gradients of two backward passes through one graph. Default 0. */
  readonly nondetTol?: number | undefined;
  /**
   * Compare v·J·u for random v and u instead of the whole Jacobian J: two evaluations and one backward pass for each pair of
   * result and input. It finds almost any mistake, and cannot say at which element it is. Default false.
   */
  readonly fastMode?: boolean | undefined;
  /** False: return false instead of throwing. Default true. */
  readonly raiseException?: boolean | undefined;
}
const gradcheckKinds: Kinds<GradcheckOptions> = {
  eps: option.number,
  atol: option.number,
  rtol: option.number,
  raiseException: option.boolean,
  nondetTol: option.number,
  fastMode: option.boolean,
};
export interface GradgradcheckOptions extends GradcheckOptions {
  /** Weights of the results, differentiated too. Default: normal random numbers. */
  readonly gradOutputs?: readonly Tensor[] | undefined;
}
const gradgradcheckKinds: Kinds<GradgradcheckOptions> = {
  gradOutputs: option.listOf(option.tensor),
  ...gradcheckKinds,
};

/** What is differentiated: results may come in an array or an object; those that are no floating-point tensors are passed over. */
export type Differentiable = (...inputs: Tensor[]) => unknown;

interface Settings {
  readonly eps: number;
  readonly atol: number;
  readonly rtol: number;
  readonly nondetTol: number;
}

/**
 * Compares the gradients of `fn` with central differences, `(f(x + eps) - f(x - eps)) / (2 eps)`, for each floating-point result and
 * each input that requires gradients, as torch.autograd.gradcheck does.
 *
 * Inputs should be float64 and away from points where `fn` has no derivative.
 *
 * @throws AutogradError naming result, input, element and both figures; ArgumentError when no input requires gradients, an input's elements
 * share memory, or `fn` gives no floating-point tensor; UnavailableError on a device that cannot be read at once.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.autograd.gradcheck.gradcheck.html
 * @example
 * import { gradcheck, tensor } from "flambeau";
 * const x = tensor([0.3, -1.2], { dtype: "float64", requiresGrad: true });
 * gradcheck((v) => v.mul(v).sin(), [x]); // true
 * gradcheck((v) => v.detach().mul(v), [x], { raiseException: false }); // false
 */
export function gradcheck(fn: Differentiable, inputs: readonly Tensor[], options: GradcheckOptions = {}): boolean {
  checkOptions("gradcheck", gradcheckKinds, options);
  checkFunction("gradcheck", "fn", fn);
  checkTensors("gradcheck", "inputs", inputs);
  const settings: Settings = {
    eps: options.eps ?? 1e-6,
    atol: options.atol ?? 1e-5,
    rtol: options.rtol ?? 1e-3,
    nondetTol: options.nondetTol ?? 0,
  };
  const wanted = checkInputs(inputs);
  const problem = tidy(() => (options.fastMode ? fast : slow)(fn, inputs, wanted, settings));
  if (problem === null) return true;
  if (options.raiseException === false) return false;
  const narrow = wanted.find((i) => inputs[i].dtype !== "float64");
  throw new AutogradError(
    `gradcheck: ${problem}`,
    narrow === undefined
      ? "the op's gradient is wrong, or the input lies where it has no derivative (ties, kinks, domain edges)"
      : `input ${narrow} is ${inputs[narrow].dtype}, whose rounding can exceed the tolerance: use float64`,
  );
}

/**
 * {@link gradcheck} of the gradients themselves: are the second derivatives right?
 *
 * `gradOutputs` weight the results (default: normal random numbers); they are differentiated, too.
 *
 * @throws AutogradError and ArgumentError as {@link gradcheck}.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.autograd.gradcheck.gradgradcheck.html
 * @example
 * const x = tensor([0.3, -1.2], { dtype: "float64", requiresGrad: true });
 * gradgradcheck((v) => v.mul(v).sin(), [x]); // true
 */
export function gradgradcheck(
  fn: Differentiable,
  inputs: readonly Tensor[],
  options: GradgradcheckOptions = {},
): boolean {
  checkOptions("gradgradcheck", gradgradcheckKinds, options);
  checkFunction("gradgradcheck", "fn", fn);
  checkTensors("gradgradcheck", "inputs", inputs);
  const { gradOutputs, ...rest } = options;
  const wanted = checkInputs(inputs);
  const weights = gradOutputs ?? randomWeights(fn, inputs);
  const gradient = (...all: Tensor[]): Tensor[] => {
    const points = all.slice(0, inputs.length);
    const outputs = results(fn(...points)).filter((t) => t.requiresGrad);
    const targets = wanted.map((i) => points[i]);
    const found = grad(outputs, targets, {
      gradOutputs: all.slice(inputs.length),
      createGraph: true,
      allowUnused: true,
    });
    return found.filter((g) => g !== null);
  };
  return gradcheck(gradient, [...inputs, ...weights], rest);
}

function randomWeights(fn: Differentiable, inputs: readonly Tensor[]): Tensor[] {
  const generator = new Generator(0);
  return tidy(() =>
    results(fn(...inputs))
      .filter((t) => t.requiresGrad)
      .map((t) => vector(t, () => generator.normal(), true)),
  );
}

/** Indices of the inputs that are differentiated. */
function checkInputs(inputs: readonly Tensor[]): number[] {
  const wanted = inputs.flatMap((t, i) => (t.requiresGrad ? [i] : []));
  if (wanted.length === 0)
    throw new ArgumentError("gradcheck", "no input requires gradients", "tensor(..., { requiresGrad: true })");
  for (const i of wanted)
    if (inputs[i].strides.some((s, d) => s === 0 && inputs[i].shape[d] > 1))
      throw new ArgumentError(
        "gradcheck",
        `elements of input ${i} share memory, so they cannot be moved one by one`,
        "pass a contiguous() copy",
      );
  return wanted;
}

/** The floating-point tensors of a result, in order. */
function results(out: unknown): Tensor[] {
  if (out instanceof Tensor) return isFloat(out.dtype) ? [out] : [];
  if (Array.isArray(out)) return out.flatMap(results);
  return typeof out === "object" && out !== null ? Object.values(out).flatMap(results) : [];
}

function checkOutputs(outputs: Tensor[]): Tensor[] {
  if (outputs.length === 0)
    throw new ArgumentError("gradcheck", "the function gave no floating-point tensor, so there is nothing to compare");
  return outputs;
}

const values = (t: Tensor): Float64Array =>
  Float64Array.from(decode(valuesFor("gradcheck", t, "differences are taken on the host"), t.dtype), Number);

/** A tensor like `t` with other elements. */
function vector(t: Tensor, element: (i: number) => number, requiresGrad = false): Tensor {
  return fromBytes(
    encode(
      Float64Array.from({ length: t.size }, (_, i) => element(i)),
      t.dtype,
    ),
    t.dtype,
    t.shape,
    { device: t.device, requiresGrad },
  );
}

/** `fn` at a point near its inputs: element k of `x` (or all of them) moved. The memory of `x` is changed and put back. */
function at(fn: Differentiable, inputs: readonly Tensor[], x: Tensor, moved: Float64Array): Float64Array[] {
  const before = values(x);
  try {
    put(x, moved);
    return tidy(() => results(fn(...inputs)).map(values));
  } finally {
    put(x, before);
  }
}

/** Writes the elements of `x`, past the graph; the version stays, for what graphs have saved is put back. */
function put(x: Tensor, elements: Float64Array): void {
  const { version } = x.storage;
  const source = vector(x, (i) => elements[i]);
  noGrad(() => copy_(x, source));
  source.dispose();
  x.storage.version = version;
}

/** Derivatives of all results along direction `u` of input `x`. */
function along(
  fn: Differentiable,
  inputs: readonly Tensor[],
  x: Tensor,
  u: (i: number) => number,
  eps: number,
): Float64Array[] {
  const point = values(x);
  const up = at(
    fn,
    inputs,
    x,
    point.map((v, i) => v + eps * u(i)),
  );
  const down = at(
    fn,
    inputs,
    x,
    point.map((v, i) => v - eps * u(i)),
  );
  return up.map((y, r) => y.map((v, i) => (v - down[r][i]) / (2 * eps)));
}

/** Gradients of v · results[r] with respect to each wanted input; zeros where there is none. */
function pulled(output: Tensor, v: Tensor, targets: readonly Tensor[]): Float64Array[] {
  if (!output.requiresGrad) return targets.map((t) => new Float64Array(t.size));
  const found = grad(output, targets, { gradOutputs: v, retainGraph: true, allowUnused: true });
  return found.map((g, i) => (g === null ? new Float64Array(targets[i].size) : values(g)));
}

const close = (analytical: number, numerical: number, { atol, rtol }: Settings): boolean =>
  Object.is(analytical, numerical) || Math.abs(analytical - numerical) <= atol + rtol * Math.abs(numerical);

function slow(
  fn: Differentiable,
  inputs: readonly Tensor[],
  wanted: readonly number[],
  settings: Settings,
): string | null {
  const outputs = checkOutputs(results(fn(...inputs)));
  const targets = wanted.map((i) => inputs[i]);
  // columns[n][k][r]: derivative of result r by element k of wanted input n
  const columns = targets.map((x) =>
    Array.from({ length: x.size }, (_, k) => along(fn, inputs, x, (i) => (i === k ? 1 : 0), settings.eps)),
  );
  for (const [r, output] of outputs.entries())
    for (let j = 0; j < output.size; j++) {
      const problem = tidy(() => {
        const v = vector(output, (i) => (i === j ? 1 : 0));
        const rows = pulled(output, v, targets);
        const nondet = j === 0 ? unequal(rows, pulled(output, v, targets), settings.nondetTol) : null;
        if (nondet !== null) return `two backward passes of result ${r} differ by ${nondet}`;
        for (const [n, row] of rows.entries())
          for (let k = 0; k < row.length; k++) {
            const numerical = columns[n][k][r][j];
            if (close(row[k], numerical, settings)) continue;
            return (
              `result ${r}${where(output, j)}, input ${wanted[n]}${where(targets[n], k)}: ` +
              `numerical ${numerical}, analytical ${row[k]}`
            );
          }
        return null;
      });
      if (problem !== null) return problem;
    }
  return null;
}

function fast(
  fn: Differentiable,
  inputs: readonly Tensor[],
  wanted: readonly number[],
  settings: Settings,
): string | null {
  const generator = new Generator(0);
  const outputs = checkOutputs(results(fn(...inputs)));
  const targets = wanted.map((i) => inputs[i]);
  const numerical = targets.map((x) => {
    const u = Float64Array.from({ length: x.size }, () => generator.normal() / Math.sqrt(x.size));
    return { u, slopes: along(fn, inputs, x, (i) => u[i], settings.eps) };
  });
  for (const [r, output] of outputs.entries()) {
    const weights = Float64Array.from({ length: output.size }, () => generator.normal() / Math.sqrt(output.size));
    const v = vector(output, (i) => weights[i]);
    const rows = pulled(output, v, targets);
    const nondet = unequal(rows, pulled(output, v, targets), settings.nondetTol);
    if (nondet !== null) return `two backward passes of result ${r} differ by ${nondet}`;
    for (const [n, row] of rows.entries()) {
      const expected = dot(weights, numerical[n].slopes[r]);
      const actual = dot(row, numerical[n].u);
      if (!close(actual, expected, settings))
        return `result ${r}, input ${wanted[n]}, along random directions: numerical ${expected}, analytical ${actual}`;
    }
  }
  return null;
}

const dot = (a: Float64Array, b: Float64Array): number => a.reduce((sum, v, i) => sum + v * b[i], 0);

/** The largest difference, when it is above the tolerance. */
function unequal(a: readonly Float64Array[], b: readonly Float64Array[], tolerance: number): number | null {
  const largest = Math.max(
    0,
    ...a.flatMap((row, i) => Array.from(row, (v, k) => (Object.is(v, b[i][k]) ? 0 : Math.abs(v - b[i][k])))),
  );
  return largest > tolerance ? largest : null;
}

/** ` at [1,2]`, and nothing for a 0-d tensor. */
function where(t: Tensor, position: number): string {
  if (t.ndim === 0) return "";
  const place: number[] = [];
  for (let d = t.ndim - 1; d >= 0; d--) {
    place.unshift(position % t.shape[d]);
    position = Math.floor(position / t.shape[d]);
  }
  return ` at [${place.join(",")}]`;
}
