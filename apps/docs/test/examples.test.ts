// Every program of the gallery runs as it stands, in its fixed number of steps, and reaches what its page says.
import { join } from "node:path";
import { beforeAll, describe, expect, test, vi } from "vitest";
import { gallery } from "../examples/list.ts";
import { type Picture, screen } from "../examples/show.ts";
import { examples } from "../src/site/places.ts";

interface Run {
  /** What was printed, an array for each call. */
  readonly printed: unknown[][];
  readonly shown: Picture[];
}

async function run(name: string): Promise<Run> {
  const printed: unknown[][] = [];
  const shown: Picture[] = [];
  const log = vi.spyOn(console, "log").mockImplementation((...values) => void printed.push(values));
  screen.show = (picture) => void shown.push(structuredClone(picture)); // only what a worker could post
  try {
    await import(join(examples, `${name}.ts`));
  } finally {
    log.mockRestore();
    screen.show = undefined;
  }
  return { printed, shown };
}

/** The number behind a text that was printed. */
function figure({ printed }: Run, label: string): number {
  const found = printed.findLast(([text]) => String(text).startsWith(label));
  if (!found) throw new Error(`nothing was printed as "${label}": ${JSON.stringify(printed)}`);
  return Number(found[1] ?? String(found[0]).slice(label.length));
}

const reaches: Record<string, (run: Run) => void> = {
  "curve-fitting": (run) => {
    // the noise has a variance of 0.01: the fit is nearer to the sine than any single measurement
    expect(figure(run, "mean squared distance from the sine:")).toBeLessThan(0.0025);
    expect(run.shown.map(({ title }) => title)).toContain("Loss");
  },
  "decision-surface": (run) => {
    expect(figure(run, "told apart:")).toBe(100);
    expect(run.shown[0]?.surface?.values).toHaveLength(50);
  },
  clusters: (run) => {
    // numpy's singular values of the same images in float64
    expect(figure(run, "share of the variance in two directions:")).toBeCloseTo(0.2822974868811996, 5);
    // from the mean of all images it is 4.689, by numpy
    expect(figure(run, "mean squared distance from the nearest centre:")).toBeLessThan(0.6 * 4.689069132968824);
    expect(run.shown.at(-1)?.tiles).toHaveLength(10);
  },
  trees: (run) => expect(figure(run, "right, of 200 deeper sentences:")).toBeGreaterThan(190),
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
    expect(printed).toHaveLength(7);
  },
};

describe.each(gallery)("$title", ({ name }) => {
  let done: Run;
  beforeAll(async () => {
    done = await run(name);
  });
  test("shows pictures of numbers", () => {
    expect(done.shown.length).toBeGreaterThan(0);
    for (const { lines = [], dots = [] } of done.shown)
      for (const { x, y } of [...lines, ...dots]) {
        expect(x.length).toBeGreaterThan(0);
        expect(y.length).toBe(x.length);
        for (const value of [...Array.from(x), ...Array.from(y)]) expect(Number.isFinite(Number(value))).toBe(true);
      }
  });
  test("reaches what its page says", () => {
    const check = reaches[name];
    if (!check) throw new Error(`${name} has no figure that it reaches`);
    check(done);
  });
});
