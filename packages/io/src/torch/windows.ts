// Tensors as a pickle describes them, held against the storages that they are said to lie in.
import { arrayBits, maxRank } from "../limits.ts";
import { elementBytes, torchDTypes, untyped } from "./dtypes.ts";
import {
  Dict,
  kindOf,
  Label,
  quote,
  type Run,
  StorageRef,
  type TensorFields,
  TensorRef,
  Tuple,
  type Value,
} from "./values.ts";

/** The most elements of one of our tensors, in expanded views too. */
const maxElements = 2 ** 31 - 1;

/** An int from 0 to 2^53 - 1. */
export function natural(value: Value | undefined, what: string, run: Run): number {
  if (typeof value !== "bigint")
    return run.fail(`${what} is ${value === undefined ? "missing" : kindOf(value)}, not an int`);
  if (value < 0n || value > Number.MAX_SAFE_INTEGER) return run.fail(`${what} is ${String(value).slice(0, 40)}`);
  return Number(value);
}

function naturals(value: Value | undefined, what: string, run: Run): number[] {
  if (!(value instanceof Tuple)) return run.fail(`${what} are no tuple`);
  if (value.items.length > maxRank) run.fail(`a tensor has ${value.items.length} dimensions, the most is ${maxRank}`);
  return value.items.map((item) => natural(item, `one of ${what}`, run));
}

export function flag(value: Value | undefined, what: string, run: Run): boolean {
  return typeof value === "boolean" ? value : run.fail(`${what} is no bool`);
}

/** Hooks are functions, and there are none. */
export function checkHooks(value: Value | undefined, run: Run): void {
  if (value === null || (value instanceof Dict && value.entries.size === 0)) return;
  run.fail("a tensor has backward hooks, which Flambeau does not run");
}

/** The tensor of a call `(storage, offset, sizes, strides, ...)` of PyTorch's. `dtype` is given where the storage has none. */
export function windowOn(
  [storage, at, sizes, steps]: readonly Value[],
  { dtype, requiresGrad = false, negative = false, reason }: Partial<TensorFields>,
  run: Run,
): TensorRef {
  if (!(storage instanceof StorageRef)) return run.fail("a tensor lies in no storage");
  const offset = natural(at, "the offset of a tensor", run);
  const shape = naturals(sizes, "the sizes of a tensor", run);
  const strides = naturals(steps, "the strides of a tensor", run);
  if (strides.length !== shape.length) run.fail(`a tensor has ${shape.length} sizes and ${strides.length} strides`);
  const taken = dtype ?? storage.dtype;
  if (taken === untyped) run.fail("a tensor says no dtype, nor does its storage");
  if (storage.dtype !== untyped && taken !== storage.dtype)
    run.fail(`a tensor of dtype ${taken} lies in a storage of ${storage.dtype}`);
  storage.taken ??= taken;
  if (storage.taken !== taken)
    run.fail(`the storage ${quote(storage.key)} is taken for ${storage.taken} and for ${taken}`);
  const held = lengthAs(storage, taken, run);
  const elements = arrayBits(1, shape);
  if (elements === undefined || elements > maxElements)
    run.fail(`a tensor of shape [${shape}] has more elements than the ${maxElements} that one can have`);
  const last = shape.includes(0) ? offset : shape.reduce((sum, size, d) => sum + (size - 1) * strides[d], offset + 1);
  if (!(last <= held))
    run.fail(
      `a tensor of shape [${shape}], strides [${strides}] and offset ${offset} leaves its storage ${quote(storage.key)} of ${held} elements`,
    );
  if (requiresGrad && !/float|complex/.test(taken)) run.fail(`a tensor of dtype ${taken} requires a gradient`);
  const why = reason ?? (torchDTypes.get(taken)?.holds === undefined ? `Flambeau has no dtype ${taken}` : undefined);
  return new TensorRef({
    dtype: taken,
    shape,
    strides,
    offset,
    storage,
    requiresGrad,
    negative,
    ...(why !== undefined && { reason: why }),
  });
}

/** Elements of `dtype` in a storage. */
function lengthAs(storage: StorageRef, dtype: string, run: Run): number {
  const bytes = storage.length * elementBytes(storage.dtype);
  if (bytes % elementBytes(dtype) !== 0)
    run.fail(`the storage ${quote(storage.key)} of ${bytes} bytes holds no whole number of ${dtype}`);
  return bytes / elementBytes(dtype);
}

/** What stands for a tensor of a kind that Flambeau does not have. */
export function lackingTensor(reason: string, dtype: string, sizes: Value | undefined, run: Run): TensorRef {
  const shape = sizes instanceof Tuple ? naturals(sizes, "the sizes of a tensor", run) : [];
  return new TensorRef({ dtype, shape, strides: [], offset: 0, requiresGrad: false, negative: false, reason });
}

/** The name of a dtype that stands as such. */
export function dtypeNamed(value: Value | undefined, run: Run): string {
  return value instanceof Label && value.kind === "dtype" ? value.name : run.fail("the dtype of a tensor is none");
}
