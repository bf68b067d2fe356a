import { type Program, sizeOf, type View } from "@flambeau/tensor/plugin";
import type { Engine } from "../../engine/engine.ts";
import type { Kernel } from "../../engine/kernel.ts";
import { blockOf } from "../../engine/memory.ts";
import { load, naturalType } from "../../wgsl/elements.ts";
import { emit, longCalls, nameOf } from "../../wgsl/scalar.ts";
import { word } from "../../wgsl/shader.ts";
import { gpuDType } from "../../wgsl/types.ts";

/** What the source of a kernel with a program behind its sums depends on. */
export interface Finishing {
  readonly program: Program;
  /** Which of the program's inputs, but the first one, lie where the result goes, as bits. */
  readonly shared: number;
}

/** A program behind a product's sums: its first input is the sum, the others are windows as large as the result. */
export class Finish implements Finishing {
  readonly program: Program;
  readonly shared: number;
  readonly #others: readonly View[];
  readonly #params: readonly number[];

  constructor(program: Program, others: readonly View[], params: readonly number[], output: View) {
    this.program = program;
    this.#others = others;
    this.#params = params;
    const target = blockOf(output.buffer);
    let shared = 0;
    for (let k = 0; k < others.length; k++) if (blockOf(others[k].buffer) === target) shared |= 1 << k;
    this.shared = shared;
  }

  /** The program's kernels of one engine. */
  kernels(owner: object): Map<number, Kernel> {
    const { compiled } = this.program;
    let kernels = compiled.get(owner) as Map<number, Kernel> | undefined; // only products store under their own key
    if (kernels === undefined) compiled.set(owner, (kernels = new Map()));
    return kernels;
  }

  /** Binds the windows from `firstBlock` on and writes their words and the run-time numbers at `words`. Gives how many words there are then. */
  write({ blocks, u32, f32, i32 }: Engine, at: number, words: number, firstBlock: number): number {
    let next = at + words;
    let bound = firstBlock;
    const others = this.#others;
    for (let k = 0; k < others.length; k++) {
      const { buffer, offset, strides, shape } = others[k];
      if ((this.shared & (1 << k)) === 0) blocks[bound++] = blockOf(buffer);
      // of [rows, columns], [batch, rows, columns], or more in front that are one line
      const rank = shape.length;
      u32[next++] = offset;
      u32[next++] = rank > 2 ? strides[rank - 3] : 0;
      u32[next++] = rank > 1 ? strides[rank - 2] : 0;
      u32[next++] = strides[rank - 1];
    }
    for (const value of this.#params) {
      f32[next++] = value;
      i32[next++] = value;
    }
    return next - at;
  }
}

/** Operations of a program that is put behind each of an invocation's many sums: more would compile slowly. */
const mostOperations = 16;
/** Buffers that a dispatch may bind by default, but the one that it writes. */
const mostReads = 7;
/** Sums in so many parts at most that all of them fit into memory at once: else the result holds some of them on the way. */
const isSmall = ({ shape }: View, output: View): boolean =>
  sizeOf(output.shape) <= 2 ** 18 && shape[shape.length - 1] <= 2 ** 13;

/** Whether products take a program behind their sums. */
export const takesFinish = (
  inputs: readonly View[],
  program: Program,
  others: readonly View[],
  output: View,
): boolean =>
  output.dtype === "float32" &&
  program.inputs[0] === "float32" &&
  others.length + inputs.length <= mostReads &&
  (isSmall(inputs[0], output) || others.every(({ buffer }) => buffer !== output.buffer)) &&
  longCalls(program) === 0 &&
  program.nodes.length <= mostOperations &&
  program.nodes.every(({ op }) => op !== "index");

/** A function `finish(batch, row, column, sum)`, its buffers from `r<firstRead>` on and its parameter words from `words` on. */
export function finishing(
  { program, shared }: Finishing,
  firstRead: number,
  words: number,
): { readonly label: string; readonly reads: string[]; readonly uses: Set<string>; readonly declarations: string } {
  const uses = new Set<string>();
  const reads: string[] = [];
  const windows = program.inputs.slice(1).map((dtype, k) => {
    const at = words + 4 * k;
    const place = `${word(at)} + batch * ${word(at + 1)} + row * ${word(at + 2)} + column * ${word(at + 3)}`;
    const ours = gpuDType(dtype);
    if (shared & (1 << k)) return { place, value: `w0[at${k}]`, type: naturalType[ours] };
    reads.push("u32");
    const slot = { name: `r${firstRead + reads.length - 1}`, atomic: false };
    return { place, value: load(slot, ours, `at${k}`, uses), type: naturalType[ours] };
  });
  const { statements, value } = emit(
    program,
    {
      input: (k) => (k === 0 ? { value: "sum", type: "float32" } : windows[k - 1]),
      index: "0i",
      params: words + 4 * windows.length,
    },
    uses,
  );
  return {
    label: nameOf(program),
    reads,
    uses,
    declarations: `fn finish(batch: u32, row: u32, column: u32, sum: f32) -> f32 {
  ${windows.map(({ place }, k) => `let at${k} = ${place};`).join("\n  ")}
  ${statements}
  return ${value};
}`,
  };
}
