import { fromTransferable, type Tensor, type TransferableTensor, toTransferable } from "@flambeau/tensor/functional";
import { option } from "@flambeau/tensor/plugin";

/** Keys of objects and maps, and places in arrays. */
type Path = readonly unknown[];

/** A batch on its way: its tensors beside it, each with the place where it belongs. */
export interface Packed {
  readonly value: unknown;
  readonly tensors: readonly (readonly [path: Path, data: TransferableTensor])[];
}

const isTensor = (x: unknown): x is Tensor => option.tensor.takes(x);
const isRecord = (x: unknown): x is { [key: string]: unknown } =>
  typeof x === "object" && x !== null && [Object.prototype, null].includes(Object.getPrototypeOf(x));

/** A batch as data that can be sent; the bytes of its tensors are copies, which may be transferred. */
export function pack(batch: unknown): Packed {
  const tensors: [Path, TransferableTensor][] = [];
  const visit = (x: unknown, path: Path): unknown => {
    if (isTensor(x)) {
      tensors.push([path, toTransferable(x)]);
      return null;
    }
    if (Array.isArray(x)) return x.map((each, i) => visit(each, [...path, i]));
    if (x instanceof Map) return new Map(Array.from(x, ([key, each]) => [key, visit(each, [...path, key])]));
    if (isRecord(x))
      return Object.fromEntries(Object.entries(x).map(([key, each]) => [key, visit(each, [...path, key])]));
    return x;
  };
  return { value: visit(batch, []), tensors };
}

/** The batch again, its tensors on the default device. */
export function unpack({ value, tensors }: Packed): unknown {
  let batch = value;
  for (const [path, data] of tensors) {
    const t = fromTransferable(data);
    letGo(data.bytes.buffer);
    if (path.length === 0) batch = t;
    else put(path.slice(0, -1).reduce(inside, batch), path.at(-1), t);
  }
  return batch;
}

/** Frees memory that was copied: engines that count it would collect garbage for its sake, again and again. */
const letGo = (buffer: ArrayBuffer & { transfer?(length: number): ArrayBuffer }): void => void buffer.transfer?.(0);

type Holder = { [key: string]: unknown };
const inside = (x: unknown, key: unknown): unknown => (x instanceof Map ? x.get(key) : (x as Holder)[key as string]); // as pack walked
function put(x: unknown, key: unknown, t: Tensor): void {
  if (x instanceof Map) x.set(key, t);
  else (x as Holder)[key as string] = t; // as pack walked
}

/** What postMessage may take along instead of copying it. */
export const buffersOf = ({ tensors }: Packed): ArrayBuffer[] => tensors.map(([, { bytes }]) => bytes.buffer);
