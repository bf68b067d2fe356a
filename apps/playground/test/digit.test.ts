import { data } from "flambeau";
import { describe, expect, test } from "vitest";
import { imageOf, type Stroke } from "../src/digits/digit.ts";

const line: Stroke = [
  { x: 0.5, y: 0.2 },
  { x: 0.5, y: 0.8 },
];
const circle: Stroke = Array.from({ length: 60 }, (_, i) => ({
  x: 0.5 + 0.3 * Math.cos((i / 59) * 2 * Math.PI),
  y: 0.5 + 0.3 * Math.sin((i / 59) * 2 * Math.PI),
}));
const image = (...strokes: Stroke[]): number[] => Array.from(imageOf(strokes) ?? []);
const moved = (stroke: Stroke, dx: number, dy: number, scale = 1): Stroke =>
  stroke.map(({ x, y }) => ({ x: x * scale + dx, y: y * scale + dy }));

describe("a drawing as an image of the digits set", () => {
  test("is nothing when nothing is drawn", () => expect(imageOf([])).toBeUndefined());

  test("does not depend on where and how large it is drawn", () => {
    // powers of two: the same bits
    expect(image(moved(line, 0.25, -0.125))).toEqual(image(line));
    expect(image(moved(line, 0, 0, 0.5))).toEqual(image(line));
  });

  test("holds shares of 16 pixels of ink", () => {
    for (const value of image(circle)) {
      expect(value * 16).toBe(Math.round(value * 16));
      expect(value).toBeGreaterThanOrEqual(0);
      expect(value).toBeLessThanOrEqual(1);
    }
  });

  test("is an upright stroke in the two middle columns for a line", () => {
    const pixels = image(line);
    pixels.forEach((value, i) => {
      const column = i % 8;
      if (column === 3 || column === 4) expect(value).toBeGreaterThan(0);
      else expect(value).toBe(0);
    });
    expect(image([...line].reverse())).toEqual(pixels);
  });

  test("is mirrored when the drawing is", () => {
    const hook: Stroke = [...line, { x: 0.75, y: 0.8 }];
    const mirrored = hook.map(({ x, y }) => ({ x: 1 - x, y }));
    const rows = Array.from({ length: 8 }, (_, r) => image(hook).slice(8 * r, 8 * r + 8));
    expect(image(mirrored)).toEqual(rows.flatMap((row) => row.reverse()));
  });

  test("has a hole for a circle, and fills the square", () => {
    const pixels = image(circle);
    for (const i of [27, 28, 35, 36]) expect(pixels[i]).toBe(0);
    for (const edge of [3, 24, 31, 59]) expect(pixels[edge]).toBeGreaterThan(0.25);
  });

  test("is one dot for a dot", () => {
    expect(image([{ x: 0.1, y: 0.9 }]).filter((value) => value > 0)).toHaveLength(4);
  });

  test("carries about as much ink as the set's zeros", async () => {
    const set = await data.digits({ split: "test" });
    const zeros = Array.from({ length: set.length }, (_, i) => i).filter((i) => set.label(i) === 0);
    const typical = set.getBatch(zeros)[0].mean().item();
    const oval = circle.map(({ x, y }) => ({ x: 0.5 + (x - 0.5) * 0.6, y }));
    const drawn = image(oval).reduce((sum, value) => sum + value, 0) / 64;
    expect(Math.abs(drawn - typical)).toBeLessThan(0.3 * typical);
  });
});
