import { grad, gradAndValue, hessian, jacfwd, jacrev, jvp, linearize, vjp, vmap } from "@flambeau/autograd";
import { add, isTensor, mul, sum, type Tensor, tidy } from "@flambeau/tensor";
import { Call, type Functions, run, Unmapped } from "../../src/conformance/call.ts";
import { difference, type Tolerance } from "../../src/conformance/compare.ts";
import { type Argument, Decoder, plain } from "../../src/conformance/decode.ts";
import type { Encoded, EncodedTensor } from "../../src/conformance/encoded.ts";
import { rowOf } from "../../src/conformance/map/index.ts";
import { compareValue, reasonOf } from "../../src/conformance/ops.ts";
import { failed, type Outcome, passed, unmapped } from "../../src/conformance/outcome.ts";

// PyTorch's figures of function transforms, recorded on functions that are lists of steps.

interface Step {
  readonly id: string;
  readonly op: string;
  readonly a: readonly Encoded[];
  readonly k: { readonly [name: string]: Encoded };
}
interface Case {
  readonly transform: string;
  readonly out?: Encoded;
  readonly [setting: string]: Encoded | undefined;
}
/** A file: a function, its arguments, and what the transforms of it give. */
export interface TransformFile {
  readonly name: string;
  readonly fn: { readonly args: readonly string[]; readonly steps: readonly Step[]; readonly out: readonly string[] };
  readonly inputs: { readonly [name: string]: EncodedTensor };
  readonly diff: readonly string[];
  readonly cases: readonly Case[];
}

/** PyTorch's name of a step in the table of ops: `F.linear` is `nn.functional.linear`. */
const opName = (step: string): string =>
  step.startsWith("F.") ? `nn.functional.${step.slice(2)}` : step.replace(/^(torch|T)\./, "");

/** A name of a step's argument: "%x" is the value of x. */
function resolve(x: Encoded, values: ReadonlyMap<string, unknown>, decoder: Decoder): unknown {
  if (typeof x === "string" && x.startsWith("%")) return values.get(x.slice(1));
  if (Array.isArray(x)) return x.map((part) => resolve(part as Encoded, values, decoder));
  if (typeof x === "object" && x !== null && "$tuple" in x) return resolve(x.$tuple as Encoded, values, decoder);
  return decoder.value(x);
}

type Fn = (...args: Tensor[]) => Tensor | Tensor[];

/** The function of a file as one of ours. */
function build({ fn }: TransformFile, decoder: Decoder, functions: Functions): Fn {
  return (...args) => {
    const values = new Map<string, unknown>(fn.args.map((name, i) => [name, args[i]]));
    for (const { id, op, a, k } of fn.steps) {
      const given = a.map((x) => resolve(x, values, decoder) as Argument);
      values.set(id, op === "get" ? partOf(given[0], Number(given[1])) : call(op, given, k, values));
    }
    const out = fn.out.map((id) => values.get(id) as Tensor);
    return out.length === 1 ? out[0] : out;
  };
  function call(step: string, given: readonly Argument[], k: Step["k"], values: ReadonlyMap<string, unknown>): unknown {
    const named = Object.fromEntries(
      Object.entries(k).map(([key, x]) => [key, resolve(x, values, decoder) as Argument]),
    );
    const own = written[step];
    if (own !== undefined) return own(functions as never, given.map(plain) as never, named as never);
    const name = step === "index" ? "__getitem__" : opName(step);
    const row = rowOf(name, "");
    if (row === undefined) throw new Unmapped(`no row for ${name}`);
    return run(row, new Call(name, given, named, decoder.device, functions));
  }
}

type Ours = { readonly [name: string]: (...args: unknown[]) => unknown };
/** Steps whose arguments come in another order than in the table of ops, or that it does not have. */
const written: {
  readonly [step: string]: (f: Ours, args: readonly unknown[], named: { readonly [key: string]: unknown }) => unknown;
} = {
  "F.embedding": (f, [index, weight]) => f.embedding(weight, index),
  "F.fold": (f, [x, size, kernel]) => f.col2im(x, size, kernel),
  "T.add_": (f, args) => f.add_(...args),
  "T.detach": (f, [x]) => f.detach(x),
  "T.mul_": (f, args) => f.mul_(...args),
  "T.zero_": (f, [x]) => f.zero_(x),
  "linalg.matrix_exp": (f, [x]) => f.matrixExp(x),
  "special.i0": (f, [x]) => f.i0(x),
  "torch.topk": (f, [x, k]) => f.topk(x, k),
  "torch.where": (f, args) => f.where(...args),
};
const partOf = (x: unknown, i: number): unknown => (Array.isArray(x) ? x[i] : Object.values(x as object)[i]);

const listed = (x: unknown): Tensor[] => (isTensor(x) ? [x] : (x as Tensor[]));
/** The scalar that is differentiated where the function gives none. */
const scalar =
  (f: Fn, of: unknown): Fn =>
  (...args) =>
    of === "f"
      ? f(...args)
      : listed(f(...args))
          .map((t) => sum(mul(t, t)))
          .reduce((a, b) => add(a, b));

/** What our transform gives in the form in which PyTorch's results are recorded: the case's fields. */
function transformed(file: TransformFile, c: Case, decoder: Decoder, f: Fn): { [field: string]: unknown } {
  const inputs = file.fn.args.map((name) => decoder.tensor(file.inputs[name]));
  const at = file.diff.map((name) => file.fn.args.indexOf(name));
  const given = (field: string): Tensor[] => decoder.value(c[field] ?? null) as Tensor[];
  const held =
    (fn: Fn): Fn =>
    (...own) => {
      const all = [...inputs];
      at.forEach((i, k) => {
        all[i] = own[k];
      });
      return fn(...all);
    };
  const primals = at.map((i) => inputs[i]);
  const argnums = () => decoder.value(c.argnums ?? null) as number | number[];
  const inDims = () => decoder.value(c.in_dims ?? null) as (number | null)[];
  const many = file.fn.out.length > 1;
  const L = scalar(f, c.of);
  switch (c.transform) {
    case "forward":
      return { out: f(...inputs) };
    case "vjp": {
      const [, pull] = vjp(held(f), primals);
      return { grads: pull((many ? given("ct") : given("ct")[0]) as never) };
    }
    case "jvp": {
      const [out, moved] = jvp(held(f), primals, given("tangents") as never);
      return { out, jvp: moved };
    }
    case "linearize": {
      const [out, push] = linearize(held(f), primals);
      return { out, jvp: push(given("tangents") as never) };
    }
    case "jacrev":
      return { out: jacrev(f, { argnums: argnums() })(...inputs) };
    case "jacfwd":
      return { out: jacfwd(f, { argnums: argnums() })(...inputs) };
    case "hessian":
      return { out: hessian(f, { argnums: argnums() })(...inputs) };
    case "grad_and_value": {
      if (c.has_aux === undefined) {
        const [grads, value] = gradAndValue(L, { argnums: argnums() })(...inputs);
        return { grads, value };
      }
      const both = (...args: Tensor[]) => [L(...args), f(...args)] as const;
      const [grads, [value, aux]] = gradAndValue(both, { argnums: argnums(), hasAux: true })(...inputs);
      return { grads, value, aux };
    }
    case "hvp_fwdrev":
      return { out: jvp(held(grad(L, { argnums: at }) as unknown as Fn), primals, given("tangents") as never)[1] };
    case "hvp_revrev":
      return { out: vjp(held(grad(L, { argnums: at }) as unknown as Fn), primals)[1](given("tangents") as never) };
    case "vmap":
      return {
        out: vmap(f, { inDims: inDims(), outDims: decoder.value(c.out_dims ?? 0) as number })(...given("inputs")),
      };
    case "vmap2": {
      const [outer, inner] = decoder.value(c.in_dims ?? null) as (number | null)[][];
      return { out: vmap(vmap(f, { inDims: inner }), { inDims: outer })(...given("inputs")) };
    }
    case "vmap_grad":
      return { out: vmap(grad(L, { argnums: argnums() }) as unknown as Fn, { inDims: inDims() })(...given("inputs")) };
    case "vmap_jacrev":
      return {
        out: vmap(jacrev(f, { argnums: argnums() }) as unknown as Fn, { inDims: inDims() })(...given("inputs")),
      };
    case "vmap_jacfwd":
      return {
        out: vmap(jacfwd(f, { argnums: argnums() }) as unknown as Fn, { inDims: inDims() })(...given("inputs")),
      };
    case "vmap_hessian":
      return {
        out: vmap(hessian(L, { argnums: argnums() }) as unknown as Fn, { inDims: inDims() })(...given("inputs")),
      };
    case "jacrev_vmap":
      return { out: jacrev(vmap(f, { inDims: inDims() }), { argnums: argnums() })(...given("inputs")) };
    default:
      throw new Unmapped(`the transform ${c.transform}`);
  }
}

const fields = ["out", "jvp", "grads", "value", "aux"] as const;
/** Whether PyTorch refuses a case. */
export const isRefused = (c: Case): boolean => fields.some((field) => hasError(c[field]));
const hasError = (x: unknown): boolean => typeof x === "object" && x !== null && "$err" in x;

/** Replays a case: what our transform gives against PyTorch's figures. */
export function replayCase(
  file: TransformFile,
  index: number,
  functions: Functions,
  tolerance: (dtype: string, transform: string) => Tolerance,
): Outcome {
  const c = file.cases[index];
  try {
    const problem = tidy(() => {
      const decoder = new Decoder("cpu");
      const ours = transformed(file, c, decoder, build(file, decoder, functions));
      for (const field of fields) {
        const theirs = c[field];
        if (theirs === undefined || hasError(theirs)) continue;
        const found = compareValue(ours[field], theirs, field, {
          results: [],
          tensor: (own, wanted) =>
            own.dtype === wanted.$t
              ? difference(own, wanted, tolerance(wanted.$t, c.transform))
              : `is ${own.dtype}, PyTorch's ${wanted.$t}`,
        });
        if (found !== null) return found;
      }
      return null;
    });
    return problem === null ? passed : failed(problem);
  } catch (error) {
    if (error instanceof Unmapped) return unmapped(error.message);
    return failed(reasonOf(error));
  }
}
