// Every program of the gallery runs as it stands, in its fixed number of steps, and reaches what its page says.
import { join } from "node:path";
import { data } from "flambeau";
import { beforeAll, describe, expect, test, vi } from "vitest";
import { gallery } from "../examples/list.ts";
import { type Picture, screen } from "../examples/show.ts";
import { examples } from "../src/site/places.ts";
import { figures } from "./figures.ts";

interface Run {
  /** What was printed, an array for each call. */
  readonly printed: unknown[][];
  readonly shown: Picture[];
}

/** What a reader draws: digits of the set that no example learns from. */
const drawn = Array.from({ length: 20 }, (_, i) => i * 18);

async function* drawings(): AsyncGenerator<Float32Array> {
  const others = await data.digits({ split: "test" });
  for (const i of drawn) yield Float32Array.from(await others.get(i)[0].flatten().data(), Number);
}

async function run(name: string): Promise<Run> {
  const printed: unknown[][] = [];
  const shown: Picture[] = [];
  const log = vi.spyOn(console, "log").mockImplementation((...values) => void printed.push(values));
  screen.show = (picture) => void shown.push(structuredClone(picture)); // only what a worker could post
  screen.drawings = drawings;
  try {
    await import(join(examples, `${name}.ts`));
  } finally {
    log.mockRestore();
    screen.show = screen.drawings = undefined;
  }
  return { printed, shown };
}

/** The number behind a text that was printed. */
function figure({ printed }: Run, label: string): number {
  const found = printed.findLast(([text]) => String(text).startsWith(label));
  if (!found) throw new Error(`nothing was printed as "${label}": ${JSON.stringify(printed)}`);
  return Number(found[1] ?? String(found[0]).slice(label.length));
}

/** What a letter costs in nats, on average, where all that is known is how often each follows each: counts of all pairs, from 1. */
function pairs(known: readonly string[], held: readonly string[]): number {
  const letters = new Set(known.join("")).size;
  const [both, first] = [new Map<string, number>(), new Map<string, number>()];
  const count = (of: Map<string, number>, key: string) => of.set(key, (of.get(key) ?? 0) + 1);
  const each = (texts: readonly string[]) =>
    texts.flatMap((text) => Array.from(text.slice(1), (b, i) => [text[i] ?? "", b] as const));
  for (const [a, b] of each(known)) {
    count(both, a + b);
    count(first, a);
  }
  const costs = each(held).map(([a, b]) => -Math.log(((both.get(a + b) ?? 0) + 1) / ((first.get(a) ?? 0) + letters)));
  return costs.reduce((sum, cost) => sum + cost) / costs.length;
}

/** What else an example does. */
const reaches: Record<string, (run: Run) => void | Promise<void>> = {
  "curve-fitting": (run) => {
    expect(run.shown.map(({ title }) => title)).toContain("Loss");
  },
  digits: async (run) => {
    const read = run.shown.flatMap(({ bars }) => (bars ? [bars.map(({ value }) => value)] : []));
    for (const chances of read) expect(chances.reduce((a, b) => a + b)).toBeCloseTo(1, 5);
    const others = await data.digits({ split: "test" });
    const labels = await others.getBatch(drawn)[1].data();
    const right = read.filter((chances, i) => chances.indexOf(Math.max(...chances)) === Number(labels[i]));
    expect(read).toHaveLength(drawn.length);
    expect(right.length).toBeGreaterThanOrEqual(17);
  },
  iris: (run) => {
    // scikit-learn's LogisticRegression of the same petals (scripts/iris.py): no weights have a smaller loss
    expect(figure(run, "step 1000: loss")).toBeCloseTo(30.50306673465309, 2);
    const found = run.printed.find(([text]) => text === "weights:")?.[1];
    const weights = (String(found).match(/-?\d+\.\d+/g) ?? []).map(Number);
    expect(weights).toHaveLength(6);
    const wanted = [-2.7487, -1.1689, 0.0836, -0.908, 2.6651, 2.0769];
    for (const [i, weight] of weights.entries()) expect(Math.abs(weight - (wanted[i] ?? 0))).toBeLessThan(0.02);
    expect(run.shown[0]?.surface?.values).toHaveLength(54);
  },
  names: async (run) => {
    const { female, male } = await data.firstNames();
    const names = [...new Set([...female, ...male].map((name) => name.toLowerCase()))].sort();
    const ended = (of: string[]) => of.map((name) => `.${name}.`);
    const known = ended(names.filter((_, i) => i % 10 !== 0));
    const held = ended(names.filter((_, i) => i % 10 === 0));
    const [surprise, counted] = [figure(run, "nats a letter of names"), pairs(known, held)];
    expect(surprise).toBeLessThan(0.9 * counted);
    expect(run.printed.at(-1)?.[1]).toMatch(/^([A-Z][a-z-]*, ){9}/);
  },
  gpt: async (run) => {
    const { text } = await data.mobyDick({ part: "excerpt" });
    const split = Math.floor(0.9 * text.length);
    const counted = pairs([text.slice(0, split)], [text.slice(split, split + 48 * 32 + 1)]);
    expect(figure(run, "nats a character of the pages")).toBeLessThan(0.9 * counted);
    const written = run.shown.flatMap(({ text: each }) => (each === undefined ? [] : [each]));
    // it goes on with what it has written
    for (const [i, each] of written.entries()) expect(each.startsWith(written[i - 1] ?? "The whale")).toBe(true);
    expect(written.at(-1)).toHaveLength("The whale".length + 300);
  },
  gan: (run) => {
    const made = run.shown.at(-1)?.dots?.find(({ name }) => name === "made");
    const heaps = Array.from({ length: 8 }, () => 0);
    Array.from(made?.x ?? [], Number).forEach((x, i) => {
      const y = Number(made?.y[i]);
      const heap = (Math.round(Math.atan2(y, x) / (Math.PI / 4)) + 8) % 8;
      // three deviations of the heaps' points
      const off = Math.hypot(x - 2 * Math.cos((heap * Math.PI) / 4), y - 2 * Math.sin((heap * Math.PI) / 4));
      if (off < 0.3) heaps[heap] = (heaps[heap] ?? 0) + 1;
    });
    expect(Math.min(...heaps)).toBeGreaterThan(50);
  },
  balance: (run) => {
    expect(run.shown.filter(({ title }) => title === "A game").length).toBeGreaterThan(5);
  },
  filters: (run) => {
    const [image, blurred, , edges] = (run.shown[0]?.tiles ?? []).map(({ rows }) =>
      rows.map((row) => Array.from(row, Number)),
    );
    if (!image || !blurred || !edges) throw new Error("there are five images");
    // written out for one pixel at the ball's left edge, in plain numbers: tiles show ink, of which there is 1 - brightness
    const [r, c] = [48, 14];
    const light = (i: number, j: number) => 1 - (image[r + i]?.[c + j] ?? 0);
    const bell = [1, 4, 6, 4, 1];
    const blur = bell
      .flatMap((a, i) => bell.map((b, j) => (a * b * light(i - 2, j - 2)) / 256))
      .reduce((a, b) => a + b);
    expect(1 - (blurred[r]?.[c] ?? 0)).toBeCloseTo(blur, 5);
    const slope = (at: (i: number, j: number) => number) =>
      at(-1, -1) + 2 * at(0, -1) + at(1, -1) - at(-1, 1) - 2 * at(0, 1) - at(1, 1);
    const wanted = Math.hypot(
      slope(light),
      slope((i, j) => light(j, i)),
    );
    expect(wanted).toBeGreaterThan(0.1);
    expect(edges[r]?.[c]).toBeCloseTo(wanted / 3, 5);
  },
  clusters: (run) => {
    // numpy's singular values of the same images in float64
    expect(figure(run, "share of the variance in two directions:")).toBeCloseTo(0.2822974868811996, 5);
    expect(run.shown.at(-1)?.tiles).toHaveLength(10);
  },
  autoencoder: (run) => {
    const [error, plain] = [figure(run, "mean squared error:"), figure(run, "of the mean image alone:")];
    expect(error).toBeLessThan(0.65 * plain);
  },
  newton: ({ printed, shown }) => {
    // Newton's iterates on Rosenbrock's function from (-1.2, 1), as numpy gives them in float64 (scripts/newton.py)
    const walked = shown.at(-1)?.lines?.[0];
    const wanted = [
      [-1.2, 1],
      [-1.1752808988764043, 1.3806741573033705],
      [0.763114871176473, -3.175033854748202],
      [0.7634296788840773, 0.5828247754971532],
      [0.9999953110850088, 0.9440273238533772],
      [0.9999956956536854, 0.9999913913257503],
      [0.9999999999999999, 0.9999999999814724],
      [1, 1],
    ];
    wanted.forEach(([u = 0, v = 0], i) => {
      expect(Number(walked?.x[i])).toBeCloseTo(u, 12);
      expect(Number(walked?.y[i])).toBeCloseTo(v, 12);
    });
    expect(printed).toHaveLength(8);
  },
};

describe.each(gallery)("$title", ({ name }) => {
  let done: Run;
  beforeAll(async () => {
    done = await run(name);
  });
  test("shows pictures of numbers", () => {
    expect(done.shown.length).toBeGreaterThan(0);
    for (const { lines = [], dots = [], tiles = [], bars = [] } of done.shown) {
      for (const value of [
        ...tiles.flatMap(({ rows }) => rows.flatMap((row) => Array.from(row))),
        ...bars.map((bar) => bar.value),
      ])
        expect(Number.isFinite(Number(value))).toBe(true);
      for (const { x, y } of [...lines, ...dots]) {
        expect(x.length).toBeGreaterThan(0);
        expect(y.length).toBe(x.length);
        for (const value of [...Array.from(x), ...Array.from(y)]) expect(Number.isFinite(Number(value))).toBe(true);
      }
    }
  });
  test("reaches what its page says", async () => {
    const stated = figures[name];
    if (!stated) throw new Error(`${name} has no figure that it reaches`);
    const reached = figure(done, stated.label);
    expect(reached).toBeGreaterThanOrEqual(stated.from);
    expect(reached).toBeLessThanOrEqual(stated.to);
    await reaches[name]?.(done);
  });
});
