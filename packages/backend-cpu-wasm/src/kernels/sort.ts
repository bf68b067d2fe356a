import type { DType } from "@flambeau/tensor/functional";
import { bytesOf, contiguousStrides, isContiguous, sizeOf, type View } from "@flambeau/tensor/plugin";
import { addressOf, type CpuBuffer } from "../buffer.ts";
import type { Engine } from "../engine/engine.ts";
import { sortRows } from "../engine/sort.ts";
import { withWorkspace } from "../engine/workspace.ts";
import { Conversions } from "./conversions.ts";
import type { MapKernels } from "./map.ts";

/** The `sort` primitive: rows go through the static kernels; half floats as float32, views that are not rows as copies. */
export class SortKernel {
  private readonly engine: Engine;
  private readonly map: MapKernels;
  private readonly conversions = new Conversions();

  constructor(engine: Engine, map: MapKernels) {
    this.engine = engine;
    this.map = map;
  }

  run(input: View, values: View, indices: View, descending: boolean): void {
    const { shape, dtype } = input;
    const total = sizeOf(shape);
    if (total === 0) return;
    const n = shape.at(-1) ?? 1;
    const positions = addressOf(indices, 4);
    if (dtype === "float16" || dtype === "bfloat16") {
      // the sorted values are read from the unsorted ones: they need room of their own
      this.withCopy(input, "float32", (from) =>
        this.withCopy(input, "float32", (to) => {
          sortRows(this.engine, "float32", total / n, n, descending, addressOf(from, 4), addressOf(to, 4), positions);
          this.copy(to, values);
        }),
      );
    } else if (isContiguous(shape, input.strides)) {
      const bytes = bytesOf(dtype);
      sortRows(
        this.engine,
        dtype,
        total / n,
        n,
        descending,
        addressOf(input, bytes),
        addressOf(values, bytes),
        positions,
      );
    } else this.withCopy(input, dtype, (copy) => this.run(copy, values, indices, descending));
  }

  private withCopy(input: View, dtype: DType, use: (copy: View) => void): void {
    const { shape } = input;
    const byteLength = sizeOf(shape) * bytesOf(dtype);
    withWorkspace(this.engine, "sort", byteLength, (address) => {
      const buffer: CpuBuffer = { address, byteLength };
      const copy: View = { buffer, dtype, offset: 0, shape, strides: contiguousStrides(shape) };
      this.copy(input, copy);
      use(copy);
    });
  }

  private copy(from: View, to: View): void {
    this.map.run(this.conversions.program(from.dtype, to.dtype), [from], [], to, false);
  }
}
