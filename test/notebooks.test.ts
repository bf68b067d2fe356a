// The example notebooks in Deno, cell by cell: what they show is what they have recorded.
import { globSync } from "node:fs";
import { join } from "node:path";
import { tensor, zeros } from "flambeau";
import { Progress } from "flambeau/notebook";
import { afterEach, describe, expect, test } from "vitest";
import { readNotebook, runNotebook } from "../scripts/notebook.ts";
import { root } from "../scripts/setup/paths.mjs";

const paths = globSync("examples/notebooks/*.ipynb", { cwd: root });

/** The same texts, with the same numbers but for a unit or two: a pixel, a count. Other processors round a training otherwise. */
function expectAlike(given: string, recorded: string): void {
  const number = /-?\d+(?:\.\d+)?/g;
  expect(given.replace(number, "#")).toBe(recorded.replace(number, "#"));
  const [ours, theirs] = [given, recorded].map((text) => [...text.matchAll(number)].map(([each]) => Number(each)));
  const worst = Math.max(...ours.map((each, i) => Math.abs(each - theirs[i])));
  expect(worst).toBeLessThanOrEqual(2);
}

describe("a notebook in Deno", () => {
  test.each(paths)("%s shows what it has recorded (scripts/notebook.ts records it)", async (path) => {
    const notebook = readNotebook(join(root, path));
    const recorded = notebook.cells.flatMap(({ cell_type, outputs }) => (cell_type === "code" ? [outputs] : []));
    const { outputs, sent } = await runNotebook(notebook);
    expectAlike(JSON.stringify(outputs), JSON.stringify(recorded));
    expect(outputs.length).toBeGreaterThan(5);
    // the training's first picture came while it went on
    expect(sent[0]).toEqual([
      "display_data",
      expect.objectContaining({ transient: { display_id: "flambeau-progress-1" } }),
    ]);
  });
  test("there is one", () => expect(paths).toContain("examples/notebooks/first-steps.ipynb"));
});

const shown = (value: object): Promise<Record<string, string>> =>
  (value as { [display: symbol]: () => Promise<Record<string, string>> })[Symbol.for("Jupyter.display")]();
const cells = (html: string): string[] => [...html.matchAll(/<td[^>]*>([^<]*)<\/td>/g)].map(([, text = ""]) => text);

describe("a tensor", () => {
  test("of one or two dimensions is a table, with shape, dtype and device", async () => {
    const { "text/html": html = "", "text/plain": plain } = await shown(
      tensor([
        [1, 2.5],
        [1 / 3, 4],
      ]),
    );
    expect(cells(html)).toEqual(["1", "2.5", "0.33333", "4"]);
    expect(html).toContain("<figcaption>float32 [2, 2] on cpu</figcaption>");
    expect(plain).toBe("tensor([[1.0000, 2.5000],\n        [0.3333, 4.0000]])");
    expect(cells((await shown(tensor([true, false])))["text/html"] ?? "")).toEqual(["true", "false"]);
    const half = tensor([1.5, -2], { dtype: "bfloat16" });
    expect(cells((await shown(half))["text/html"] ?? "")).toEqual(["1.5", "-2"]);
    expect(cells((await shown(tensor([7n])))["text/html"] ?? "")).toEqual(["7"]);
  });
  test("that is long is shortened to its ends", async () => {
    const x = tensor(
      Array.from({ length: 400 }, (_, i) => i),
      { dtype: "int32" },
    ).reshape(20, 20);
    const all = cells((await shown(x))["text/html"] ?? "");
    expect(all).toHaveLength(11 * 11);
    expect(all.slice(0, 11)).toEqual(["0", "1", "2", "3", "4", "…", "15", "16", "17", "18", "19"]);
    expect(all.slice(5 * 11, 6 * 11)).toEqual(new Array(11).fill("…"));
    expect(all.at(-1)).toBe("399");
  });
  test("of other shapes, without values or gone is text", async () => {
    for (const x of [zeros([2, 2, 2]), tensor(3), zeros([0, 3])])
      expect((await shown(x))["text/html"]).toMatch(/^<figure><pre>tensor\(/);
    const gone = tensor([1]);
    gone.dispose();
    expect((await shown(gone))["text/html"]).toContain("&lt;disposed&gt;");
  });
});

describe("Progress", () => {
  const before = (globalThis as { Deno?: object }).Deno;
  afterEach(() => {
    (globalThis as { Deno?: object }).Deno = before;
  });
  test("tells a notebook's kernel first of a picture, then of its changes", async () => {
    const sent: [string, { data: Record<string, string>; transient: object }][] = [];
    (globalThis as { Deno?: object }).Deno = {
      jupyter: { broadcast: async (...given: never) => void sent.push(given) },
    };
    const progress = new Progress({ title: "Loss" });
    await progress.add({ training: 2 });
    await progress.add({ training: 1, test: 3 });
    await progress.send();
    expect(sent.map(([type]) => type)).toEqual(["display_data", "update_display_data"]);
    expect(sent[0][1].transient).toEqual(sent[1][1].transient);
    expect(sent[1][1].data["image/svg+xml"]).toBe(progress.plot().svg);
    expect(progress.plot().svg).toContain(">test</text>");
  });
  test("refuses what is no figure", async () => {
    await expect(new Progress().add({ loss: "low" } as never)).rejects.toThrow('loss must be a number, got "low"');
    await expect(new Progress().add(3 as never)).rejects.toThrow("figures are numbers by name, got 3");
  });
});
