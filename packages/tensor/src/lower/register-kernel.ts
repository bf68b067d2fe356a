import type { FusedKernel } from "../contract/fused-kernel.ts";
import type { FusedOps } from "../contract/fused-ops.ts";
import { backendOf } from "../core/context.ts";
import { ArgumentError, show } from "../core/errors.ts";

/** A backend's fast paths, whatever they are of. */
type Table = { [op: string]: FusedKernel };
/** A kernel that was in a table; none where the backend had none of its own. */
interface Layer {
  readonly kernel: FusedKernel | undefined;
}
/** Of each table and op what lies below the kernel in effect, which is the last; the backend's own is the first. */
const layers = new WeakMap<Table, Map<string, Layer[]>>();

/**
 * Gives a registered backend a fast path for an op, in place of the one that it may have. Ops of your own, declared by merging into
 * {@link FusedOps}, get theirs the same way.
 *
 * @returns a function that takes it out again: what was there before is there again.
 * @throws DeviceError when nothing is registered for `device`; ArgumentError when `kernel` is none.
 * @example
 * import { tensor } from "flambeau";
 * import { registerKernel } from "@flambeau/tensor/plugin";
 * const remove = registerKernel("cpu", "softmax", { supports: () => false, run() {} }); // softmax is decomposed from here on
 * tensor([0, 0]).softmax(0).tolist(); // [0.5, 0.5]
 * remove();
 */
export function registerKernel<K extends keyof FusedOps>(
  device: string,
  op: K,
  kernel: FusedKernel<FusedOps[K]>,
): () => void {
  const backend = backendOf(device) as { fused?: Table }; // the contract lets this function write it
  const problem = problemOf(op, kernel);
  if (problem !== null) throw new ArgumentError("registerKernel", problem);
  const table = (backend.fused ??= {});
  let ops = layers.get(table);
  if (ops === undefined) layers.set(table, (ops = new Map()));
  let all = ops.get(op);
  if (all === undefined) ops.set(op, (all = [{ kernel: table[op] }]));
  const layer: Layer = { kernel };
  const put = (): void => {
    const last = all[all.length - 1].kernel;
    if (last === undefined) delete table[op];
    else table[op] = last;
  };
  all.push(layer);
  put();
  return () => {
    const at = all.indexOf(layer);
    if (at < 0) return;
    all.splice(at, 1);
    put();
  };
}

/** What is wrong with a kernel that nobody has looked at; null when nothing is. */
function problemOf(op: unknown, kernel: unknown): string | null {
  if (typeof op !== "string" || op === "") return `a fast path has the name of its op, got ${show(op)}`;
  if (typeof kernel !== "object" || kernel === null)
    return `the kernel of ${op} must be an object, got ${show(kernel)}`;
  const { strided, placed, supports, run } = kernel as { readonly [K in keyof FusedKernel]?: unknown };
  if (typeof supports !== "function") return `the kernel of ${op} has no function supports`;
  if (typeof run !== "function") return `the kernel of ${op} has no function run`;
  if (placed !== undefined && !(Array.isArray(placed) && placed.every((p) => Number.isInteger(p) && p >= 0)))
    return `placed of the kernel of ${op} must be a list of outputs by number, got ${show(placed)}`;
  if (strided !== undefined && typeof strided !== "boolean")
    return `strided of the kernel of ${op} must be true or false, got ${show(strided)}`;
  return null;
}
