import "@flambeau/autograd";
import { cpuWasm } from "@flambeau/backend-cpu-wasm";
import { LSTMCell } from "@flambeau/nn";
import { randint, randn, registerBackend, zeros } from "@flambeau/tensor";
import { describe, expect, test } from "vitest";
import { type Leaf, layOut } from "../src/draw/layout.ts";
import { capture, type Graph, toDot, toSvg } from "../src/index.ts";
import { cnn, Gpt } from "./models.ts";

registerBackend(cpuWasm({ threads: 1 }));
const gpt = new Gpt();
const net = cnn();
const cell = new LSTMCell(3, 4);
const graphs: readonly [string, Graph][] = [
  ["GPT", capture((x) => gpt.forward(x), [randint(0, 11, [2, 4])], { model: gpt })],
  ["CNN", capture((x) => net.forward(x), [randn([2, 3, 8, 8])], { model: net })],
  [
    "LSTM step",
    capture((x, h, c) => cell.forward(x, [h, c]), [randn([2, 3]), zeros([2, 4]), zeros([2, 4])], { model: cell }),
  ],
];

interface Rect {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}
const rects = (svg: string, fill: RegExp): Rect[] =>
  [
    ...svg.matchAll(
      /<rect x="([\d.-]+)" y="([\d.-]+)" width="([\d.-]+)" height="([\d.-]+)" rx="[\d.]+" fill="([^"]+)"/g,
    ),
  ]
    .filter((m) => fill.test(m[5]))
    .map(([, x, y, width, height]) => ({ x: Number(x), y: Number(y), width: Number(width), height: Number(height) }));
const apart = (a: Rect, b: Rect): boolean =>
  a.x + a.width <= b.x || b.x + b.width <= a.x || a.y + a.height <= b.y || b.y + b.height <= a.y;

describe.each(graphs)("the drawing of a %s", (_, graph) => {
  test("has a box for each call that gives something, and none on another", () => {
    const svg = toSvg(graph);
    const boxes = rects(svg, /^#[^4]/);
    const calls = graph.nodes.filter((call) => call.outputs.length > 0).length;
    expect(boxes.length).toBe(graph.inputs.length + calls + graph.outputs.length + graph.mutations.length);
    for (const [i, a] of boxes.entries()) for (const b of boxes.slice(i + 1)) expect(apart(a, b)).toBe(true);
    const [, width, height] = /width="(\d+)" height="(\d+)"/.exec(svg) as unknown as [string, string, string];
    for (const b of boxes) {
      expect(b.x).toBeGreaterThanOrEqual(0);
      expect(b.y).toBeGreaterThanOrEqual(0);
      expect(b.x + b.width).toBeLessThanOrEqual(Number(width));
      expect(b.y + b.height).toBeLessThanOrEqual(Number(height));
    }
  });
  test("has every frame around its boxes or apart from them", () => {
    const svg = toSvg(graph);
    const frames = rects(svg, /^#475569/);
    for (const f of frames)
      for (const b of rects(svg, /^#[^4]/)) {
        const inside = b.x >= f.x && b.y >= f.y && b.x + b.width <= f.x + f.width && b.y + b.height <= f.y + f.height;
        expect(inside || apart(b, f)).toBe(true);
      }
  });
  test("is well-formed, and the same each time", () => {
    const svg = toSvg(graph);
    expect(svg).toBe(toSvg(graph));
    expect(svg).not.toMatch(/NaN|undefined|Infinity/);
    const open = [...svg.matchAll(/<(\w+)[^>]*?(\/?)>/g)].filter((m) => m[2] === "").map((m) => m[1]);
    const close = [...svg.matchAll(/<\/(\w+)>/g)].map((m) => m[1]);
    expect(open.sort()).toEqual(close.sort());
  });
  test("in Graphviz' language has the same boxes and lines", () => {
    const dot = toDot(graph);
    const named = new Set([...dot.matchAll(/^\s*("(?:[^"\\]|\\.)*") \[label/gm)].map((m) => m[1]));
    const ends = [...dot.matchAll(/^\s*("(?:[^"\\]|\\.)*") -> ("(?:[^"\\]|\\.)*")$/gm)].flatMap((m) => [m[1], m[2]]);
    expect(ends.length).toBeGreaterThan(0);
    for (const end of ends) expect(named).toContain(end);
    expect(dot.match(/\{/g)?.length).toBe(dot.match(/\}/g)?.length);
  });
});

test("modules can be left closed", () => {
  const [, graph] = graphs[0];
  const [all, blocks, none] = [toSvg(graph), toSvg(graph, { depth: 1 }), toSvg(graph, { depth: 0 })];
  expect(all).toContain("blocks.0 (Block)");
  expect(blocks).toContain(">LayerNorm<");
  expect(none).not.toContain("scaledDotProductAttention");
  expect(none).toContain(">Block<");
  expect(none.length).toBeLessThan(blocks.length);
  expect(() => toSvg(graph, { deep: 1 } as never)).toThrow('toSvg: there is no option "deep"');
  expect(() => toDot(graph, { depth: "1" as never })).toThrow("the option depth is a number");
});

test("text from a program is no markup", () => {
  const graph = capture((x) => x.exp(), [zeros([2])], { names: ['<b>"&'] });
  expect(toSvg(graph)).toContain("&lt;b&gt;&quot;&amp;");
  expect(toSvg(graph)).not.toContain("<b>");
  expect(toDot(graph)).toContain('"input <b>\\"&"');
});

describe("the layout", () => {
  const box = (id: string): Leaf => ({ id, width: 40, height: 20 });
  const across = (ids: string[], edges: [string, string][]) => {
    const { leaves } = layOut({ id: "", width: 0, members: ids.map(box) }, edges);
    return new Map(leaves.map((r) => [r.id, r]));
  };
  test("puts a chain straight down", () => {
    const found = across(
      ["a", "b", "c"],
      [
        ["a", "b"],
        ["b", "c"],
      ],
    );
    expect(new Set([...found.values()].map((r) => r.x)).size).toBe(1);
  });
  test("lets no lines cross that need not", () => {
    const found = across(
      ["a", "b", "c", "d"],
      [
        ["a", "d"],
        ["b", "c"],
      ],
    );
    const x = (id: string): number => found.get(id)?.x ?? Number.NaN;
    expect((x("a") - x("b")) * (x("d") - x("c"))).toBeGreaterThan(0);
  });
  test("leads long lines past the boxes between", () => {
    const { leaves, lines } = layOut({ id: "", width: 0, members: ["a", "b", "c", "d"].map(box) }, [
      ["a", "b"],
      ["b", "c"],
      ["c", "d"],
      ["a", "d"],
    ]);
    for (const { points } of lines)
      for (let i = 1; i < points.length; i++) {
        const [[x0, y0], [x1, y1]] = [points[i - 1], points[i]];
        if (x0 !== x1) continue;
        for (const r of leaves)
          expect(
            x0 <= r.x || x0 >= r.x + r.width || Math.max(y0, y1) <= r.y || Math.min(y0, y1) >= r.y + r.height,
          ).toBe(true);
      }
  });
  test("of nothing is nothing", () => {
    expect(layOut({ id: "", width: 0, members: [] }, []).leaves).toEqual([]);
  });
});
