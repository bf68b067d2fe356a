import type { DType } from "@flambeau/tensor";
import type { Graph, Node } from "./graph.ts";
import { floatToBrain, floatToHalf, halfToFloat } from "./half.ts";
import { F32, F64, f32, f64, I32, I64, i32, i64 } from "./opcodes.ts";

/** One element from memory, `offset` bytes beyond the address, as `scalarType(dtype)`. */
export function loadElement(g: Graph, dtype: DType, address: Node, offset = 0): Node {
  switch (dtype) {
    case "bool":
      return g.i(i32.ne, g.load(I32, i32.load8u, address, offset), g.ic(0));
    case "uint8":
      return g.load(I32, i32.load8u, address, offset);
    case "int8":
      return g.load(I32, i32.load8s, address, offset);
    case "int16":
      return g.load(I32, i32.load16s, address, offset);
    case "int32":
      return g.load(I32, i32.load, address, offset);
    case "int64":
      return g.load(I64, i64.load, address, offset);
    case "float16":
      return halfToFloat(g, g.load(I32, i32.load16u, address, offset));
    case "bfloat16":
      return g.f(f32.reinterpret, g.i(i32.shl, g.load(I32, i32.load16u, address, offset), g.ic(16)));
    case "float32":
      return g.load(F32, f32.load, address, offset);
    case "float64":
      return g.load(F64, f64.load, address, offset);
  }
}

/** Stores a value of type `scalarType(dtype)`; narrow integers wrap. */
export function storeElement(g: Graph, dtype: DType, address: Node, value: Node, offset = 0): Node {
  switch (dtype) {
    case "bool":
    case "uint8":
    case "int8":
      return g.store(i32.store8, address, value, offset);
    case "int16":
      return g.store(i32.store16, address, value, offset);
    case "int32":
      return g.store(i32.store, address, value, offset);
    case "int64":
      return g.store(i64.store, address, value, offset);
    case "float16":
      return g.store(i32.store16, address, floatToHalf(g, value), offset);
    case "bfloat16":
      return g.store(i32.store16, address, floatToBrain(g, value), offset);
    case "float32":
      return g.store(f32.store, address, value, offset);
    case "float64":
      return g.store(f64.store, address, value, offset);
  }
}
