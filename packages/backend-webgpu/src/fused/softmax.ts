import type { DimAttrs, Fused, FusedKernel, FusedKernels, View } from "@flambeau/tensor/plugin";
import type { Engine } from "../engine/engine.ts";
import type { Kernel } from "../engine/kernel.ts";
import { blockOf } from "../engine/memory.ts";
import { isSoftware } from "../engine/software.ts";
import { shader, word } from "../wgsl/shader.ts";
import { byWorkgroup, RowText } from "./rows.ts";

/** Parameter words: the fold's width, lines, a line's elements, the step along it, offsets (of the output, then the inputs). */
const [linesWord, sizeWord, stepWord, firstOffset] = [1, 2, 3, 4];

type Body = (text: RowText) => string;
/** What all of these kernels are given: views of one shape. */
type Lines = Fused<readonly View[], readonly [output: View], DimAttrs>;
const at = (slot: string, view: number): string => `${slot}[${word(firstOffset + view)} + base + k * step]`;
const [x, out, g, y] = [at("r0", 1), at("w0", 0), at("r0", 1), at("r1", 2)];

/** e^(x - max), over its sum: the numerators wait in the output. */
const softmax: Body = (text) =>
  text.maximum("high", x) +
  text.sums({ sum: "e" }, `let e = f_exp(${x} - high); ${out} = e;`) +
  text.each(`${out} = ${out} / sum;`);
const logSoftmax: Body = (text) =>
  `${text.maximum("high", x) + text.sums({ sum: `f_exp(${x} - high)` }, "")}
  let log_sum = f_log(sum);${text.each(`${out} = ${x} - high - log_sum;`)}`;
const softmaxBackward: Body = (text) =>
  text.sums({ dot: `${g} * ${y}` }, "") + text.each(`${out} = (${g} - dot) * ${y};`);
const logSoftmaxBackward: Body = (text) => text.sums({ sum: g }, "") + text.each(`${out} = ${g} - f_exp(${y}) * sum;`);

/** Softmax and logSoftmax of float32 along any dimension, and their gradients. */
export function softmaxKernels(
  engine: Engine,
  software: boolean = isSoftware(engine.device),
): Required<FusedKernels<"softmax" | "logSoftmax" | "softmaxBackward" | "logSoftmaxBackward">> {
  const make = (label: string, body: Body, reads: number): FusedKernel<Lines> => {
    const kernels: (Kernel | undefined)[] = [];
    const variant = (group: boolean): Kernel => {
      const text = new RowText(group);
      const source = `${text.start(word(linesWord))}
  let n = ${word(sizeWord)};
  let step = ${word(stepWord)};
  let base = row / step * (step * n) + row % step;${body(text)}`;
      return engine.kernel(
        shader({
          label,
          writes: ["f32"],
          reads: new Array<string>(reads).fill("f32"),
          uses: ["f_max", "f_inf", "f_exp", "f_log"],
          declarations: text.declarations,
          body: source,
        }),
      );
    };
    return {
      supports: (inputs) => inputs.every((v) => v.dtype === "float32" && !v.shape.includes(0)),
      run(inputs, [output], { dim }) {
        const { shape } = inputs[0];
        const n = shape[dim] ?? 1;
        let step = 1;
        for (let d = dim + 1; d < shape.length; d++) step *= shape[d];
        let lines = step;
        for (let d = 0; d < dim; d++) lines *= shape[d];
        const group = step === 1 && byWorkgroup(software, lines, n);
        const which = group ? 1 : 0;
        let kernel = kernels[which];
        if (kernel === undefined) kernels[which] = kernel = variant(group);
        const p = engine.begin(512);
        const { u32 } = engine;
        u32[p + linesWord] = lines;
        u32[p + sizeWord] = n;
        u32[p + stepWord] = step;
        bind(engine, p + firstOffset, output, inputs);
        engine.dispatchLine(kernel, p, firstOffset + 1 + inputs.length, RowText.groups(group, lines));
      },
    };
  };
  return {
    softmax: make("softmax", softmax, 1),
    logSoftmax: make("logSoftmax", logSoftmax, 1),
    softmaxBackward: make("softmaxBackward", softmaxBackward, 2),
    logSoftmaxBackward: make("logSoftmaxBackward", logSoftmaxBackward, 2),
  };
}

function bind({ blocks, u32 }: Engine, at: number, output: View, inputs: readonly View[]): void {
  blocks[0] = blockOf(output.buffer);
  u32[at] = output.offset;
  for (let v = 0; v < inputs.length; v++) {
    blocks[v + 1] = blockOf(inputs[v].buffer);
    u32[at + v + 1] = inputs[v].offset;
  }
}
