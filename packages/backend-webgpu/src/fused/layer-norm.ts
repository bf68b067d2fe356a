import type { Epilogue, FusedKernels, RowNormAttrs, View } from "@flambeau/tensor/plugin";
import type { Engine } from "../engine/engine.ts";
import type { Kernel } from "../engine/kernel.ts";
import { blockOf } from "../engine/memory.ts";
import { isSoftware } from "../engine/software.ts";
import { partsOf } from "../kernels/column-sums.ts";
import { Finish, type Finishing, finishing, takesFinish } from "../kernels/gemm/finish.ts";
import { floatWord, shader, word, workgroup } from "../wgsl/shader.ts";
import { byWorkgroup, RowText } from "./rows.ts";

/** Parameter words: the fold's width, rows, a row's elements, eps or parts, then the offsets of the blocks in their order. */
const [rowsWord, sizeWord, epsWord, partsWord, firstOffset] = [1, 2, 3, 3, 4];
const offset = (view: number): string => word(firstOffset + view);

/** Layer normalization of float32 over trailing dimensions, and its gradients, of which that of the input may be mapped as it is stored. */
export function layerNormKernels(
  engine: Engine,
  software: boolean = isSoftware(engine.device),
): Required<FusedKernels<"layerNorm" | "layerNormBackward">> & { readonly epilogue: Epilogue } {
  const plain = new Map<number, Kernel>();
  const kernel = (key: number, make: () => ReturnType<typeof shader>, kernels = plain): Kernel => {
    let made = kernels.get(key);
    if (made === undefined) kernels.set(key, (made = engine.kernel(make())));
    return made;
  };
  /** Puts blocks and offsets; gives the parameters' words. */
  const bind = (at: number, rows: number, n: number, views: readonly View[]): number => {
    const { blocks, u32 } = engine;
    u32[at + rowsWord] = rows;
    u32[at + sizeWord] = n;
    for (let v = 0; v < views.length; v++) {
      blocks[v] = blockOf(views[v].buffer);
      u32[at + firstOffset + v] = views[v].offset;
    }
    return firstOffset + views.length;
  };
  const supports = (inputs: readonly View[]): boolean =>
    inputs.every((v) => v.dtype === "float32" && !v.shape.includes(0));

  const backward = (
    inputs: readonly View[],
    outputs: readonly View[],
    { count, weight, bias }: RowNormAttrs,
    finish: Finish | null,
  ): void => {
    const [g, x, mean, rstd] = inputs;
    const { rows, n } = rowsOf(x, count);
    const group = byWorkgroup(software, rows, n);
    const kernels = finish?.kernels(engine) ?? plain;
    const key = 16 + (group ? 1 : 0) + (weight ? 2 : 0) + (finish === null ? 0 : 256 * (1 + finish.shared));
    const toInput = kernel(key, () => inputGradientShader(group, weight, finish), kernels);
    let at = engine.begin(512);
    let all = bind(at, rows, n, [outputs[0], ...inputs]);
    if (finish !== null) all = finish.write(engine, at, all, 1 + inputs.length);
    engine.dispatchLine(toInput, at, all, RowText.groups(group, rows));
    if (!weight && !bias) return;

    const parts = partsOf(rows, n);
    const buffer = engine.alloc(2 * parts * n * 4);
    const partial: View = { buffer, dtype: "float32", offset: 0, shape: [2 * parts * n], strides: [1] };
    at = engine.begin(16);
    all = bind(at, rows, n, [partial, g, x, mean, rstd]);
    engine.u32[at + partsWord] = parts;
    const partSums = kernel(32, partSumsShader);
    engine.dispatchLine(partSums, at, all, Math.ceil((parts * n) / workgroup));
    const sums = kernel(48 + (weight ? 1 : 0) + (bias ? 2 : 0), () => sumsShader(weight, bias));
    at = engine.begin(16);
    all = bind(at, n, parts, [...outputs.slice(1), partial]);
    engine.dispatchLine(sums, at, all, Math.ceil(n / workgroup));
    engine.free(buffer);
  };
  return {
    layerNorm: {
      supports,
      run(inputs, outputs, { count, eps, weight, bias }) {
        const { rows, n } = rowsOf(inputs[0], count);
        const group = byWorkgroup(software, rows, n);
        const key = (group ? 1 : 0) + (weight ? 2 : 0) + (bias ? 4 : 0);
        const forward = kernel(key, () => forwardShader(group, weight, bias));
        const at = engine.begin(16);
        engine.f32[at + epsWord] = eps;
        const all = bind(at, rows, n, [...outputs, ...inputs]);
        engine.dispatchLine(forward, at, all, RowText.groups(group, rows));
      },
    },
    layerNormBackward: { supports, run: (inputs, outputs, attrs) => backward(inputs, outputs, attrs, null) },
    epilogue: {
      supports: (inputs, outputs, program, others) =>
        supports(inputs) && takesFinish(inputs, program, others, outputs[0]),
      run: (inputs, outputs, attrs, program, others, params) =>
        // the attributes are the op's own
        backward(inputs, outputs, attrs as RowNormAttrs, new Finish(program, others, params, outputs[0])),
    },
  };
}

/** A tensor as rows of the elements of its last `count` dimensions. */
export function rowsOf({ shape }: View, count: number): { readonly rows: number; readonly n: number } {
  let [rows, n] = [1, 1];
  for (let d = 0; d < shape.length; d++)
    if (d < shape.length - count) rows *= shape[d];
    else n *= shape[d];
  return { rows, n };
}

const floats = (n: number): string[] => new Array<string>(n).fill("f32");

/** y = (x - mean) / sqrt(var + eps) * weight + bias, with mean and 1 / sqrt(var + eps) for the gradient. */
function forwardShader(group: boolean, weight: boolean, bias: boolean) {
  const text = new RowText(group);
  const x = `r0[${offset(3)} + base + k]`;
  const scaled = weight ? ` * r1[${offset(4)} + k]` : "";
  const shift = weight ? 2 : 1;
  const shifted = bias ? ` + r${shift}[${offset(3 + shift)} + k]` : "";
  const body = `${text.start(word(rowsWord))}
  let n = ${word(sizeWord)};
  let base = row * n;${text.sums({ total: x }, "")}
  let mean = f_div(total, f32(n));${text.sums({ spread: "d * d" }, `let d = ${x} - mean;`)}
  let rstd = f_div(1f, f_sqrt(f_div(spread, f32(n)) + ${floatWord(epsWord)}));${text.each(
    `w0[${offset(0)} + base + k] = (${x} - mean) * rstd${scaled}${shifted};`,
  )}
  ${group ? "if (local > 0u) { return; }" : ""}
  w1[${offset(1)} + row] = mean;
  w2[${offset(2)} + row] = rstd;`;
  return shader({
    label: "layerNorm",
    writes: floats(3),
    reads: floats(1 + (weight ? 1 : 0) + (bias ? 1 : 0)),
    uses: ["f_div", "f_sqrt"],
    declarations: text.declarations,
    body,
  });
}

/** dx = rstd * (g w - mean(g w) - hat * mean(g w hat)), where hat = (x - mean) * rstd. */
function inputGradientShader(group: boolean, weight: boolean, by: Finishing | null) {
  const text = new RowText(group);
  const reads = floats(weight ? 5 : 4);
  const finish = by === null ? null : finishing(by, reads.length, firstOffset + 1 + reads.length);
  const gradient = "rstd * (g - mean_sum - hat * mean_dot)";
  const terms = `let hat = (r1[${offset(2)} + base + k] - mean) * rstd;
    let g = r0[${offset(1)} + base + k]${weight ? ` * r4[${offset(5)} + k]` : ""};`;
  const body = `${text.start(word(rowsWord))}
  let n = ${word(sizeWord)};
  let base = row * n;
  let mean = r2[${offset(3)} + row];
  let rstd = r3[${offset(4)} + row];${text.sums({ sum: "g", dot: "g * hat" }, terms)}
  let mean_sum = f_div(sum, f32(n));
  let mean_dot = f_div(dot, f32(n));${text.each(
    `${terms}
    w0[${offset(0)} + base + k] = ${finish === null ? gradient : `finish(0u, row, k, ${gradient})`};`,
  )}`;
  return shader({
    label: finish === null ? "layerNormBackward" : `layerNormBackward, ${finish.label}`,
    writes: ["f32"],
    reads: finish === null ? reads : [...reads, ...finish.reads],
    uses: ["f_div", ...(finish?.uses ?? [])],
    declarations: `${finish?.declarations ?? ""}\n${text.declarations}`,
    body,
  });
}

/** Sums of g * hat and of g over some of the rows, of each column: [2, parts, n]. */
function partSumsShader() {
  const text = new RowText(false);
  const terms = `let r = part + k * parts;
      let g = r0[${offset(1)} + r * columns + column];
      let hat = (r1[${offset(2)} + r * columns + column] - r2[${offset(3)} + r]) * r3[${offset(4)} + r];`;
  return shader({
    label: "layerNormBackward parts",
    writes: ["f32"],
    reads: floats(4),
    body: `
  let columns = ${word(sizeWord)};
  let parts = ${word(partsWord)};${text.start("columns * parts")}
  let column = row % columns;
  let part = row / columns;
  let n = (${word(rowsWord)} - part + parts - 1u) / parts;${text.sums({ dot: "g * hat", sum: "g" }, terms)}
  w0[row] = dot;
  w0[columns * parts + row] = sum;`,
  });
}

/** The parts' sums, of which there may be one for the weight and one for the bias. */
function sumsShader(weight: boolean, bias: boolean) {
  const text = new RowText(false);
  const written = (weight ? 1 : 0) + (bias ? 1 : 0);
  return shader({
    label: "layerNormBackward sums",
    writes: floats(written),
    reads: ["f32"],
    body: `${text.start(word(rowsWord))}
  let columns = ${word(rowsWord)};
  let n = ${word(sizeWord)};${text.sums({ dot: "r0[k * columns + row]", sum: "r0[(n + k) * columns + row]" }, "")}
  ${weight ? `w0[${offset(0)} + row] = dot;` : ""}
  ${bias ? `w${written - 1}[${offset(written - 1)} + row] = sum;` : ""}`,
  });
}
