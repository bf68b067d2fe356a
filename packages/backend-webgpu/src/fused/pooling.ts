import type { FusedKernels, PoolAttrs, View } from "@flambeau/tensor/plugin";
import { sizeOf } from "@flambeau/tensor/plugin";
import type { Engine } from "../engine/engine.ts";
import type { Kernel, KernelSource } from "../engine/kernel.ts";
import { blockOf } from "../engine/memory.ts";
import { intWord, shader, word, workgroup } from "../wgsl/shader.ts";

/** Windows above this size are summed in blocks, by the definition's reduction: a long chain of additions loses digits. */
const mostSummed = 256;

/** Parameter words. The geometry has two each: rows, columns. */
const words = {
  n: 1,
  offsets: 2,
  input: 5,
  output: 7,
  kernel: 9,
  stride: 11,
  padding: 13,
  dilation: 15,
  all: 17,
} as const;

const pair = (at: number): string => `vec2<i32>(${intWord(at)}, ${intWord(at + 1)})`;

/** Kernel, stride, padding and dilation in a shader: literals for the usual small ones, so that divisions by them cost little. */
type Geometry = PoolAttrs | null;
const start = (a: Geometry): string => {
  const of = (name: "kernel" | "stride" | "padding" | "dilation"): string =>
    `let ${name} = ${a ? `vec2<i32>(${a[name].join(", ")})` : pair(words[name])};`;
  return `
  let i = group * ${workgroup}u + local;
  if (i >= ${word(words.n)}) { return; }
  let size = ${pair(words.input)};
  let out = ${pair(words.output)};
  ${of("kernel")}
  ${of("stride")}
  ${of("padding")}
  ${of("dilation")}`;
};
/** The place of position `i` in a plane of some size, and the number of the plane. */
const unplaned = (size: string): string => `
  let line = i / u32(${size}.y);
  let image = line / u32(${size}.x);
  let place = vec2<i32>(i32(line - image * u32(${size}.x)), i32(i - line * u32(${size}.y)));`;
/** The output at hand, and where its window lies: an invocation an output. */
const windowed = (a: Geometry): string => `${start(a)}${unplaned("out")}
  let plane = image * u32(size.x * size.y);
  let corner = place * stride - padding;`;
/** The input at hand, and the first and last of the windows that reach over it: an invocation an input. */
const covered = (a: Geometry): string => `${start(a)}${unplaned("size")}
  let position = place.x * size.y + place.y;
  let plane = image * u32(out.x * out.y);
  let inside = place + padding;
  let before = inside - (kernel - 1) * dilation;
  let low = select((before + stride - 1) / stride, vec2<i32>(0), before <= vec2<i32>(0));
  let high = min(inside / stride, out - 1);
  var total = 0f;`;
/** Runs `body` for each window `at` with a cell on the input, in the order of the outputs: sums have one order, and need no atomics. */
const eachWindow = (a: Geometry, body: string): string => {
  // cells of a dilated kernel have gaps between them
  const on = (axis: "x" | "y", window: string): string =>
    a?.dilation.every((d) => d === 1)
      ? ""
      : `if ((inside.${axis} - ${window} * stride.${axis}) % dilation.${axis} != 0i) { continue; }`;
  return `
  for (var wy = low.x; wy <= high.x; wy++) {
    ${on("x", "wy")}
    for (var wx = low.y; wx <= high.y; wx++) {
      ${on("y", "wx")}
      let at = plane + u32(wy * out.y + wx);
      ${body}
    }
  }`;
};

const maxPoolShader = (a: Geometry) =>
  shader({
    label: "maxPool",
    writes: ["u32", "i32"],
    reads: ["u32"],
    uses: ["order", "f_isnan"],
    // all by integers: a NaN wins, and the last of several; of equals the first
    body: `${windowed(a)}
  var best = 0xff800000u;
  var height = order(bitcast<f32>(best));
  var found = -1i;
  for (var ky = 0i; ky < kernel.x; ky++) {
    let y = corner.x + ky * dilation.x;
    if (y < 0i || y >= size.x) { continue; }
    for (var kx = 0i; kx < kernel.y; kx++) {
      let x = corner.y + kx * dilation.y;
      if (x < 0i || x >= size.y) { continue; }
      let at = y * size.y + x;
      if (found < 0i) { found = at; }
      let bits = r0[${word(words.offsets + 2)} + plane + u32(at)];
      let value = bitcast<f32>(bits);
      let nan = f_isnan(value);
      if (nan || order(value) > height) {
        best = bits;
        height = select(order(value), 0x7fffffffi, nan);
        found = at;
      }
    }
  }
  w0[${word(words.offsets)} + i] = best;
  w1[${word(words.offsets + 1)} + i] = max(found, 0i);`,
  });

const sumPoolShader = (a: Geometry) =>
  shader({
    label: "sumPool",
    writes: ["f32"],
    reads: ["f32"],
    body: `${windowed(a)}
  var total = 0f;
  for (var ky = 0i; ky < kernel.x; ky++) {
    let y = corner.x + ky * dilation.x;
    if (y < 0i || y >= size.x) { continue; }
    var row = 0f;
    for (var kx = 0i; kx < kernel.y; kx++) {
      let x = corner.y + kx * dilation.y;
      if (x >= 0i && x < size.y) { row += r0[${word(words.offsets + 1)} + plane + u32(y * size.y + x)]; }
    }
    total += row;
  }
  w0[${word(words.offsets)} + i] = total;`,
  });

const sumPoolBackwardShader = (a: Geometry) =>
  shader({
    label: "sumPoolBackward",
    writes: ["f32"],
    reads: ["f32"],
    body: `${covered(a)}
  ${eachWindow(a, `total += r0[${word(words.offsets + 1)} + at];`)}
  w0[${word(words.offsets)} + i] = total;`,
  });

const maxPoolBackwardShader = (a: Geometry) =>
  shader({
    label: "maxPoolBackward",
    writes: ["f32"],
    reads: ["f32", "i32"],
    body: `${covered(a)}
  ${eachWindow(a, `if (r1[${word(words.offsets + 2)} + at] == position) { total += r0[${word(words.offsets + 1)} + at]; }`)}
  w0[${word(words.offsets)} + i] = total;`,
  });

/** A number for a geometry of small sizes; -1 for the others, which share one kernel. */
function keyOf({ kernel, stride, padding, dilation }: PoolAttrs): number {
  let key = 0;
  for (let d = 0; d < 2; d++) {
    if (kernel[d] >= 32 || stride[d] >= 32 || padding[d] >= 32 || dilation[d] >= 32) return -1;
    key = (((key * 32 + kernel[d]) * 32 + stride[d]) * 32 + padding[d]) * 32 + dilation[d];
  }
  return key;
}

/** Max pooling with positions, sums of windows, and the gradients of both, over two spatial dimensions of float32. */
export function poolKernels(
  engine: Engine,
): Required<FusedKernels<"maxPool" | "maxPoolBackward" | "sumPool" | "sumPoolBackward">> {
  const planes = ([x]: readonly View[], { kernel }: PoolAttrs): boolean =>
    x.dtype === "float32" && x.shape.length === 4 && kernel.length === 2;
  const summed = (inputs: readonly View[], attrs: PoolAttrs): boolean =>
    planes(inputs, attrs) && sizeOf(attrs.kernel) <= mostSummed;

  /** A kernel over the elements of its first output; `views` are its outputs, then its inputs. `image` has the input's spatial size. */
  const kernelOf = (source: (a: Geometry) => KernelSource) => {
    const kernels = new Map<number, Kernel>();
    return (views: readonly View[], image: View, a: PoolAttrs): void => {
      const n = sizeOf(views[0].shape);
      if (n === 0) return;
      const key = keyOf(a);
      let kernel = kernels.get(key);
      if (kernel === undefined) kernels.set(key, (kernel = engine.kernel(source(key < 0 ? null : a))));
      const at = engine.begin(words.all);
      const { u32, i32, blocks } = engine;
      u32[at + words.n] = n;
      views.forEach((view, v) => {
        blocks[v] = blockOf(view.buffer);
        u32[at + words.offsets + v] = view.offset;
      });
      for (let d = 0; d < 2; d++) {
        i32[at + words.input + d] = image.shape[2 + d];
        i32[at + words.output + d] = a.out[d];
        i32[at + words.kernel + d] = a.kernel[d];
        i32[at + words.stride + d] = a.stride[d];
        i32[at + words.padding + d] = a.padding[d];
        i32[at + words.dilation + d] = a.dilation[d];
      }
      engine.dispatchLine(kernel, at, words.all, Math.ceil(n / workgroup));
    };
  };
  const maxPool = kernelOf(maxPoolShader);
  const maxPoolBackward = kernelOf(maxPoolBackwardShader);
  const sumPool = kernelOf(sumPoolShader);
  const sumPoolBackward = kernelOf(sumPoolBackwardShader);
  return {
    maxPool: {
      supports: planes,
      run: ([x], [values, positions], attrs) => maxPool([values, positions, x], x, attrs),
    },
    maxPoolBackward: {
      supports: (inputs, { windows }) => windows !== undefined && planes(inputs, windows),
      run: ([g, positions], [dx], { windows }) => windows && maxPoolBackward([dx, g, positions], dx, windows),
    },
    sumPool: { supports: summed, run: ([x], [y], attrs) => sumPool([y, x], x, attrs) },
    sumPoolBackward: { supports: planes, run: ([g], [dx], attrs) => sumPoolBackward([dx, g], dx, attrs) },
  };
}
