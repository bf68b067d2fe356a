import type { FusedKernels, NormAttrs, View } from "@flambeau/tensor/plugin";
import type { Engine } from "../engine/engine.ts";
import type { Kernel } from "../engine/kernel.ts";
import { blockOf } from "../engine/memory.ts";
import { floatWord, shader, word, workgroup } from "../wgsl/shader.ts";
import { RowText } from "./rows.ts";

/** Invocations that a device should have for sums over a channel, and elements of one at least. */
const enough = 4096;
const fewest = 64;

/** Parameter words: the fold's width, invocations, channels, a plane's elements, a channel's elements, parts, numbers, offsets. */
const words = { items: 1, channels: 2, plane: 3, size: 4, parts: 5, eps: 6, momentum: 7 } as const;
const firstOffset = 8;
const offset = (view: number): string => word(firstOffset + view);

/** Batch normalization of float32 [N, C, ...] in training, and its gradients. */
export function batchNormKernels(
  engine: Engine,
): Required<FusedKernels<"batchNorm" | "batchNormTracking" | "batchNormBackward">> {
  const kernels = new Map<number, Kernel>();
  const kernel = (key: number, make: () => ReturnType<typeof shader>): Kernel => {
    let made = kernels.get(key);
    if (made === undefined) kernels.set(key, (made = engine.kernel(make())));
    return made;
  };
  const run = (of: Kernel, x: View, items: number, parts: number, views: readonly View[], eps = 0, momentum = 0) => {
    const at = engine.begin(24);
    const { blocks, u32, f32 } = engine;
    const { channels, plane, size } = planeOf(x);
    u32[at + words.items] = items;
    u32[at + words.channels] = channels;
    u32[at + words.plane] = plane;
    u32[at + words.size] = size;
    u32[at + words.parts] = parts;
    f32[at + words.eps] = eps;
    f32[at + words.momentum] = momentum;
    for (let v = 0; v < views.length; v++) {
      blocks[v] = blockOf(views[v].buffer);
      u32[at + firstOffset + v] = views[v].offset;
    }
    engine.dispatchLine(of, at, firstOffset + views.length, Math.ceil(items / workgroup));
  };
  /** A temporary of floats, as a view. */
  const temporary = (size: number) => {
    const buffer = engine.alloc(size * 4);
    const view: View = { buffer, dtype: "float32", offset: 0, shape: [size], strides: [1] };
    return { view, free: () => engine.free(buffer) };
  };
  const floating = (inputs: readonly View[]): boolean =>
    inputs.every((v) => v.dtype === "float32" && !v.shape.includes(0));

  /** `kept` are the running statistics, where there are any. */
  const forward = (
    x: View,
    features: readonly View[],
    kept: readonly View[],
    [y, mean, rstd]: readonly View[],
    { eps, weight, bias }: NormAttrs,
    momentum: number,
  ): void => {
    const { channels, size } = planeOf(x);
    const parts = partsOf(channels, size);
    const partial = temporary(2 * channels * parts);
    run(kernel(0, momentsShader), x, channels * parts, parts, [partial.view, x]);
    const tracking = kept.length > 0;
    const statistics = kernel(8 + (tracking ? 1 : 0), () => statisticsShader(tracking));
    run(statistics, x, channels, parts, [mean, rstd, ...kept, partial.view, x], eps, momentum);
    partial.free();
    const normalize = kernel(16 + (weight ? 1 : 0) + (bias ? 2 : 0), () => normalizeShader(weight, bias));
    run(normalize, x, channels * size, 1, [y, mean, rstd, x, ...features]);
  };

  return {
    batchNorm: {
      supports: floating,
      run: ([x, ...features], outputs, attrs) => forward(x, features, [], outputs, attrs, 0),
    },
    batchNormTracking: {
      // the statistics are written by one dispatch that reads x: they need a buffer each
      supports(inputs) {
        const [x, mean, variance] = inputs;
        return floating(inputs) && new Set([x, mean, variance].map((v) => blockOf(v.buffer))).size === 3;
      },
      run: ([x, mean, variance, ...features], outputs, attrs) =>
        forward(x, features, [mean, variance], outputs, attrs, attrs.momentum),
    },
    batchNormBackward: {
      supports: floating,
      run(inputs, outputs, { weight, bias }) {
        const [g, x, mean, rstd] = inputs;
        const { channels, size } = planeOf(x);
        const parts = partsOf(channels, size);
        const partial = temporary(2 * channels * parts);
        const sums = temporary(2 * channels);
        run(kernel(32, partSumsShader), x, channels * parts, parts, [partial.view, g, x, mean, rstd]);
        const total = kernel(40 + (weight ? 1 : 0) + (bias ? 2 : 0), () => sumsShader(weight, bias));
        run(total, x, channels, parts, [sums.view, ...outputs.slice(1), partial.view]);
        partial.free();
        const toInput = kernel(48 + (weight ? 1 : 0), () => inputGradientShader(weight));
        run(toInput, x, channels * size, 1, [outputs[0], sums.view, ...inputs]);
        sums.free();
      },
    },
  };
}

function planeOf({ shape }: View) {
  let plane = 1;
  for (let d = 2; d < shape.length; d++) plane *= shape[d];
  return { channels: shape[1], plane, size: shape[0] * plane };
}
const partsOf = (channels: number, size: number): number =>
  Math.max(1, Math.min(Math.ceil(enough / channels), Math.floor(size / fewest)));

const floats = (n: number): string[] => new Array<string>(n).fill("f32");

/** Declares what an invocation for every `parts`-th element of a channel needs; its elements lie at `place` while it walks. */
const channelPart = (text: RowText): string => `
  let parts = ${word(words.parts)};
  let channels = ${word(words.channels)};
  let plane = ${word(words.plane)};${text.start(word(words.items))}
  let channel = row / parts;
  let part = row % parts;
  let n = (${word(words.size)} - part + parts - 1u) / parts;`;
const place = `let e = part + k * parts;
      let place = (e / plane * channels + channel) * plane + e % plane;`;
/** Declares the position `i` of an invocation for each element, and its channel. */
const element = `
  let i = group * ${workgroup}u + local;
  if (i >= ${word(words.items)}) { return; }
  let channel = i / ${word(words.plane)} % ${word(words.channels)};`;

/**
 * Mean, and sum of squared distances from it, of the parts of each channel: [C, parts, 2]. Elements are taken less the channel's
 * first one, so that a mean far from 0 costs no digits.
 */
function momentsShader() {
  const text = new RowText(false);
  const x = `(r0[${offset(1)} + place] - pivot)`;
  return shader({
    label: "batchNorm moments",
    writes: ["f32"],
    reads: ["f32"],
    uses: ["f_div"],
    body: `${channelPart(text)}
  let pivot = r0[${offset(1)} + channel * plane];${text.sums({ total: x }, place)}
  let mean = f_div(total, f32(n));${text.sums({ spread: "d * d" }, `${place}\n      let d = ${x} - mean;`)}
  w0[2u * row] = mean;
  w0[2u * row + 1u] = spread;`,
  });
}

/** Joins the parts' moments (Chan et al. 1979) into mean and 1 / sqrt(var + eps), and updates the running statistics. */
function statisticsShader(tracking: boolean) {
  const text = new RowText(false);
  const written = tracking ? 4 : 2;
  const count = `let count = f32((size - k + n - 1u) / n);`;
  const at = "2u * (row * n + k)";
  const update = (slot: number, value: string) => {
    const here = `w${slot}[${offset(slot)} + row]`;
    return `${here} = ${here} * (1f - ${floatWord(words.momentum)}) + ${floatWord(words.momentum)} * ${value};`;
  };
  return shader({
    label: "batchNorm statistics",
    writes: floats(written),
    reads: floats(2),
    uses: ["f_div", "f_sqrt"],
    body: `${text.start(word(words.items))}
  let n = ${word(words.parts)};
  let size = ${word(words.size)};${text.sums({ total: `count * r0[${at}]` }, count)}
  let shifted = f_div(total, f32(size));${text.sums(
    { spread: `r0[${at} + 1u] + count * d * d` },
    `${count}\n      let d = r0[${at}] - shifted;`,
  )}
  let mean = r1[${offset(written + 1)} + row * ${word(words.plane)}] + shifted;
  w0[${offset(0)} + row] = mean;
  w1[${offset(1)} + row] = f_div(1f, f_sqrt(f_div(spread, f32(size)) + ${floatWord(words.eps)}));
  ${tracking ? `${update(2, "mean")}\n  ${update(3, "f_div(spread, f32(size - 1u))")}` : ""}`,
  });
}

function normalizeShader(weight: boolean, bias: boolean) {
  const shift = weight ? 4 : 3;
  return shader({
    label: "batchNorm",
    writes: ["f32"],
    reads: floats(3 + (weight ? 1 : 0) + (bias ? 1 : 0)),
    body: `${element}
  let hat = (r2[${offset(3)} + i] - r0[${offset(1)} + channel]) * r1[${offset(2)} + channel];
  w0[${offset(0)} + i] = hat${weight ? ` * r3[${offset(4)} + channel]` : ""}${
    bias ? ` + r${shift}[${offset(shift + 1)} + channel]` : ""
  };`,
  });
}

/** Sums of g * hat and of g over parts of each channel, where hat = (x - mean) * rstd: [C, parts, 2]. */
function partSumsShader() {
  const text = new RowText(false);
  return shader({
    label: "batchNormBackward parts",
    writes: ["f32"],
    reads: floats(4),
    body: `${channelPart(text)}
  let mean = r2[${offset(3)} + channel];
  let rstd = r3[${offset(4)} + channel];${text.sums(
    { dot: "g * hat", sum: "g" },
    `${place}
      let g = r0[${offset(1)} + place];
      let hat = (r1[${offset(2)} + place] - mean) * rstd;`,
  )}
  w0[2u * row] = dot;
  w0[2u * row + 1u] = sum;`,
  });
}

function sumsShader(weight: boolean, bias: boolean) {
  const text = new RowText(false);
  const written = 1 + (weight ? 1 : 0) + (bias ? 1 : 0);
  return shader({
    label: "batchNormBackward sums",
    writes: floats(written),
    reads: ["f32"],
    body: `${text.start(word(words.items))}
  let n = ${word(words.parts)};${text.sums({ dot: "r0[2u * (row * n + k)]", sum: "r0[2u * (row * n + k) + 1u]" }, "")}
  w0[2u * row] = dot;
  w0[2u * row + 1u] = sum;
  ${weight ? `w1[${offset(1)} + row] = dot;` : ""}
  ${bias ? `w${written - 1}[${offset(written - 1)} + row] = sum;` : ""}`,
  });
}

/** dx = w * rstd * (g - mean(g) - hat * mean(g hat)). */
const inputGradientShader = (weight: boolean) =>
  shader({
    label: "batchNormBackward",
    writes: ["f32"],
    reads: floats(weight ? 6 : 5),
    uses: ["f_div"],
    body: `${element}
  let rstd = r4[${offset(5)} + channel];
  let hat = (r2[${offset(3)} + i] - r3[${offset(4)} + channel]) * rstd;
  let size = f32(${word(words.size)});
  let rest = r1[${offset(2)} + i] - f_div(r0[2u * channel + 1u], size) - hat * f_div(r0[2u * channel], size);
  w0[${offset(0)} + i] = rstd * rest${weight ? ` * r5[${offset(6)} + channel]` : ""};`,
  });
