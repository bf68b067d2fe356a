import type { FusedKernels, View } from "@flambeau/tensor/plugin";
import type { Engine } from "../engine/engine.ts";
import type { Kernel } from "../engine/kernel.ts";
import { blockOf } from "../engine/memory.ts";
import { isSoftware } from "../engine/software.ts";
import { partsOf } from "../kernels/column-sums.ts";
import { floatWord, shader, word, workgroup } from "../wgsl/shader.ts";
import { rowsOf } from "./layer-norm.ts";
import { byWorkgroup, RowText } from "./rows.ts";

/** Parameter words: the fold's width, rows, a row's elements, eps or parts, then the offsets of the blocks in their order. */
const [rowsWord, sizeWord, epsWord, partsWord, firstOffset] = [1, 2, 3, 3, 4];
const offset = (view: number): string => word(firstOffset + view);

/** Root-mean-square normalization of float32 over trailing dimensions, and its gradients. */
export function rmsNormKernels(
  engine: Engine,
  software: boolean = isSoftware(engine.device),
): Required<FusedKernels<"rmsNorm" | "rmsNormBackward">> {
  const kernels: (Kernel | undefined)[] = [];
  /** Begins a dispatch: puts blocks, sizes and offsets; gives the place of the parameters. */
  const bind = (rows: number, n: number, views: readonly View[]): number => {
    const at = engine.begin(16);
    const { blocks, u32 } = engine;
    u32[at + rowsWord] = rows;
    u32[at + sizeWord] = n;
    for (let v = 0; v < views.length; v++) {
      blocks[v] = blockOf(views[v].buffer);
      u32[at + firstOffset + v] = views[v].offset;
    }
    return at;
  };
  const supports = (inputs: readonly View[]): boolean =>
    inputs.every((v) => v.dtype === "float32" && !v.shape.includes(0));

  return {
    rmsNorm: {
      supports,
      run(inputs, outputs, { count, eps, weight }) {
        const { rows, n } = rowsOf(inputs[0], count);
        const group = byWorkgroup(software, rows, n);
        const forward = (kernels[(group ? 1 : 0) + (weight ? 2 : 0)] ??= engine.kernel(forwardShader(group, weight)));
        const at = bind(rows, n, [...outputs, ...inputs]);
        engine.f32[at + epsWord] = eps;
        engine.dispatchLine(forward, at, 16, RowText.groups(group, rows));
      },
    },
    rmsNormBackward: {
      supports,
      run(inputs, outputs, { count, weight }) {
        const [g, x, rstd] = inputs;
        const { rows, n } = rowsOf(x, count);
        const group = byWorkgroup(software, rows, n);
        const toInput = (kernels[4 + (group ? 1 : 0) + (weight ? 2 : 0)] ??= engine.kernel(
          inputGradientShader(group, weight),
        ));
        const at = bind(rows, n, [outputs[0], ...inputs]);
        engine.dispatchLine(toInput, at, 16, RowText.groups(group, rows));
        if (!weight) return;

        const partSums = (kernels[8] ??= engine.kernel(partSumsShader()));
        const parts = partsOf(rows, n);
        const sumInto = (to: View): void => {
          const at = bind(rows, n, [to, g, x, rstd]);
          engine.u32[at + partsWord] = parts;
          engine.dispatchLine(partSums, at, 16, Math.ceil((parts * n) / workgroup));
        };
        if (parts === 1) return sumInto(outputs[1]);
        const buffer = engine.alloc(parts * n * 4);
        const partial: View = { buffer, dtype: "float32", offset: 0, shape: [parts * n], strides: [1] };
        sumInto(partial);
        const sums = (kernels[9] ??= engine.kernel(sumsShader()));
        engine.dispatchLine(sums, bind(n, parts, [outputs[1], partial]), 16, Math.ceil(n / workgroup));
        engine.free(buffer);
      },
    },
  };
}

const floats = (n: number): string[] => new Array<string>(n).fill("f32");

/** y = x * rstd * weight, with rstd = 1 / sqrt(mean(x^2) + eps) for the gradient. */
function forwardShader(group: boolean, weight: boolean) {
  const text = new RowText(group);
  const body = `${text.start(word(rowsWord))}
  let n = ${word(sizeWord)};
  let base = row * n;${text.sums({ squares: "v * v" }, `let v = r0[${offset(2)} + base + k];`)}
  let rstd = f_div(1f, f_sqrt(f_div(squares, f32(n)) + ${floatWord(epsWord)}));${text.each(
    `w0[${offset(0)} + base + k] = r0[${offset(2)} + base + k] * rstd${weight ? ` * r1[${offset(3)} + k]` : ""};`,
  )}
  ${group ? "if (local > 0u) { return; }" : ""}
  w1[${offset(1)} + row] = rstd;`;
  return shader({
    label: "rmsNorm",
    writes: floats(2),
    reads: floats(weight ? 2 : 1),
    uses: ["f_div", "f_sqrt"],
    declarations: text.declarations,
    body,
  });
}

/** dx = rstd * (g w - hat * mean(g w hat)), where hat = x * rstd. */
function inputGradientShader(group: boolean, weight: boolean) {
  const text = new RowText(group);
  const terms = `let hat = r1[${offset(2)} + base + k] * rstd;
    let g = r0[${offset(1)} + base + k]${weight ? ` * r3[${offset(4)} + k]` : ""};`;
  const body = `${text.start(word(rowsWord))}
  let n = ${word(sizeWord)};
  let base = row * n;
  let rstd = r2[${offset(3)} + row];${text.sums({ dot: "g * hat" }, terms)}
  let mean_dot = f_div(dot, f32(n));${text.each(
    `${terms}
    w0[${offset(0)} + base + k] = rstd * (g - hat * mean_dot);`,
  )}`;
  return shader({
    label: "rmsNormBackward",
    writes: ["f32"],
    reads: floats(weight ? 4 : 3),
    uses: ["f_div"],
    declarations: text.declarations,
    body,
  });
}

/** Sums of g * hat over some of the rows, of each column: [parts, n]. */
function partSumsShader() {
  const text = new RowText(false);
  const term = `r0[${offset(1)} + r * columns + column] * (r1[${offset(2)} + r * columns + column] * r2[${offset(3)} + r])`;
  return shader({
    label: "rmsNormBackward parts",
    writes: ["f32"],
    reads: floats(3),
    body: `
  let columns = ${word(sizeWord)};
  let parts = ${word(partsWord)};${text.start("columns * parts")}
  let column = row % columns;
  let part = row / columns;
  let n = (${word(rowsWord)} - part + parts - 1u) / parts;${text.sums({ dot: term }, "let r = part + k * parts;")}
  w0[${offset(0)} + row] = dot;`,
  });
}

/** The parts' sums, of each column. */
function sumsShader() {
  const text = new RowText(false);
  return shader({
    label: "rmsNormBackward sums",
    writes: ["f32"],
    reads: ["f32"],
    body: `${text.start(word(rowsWord))}
  let columns = ${word(rowsWord)};
  let n = ${word(sizeWord)};${text.sums({ dot: `r0[${offset(1)} + k * columns + row]` }, "")}
  w0[${offset(0)} + row] = dot;`,
  });
}
