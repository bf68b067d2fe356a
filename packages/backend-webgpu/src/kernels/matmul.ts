import type { Epilogue, View } from "@flambeau/tensor/plugin";
import type { Engine } from "../engine/engine.ts";
import { type Block, blockOf } from "../engine/memory.ts";
import { Finish, takesFinish } from "./gemm/finish.ts";
import type { Gemm } from "./gemm/gemm.ts";
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
    p.isOfMatrices(batch, rows, columns, a.shape[2], out, output.offset);
    p.left.isMatrix(left, a.offset, a.strides[1], a.strides[2], a.strides[0]);
    p.right.isMatrix(right, b.offset, b.strides[2], b.strides[1], b.strides[0]);
    this.#gemm.run(finish);
  }
}
