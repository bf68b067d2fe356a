import type { ScalarType } from "../expr/expr.ts";

/** How many bits a constant of each type has. */
export const constantWidth: { readonly [T in ScalarType]: number } = {
  bool: 1,
  int32: 32,
  int64: 64,
  float32: 32,
  float64: 64,
};

const view = new DataView(new ArrayBuffer(8));

/**
 * The bits of a number as a constant of `type`, converted as a cast converts: to bool by "not 0", to integers by truncation, what is out
 * of range to the nearest there is and NaN to 0. JavaScript cannot tell one NaN from another, so all of them give the same bits.
 */
export function bitsOf(value: number, type: ScalarType): bigint {
  switch (type) {
    case "bool":
      return value !== 0 ? 1n : 0n;
    case "int32":
    case "int64": {
      const width = constantWidth[type];
      const limit = 2 ** (width - 1);
      if (Number.isNaN(value)) return 0n;
      if (value >= limit) return BigInt(limit) - 1n;
      return BigInt.asUintN(width, BigInt(Math.trunc(Math.max(value, -limit))));
    }
    case "float32":
      if (Number.isNaN(value)) return 0x7fc00000n;
      view.setFloat32(0, value);
      return BigInt(view.getUint32(0));
    case "float64":
      if (Number.isNaN(value)) return 0x7ff8000000000000n;
      view.setFloat64(0, value);
      return view.getBigUint64(0);
  }
}

/** The value that a constant's bits stand for: a bigint for int64, 0 or 1 for bool, else a number. */
export function valueOf(bits: bigint, type: ScalarType): number | bigint {
  switch (type) {
    case "bool":
      return Number(bits);
    case "int32":
      return Number(BigInt.asIntN(32, bits));
    case "int64":
      return BigInt.asIntN(64, bits);
    case "float32":
      view.setUint32(0, Number(bits));
      return view.getFloat32(0);
    case "float64":
      view.setBigUint64(0, bits);
      return view.getFloat64(0);
  }
}
