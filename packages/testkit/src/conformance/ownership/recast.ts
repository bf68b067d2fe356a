import { type DType, isFloat } from "@flambeau/tensor";
import { decode, encode } from "@flambeau/tensor/plugin";
import { type EncodedTensor, elementsOf, isEncodedTensor, isRecord } from "../encoded.ts";
import type { OpCase } from "../ops.ts";

const ranges: { readonly [dtype: string]: readonly [low: number, high: number] } = {
  uint8: [0, 255],
  int8: [-128, 127],
  int16: [-32768, 32767],
  int32: [-(2 ** 31), 2 ** 31 - 1],
};

/** A case with its tensors of dtype `from` in dtype `to`, rounded; null when integers do not fit. PyTorch's figures do not go with it. */
export function recast({ input, args, kwargs }: OpCase, from: DType, to: DType): OpCase | null {
  let fits = true;
  const tensor = (t: EncodedTensor): EncodedTensor => {
    if (t.$t !== from) return t;
    const values = decode(elementsOf(t), from);
    const range = ranges[to];
    if (!isFloat(to) && range && values.some((v) => Number(v) < range[0] || Number(v) > range[1])) fits = false;
    return fits ? { ...t, $t: to, data: encode(values, to) } : t;
  };
  const cast = (x: unknown): unknown => {
    if (Array.isArray(x)) return x.map(cast);
    if (isEncodedTensor(x)) return tensor(x);
    if (!isRecord(x)) return x;
    if (x.$dtype === from) return { $dtype: to };
    return Object.fromEntries(Object.entries(x).map(([key, value]) => [key, cast(value)]));
  };
  const out = { input: cast(input), args: cast(args), kwargs: cast(kwargs) } as OpCase; // same form, other leaves
  return fits ? out : null;
}
