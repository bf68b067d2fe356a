import type { FusedKernel, View } from "@flambeau/tensor";
import { sizeOf } from "@flambeau/tensor/functional";
import type { Engine } from "../engine/engine.ts";
import { blockOf } from "../engine/memory.ts";
import { intWord, shader, word, workgroup } from "../wgsl/shader.ts";

interface PoolAttrs {
  readonly kernel: readonly number[];
  readonly stride: readonly number[];
  readonly padding: readonly number[];
  readonly dilation: readonly number[];
  readonly out: readonly number[];
}

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
const start = `
  let i = group * ${workgroup}u + local;
  if (i >= ${word(words.n)}) { return; }
  let size = ${pair(words.input)};
  let out = ${pair(words.output)};
  let kernel = ${pair(words.kernel)};
  let stride = ${pair(words.stride)};
  let padding = ${pair(words.padding)};
  let dilation = ${pair(words.dilation)};`;
/** The output at hand, and where its window lies: an invocation an output. */
const windowed = `${start}
  let place = vec2<i32>(i32(i / u32(out.y)) % out.x, i32(i % u32(out.y)));
  let plane = i / u32(out.x * out.y) * u32(size.x * size.y);
  let corner = place * stride - padding;`;
/** The input at hand: an invocation an input. It looks at the windows that contain it, those that begin first at first. */
const contained = `${start}
  let place = vec2<i32>(i32(i / u32(size.y)) % size.x, i32(i % u32(size.y)));
  let position = place.x * size.y + place.y;
  let plane = i / u32(size.x * size.y) * u32(out.x * out.y);
  var total = 0f;`;
/** Runs `body` for each window `at` of the plane that contains the input, in the order that `ascending` kernel cells give. */
const eachWindow = (ascending: boolean, body: string): string => {
  const loop = (k: string, size: string) =>
    ascending ? `for (var ${k} = 0i; ${k} < ${size}; ${k}++)` : `for (var ${k} = ${size} - 1i; ${k} >= 0i; ${k}--)`;
  return `
  ${loop("ky", "kernel.x")} {
    let top = place.x + padding.x - ky * dilation.x;
    if (top < 0i || top % stride.x != 0i || top / stride.x >= out.x) { continue; }
    ${loop("kx", "kernel.y")} {
      let left = place.y + padding.y - kx * dilation.y;
      if (left < 0i || left % stride.y != 0i || left / stride.y >= out.y) { continue; }
      let at = plane + u32(top / stride.x * out.y + left / stride.y);
      ${body}
    }
  }`;
};

const maxPoolShader = () =>
  shader({
    label: "maxPool",
    writes: ["u32", "i32"],
    reads: ["u32"],
    uses: ["order", "f_isnan"],
    // all by integers: a NaN wins, and the last of several; of equals the first
    body: `${windowed}
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

const sumPoolShader = () =>
  shader({
    label: "sumPool",
    writes: ["f32"],
    reads: ["f32"],
    body: `${windowed}
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

const sumPoolBackwardShader = () =>
  shader({
    label: "sumPoolBackward",
    writes: ["f32"],
    reads: ["f32"],
    body: `${contained}
  ${eachWindow(true, `total += r0[${word(words.offsets + 1)} + at];`)}
  w0[${word(words.offsets)} + i] = total;`,
  });

const maxPoolBackwardShader = () =>
  shader({
    label: "maxPoolBackward",
    writes: ["f32"],
    reads: ["f32", "i32"],
    // the last cell of the kernel belongs to the first window: gradients add up in the order of the outputs
    body: `${contained}
  ${eachWindow(false, `if (r1[${word(words.offsets + 2)} + at] == position) { total += r0[${word(words.offsets + 1)} + at]; }`)}
  w0[${word(words.offsets)} + i] = total;`,
  });

/** Max pooling with positions, sums of windows, and the gradients of both, over two spatial dimensions of float32. */
export function poolKernels(engine: Engine): Record<string, FusedKernel> {
  const attrsOf = (attrs: object): Partial<PoolAttrs> => attrs as Partial<PoolAttrs>; // those of the op; none where positions come from elsewhere
  const planes: FusedKernel["supports"] = ([x], attrs) =>
    x.dtype === "float32" && x.shape.length === 4 && attrsOf(attrs).kernel?.length === 2;
  const summed: FusedKernel["supports"] = (inputs, attrs) =>
    planes(inputs, attrs) && sizeOf(attrsOf(attrs).kernel ?? []) <= mostSummed;

  /** A kernel over the elements of its first output; `views` are its outputs, then its inputs. `image` has the input's spatial size. */
  const kernelOf = (source: ReturnType<typeof shader>) => {
    const kernel = engine.kernel(source);
    return (views: readonly View[], image: View, attrs: object): void => {
      const a = attrs as PoolAttrs; // supports has looked
      const n = sizeOf(views[0].shape);
      if (n === 0) return;
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
  const maxPool = kernelOf(maxPoolShader());
  const maxPoolBackward = kernelOf(maxPoolBackwardShader());
  const sumPool = kernelOf(sumPoolShader());
  const sumPoolBackward = kernelOf(sumPoolBackwardShader());
  return {
    maxPool: {
      supports: planes,
      run: ([x], [values, positions], attrs) => maxPool([values, positions, x], x, attrs),
    },
    maxPoolBackward: {
      supports: planes,
      run: ([g, positions], [dx], attrs) => maxPoolBackward([dx, g, positions], dx, attrs),
    },
    sumPool: { supports: summed, run: ([x], [y], attrs) => sumPool([y, x], x, attrs) },
    sumPoolBackward: { supports: planes, run: ([g], [dx], attrs) => sumPoolBackward([dx, g], dx, attrs) },
  };
}
