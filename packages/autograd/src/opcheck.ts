import {
  AutogradError,
  type CustomOp,
  clone,
  equal,
  Generator,
  isFloat,
  isTensor,
  noGrad,
  randn,
  stack,
  type Tensor,
  tidy,
  to,
} from "@flambeau/tensor/functional";
import {
  type Call,
  checkOptions,
  customNamed,
  decodeAttrs,
  dispatch,
  encodeAttrs,
  isContiguous,
  type Kinds,
  option,
  sameShape,
  show,
  showShape,
  withInterpreter,
} from "@flambeau/tensor/plugin";
import { grad } from "./grad.ts";
import { gradcheck, gradgradcheck } from "./gradcheck.ts";
import { jvp } from "./transforms/jvp.ts";
import { vmap } from "./transforms/vmap.ts";

const laws = ["schema", "replay", "meta", "gradients", "tangents", "batching"] as const;
/** What {@link opcheck} looks at. */
export type OpcheckTest = (typeof laws)[number];
export interface OpcheckOptions {
  /** Which laws are held against it. Default: all. */
  readonly tests?: readonly OpcheckTest[] | undefined;
  /** Throw at the first law that is broken; otherwise all are told. Default true. */
  readonly raise?: boolean | undefined;
  /** What results may differ in between one call for all samples and one for each: a relative part and an absolute one. Default 1e-5, 1e-6. */
  readonly rtol?: number | undefined;
  readonly atol?: number | undefined;
}
const kinds: Kinds<OpcheckOptions> = {
  tests: option.listOf(option.oneOf(...laws)),
  raise: option.boolean,
  rtol: option.number,
  atol: option.number,
};
interface Tolerance {
  readonly rtol: number;
  readonly atol: number;
}
type Args = readonly unknown[];
/** A custom op, whatever it takes. */
type AnyCustomOp = CustomOp<readonly Tensor[], Record<string, unknown>, Tensor | readonly Tensor[]>;

/**
 * Holds a custom op (`customOp`) to what the library expects of its own ops, for one example of its arguments: `schema` (attributes are plain
 * data, inputs are not written to), `replay` (the call by name, with attributes from JSON, gives the same bits), `meta` (the same shapes and dtypes
 * without values), `gradients` (those of finite differences, also the second ones; of float64 inputs that require them), `tangents` (forward mode agrees with the gradients) and `batching` (under
 * `vmap` it is the op of each sample).
 *
 * It says of each law "SUCCESS" or the error that breaks it.
 *
 * Shapes: any that the op takes.
 *
 * @throws AutogradError when a law is broken (unless `raise` is false); ArgumentError when `op` is no custom op.
 * @see https://docs.pytorch.org/docs/stable/library.html#torch.library.opcheck
 * @example
 * import { customOp, opcheck, type Tensor, tensor } from "flambeau";
 * const cube = customOp("mine::cube", {
 *   forward: ([x]: readonly [Tensor]) => x.pow(3),
 *   save: ([x]) => [x],
 *   vjp: ({ saved: [x] }, [g]) => [g?.mul(x.square()).mul(3)],
 * });
 * const x = tensor([0.5, -1], { dtype: "float64", requiresGrad: true });
 * opcheck(cube, [x]); // { schema: "SUCCESS", replay: "SUCCESS", meta: "SUCCESS", gradients: "SUCCESS", tangents: "SUCCESS", batching: "SUCCESS" }
 */
export function opcheck<A extends Args>(
  op: ((...args: A) => Tensor | readonly Tensor[]) & { readonly op: object },
  args: A,
  options: OpcheckOptions = option.none,
): { [law in OpcheckTest]?: "SUCCESS" | Error } {
  checkOptions("opcheck", kinds, options);
  const { tests = laws, raise = true, rtol = 1e-5, atol = 1e-6 } = options;
  const custom = op as unknown as AnyCustomOp;
  if (typeof op !== "function" || custom.op === undefined || customNamed(custom.op.name) !== custom.op)
    throw new AutogradError(`opcheck: takes a custom op, got ${show(op)}`, "make it with customOp(name, ...)");
  const out: { [law in OpcheckTest]?: "SUCCESS" | Error } = {};
  for (const law of laws) {
    if (!tests.includes(law)) continue;
    try {
      tidy(() => checks[law](custom, args, { rtol, atol }));
      out[law] = "SUCCESS";
    } catch (error) {
      const [what] = error instanceof Error ? error.message.split("\n") : [show(error)];
      const told = new AutogradError(`opcheck: ${custom.op.name} breaks the law "${law}": ${what}`);
      if (raise) throw told;
      out[law] = told;
    }
  }
  return out;
}

const checks: { readonly [law in OpcheckTest]: (op: AnyCustomOp, args: Args, tolerance: Tolerance) => void } = {
  schema(op, args) {
    const tensors = args.filter(isTensor);
    const before = tensors.map((t) => ({ version: t.storage.version, copy: noGrad(() => clone(t)) }));
    const attrs = args.at(-1);
    if (!isTensor(attrs) && attrs !== undefined) encodeAttrs(attrs);
    noGrad(() => call(op, args));
    for (const [i, t] of tensors.entries())
      if (
        t.storage.version !== before[i].version ||
        !same(
          noGrad(() => clone(t)),
          before[i].copy,
        )
      )
        throw new AutogradError(`forward wrote to input ${i}`);
  },

  replay(op, args) {
    const seen: Call[] = [];
    const results = noGrad(() =>
      withInterpreter(
        {
          op: (c) => {
            if (c.op.name === op.op.name) seen.push(c);
            return c.next();
          },
        },
        () => call(op, args),
      ),
    );
    if (seen.length !== 1) throw new AutogradError(`the door saw ${seen.length} calls of it, not one`);
    const [{ inputs, attrs }] = seen;
    const found = customNamed(op.op.name) as NonNullable<ReturnType<typeof customNamed>>; // opcheck has looked
    const again = noGrad(() =>
      dispatch(
        found,
        inputs.map((t) => clone(t)),
        decodeAttrs(JSON.parse(JSON.stringify(encodeAttrs(attrs)))) as object,
      ),
    );
    for (const [i, t] of results.entries())
      if (again[i] === undefined || !same(t, again[i])) throw new AutogradError(`result ${i} is another one`);
  },

  meta(op, args) {
    const results = noGrad(() => call(op, args));
    const there = noGrad(() =>
      call(
        op,
        args.map((x) => (isTensor(x) ? to(x, "meta") : x)),
      ),
    );
    if (there.length !== results.length)
      throw new AutogradError(`it gives ${results.length} results, and ${there.length} on "meta"`);
    for (const [i, { shape, dtype, strides }] of results.entries()) {
      const m = there[i];
      if (
        !sameShape(shape, m.shape) ||
        dtype !== m.dtype ||
        isContiguous(shape, strides) !== isContiguous(m.shape, m.strides)
      )
        throw new AutogradError(
          `result ${i} is a ${dtype} tensor of shape ${showShape(shape)}, and a ${m.dtype} tensor of shape ${showShape(m.shape)} on "meta"`,
        );
    }
  },

  gradients(op, args) {
    const at = args.flatMap((x, i) => (isTensor(x) && x.requiresGrad && x.dtype === "float64" ? [i] : []));
    if (at.length === 0) return;
    const f = (...leaves: Tensor[]) => {
      const given = [...args];
      for (const [n, i] of at.entries()) given[i] = leaves[n];
      return call(op, given).filter((t) => isFloat(t.dtype)) as Tensor[];
    };
    const leaves = at.map((i) => args[i] as Tensor); // those are
    gradcheck(f as never, leaves);
    gradgradcheck(f as never, leaves);
  },

  tangents(op, args, { rtol, atol }) {
    const at = args.flatMap((x, i) => (isTensor(x) && x.requiresGrad && x.dtype === "float64" ? [i] : []));
    if (at.length === 0) return;
    const f = (...xs: Tensor[]) => {
      const given = [...args];
      for (const [n, i] of at.entries()) given[i] = xs[n];
      return call(op, given).filter((t) => isFloat(t.dtype)) as Tensor[];
    };
    const generator = new Generator(0);
    const some = (t: Tensor) => noGrad(() => randn(t.shape, { dtype: "float64", device: t.device, generator }));
    const points = at.map((i) => (args[i] as Tensor).detach()); // those are
    const directions = points.map(some);
    const leaves = points.map((t) => t.clone());
    for (const t of leaves) t.requiresGrad = true;
    const results = f(...leaves);
    const weights = results.map(some);
    const [, tangents] = jvp(f, points, directions);
    const gradients = grad(results, leaves, { gradOutputs: weights, allowUnused: true });
    const dot = (a: readonly (Tensor | null)[], b: readonly Tensor[]) =>
      a.reduce((total, t, i) => total + (t === null ? 0 : t.mul(b[i]).sum().item()), 0);
    const [forwards, backwards] = [dot(tangents, weights), dot(gradients, directions)];
    if (Math.abs(forwards - backwards) > atol + rtol * Math.abs(backwards))
      throw new AutogradError(`the tangents give ${forwards} where the gradients give ${backwards}`);
  },

  batching(op, args, tolerance) {
    const places = args.flatMap((x, i) => (isTensor(x) ? [i] : []));
    if (places.length === 0) return;
    // samples that differ, along each input alone and along all
    const samples = (x: Tensor) => noGrad(() => [clone(x), x.ndim > 0 ? x.roll(1) : clone(x), clone(x)]);
    for (const chosen of [places, ...(places.length > 1 ? places.map((p) => [p]) : [])]) {
      const each = new Map(chosen.map((i) => [i, samples(args[i] as Tensor)]));
      const inDims = chosen.map(() => 0);
      const whole = chosen.map((i) => noGrad(() => stack(each.get(i) as Tensor[])));
      const one = (...xs: Tensor[]) => {
        const given = [...args];
        for (const [n, i] of chosen.entries()) given[i] = xs[n];
        return [...call(op, given)];
      };
      const together = noGrad(() => vmap(one, { inDims })(...whole)) as Tensor[];
      for (let s = 0; s < 3; s++) {
        const alone = noGrad(() => one(...chosen.map((i) => (each.get(i) as Tensor[])[s])));
        for (const [k, t] of alone.entries())
          if (
            !sameShape(together[k].shape.slice(1), t.shape) ||
            !together[k].select(0, s).allclose(t, { ...tolerance, equalNan: true })
          )
            throw new AutogradError(`result ${k} of sample ${s} is another one than that of the sample alone`);
      }
    }
  },
};

/** The results of a call, as a list. */
function call(op: AnyCustomOp, args: Args): readonly Tensor[] {
  const out = op(...(args as never));
  return isTensor(out) ? [out] : out;
}
/** Equal to the bit, but for what NaNs carry. */
const same = (a: Tensor, b: Tensor): boolean =>
  sameShape(a.shape, b.shape) &&
  a.dtype === b.dtype &&
  (equal(a, b) || a.allclose(b, { rtol: 0, atol: 0, equalNan: true }));
