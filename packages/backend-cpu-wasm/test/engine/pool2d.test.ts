import { afterAll, describe, expect, it } from "vitest";
import { createEngine } from "../../src/engine/engine.ts";
import {
  avgPool2dBackward,
  avgPool2dForward,
  maxPool2dBackward,
  maxPool2dForward,
  type Pool2dShape,
} from "../../src/engine/pool2d.ts";
import { error, get, numbers, numericGradient, put, random } from "./reference.ts";

const engine = createEngine({ threads: 2 });
afterAll(() => engine.dispose());

const base = { paddingTop: 0, paddingLeft: 0, dilationY: 1, dilationX: 1 };
const shapes: Pool2dShape[] = [
  {
    ...base,
    planes: 5,
    height: 24,
    width: 24,
    outHeight: 12,
    outWidth: 12,
    kernelHeight: 2,
    kernelWidth: 2,
    strideY: 2,
    strideX: 2,
  },
  {
    ...base,
    planes: 3,
    height: 7,
    width: 11,
    outHeight: 3,
    outWidth: 5,
    kernelHeight: 2,
    kernelWidth: 2,
    strideY: 2,
    strideX: 2,
  },
  {
    ...base,
    planes: 2,
    height: 9,
    width: 8,
    outHeight: 5,
    outWidth: 4,
    kernelHeight: 3,
    kernelWidth: 3,
    strideY: 2,
    strideX: 2,
    paddingTop: 1,
    paddingLeft: 1,
  },
  // ceil mode: the last window hangs over the edge
  {
    ...base,
    planes: 2,
    height: 6,
    width: 6,
    outHeight: 4,
    outWidth: 4,
    kernelHeight: 3,
    kernelWidth: 2,
    strideY: 2,
    strideX: 2,
    paddingTop: 1,
    paddingLeft: 1,
  },
  {
    ...base,
    planes: 2,
    height: 10,
    width: 9,
    outHeight: 4,
    outWidth: 5,
    kernelHeight: 3,
    kernelWidth: 2,
    strideY: 2,
    strideX: 1,
    dilationX: 4,
  },
  // 2×2 side by side, as many in a row as vectors hold or not
  ...[1, 3, 4, 6, 7, 9].map((outWidth) => ({
    ...base,
    planes: 3,
    height: 5,
    width: 2 * outWidth + (outWidth % 2),
    outHeight: 2,
    outWidth,
    kernelHeight: 2,
    kernelWidth: 2,
    strideY: 2,
    strideX: 2,
  })),
];

/** The positions in its plane that window (i, j) covers. */
function windowOf(s: Pool2dShape, i: number, j: number): number[] {
  const out: number[] = [];
  for (let a = 0; a < s.kernelHeight; a++) {
    for (let b = 0; b < s.kernelWidth; b++) {
      const y = i * s.strideY - s.paddingTop + a * s.dilationY;
      const x = j * s.strideX - s.paddingLeft + b * s.dilationX;
      if (y >= 0 && y < s.height && x >= 0 && x < s.width) out.push(y * s.width + x);
    }
  }
  return out;
}

function pooled(s: Pool2dShape, each: (plane: number, window: number[], i: number, j: number) => number): number[] {
  const out: number[] = [];
  for (let p = 0; p < s.planes; p++) {
    for (let i = 0; i < s.outHeight; i++) {
      for (let j = 0; j < s.outWidth; j++) out.push(each(p * s.height * s.width, windowOf(s, i, j), i, j));
    }
  }
  return out;
}

const sizes = (s: Pool2dShape) => ({
  inputs: s.planes * s.height * s.width,
  outputs: s.planes * s.outHeight * s.outWidth,
});

describe("max pooling", () => {
  it.each(shapes)("gives value and position of the first largest, and the gradient goes there: %j", (s) => {
    const { inputs, outputs } = sizes(s);
    const next = numbers(inputs);
    // few distinct values: many ties
    const x = random(inputs, () => Math.round(4 * next()));
    const g = random(outputs, next);
    const [px, py, pi, pg, pd] = [
      put(engine, x),
      engine.alloc(outputs * 4),
      engine.alloc(outputs * 4),
      put(engine, g),
      put(engine, x),
    ];
    maxPool2dForward(engine, s, px, py, pi);
    const where = pooled(s, (plane, window) => window.reduce((a, b) => (x[plane + b] > x[plane + a] ? b : a)));
    expect([...engine.i32.slice(pi / 4, pi / 4 + outputs)]).toEqual(where);
    const planeOf = (o: number) => Math.floor(o / (s.outHeight * s.outWidth)) * s.height * s.width;
    expect([...get(engine, py, outputs)]).toEqual(where.map((at, o) => x[planeOf(o) + at]));
    maxPool2dBackward(engine, s, pg, pi, pd);
    const expected = new Float64Array(inputs);
    where.forEach((at, o) => {
      expected[planeOf(o) + at] += g[o];
    });
    expect(error(get(engine, pd, inputs), expected)).toBeLessThan(1e-6);
  });

  it("lets NaN win, wherever it stands in the window", () => {
    for (let at = 0; at < 16; at++) {
      const x = put(
        engine,
        Array.from({ length: 16 }, (_, i) => (i === at ? Number.NaN : i)),
      );
      const y = engine.alloc(16);
      const i = engine.alloc(16);
      const square = { ...shapes[0], planes: 1, height: 4, width: 4, outHeight: 2, outWidth: 2 };
      maxPool2dForward(engine, square, x, y, i);
      expect(get(engine, y, 4).filter(Number.isNaN).length).toBe(1);
      expect(engine.i32.slice(i / 4, i / 4 + 4)).toContain(at);
      const wide = { ...square, height: 2, width: 8, outHeight: 1, outWidth: 4 };
      maxPool2dForward(engine, wide, x, y, i);
      expect(get(engine, y, 4).filter(Number.isNaN).length).toBe(1);
      expect(engine.i32.slice(i / 4, i / 4 + 4)).toContain(at);
    }
  });
});

describe("average pooling", () => {
  const rules = [
    { countIncludePad: true, divisorOverride: 0 },
    { countIncludePad: false, divisorOverride: 0 },
    { countIncludePad: true, divisorOverride: 7 },
  ];
  const cases = shapes.filter((s) => s.dilationX === 1).flatMap((s) => rules.map((rule) => ({ s, rule })));
  it.each(cases)("mean and gradient: %j", ({ s, rule }) => {
    const { inputs, outputs } = sizes(s);
    const next = numbers(inputs);
    const x = random(inputs, next);
    const g = random(outputs, next);
    const f = (v: ArrayLike<number>) =>
      pooled(s, (plane, window, i, j) => {
        // PyTorch: the window is cut at the padding's end, which ceil mode may pass
        const bottom = Math.min(i * s.strideY + s.kernelHeight, s.height + 2 * s.paddingTop);
        const right = Math.min(j * s.strideX + s.kernelWidth, s.width + 2 * s.paddingLeft);
        const size = (bottom - i * s.strideY) * (right - j * s.strideX);
        const divisor = rule.divisorOverride || (rule.countIncludePad ? size : window.length);
        return window.reduce((sum, at) => sum + v[plane + at], 0) / divisor;
      });
    const [px, py, pg, pd] = [put(engine, x), engine.alloc(outputs * 4), put(engine, g), put(engine, x)];
    avgPool2dForward(engine, s, rule, px, py);
    expect(error(get(engine, py, outputs), f(x))).toBeLessThan(1e-6);
    avgPool2dBackward(engine, s, rule, pg, pd);
    if (inputs < 1000) expect(error(get(engine, pd, inputs), numericGradient(f, x, g))).toBeLessThan(1e-6);
  });
});
