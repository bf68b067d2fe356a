import type { Epilogue, View } from "@flambeau/tensor/plugin";
import type { Engine } from "../engine/engine.ts";
import { type Block, blockOf } from "../engine/memory.ts";
import { Finish, takesFinish } from "./gemm/finish.ts";
import type { Gemm } from "./gemm/gemm.ts";
import { EVERYWHERE, NO_BIAS } from "./gemm/product.ts";
import { MatmulOfAny } from "./matmul-any.ts";

/** The `matmul` primitive. */
export class MatmulKernel {
  readonly #engine: Engine;
  readonly #gemm: Gemm;
  readonly #any: MatmulOfAny;

  constructor(engine: Engine, gemm: Gemm) {
    this.#engine = engine;
    this.#gemm = gemm;
    this.#any = new MatmulOfAny(engine);
  }

  /** A product that is mapped as it is stored. */
  get epilogue(): Epilogue {
    return {
      supports: (inputs, [out], program, others) =>
        inputs[0].dtype === "float32" && takesFinish(inputs, program, others, out),
      run: ([a, b], [out], _attrs, program, others, params) =>
        this.run(a, b, out, new Finish(program, others, params, out)),
    };
  }

  run(a: View, b: View, output: View, finish: Finish | null = null): void {
    const { shape } = output;
    if (shape[0] * shape[1] * shape[2] === 0) return;
    const out = blockOf(output.buffer);
    const left = blockOf(a.buffer);
    const right = blockOf(b.buffer);
    if (left === out || right === out) this.#apart(a, b, output, out, finish);
    else this.#run(a, b, output, left, right, out, finish);
  }

  /** A block cannot be written and read by one dispatch in two roles: the inputs' block is copied. */
  #apart(a: View, b: View, output: View, out: Block, finish: Finish | null): void {
    const engine = this.#engine;
    const copy = engine.alloc(out.capacity);
    const to = blockOf(copy);
    engine.copy(out, 0, to, 0, out.capacity);
    const left = blockOf(a.buffer);
    const right = blockOf(b.buffer);
    this.#run(a, b, output, left === out ? to : left, right === out ? to : right, out, finish);
    engine.free(copy);
  }

  #run(a: View, b: View, output: View, left: Block, right: Block, out: Block, finish: Finish | null): void {
    if (output.dtype !== "float32") {
      this.#any.run(a, b, output, left, right, out);
      return;
    }
    const [batch, rows, columns] = output.shape;
    const p = this.#gemm.product;
    p.batches = batch;
    p.rows = rows;
    p.columns = columns;
    p.depth = a.shape[2];
    p.left.block = left;
    p.left.offset = a.offset;
    p.left.batchStep = a.strides[0];
    p.left.outer[0] = a.strides[1];
    p.left.inner[0] = a.strides[2];
    p.right.block = right;
    p.right.offset = b.offset;
    p.right.batchStep = b.strides[0];
    p.right.outer[0] = b.strides[2];
    p.right.inner[0] = b.strides[1];
    p.columnRank = 1;
    p.depthRank = 1;
    p.window = EVERYWHERE;
    p.out = out;
    p.outOffset = output.offset;
    p.outSize = batch * rows * columns;
    p.outBatchStep = rows * columns;
    p.outRowStep = columns;
    p.outPlane = 0;
    p.biasKind = NO_BIAS;
    this.#gemm.run(finish);
  }
}
