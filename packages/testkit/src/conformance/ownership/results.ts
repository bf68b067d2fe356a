import { dataSync, isFloat, Tensor, type TypedArray } from "@flambeau/tensor";

/** The tensors in what a call gives, in order. */
export function tensorsIn(x: unknown, found: Tensor[] = []): Tensor[] {
  if (x instanceof Tensor) found.push(x);
  else if (Array.isArray(x)) for (const v of x) tensorsIn(v, found);
  else if (typeof x === "object" && x !== null) for (const v of Object.values(x)) tensorsIn(v, found);
  return found;
}

/** The results that have a place in the graph. */
export const recorded = (results: readonly Tensor[]): Tensor[] =>
  results.filter((t) => isFloat(t.dtype) && t.requiresGrad);

export const bytesIn = (raw: TypedArray): Uint8Array => new Uint8Array(raw.buffer, raw.byteOffset, raw.byteLength);
/** The elements' bytes, in row-major order. */
export const bytesOfTensor = (t: Tensor): Uint8Array => bytesIn(dataSync(t));

export const sameBytes = (a: Uint8Array, b: Uint8Array): boolean => Buffer.compare(a, b) === 0;

/** The places in memory of the elements. */
function placesOf({ shape, strides, offset, size }: Tensor): Set<number> {
  const out = new Set<number>();
  for (let i = 0; i < size; i++) {
    let rest = i;
    let at = offset;
    for (let d = shape.length - 1; d >= 0; d--) {
      at += (rest % shape[d]) * strides[d];
      rest = Math.floor(rest / shape[d]);
    }
    out.add(at);
  }
  return out;
}
/** Whether elements of `t` share a place, so that one write changes several. */
export const repeats = (t: Tensor): boolean => placesOf(t).size < t.size;
/** Whether some element of `a` lies where one of `b` does. */
export function overlap(a: Tensor, b: Tensor): boolean {
  if (a.storage !== b.storage) return false;
  const places = placesOf(b);
  for (const at of placesOf(a)) if (places.has(at)) return true;
  return false;
}
