import { grad, jvp, vjp } from "@flambeau/autograd";
import { add, arange, isFloat, isTensor, manualSeed, mul, reshape, sum, Tensor, tidy } from "@flambeau/tensor";
import { Call, type Functions, run, Unmapped } from "../../src/conformance/call.ts";
import { difference, notZero, type Tolerance } from "../../src/conformance/compare.ts";
import { type Argument, Decoder } from "../../src/conformance/decode.ts";
import { cannotReplay, type Encoded, type EncodedTensor, eachTensor } from "../../src/conformance/encoded.ts";
import { rowOf } from "../../src/conformance/map/index.ts";
import { seedOf } from "../../src/conformance/map/random.ts";
import { notRecorded, type OpCase, type OpFile, reasonOf } from "../../src/conformance/ops.ts";
import { failed, type Outcome, passed, skipped, unmapped } from "../../src/conformance/outcome.ts";

// PyTorch's forward-mode and second derivatives of single ops.

type Refused = { readonly $err: unknown };
interface DerivativeCase extends OpCase {
  readonly tangents?: readonly EncodedTensor[];
  readonly jvp?: readonly (EncodedTensor | null)[] | Refused;
  readonly ct2?: readonly (EncodedTensor | null)[];
  readonly grads2?: readonly (EncodedTensor | null)[] | Refused;
  readonly grads2_ct?: readonly (EncodedTensor | null)[] | Refused;
}
export interface DerivativeFile extends OpFile {
  readonly cases: readonly DerivativeCase[];
}

const tolerance: Tolerance = { rtol: 1e-7, atol: 1e-7 };
const isRefused = (x: unknown): x is Refused => typeof x === "object" && x !== null && "$err" in x;

interface Prepared {
  readonly leaves: readonly Tensor[];
  /** The op's results, as a list, on other tensors in the place of the leaves. */
  readonly f: (...leaves: Tensor[]) => Tensor[];
}

function prepare(file: OpFile, c: OpCase, functions: Functions): Prepared {
  const row = rowOf(file.op, file.variant);
  if (row === undefined) throw new Unmapped(`no row for ${file.op}`);
  const decoder = new Decoder("cpu");
  const args = [decoder.value(c.input), ...c.args.map((a) => decoder.value(a))];
  const kwargs = Object.fromEntries(Object.entries(c.kwargs).map(([k, v]) => [k, decoder.value(v)]));
  const { leaves } = decoder;
  for (const t of leaves) t.requiresGrad = false;
  return {
    leaves,
    f(...others) {
      const put = (x: Argument): Argument => {
        if (isTensor(x)) return leaves.includes(x) ? others[leaves.indexOf(x)] : x;
        if (Array.isArray(x)) return x.map(put);
        if (typeof x === "object" && x !== null && Object.getPrototypeOf(x) === Object.prototype)
          return Object.fromEntries(Object.entries(x).map(([k, v]) => [k, put(v as Argument)]));
        return x;
      };
      const named = Object.fromEntries(Object.entries(kwargs).map(([k, v]) => [k, put(v)]));
      manualSeed(seedOf(file.op));
      const out = run(row, new Call(file.op, args.map(put), named, "cpu", functions));
      return tensorsOf(out);
    },
  };
}
function tensorsOf(x: unknown): Tensor[] {
  if (x instanceof Tensor) return [x];
  if (Array.isArray(x)) return x.flatMap(tensorsOf);
  return typeof x === "object" && x !== null ? Object.values(x).flatMap(tensorsOf) : [];
}

/** Runs `check` on each case of a file that can be replayed. */
export function eachCase(
  file: DerivativeFile,
  functions: Functions,
  check: (c: DerivativeCase, prepared: Prepared) => string | null | "refused",
): Outcome[] {
  return file.cases.map((c) => {
    const reason = notRecorded(file, c) ?? cannotReplay(c);
    if (reason !== null) return skipped(reason);
    try {
      const problem = tidy(() => check(c, prepare(file, c, functions)));
      return problem === null ? passed : problem === "refused" ? skipped("PyTorch has none") : failed(problem);
    } catch (error) {
      if (error instanceof Unmapped) return unmapped(error.message);
      return failed(reasonOf(error));
    }
  });
}

const decode = (t: EncodedTensor): Tensor => new Decoder("cpu").tensor({ ...t, rg: undefined } as EncodedTensor);

/** Forward mode: our tangents against PyTorch's. */
export function compareForward(c: DerivativeCase, { leaves, f }: Prepared): string | null | "refused" {
  const theirs = c.jvp;
  if (theirs === undefined || isRefused(theirs) || c.tangents === undefined) return "refused";
  const [out, moved] = jvp(f, [...leaves], c.tangents.map(decode) as never);
  const tangents = moved as Tensor[];
  if (tangents.length < theirs.length) return `${tangents.length} results here, PyTorch gives ${theirs.length}`;
  for (let i = 0; i < theirs.length; i++) {
    const expected = theirs[i];
    const ours = tangents[i];
    if (!isFloat((out as Tensor[])[i].dtype)) continue;
    const problem = expected === null ? notZero(ours) : difference(ours, expected, tolerance);
    if (problem) return `tangent ${i} ${problem}`;
  }
  return null;
}
/** The law that forward and reverse mode are each other's transpose: `<ct, J t> = <J^T ct, t>`. */
export function compareModes(c: DerivativeCase, { leaves, f }: Prepared): string | null | "refused" {
  if (c.tangents === undefined) return "refused";
  const tangents = c.tangents.map(decode);
  const [out, moved] = jvp(f, [...leaves], tangents as never) as unknown as [Tensor[], Tensor[]];
  const floats = out.flatMap((t, i) => (isFloat(t.dtype) ? [i] : []));
  if (floats.length === 0 || leaves.length === 0) return "refused";
  if (floats.some((i) => out[i].dtype !== "float64")) return "refused"; // rounding is no slope
  const own = (...xs: Tensor[]) => {
    const all = f(...xs);
    return floats.map((i) => all[i]);
  };
  const [values, pull] = vjp(own as never, [...leaves]) as unknown as [Tensor[], (ct: unknown) => Tensor[]];
  const cts = values.map((t, i) => weights(t, i));
  const grads = pull(cts);
  const forward = total(floats.map((i, k) => mul(moved[i], cts[k])));
  const reverse = total(grads.map((g, i) => mul(g, tangents[i])));
  const size = total([
    ...floats.map((i, k) => mul(moved[i], cts[k]).abs()),
    ...grads.map((g, i) => mul(g, tangents[i]).abs()),
  ]);
  if (Number.isNaN(forward) && Number.isNaN(reverse)) return null;
  return Math.abs(forward - reverse) <= 1e-9 * (1 + size)
    ? null
    : `forward mode gives ${forward}, reverse mode ${reverse}`;
}
/** Cotangents that differ from element to element. */
const weights = (t: Tensor, k: number): Tensor =>
  add(reshape(arange(t.size, { dtype: t.dtype }), t.shape), 1 + k)
    .mul(0.125)
    .sin();
const total = (list: readonly Tensor[]): number => list.reduce((n, t) => n + Number(sum(t.to("float64")).item()), 0);

/** Second derivatives by reverse mode. */
export function compareSecond(c: DerivativeCase, { leaves, f }: Prepared): string | null | "refused" {
  if (c.ct === undefined || c.ct2 === undefined || c.grads2 === undefined || isRefused(c.grads2)) return "refused";
  for (const t of leaves) t.requiresGrad = true;
  const results = f(...leaves);
  const encoded: EncodedTensor[] = [];
  eachTensor(c.out as Encoded, (t) => encoded.push(t));
  const roots = results.filter((_, i) => encoded[i]?.rg);
  const cts = c.ct.map((t) => {
    const ct = decode(t);
    ct.requiresGrad = true;
    return ct;
  });
  const used = roots.flatMap((t, i) => (t.requiresGrad ? [i] : []));
  const first =
    used.length === 0
      ? leaves.map(() => null)
      : grad(
          used.map((i) => roots[i]),
          leaves,
          { gradOutputs: used.map((i) => cts[i]), createGraph: true, allowUnused: true },
        );
  const seconds: Tensor[] = [];
  const seeds: Tensor[] = [];
  c.ct2.forEach((t, i) => {
    const g = first[i];
    if (t === null || !g?.requiresGrad) return;
    seconds.push(g);
    seeds.push(decode(t));
  });
  const all = [...leaves, ...cts];
  const found =
    seconds.length === 0 ? all.map(() => null) : grad(seconds, all, { gradOutputs: seeds, allowUnused: true });
  const theirs = [...c.grads2, ...(isRefused(c.grads2_ct) || c.grads2_ct === undefined ? [] : c.grads2_ct)];
  for (let i = 0; i < theirs.length; i++) {
    const [ours, wanted] = [found[i], theirs[i]];
    if (ours === null && wanted === null) continue;
    if (wanted === null) {
      const problem = ours && notZero(ours);
      if (problem) return `second gradient ${i} ${problem}`;
      continue;
    }
    if (ours === null || ours === undefined) {
      const zero = notZero(decode(wanted));
      if (zero) return `second gradient ${i}: none here, PyTorch's ${zero}`;
      continue;
    }
    const problem = difference(ours, wanted, tolerance);
    if (problem) return `second gradient ${i} ${problem}`;
  }
  return null;
}
