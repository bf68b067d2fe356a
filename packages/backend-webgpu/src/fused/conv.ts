import type { ConvAttrs, FusedKernel, FusedKernels, View } from "@flambeau/tensor/plugin";
import { blockOf } from "../engine/memory.ts";
import type { Gemm } from "../kernels/gemm/gemm.ts";
import {
  BIAS_OF_ROWS,
  EVERYWHERE,
  type Factor,
  NO_BIAS,
  type Product,
  SPREAD,
  WINDOW,
} from "../kernels/gemm/product.ts";
import { allFloat32 } from "./views.ts";

type Triple = [number, number, number];
function set(to: Triple, a: number, b: number, c: number): void {
  to[0] = a;
  to[1] = b;
  to[2] = c;
}
function setPair(to: [number, number], a: number, b: number): void {
  to[0] = a;
  to[1] = b;
}
function setFactor(factor: Factor, view: View, shift: number, batchStep: number): void {
  factor.block = blockOf(view.buffer);
  factor.offset = view.offset + shift;
  factor.batchStep = batchStep;
}
function setOut(
  p: Product,
  out: View,
  size: number,
  batchStep: number,
  rowStep: number,
  plane = 0,
  planeStep = 0,
): void {
  p.out = blockOf(out.buffer);
  p.outOffset = out.offset;
  p.outSize = size;
  p.outBatchStep = batchStep;
  p.outRowStep = rowStep;
  p.outPlane = plane;
  p.outPlaneStep = planeStep;
}

/** y[f, (n, oy, ox)] = sum over (c, ky, kx) of w[f, (c, ky, kx)] x[n, c, oy s - p + ky d, ox s - p + kx d]: groups are the batches. */
function forward(p: Product, x: View, w: View, bias: View | undefined, y: View, a: ConvAttrs): void {
  const [images, channels, height, width] = x.shape;
  const [filters, perGroup, kh, kw] = w.shape;
  const [, , oh, ow] = y.shape;
  const plane = height * width;
  const rows = filters / a.groups;
  const [py, px] = a.padding;
  p.batches = a.groups;
  p.rows = rows;
  p.columns = images * oh * ow;
  p.depth = perGroup * kh * kw;
  setFactor(p.left, w, 0, rows * p.depth);
  p.left.outer[0] = p.depth;
  set(p.left.inner, kh * kw, kw, 1);
  setFactor(p.right, x, -py * width - px, perGroup * plane);
  set(p.right.outer, channels * plane, a.stride[0] * width, a.stride[1]);
  set(p.right.inner, plane, a.dilation[0] * width, a.dilation[1]);
  p.columnRank = 3;
  setPair(p.columnSizes, oh, ow);
  p.depthRank = 3;
  setPair(p.depthSizes, kh, kw);
  setWindows(p, x, oh, ow, kh, kw, a);
  setPair(p.columnSteps, a.stride[0], a.stride[1]);
  setPair(p.depthSteps, a.dilation[0], a.dilation[1]);
  setOut(p, y, images * filters * oh * ow, rows * oh * ow, oh * ow, oh * ow, filters * oh * ow);
  p.biasKind = bias === undefined ? NO_BIAS : BIAS_OF_ROWS;
  if (bias === undefined) return;
  p.bias = blockOf(bias.buffer);
  p.biasOffset = bias.offset;
  p.biasBatchStep = rows;
}
/** The right factor reads windows of `x`. Without padding all lie inside, but for those that a given output shape adds. */
function setWindows(p: Product, x: View, oh: number, ow: number, kh: number, kw: number, a: ConvAttrs): void {
  const [, , height, width] = x.shape;
  const [py, px] = a.padding;
  const inside = py === 0 && px === 0 && last(oh, kh, a, 0) < height && last(ow, kw, a, 1) < width;
  p.window = inside ? EVERYWHERE : WINDOW;
  p.height = height;
  p.width = width;
  p.firstY = -py;
  p.firstX = -px;
}
/** The last row (or column) that windows without padding look at. */
const last = (out: number, kernel: number, a: ConvAttrs, d: number): number =>
  (out - 1) * a.stride[d] + (kernel - 1) * a.dilation[d];

/** dx[c, (n, y, x)] = sum over (f, ky, kx) of w[f, c, ky, kx] g[n, f, (y + p - ky d) / s, (x + p - kx d) / s], where these are whole. */
function inputGradient(p: Product, g: View, w: View, dx: View, a: ConvAttrs): void {
  const [images, filters, oh, ow] = g.shape;
  const [, rows, kh, kw] = w.shape;
  const [, channels, height, width] = dx.shape;
  const plane = oh * ow;
  const perGroup = filters / a.groups;
  const [py, px] = a.padding;
  const [dy, dxStep] = a.dilation;
  const spread = a.stride[0] !== 1 || a.stride[1] !== 1;
  p.batches = a.groups;
  p.rows = rows;
  p.columns = images * height * width;
  p.depth = perGroup * kh * kw;
  setFactor(p.left, w, 0, perGroup * rows * kh * kw);
  p.left.outer[0] = kh * kw;
  set(p.left.inner, rows * kh * kw, kw, 1);
  setFactor(p.right, g, spread ? 0 : py * ow + px, perGroup * plane);
  set(p.right.outer, filters * plane, spread ? 0 : ow, spread ? 0 : 1);
  set(p.right.inner, plane, spread ? 0 : -dy * ow, spread ? 0 : -dxStep);
  p.columnRank = 3;
  setPair(p.columnSizes, height, width);
  p.depthRank = 3;
  setPair(p.depthSizes, kh, kw);
  p.window = spread ? SPREAD : WINDOW;
  p.height = oh;
  p.width = ow;
  p.firstY = py;
  p.firstX = px;
  setPair(p.columnSteps, 1, 1);
  setPair(p.depthSteps, -dy, -dxStep);
  setPair(p.strides, a.stride[0], a.stride[1]);
  const size = height * width;
  setOut(p, dx, images * channels * size, rows * size, size, size, channels * size);
  p.biasKind = NO_BIAS;
}

/** dw[f, (c, ky, kx)] = sum over (n, oy, ox) of g[n, f, oy, ox] x[n, c, oy s - p + ky d, ox s - p + kx d]. */
function weightGradient(p: Product, g: View, x: View, dw: View, a: ConvAttrs): void {
  const [images, filters, oh, ow] = g.shape;
  const [, channels, height, width] = x.shape;
  const [, perGroup, kh, kw] = dw.shape;
  const plane = height * width;
  const rows = filters / a.groups;
  const [py, px] = a.padding;
  p.batches = a.groups;
  p.rows = rows;
  p.columns = perGroup * kh * kw;
  p.depth = images * oh * ow;
  setFactor(p.left, g, 0, rows * oh * ow);
  p.left.outer[0] = oh * ow;
  set(p.left.inner, filters * oh * ow, ow, 1);
  setFactor(p.right, x, -py * width - px, perGroup * plane);
  set(p.right.outer, plane, a.dilation[0] * width, a.dilation[1]);
  set(p.right.inner, channels * plane, a.stride[0] * width, a.stride[1]);
  p.columnRank = 3;
  setPair(p.columnSizes, kh, kw);
  p.depthRank = 3;
  setPair(p.depthSizes, oh, ow);
  setWindows(p, x, oh, ow, kh, kw, a);
  setPair(p.columnSteps, a.dilation[0], a.dilation[1]);
  setPair(p.depthSteps, a.stride[0], a.stride[1]);
  setOut(p, dw, filters * p.columns, rows * p.columns, p.columns);
  p.biasKind = NO_BIAS;
}

/** 2-d convolution and its two gradients as products whose right factor is the image itself (1-d ones arrive as 2-d; 3-d ones are decomposed). */
export function convKernels(gemm: Gemm): Required<FusedKernels<"conv" | "convTranspose" | "convWeightGrad">> {
  const supports: FusedKernel["supports"] = (inputs) => inputs[0]?.shape.length === 4 && allFloat32(inputs);
  const p = gemm.product;
  return {
    conv: {
      supports,
      run([x, w, bias], [y], attrs) {
        forward(p, x, w, bias, y, attrs);
        gemm.run();
      },
    },
    convTranspose: {
      supports,
      run([g, w], [dx], attrs) {
        inputGradient(p, g, w, dx, attrs);
        gemm.run();
      },
    },
    convWeightGrad: {
      supports,
      run([g, x], [dw], attrs) {
        weightGradient(p, g, x, dw, attrs);
        gemm.run();
      },
    },
  };
}
