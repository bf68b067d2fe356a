import type { View } from "@flambeau/tensor";
import type { Engine } from "../engine/engine.ts";
import { MatmulOfAny } from "./matmul-any.ts";

/** The `matmul` primitive. */
export class MatmulKernel {
  readonly #any: MatmulOfAny;

  constructor(engine: Engine) {
    this.#any = new MatmulOfAny(engine);
  }

  run(a: View, b: View, output: View): void {
    const { shape } = output;
    if (shape[0] * shape[1] * shape[2] === 0) return;
    this.#any.run(a, b, output);
  }
}
