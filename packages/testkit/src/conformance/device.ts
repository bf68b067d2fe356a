import type { DType } from "@flambeau/tensor";
import { type Encoded, type EncodedTensor, elementsOf, isEncodedTensor, isRecord } from "./encoded.ts";

/**
 * A fixture's content for a device that lacks some dtypes: int64 becomes int32 where the values allow it (so that integers are
 * tested there, too), anything else that the device lacks is marked, and cases that hold it are skipped.
 */
export function forDevice(content: Encoded, dtypes: ReadonlySet<DType>): Encoded {
  if (dtypes.has("int64") && dtypes.has("float64")) return content;
  const adapted = (x: unknown): unknown => {
    if (Array.isArray(x)) return x.map(adapted);
    if (isEncodedTensor(x)) return tensorFor(x, dtypes);
    if (!isRecord(x)) return x;
    if (typeof x.$dtype === "string") {
      const dtype = x.$dtype === "int64" && !dtypes.has("int64") ? "int32" : x.$dtype;
      return dtype === "float64" && !dtypes.has("float64")
        ? { $missing: "dtype float64 on this device" }
        : { $dtype: dtype };
    }
    return Object.fromEntries(Object.entries(x).map(([key, value]) => [key, adapted(value)]));
  };
  return adapted(dtypes.has("int64") ? content : withoutTruncatedEnds(content)) as Encoded; // same form, other leaves
}

/** `arange` into int64 drops its end's fraction, PyTorch's int32 does not: such a case has no int32 form. */
function withoutTruncatedEnds(content: Encoded): Encoded {
  if (!isRecord(content) || content.op !== "arange" || !Array.isArray(content.cases)) return content;
  const cases = content.cases.map((c) => {
    if (!isRecord(c) || !isRecord(c.kwargs) || !isRecord(c.kwargs.dtype) || c.kwargs.dtype.$dtype !== "int64") return c;
    const numbers = [c.input, ...(Array.isArray(c.args) ? c.args : [])];
    const fraction = numbers.some((x) => typeof x === "number" && !Number.isInteger(x));
    return fraction ? { ...c, kwargs: { dtype: { $missing: "int64 on this device, where ends lose fractions" } } } : c;
  });
  return { ...content, cases } as Encoded; // same form, other leaves
}

function tensorFor(t: EncodedTensor, dtypes: ReadonlySet<DType>): EncodedTensor | { readonly $missing: string } {
  if (t.$t === "float64" && !dtypes.has("float64")) return { $missing: "float64 tensors on this device" };
  if (t.$t !== "int64" || dtypes.has("int64")) return t;
  const values = [...elementsOf(t)];
  if (values.some((v) => BigInt.asIntN(32, BigInt(v)) !== BigInt(v)))
    return { $missing: "integers beyond int32 on this device" };
  return { ...t, $t: "int32", data: new Uint8Array(Int32Array.from(values, Number).buffer) };
}
