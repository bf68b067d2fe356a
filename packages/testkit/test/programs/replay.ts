import { grad } from "@flambeau/autograd";
import { type DType, type Tensor, tensor } from "@flambeau/tensor";
import * as ops from "@flambeau/tensor/functional";
import type { Subject } from "../../src/conformance/run.ts";
import { callOp } from "./calls.ts";
import { type Argument, type Figure, numberOf, type Program, type Result } from "./fixture.ts";

/** How a program went: as in PyTorch, more leniently (we accept what it refuses), or otherwise. */
export type Outcome = { readonly kind: "same" | "lenient" } | { readonly kind: "differs"; readonly what: string };
const same: Outcome = { kind: "same" };
const lenient: Outcome = { kind: "lenient" };
const differs = (what: string): Outcome => ({ kind: "differs", what });

/** rtol and atol. Looser than one op's: errors of up to six add up. */
const tolerances: { readonly [dtype: string]: readonly [rtol: number, atol: number] } = {
  float64: [1e-7, 1e-9],
  float32: [2e-4, 1e-5],
  float16: [4e-3, 2e-3],
  bfloat16: [3e-2, 2e-2],
};
const exact = [0, 0] as const;
const valuesOf = (t: Tensor): number[] =>
  [ops.tolist(ops.flatten(t.requiresGrad ? ops.detach(t) : t))].flat().map(Number);
const indices = new Set(["int32", "int64"]);

/** What tells a tensor from PyTorch's, or null. `looser` counts the errors that went before. */
function unlike(t: Tensor, figure: Figure, looser = 1): string | null {
  const [dtype, shape, wanted] = figure;
  if (String(t.shape) !== String(shape)) return `shape [${t.shape}] for [${shape}]`;
  // indices and counts are int32 here
  if (t.dtype !== dtype && !(indices.has(t.dtype) && indices.has(dtype))) return `${t.dtype} for ${dtype}`;
  const [rtol, atol] = tolerances[dtype] ?? exact;
  const found = valuesOf(t);
  const numbers = wanted.map(numberOf);
  const scale = numbers.reduce((most, y) => (Number.isFinite(y) ? Math.max(most, Math.abs(y)) : most), 0);
  const at = numbers.findIndex((y, i) => {
    const x = found[i];
    if (x === y || (Number.isNaN(x) && Number.isNaN(y))) return false;
    return !(Math.abs(x - y) <= looser * (rtol * Math.max(Math.abs(y), scale / 100) + atol));
  });
  return at === -1 ? null : `${found[at]} for ${numbers[at]} at ${at}`;
}

/** A dtype where the device may not have the widest ones. */
const onDevice = (dtype: string, { dtypes }: Subject): DType =>
  (dtypes.has(dtype as DType) ? dtype : dtype === "int64" ? "int32" : "float32") as DType;
export const made = ([dtype, shape, values, wanted]: Figure, subject: Subject): Tensor =>
  tensor(values.map(numberOf), { dtype: onDevice(dtype, subject), shape, requiresGrad: wanted === 1 });

/** An argument as the op takes it; leaves among the arguments are added to `leaves`. */
export function argumentOf(a: unknown, pool: readonly Tensor[], leaves: Tensor[], subject: Subject): unknown {
  if (typeof a !== "object" || a === null || Array.isArray(a)) return a;
  const given = a as Argument; // as the fixture says
  if ("r" in given) return pool[given.r];
  if ("f" in given) return { inf: Infinity, "-inf": -Infinity, nan: NaN }[given.f];
  if ("i" in given) return tensor(given.i as number[], { dtype: onDevice("int64", subject), shape: given.s });
  if ("sl" in given) return { from: given.sl[0], to: given.sl[1], step: given.sl[2] };
  const t = made(given.c, subject);
  if (given.c[3]) leaves.push(t);
  return t;
}

/** Of equal elements other devices than the cpu select the first; the position is right where it names the value. */
const selects = new Set(["r.kthvalue", "r.topk"]);
function namesValue(x: Tensor, args: readonly unknown[], values: Tensor, positions: Tensor): boolean {
  if (x.ndim === 0) return true;
  const dim = args[2] as number; // (x, k, dim, ...)
  const kept = (t: Tensor) => (t.ndim === x.ndim ? t : ops.unsqueeze(t, dim));
  const found = valuesOf(ops.takeAlongDim(x, kept(positions), dim));
  return valuesOf(kept(values)).every((v, i) => Object.is(v, found[i]) || v === found[i]);
}

/** A sum of `tensors`, weighted by small numbers that repeat, as the fixture has it. */
function weighted(
  tensors: readonly Tensor[],
  subject: Subject,
  [step, period, shift, scale]: readonly number[],
): Tensor | null {
  const dtype = onDevice("float64", subject);
  let total: Tensor | null = null;
  for (const t of tensors) {
    const weights = Array.from({ length: t.size }, (_, i) => (((i * step) % period) - shift) / scale);
    const term = ops.sum(ops.mul(ops.to(t, dtype), tensor(weights, { dtype, shape: t.shape })));
    total = total ? ops.add(total, term) : term;
  }
  return total;
}

/** Runs a program and compares what comes of it, step by step, with PyTorch's figures. */
export function replay(program: Program, subject: Subject): Outcome {
  const { functions } = subject;
  const pool = program.leaves.map((leaf) => made(leaf, subject));
  const leaves = pool.filter((_, i) => program.leaves[i][3]);
  const expected: Result[] = [...program.leaves];
  let outcome = same;
  for (const [n, [op, given, results]] of program.steps.entries()) {
    const writes = op.startsWith("i.");
    const own: Tensor[] = [];
    let out: readonly Tensor[];
    try {
      const args = given.map((a) => argumentOf(a, pool, own, subject));
      if (/quantile$/.test(op) && Array.isArray(args[1]))
        args[1] = tensor(args[1] as number[], { dtype: (args[0] as Tensor).dtype });
      out = callOp(functions, op, args) as readonly Tensor[]; // ops give tensors
    } catch (error) {
      if (!results) continue;
      return differs(`step ${n}, ${op}: ${error instanceof Error ? error.message.split("\n")[0] : error}`);
    }
    if (!results) {
      outcome = lenient;
      if (writes) return outcome; // from here on the programs are two
      continue;
    }
    leaves.push(...own);
    for (const [k, figure] of results.entries()) {
      if (figure === null) continue;
      const choice = k === 1 && selects.has(op) && subject.device !== "cpu";
      let t = out[k];
      const what = unlike(t, figure);
      if (what !== null && choice && namesValue(pool[(given[0] as { r: number }).r], given, out[0], t))
        t = made(figure, subject);
      else if (what !== null) return differs(`step ${n}, ${op}: ${what}`);
      if (writes) continue;
      pool.push(t);
      expected.push(figure);
    }
  }
  for (const [i, t] of pool.entries()) {
    const figure = program.final?.[i] || expected[i];
    const what = figure && unlike(t, figure, 3);
    if (what) return differs(`tensor ${i} at the end: ${what}`);
    if (t.requiresGrad !== (program.requiresGrad[i] === "1"))
      return differs(`tensor ${i}: requiresGrad ${t.requiresGrad}`);
  }
  if (!program.gradients) return outcome;
  return gradients(program, subject, pool, leaves, outcome);
}

function gradients(
  program: Program,
  subject: Subject,
  pool: readonly Tensor[],
  leaves: readonly Tensor[],
  outcome: Outcome,
): Outcome {
  const refused = program.gradients === "refused";
  try {
    const loss = weighted(
      pool.filter((t) => t.requiresGrad && !t.isLeaf),
      subject,
      [7, 11, 4, 4],
    );
    if (!loss) return differs("nothing requires a gradient");
    const options = { createGraph: program.createGraph ?? false, allowUnused: true as const };
    const first = grad([loss], [...leaves], options);
    if (refused) return lenient;
    const what = unlikeEach("gradient", first, program.gradients as readonly Result[], 5);
    if (what || !program.second) return what ? differs(what) : outcome;
    const again = weighted(
      first.filter((g): g is Tensor => g?.requiresGrad ?? false),
      subject,
      [5, 7, 3, 2],
    );
    const second = again ? grad([again], [...leaves], { allowUnused: true }) : leaves.map(() => null);
    const other = unlikeEach("second derivative", second, program.second, 20);
    return other ? differs(other) : outcome;
  } catch (error) {
    if (refused) return outcome;
    return differs(`backward: ${error instanceof Error ? error.message.split("\n")[0] : error}`);
  }
}
/** No second derivative and one of zeros are the same; of first ones, PyTorch's null is ours. */
function unlikeEach(
  name: string,
  found: readonly (Tensor | null)[],
  wanted: readonly Result[],
  looser: number,
): string | null {
  for (const [i, figure] of wanted.entries()) {
    const t = found[i];
    if (t && figure) {
      const what = unlike(t, figure, looser);
      if (what) return `${name} ${i}: ${what}`;
    } else if (t || figure) {
      const rest = t ? valuesOf(t) : (figure as Figure)[2].map(numberOf);
      if (name === "gradient" || rest.some((v) => v !== 0))
        return `${name} ${i}: ${t ? "there is one" : "there is none"}`;
    }
  }
  return null;
}

/** Whether a device has all dtypes of a program, int32 doing for int64. */
export function runsOn(program: Program, dtypes: ReadonlySet<string>): boolean {
  const text = JSON.stringify(program);
  return [...Object.keys(tolerances), "int8", "int16", "uint8"].every((d) => dtypes.has(d) || !text.includes(`"${d}"`));
}
