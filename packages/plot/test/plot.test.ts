import { inflateSync } from "node:zlib";
import { ArgumentError, cpuWasm, registerBackend, tensor } from "flambeau";
import { describe, expect, test } from "vitest";
import { confusionMatrix, curves, histogram, image, images, scatter, ticks } from "../src/index.ts";

registerBackend(cpuWasm({ threads: 1 }));

/** What stands in an attribute, for each element of a name. */
const attributes = (svg: string, name: string, attribute: string): string[] =>
  [...svg.matchAll(new RegExp(`<${name}\\b[^>]* ${attribute}="([^"]*)"`, "g"))].map(([, value = ""]) => value);

/** The corners of a chart of the usual size: where the least and the largest values lie. */
const [left, right, top, bottom] = [64, 624, 16, 308];

describe("curves", () => {
  test("put the extremes into the corners, y upwards", () => {
    const { svg } = curves([{ x: [0, 10], y: [1, 3], look: "both" }]);
    expect(svg).toContain(`d="M${left} ${bottom}L${right} ${top}"`);
    expect(attributes(svg, "circle", "cx")).toEqual([`${left}`, `${right}`]);
    expect(attributes(svg, "circle", "cy")).toEqual([`${bottom}`, `${top}`]);
  });
  test("break at what is no number, and leave out its dot", () => {
    const { svg } = curves([{ y: [1, Number.NaN, 3], look: "both" }]);
    expect(svg).toContain(`d="M${left} ${bottom}M${right} ${top}"`);
    expect(attributes(svg, "circle", "cx")).toHaveLength(2);
    for (const y of [[], [5], [Number.NaN]]) expect(curves([{ y }]).svg).not.toContain("NaN");
  });
  test("take typed arrays, big integers and tensors as they take lists", () => {
    const { svg } = curves([{ x: [0, 1, 2], y: [2, 4, 3] }], { title: "t" });
    expect(curves([{ y: Float32Array.of(2, 4, 3) }], { title: "t" }).svg).toBe(svg);
    expect(curves([{ x: BigInt64Array.of(0n, 1n, 2n), y: tensor([2, 4, 3]) }], { title: "t" }).svg).toBe(svg);
  });
  test("are not stretched by noise, nor by what lies beyond given ends", () => {
    const noise = { look: "faint", y: [-99, 99], colour: 0 } as const;
    const with_ = curves([noise, { y: [1, 3], colour: 0 }], { title: "t" }).svg;
    expect(with_).toContain(`d="M${left} ${bottom}L${right} ${top}"`);
    expect(curves([{ y: [1, 3] }], { yMin: 1, yMax: 5 }).svg).toContain(
      `d="M${left} ${bottom}L${right} ${(top + bottom) / 2}"`,
    );
  });
  test("are named in a key, in words that cannot end an element", () => {
    const { svg } = curves([{ name: "<b>&", y: [1, 2] }], { title: `"x"</title>`, x: "<i>" });
    expect(svg).toContain("&lt;b&gt;&amp;</text>");
    expect(svg).toContain("<title>&quot;x&quot;&lt;/title&gt;</title>");
    expect(svg).not.toMatch(/<[bi]>/);
    expect(curves([{ name: "n", y: [1] }], { key: false }).svg).not.toContain(">n<");
  });
  test("have a key of as many lines as it needs", () => {
    const named = ["a", "b", "c"].map((name) => ({ name: name.repeat(30), y: [1, 2] }));
    const { svg } = curves(named, { width: 500 });
    const keys = [...svg.matchAll(/<text[^>]* x="81" y="(\d+)"/g)].map(([, y]) => Number(y));
    expect(keys).toEqual([13, 33, 53]);
    expect(svg).toContain(`d="M64 ${16 + 60}V308H484"`);
  });
  test("say what they show, in colours of the text around", () => {
    const { svg } = curves([{ y: [1, 2] }]);
    expect(svg).toMatch(/^<svg [^>]*role="img"[^>]*><title>curves of 2 points<\/title>/);
    expect(new Set(attributes(svg, "text", "fill"))).toEqual(new Set(["currentColor"]));
    expect(svg).not.toContain("id=");
  });
  test("refuse what they cannot draw", () => {
    const wrong: (readonly [unknown, RegExp])[] = [
      [3, /series must be a list, got 3/],
      [[3], /a series has x and y, got 3/],
      [[{ y: "abc" }], /y must be a list of numbers/],
      [[{ y: [1, "a"] }], /got "a" in it/],
      [[{ x: [1], y: [1, 2] }], /equally long, got 1 and 2 numbers/],
      [[{ y: [1], look: "bars" }], /the look is one of line, dots, both, faint, got "bars"/],
      [[{ y: tensor([[1]]) }], /y must have one dimension, got \[1,1\]/],
    ];
    for (const [series, says] of wrong) {
      expect(() => curves(series as never)).toThrow(ArgumentError);
      expect(() => scatter(series as never)).toThrow(says);
    }
    expect(() => curves([], { hight: 3 } as never)).toThrow(/"hight"/);
  });
  test.each([
    [0, 1, 5, [0, 0.2, 0.4, 0.6, 0.8, 1]],
    [0, 1407, 8, [0, 200, 400, 600, 800, 1000, 1200, 1400]],
    [0.13, 0.32, 4, [0.15, 0.2, 0.25, 0.3]],
    [3, 3, 4, [3]],
  ])("have round numbers from %d to %d", (min, max, count, expected) => {
    expect(ticks(min, max, count)).toEqual(expected);
  });
});

/** The pixels of a PNG without filters, as another reader unpacks them. */
function pixelsOf(svg: string): { width: number; height: number; pixels: number[][] } {
  const file = Buffer.from(/base64,([^"]+)"/.exec(svg)?.[1] ?? "", "base64");
  const [width, height] = [file.readUInt32BE(16), file.readUInt32BE(20)];
  const data = inflateSync(file.subarray(41, 41 + file.readUInt32BE(33)));
  const pixels = Array.from({ length: width * height }, (_, i) => {
    const at = Math.floor(i / width) * (4 * width + 1) + 1 + 4 * (i % width);
    return [...data.subarray(at, at + 4)];
  });
  return { width, height, pixels };
}

describe("images", () => {
  test("go from black to white", () => {
    const { width, height, pixels } = pixelsOf(
      image([
        [0, 1, 2],
        [4, 3, Number.NaN],
      ]).svg,
    );
    expect([width, height]).toEqual([3, 2]);
    expect(pixels.map(([level]) => level)).toEqual([0, 64, 128, 255, 191, 0]);
    expect(pixels[5]).toEqual([0, 0, 0, 0]);
    expect(pixelsOf(image(tensor([[0, 1]]), { low: 1, high: 0 }).svg).pixels.map(([level]) => level)).toEqual([255, 0]);
  });
  test("of more bytes than one block holds are whole", () => {
    const rows = Array.from({ length: 150 }, (_, i) => Array.from({ length: 150 }, (_, j) => (i * j) % 2));
    expect(pixelsOf(image(rows).svg).pixels.map(([level]) => level)).toEqual(rows.flat().map((v) => 255 * v));
  });
  test("stand in rows with their labels", () => {
    const { svg } = images([[[0]], [[1]], [[0]]], { columns: 2, zoom: 10, labels: ["a", "b", "<c>"] });
    expect(attributes(svg, "image", "x")).toEqual(["4", "22", "4"]);
    expect(attributes(svg, "image", "y")).toEqual(["4", "4", "38"]);
    expect(svg).toContain("&lt;c&gt;");
  });
  test("are refused where they are none", () => {
    expect(() => image([])).toThrow("the image must not be empty");
    expect(() => image([[1, 2], [3]])).toThrow("equally long, got 2 and 1");
    expect(() => images([])).toThrow("there are no images");
    expect(() => image([[1]], { zoom: -1 })).toThrow("zoom is a positive number");
    expect(() => image(tensor([1]))).toThrow("the image must have two dimensions, got [1]");
  });
  test("a surface has its lowest row at the bottom, from blue to orange", () => {
    const { svg } = scatter([], {
      surface: {
        values: [
          [0, 0.5],
          [0.5, 1],
        ],
        x: [0, 1],
        y: [0, 1],
      },
    });
    const { pixels } = pixelsOf(svg);
    expect(pixels).toEqual([
      [240, 232, 220, 255],
      [214, 92, 32, 255],
      [47, 98, 122, 255],
      [240, 232, 220, 255],
    ]);
    expect(() => scatter([], { surface: { values: [[0]], x: [1, 0], y: [0, 1] } })).toThrow(
      "the surface's x goes from",
    );
  });
});

describe("histogram", () => {
  const counts = (svg: string) => [...svg.matchAll(/<title>[^<]*: (\d+)<\/title>/g)].map(([, count]) => Number(count));
  test("counts as numpy.histogram does", () => {
    // np.histogram([1, 2, 1], bins=[0, 1, 2, 3]), and of numpy's documentation
    expect(counts(histogram([1, 2, 1], { bins: 3, range: [0, 3] }).svg)).toEqual([0, 2, 1]);
    // np.histogram(np.arange(11) / 10, bins=10): each edge belongs to the interval behind it, the last to the last
    const tenths = Array.from({ length: 11 }, (_, i) => i / 10);
    expect(counts(histogram(tenths).svg)).toEqual([1, 1, 1, 1, 1, 1, 1, 1, 1, 2]);
    expect(counts(histogram([5, 5], { bins: 2 }).svg)).toEqual([0, 2]);
    expect(counts(histogram([Number.NaN, 1, 9], { bins: 2, range: [0, 2] }).svg)).toEqual([0, 1]);
    expect(counts(histogram([]).svg)).toEqual(new Array(10).fill(0));
  });
  test("refuses bins and ranges that cannot be", () => {
    expect(() => histogram([1], { bins: 0 })).toThrow("bins is an integer from 1");
    expect(() => histogram([1], { range: [2, 1] })).toThrow("goes from a number to a larger one");
  });
});

describe("confusionMatrix", () => {
  test("says each count and each share", () => {
    const { svg } = confusionMatrix(
      [
        [5, 1],
        [0, 4],
      ],
      { labels: ["<cat>", "dog"] },
    );
    for (const says of ["&lt;cat&gt; taken for dog: 1 of 6", "dog taken for dog: 4 of 4", "83.3 %", "100.0 %"])
      expect(svg).toContain(says);
    expect(attributes(svg, "rect", "opacity").map(Number)).toEqual([
      expect.closeTo(0.12 + 0.88 * Math.sqrt(5 / 6), 2),
      expect.closeTo(0.12 + 0.88 * Math.sqrt(1 / 6), 2),
      0,
      1,
    ]);
    expect(
      confusionMatrix(
        tensor([
          [0, 0],
          [0, 0],
        ]),
      ).svg,
    ).not.toContain("NaN");
  });
  test("refuses what is no square of counts", () => {
    expect(() => confusionMatrix([[1, 2]])).toThrow("counts are a square, got 1 rows of 2");
    expect(() => confusionMatrix([[0.5]])).toThrow("whole numbers from 0 on, got 0.5");
    expect(() => confusionMatrix([[1]], { labels: [] })).toThrow("there are 1 classes and 0 labels");
  });
});

test("a plot shows itself in a notebook", () => {
  const plot = curves([{ y: [1, 2] }], { title: "t" });
  const shown = (plot as unknown as Record<symbol, () => unknown>)[Symbol.for("Jupyter.display")]();
  expect(shown).toEqual({ "image/svg+xml": plot.svg, "text/plain": "Plot(t)" });
  expect(`${plot}`).toBe(plot.svg);
});
