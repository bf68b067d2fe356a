import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { Classifier } from "../src/digits/classifier.ts";
import { Curve } from "../src/page/curve.ts";
import { parseField, trainingFields } from "../src/page/settings.ts";

describe("a curve", () => {
  test("keeps each point while there is room", () => {
    const curve = new Curve(8);
    for (let i = 1; i <= 7; i++) curve.push(i, i * i);
    expect(curve.points).toEqual([
      [1, 2, 3, 4, 5, 6, 7],
      [1, 4, 9, 16, 25, 36, 49],
    ]);
  });

  test("becomes the mean of neighbours when it is full, in bounded memory", () => {
    const curve = new Curve(8);
    for (let i = 1; i <= 16; i++) curve.push(i, i);
    // 16 values in points of four: each at the x of its last value, with the mean of them
    expect(curve.points).toEqual([
      [4, 8, 12, 16],
      [2.5, 6.5, 10.5, 14.5],
    ]);
    for (let i = 17; i <= 10_000; i++) curve.push(i, 0);
    expect(curve.points[0].length).toBeLessThan(8);
  });
});

test.each([
  ["learningRate", "0.01", 0.01],
  ["learningRate", " 1e-3 ", 0.001],
  ["learningRate", "", "The learning rate must be a number from 0.000001 to 1."],
  ["learningRate", "-1", "The learning rate must be a number from 0.000001 to 1."],
  ["learningRate", "2", "The learning rate must be a number from 0.000001 to 1."],
  ["learningRate", "Infinity", "The learning rate must be a number from 0.000001 to 1."],
  ["batchSize", "64", 64],
  ["batchSize", "0", "The batch size must be a whole number from 1 to 1,437."],
  ["batchSize", "2.5", "The batch size must be a whole number from 1 to 1,437."],
  ["epochs", "1e3", 1000],
  ["epochs", "ten", "The number of epochs must be a whole number from 1 to 10,000."],
])("the field %s with %j is %j", (name, text, expected) => {
  const field = trainingFields(1437, "epochs").find((each) => each.name === name);
  expect(field && parseField(field, text)).toBe(expected);
});

describe("the classifier", () => {
  const image = (value: number) => new Float32Array(64).fill(value);
  const make = () => {
    const asked: number[] = [];
    const shown: (number | undefined)[] = [];
    const classifier = new Classifier(
      (request) => request.type === "classify" && asked.push(request.pixels[0]),
      (values) => shown.push(values?.[0]),
    );
    return { asked, shown, classifier };
  };

  test("asks for the newest image once the answer to the last is there", () => {
    const { asked, shown, classifier } = make();
    for (const value of [1, 2, 3]) classifier.image = image(value);
    expect(asked).toEqual([1]);
    classifier.answered(1, new Float32Array([0.5]));
    expect(asked).toEqual([1, 3]);
    expect(shown).toEqual([0.5]);
  });

  test("shows nothing for a drawing that was cleared meanwhile", () => {
    const { shown, classifier } = make();
    classifier.image = image(1);
    classifier.image = undefined;
    classifier.answered(1, new Float32Array([0.5]));
    expect(shown).toEqual([undefined]);
  });

  test("asks a new network again and hears no late answer of the old one", () => {
    const { asked, shown, classifier } = make();
    classifier.image = image(1);
    classifier.restart();
    expect(asked).toEqual([1, 1]);
    classifier.answered(1, new Float32Array([0.5]));
    expect(shown).toEqual([]);
  });
});

describe("contrast (WCAG 2.2, level AA)", () => {
  const css = readFileSync(new URL("../src/style.css", import.meta.url), "utf8");
  const schemes = Array.from(css.matchAll(/:root \{([^}]*)\}/g), ([, body]) =>
    Object.fromEntries(Array.from(body.matchAll(/--([\w-]+): (#\w{6})/g), ([, name, color]) => [name, color])),
  );
  /** Relative luminance: https://www.w3.org/TR/WCAG22/#dfn-relative-luminance */
  const luminance = (color: string): number => {
    const [r, g, b] = [1, 3, 5].map((at) => {
      const c = Number.parseInt(color.slice(at, at + 2), 16) / 255;
      return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const contrast = (a: string, b: string): number => {
    const [dark, light] = [luminance(a), luminance(b)].sort((x, y) => x - y);
    return (light + 0.05) / (dark + 0.05);
  };

  test("there are a light and a dark scheme", () => expect(schemes).toHaveLength(2));

  test.each([
    ["ink", "paper", 4.5],
    ["ink", "card", 4.5],
    ["ink", "tint", 4.5],
    ["muted", "paper", 4.5],
    ["muted", "card", 4.5],
    ["error", "card", 4.5],
    ["on-accent", "accent", 4.5],
    // lines, borders and focus rings
    ["field", "card", 3],
    ["field", "paper", 3],
    ["accent", "card", 3],
    ["accent", "paper", 3],
    ["loss", "card", 3],
    ["good", "card", 3],
  ])("%s on %s is at least %d to 1", (front, back, least) => {
    for (const scheme of schemes) expect(contrast(scheme[front], scheme[back])).toBeGreaterThanOrEqual(least);
  });
});
