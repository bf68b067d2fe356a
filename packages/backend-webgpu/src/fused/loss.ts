import { IndexError } from "@flambeau/tensor/functional";
import type { FusedKernels, View } from "@flambeau/tensor/plugin";
import { doubtContents, type Engine } from "../engine/engine.ts";
import { type Fail, reportBad } from "../engine/findings.ts";
import type { Kernel } from "../engine/kernel.ts";
import { blockOf } from "../engine/memory.ts";
import { isSoftware } from "../engine/software.ts";
import { intWord, shader, word, workgroup } from "../wgsl/shader.ts";
import { byWorkgroup, RowText } from "./rows.ts";

const means = 1;

/** Cross entropy of float32 logits [N, C] and int32 targets [N], and its gradient. */
export function lossKernels(
  engine: Engine,
  software: boolean = isSoftware(engine.device),
): Required<FusedKernels<"crossEntropy" | "crossEntropyBackward">> {
  let [byRow, byGroup]: (Kernel | undefined)[] = [];
  const rowKernel = (group: boolean): Kernel =>
    group ? (byGroup ??= engine.kernel(rowsShader(true))) : (byRow ??= engine.kernel(rowsShader(false)));
  const total = engine.kernel(totalShader());
  const gradient = engine.kernel(gradientShader());
  const failOf =
    (classes: number): Fail =>
    (target) =>
      new IndexError(
        "crossEntropy",
        `target ${target} is out of range for ${classes} classes (expected 0..${classes - 1}, or ignoreIndex)`,
      );
  const supported = (x: View, target: View): boolean =>
    x.dtype === "float32" && target.dtype === "int32" && !x.shape.includes(0);

  return {
    crossEntropy: {
      supports: ([x, target]) => supported(x, target),
      run([x, target], [loss, saved], { ignoreIndex, reduction }) {
        const [rows, classes] = x.shape;
        const losses = reduction === "none" ? loss.buffer : engine.alloc(4 * rows);
        const lossesOffset = reduction === "none" ? loss.offset : 0;
        const group = byWorkgroup(software, rows, classes);
        const doubt = engine.findings.raise(failOf(classes));
        const { blocks, u32, i32 } = engine;
        let at = engine.begin(9);
        blocks[0] = blockOf(losses);
        blocks[1] = blockOf(saved.buffer);
        blocks[2] = doubt.page.block;
        blocks[3] = blockOf(x.buffer);
        blocks[4] = blockOf(target.buffer);
        u32[at + 1] = rows;
        u32[at + 2] = classes;
        i32[at + 3] = ignoreIndex;
        u32[at + 4] = doubt.word;
        u32[at + 5] = lossesOffset;
        u32[at + 6] = saved.offset;
        u32[at + 7] = x.offset;
        u32[at + 8] = target.offset;
        engine.dispatchLine(rowKernel(group), at, 9, RowText.groups(group, rows));
        doubtContents(blocks[0], [doubt]);
        doubtContents(blocks[1], [doubt]);
        if (reduction === "none") return;
        at = engine.begin(8);
        blocks[0] = blockOf(loss.buffer);
        blocks[1] = blockOf(saved.buffer);
        blocks[2] = blockOf(losses);
        blocks[3] = blockOf(target.buffer);
        u32[at + 1] = rows;
        i32[at + 2] = ignoreIndex;
        u32[at + 3] = reduction === "mean" ? means : 0;
        u32[at + 4] = loss.offset;
        u32[at + 5] = saved.offset + 2 * rows;
        u32[at + 6] = target.offset;
        engine.dispatchLine(total, at, 7, 1);
        engine.free(losses as ReturnType<Engine["alloc"]>); // made here: only "none" has core's buffer
      },
    },
    crossEntropyBackward: {
      supports: ([, x, target]) => supported(x, target),
      run([g, x, target, saved], [dx], { ignoreIndex, reduction }) {
        const [rows, classes] = x.shape;
        const { blocks, u32, i32 } = engine;
        const at = engine.begin(11);
        blocks[0] = blockOf(dx.buffer);
        blocks[1] = blockOf(g.buffer);
        blocks[2] = blockOf(x.buffer);
        blocks[3] = blockOf(target.buffer);
        blocks[4] = blockOf(saved.buffer);
        u32[at + 1] = rows * classes;
        u32[at + 2] = classes;
        i32[at + 3] = ignoreIndex;
        u32[at + 4] = reduction === "mean" ? means : 0;
        u32[at + 5] = reduction === "none" ? 1 : 0;
        u32[at + 6] = dx.offset;
        u32[at + 7] = g.offset;
        u32[at + 8] = x.offset;
        u32[at + 9] = target.offset;
        u32[at + 10] = saved.offset;
        engine.dispatchLine(gradient, at, 11, Math.ceil((rows * classes) / workgroup));
      },
    },
  };
}

/** A row's loss: log Σ e^(x - max) + max - x[target]; max and the logarithm are kept, then comes how many rows count. */
function rowsShader(group: boolean) {
  const text = new RowText(group);
  const x = "r0[base + k]";
  const body = `${text.start(word(1))}
  let n = ${word(2)};
  let base = ${word(7)} + row * n;${text.maximum("high", x)}${text.sums({ sum: `f_exp(${x} - high)` }, "")}
  ${group ? "if (local > 0u) { return; }" : ""}
  let log_sum = f_log(sum);
  let saved = ${word(6)} + 2u * row;
  w1[saved] = high;
  w1[saved + 1u] = log_sum;
  let target_class = r1[${word(8)} + row];
  var loss = 0f;
  if (target_class != ${intWord(3)}) {
    if (bitcast<u32>(target_class) < n) { loss = log_sum + (high - r0[base + u32(target_class)]); } else { report_bad(target_class); }
  }
  w0[${word(5)} + row] = loss;`;
  return shader({
    label: "crossEntropy",
    writes: ["f32", "f32", "atomic<u32>"],
    reads: ["f32", "i32"],
    uses: ["f_max", "f_inf", "f_exp", "f_log"],
    declarations: reportBad("w2", word(4)) + text.declarations,
    body,
  });
}

function totalShader() {
  const text = new RowText(true);
  const counts = `r1[${word(6)} + k] != ${intWord(2)}`;
  const body = `${text.start("1u")}
  let n = ${word(1)};${text.sums({ total: "r0[k]", count: `select(0f, 1f, ${counts})` }, "")}
  if (local > 0u) { return; }
  w1[${word(5)}] = count;
  if (${word(3)} != ${means}u) { w0[${word(4)}] = total; } else if (count > 0f) { w0[${word(4)}] = f_div(total, count); } else { w0[${word(4)}] = f_nan(); }`;
  return shader({
    label: "crossEntropy total",
    writes: ["f32", "f32"],
    reads: ["f32", "i32"],
    uses: ["f_nan", "f_div"],
    declarations: text.declarations,
    body,
  });
}

/** (softmax(x) - onehot(target)) times the row's share of the gradient. */
const gradientShader = () =>
  shader({
    label: "crossEntropyBackward",
    writes: ["f32"],
    reads: ["f32", "f32", "i32", "f32"],
    uses: ["f_exp", "f_div"],
    body: `
  let i = group * ${workgroup}u + local;
  if (i >= ${word(1)}) { return; }
  let n = ${word(2)};
  let row = i / n;
  let target_class = r2[${word(9)} + row];
  var gradient = 0f;
  if (target_class != ${intWord(3)}) {
    let saved = ${word(10)} + 2u * row;
    let likelihood = f_exp(r1[${word(8)} + i] - r3[saved] - r3[saved + 1u]);
    var share = r0[${word(7)} + row * ${word(5)}];
    if (${word(4)} == ${means}u) { share = f_div(share, r3[${word(10)} + 2u * (${word(1)} / n)]); }
    gradient = share * (likelihood - select(0f, 1f, i32(i % n) == target_class));
  }
  w0[${word(6)} + i] = gradient;`,
  });
