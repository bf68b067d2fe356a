import { type Program, type ReduceKind, sizeOf, type View } from "@flambeau/tensor";
import { elementBytes } from "../emit/elements.ts";
import type { Engine } from "../engine/engine.ts";
import { elementsOf, forEachLine, type Scalar } from "./elements.ts";
import type { MapKernels } from "./map.ts";

export class ReduceKernels {
  readonly engine: Engine;
  readonly map: MapKernels;
  constructor(engine: Engine, map: MapKernels) {
    this.engine = engine;
    this.map = map;
  }

  run(kind: ReduceKind, program: Program, inputs: readonly View[], params: readonly number[], output: View, dims: readonly number[]): void {
    const { engine } = this;
    const shape = inputs.length ? inputs[0].shape : output.shape;
    const n = sizeOf(shape);
    const bytes = Math.max(16, n * elementBytes[program.output]);
    const address = engine.alloc(bytes);
    const strides: number[] = [];
    let step = 1;
    for (let d = shape.length - 1; d >= 0; d--) {
      strides[d] = step;
      step *= shape[d] || 1;
    }
    const mapped: View = { buffer: { address, byteLength: bytes }, dtype: program.output, offset: 0, shape, strides };
    if (n) this.map.run(program, inputs, params, mapped, false);
    const from = elementsOf(engine, mapped);
    const to = elementsOf(engine, output);
    const big = program.output === "int64";
    const neutral = (x: number): Scalar => (big ? BigInt(x) : x);
    const int = program.output !== "float32" && program.output !== "float64" && program.output !== "float16" && program.output !== "bfloat16";
    const outStrides = output.strides.map((s, d) => (dims.includes(d) ? 0 : s));
    const results = new Map<number, Scalar>();
    forEachLine(output.shape, -1, [output.strides], ([o]) => {
      results.set(o, kind === "prod" || kind === "all" ? neutral(1) : kind === "max" ? -Infinity : kind === "min" ? Infinity : neutral(0));
    });
    forEachLine(shape, -1, [strides, outStrides], ([i, o]) => {
      const x = from.get(i);
      const a = results.get(o) as Scalar;
      let r: Scalar;
      if (kind === "sum") r = typeof a === "bigint" ? BigInt.asIntN(64, a + (x as bigint)) : int ? (a + (x as number)) | 0 : a + (x as number);
      else if (kind === "prod") r = typeof a === "bigint" ? BigInt.asIntN(64, a * (x as bigint)) : int ? Math.imul(a, x as number) : a * (x as number);
      else if (kind === "any") r = a || x ? 1 : 0;
      else if (kind === "all") r = a && x ? 1 : 0;
      else if (a !== a) r = a;
      else if (x !== x) r = x;
      else r = kind === "max" ? (x > a ? x : a) : x < a ? x : a;
      results.set(o, r);
    });
    for (const [o, r] of results) to.set(o, r);
    engine.free(address, bytes);
  }
}
