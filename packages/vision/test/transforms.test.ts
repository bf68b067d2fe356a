// Functions and transforms against what torchvision 0.28 makes of the same images, with the same draws for a seed.
import { Generator, manualSeed, type Tensor, tensor } from "@flambeau/tensor";
import { expect, test } from "vitest";
import * as vision from "../src/index.ts";
import "./backend.ts";
import { type Held, record, tensorOf } from "./figures/record.ts";

type Names = { readonly [name: string]: unknown };
type Callable = (...args: unknown[]) => Tensor | Tensor[];
interface Transform {
  forward(x: Tensor, options?: { generator: Generator }): Tensor | Tensor[];
}
const held = (options: object) => (Object.keys(options).length ? [options] : []);

/** Where interpolated positions are rounded otherwise, and halves with them. */
const warps = ["rotate", "affine", "perspective", "RandomRotation", "RandomAffine", "RandomPerspective"];
/** Which share of integers may differ by 1: sums of float32 in another order, near a half or a whole number. Bytes but for warps are exact. */
const stray = (name: string, dtype: string): number => (dtype === "int16" || warps.includes(name) ? 0.05 : 0);

function compare(name: string, y: Tensor | readonly Tensor[], out: readonly Held[], what: string): void {
  const all = Array.isArray(y) ? (y as readonly Tensor[]) : [y as Tensor];
  expect(all.length, what).toBe(out.length);
  all.forEach((each, i) => {
    expect([each.dtype, each.shape], what).toEqual([out[i].dtype, out[i].shape]);
    const got = each.to("float64").dataSync() as Float64Array;
    const wanted = tensorOf(out[i]).to("float64").dataSync() as Float64Array;
    const most = wanted.reduce((max, v) => Math.max(max, Math.abs(v)), 1);
    const eps = { float16: 2 ** -10, float32: 2 ** -23, float64: 2 ** -52 }[each.dtype as string];
    let strays = 0;
    for (let k = 0; k < got.length; k++) {
      const off = Math.abs(got[k] - wanted[k]);
      if (eps !== undefined && off > 30 * eps * most) expect.fail(`${what} [${k}]: ${got[k]}, not ${wanted[k]}`);
      if (eps === undefined && off > 0) strays += off === 1 ? 1 : Infinity;
    }
    expect(strays, what).toBeLessThanOrEqual(Math.ceil(got.length * stray(name, each.dtype)));
  });
}

const names = [...new Set(record.functions.map(({ name }) => name))];
test.each(names)("%s", (name) => {
  for (const { image, args, options, out } of record.functions.filter((each) => each.name === name)) {
    const f = (vision as Names)[name] as Callable;
    const y = f(tensorOf(record.images[image]), ...args, ...held(options));
    compare(name, y, out, `${name}(${image}, ${JSON.stringify(args)}, ${JSON.stringify(options)})`);
  }
});

function make(name: string, args: readonly unknown[], options: object): Transform {
  const nested = ["Compose", "RandomApply", "RandomChoice", "RandomOrder"].includes(name);
  const list = nested ? [(args[0] as [string, unknown[], object][]).map((each) => make(...each))] : args;
  const made = (vision as Names)[name] as new (...args: unknown[]) => Transform;
  return new made(...list, ...held(options));
}
test.each([...new Set(record.transforms.map(({ name }) => name))])("%s", (name) => {
  for (const { image, args, options, seed, out, next } of record.transforms.filter((each) => each.name === name)) {
    const what = `${name}(${JSON.stringify(args)}, ${JSON.stringify(options)}) of ${image}, seed ${seed}`;
    const transform = make(name, args, options);
    const generator = new Generator(seed);
    compare(name, transform.forward(tensorOf(record.images[image]), { generator }), out, what);
    expect(generator.uniform24(), `draws of ${what}`).toBe(next);
    // without one, the global generator is drawn from
    manualSeed(seed);
    compare(name, transform.forward(tensorOf(record.images[image])), out, what);
  }
});

test.each(["MixUp", "CutMix"] as const)("%s", (name) => {
  const Mix = { MixUp: vision.MixUp, CutMix: vision.CutMix }[name];
  for (const { alpha, seed, out, next } of record.mixes.filter((each) => each.name === name)) {
    const images = tensorOf(record.images.batch).reshape([4, 3, 5, 6]);
    const labels = tensor([0, 2, 1, 2], { dtype: "int32" });
    const generator = new Generator(seed);
    const mixed = new Mix({ alpha, numClasses: 3, generator }).forward(images, labels);
    compare(name, mixed, out, `${name} ${alpha}, seed ${seed}`);
    expect(generator.uniform24(), `draws of ${name} ${alpha}, seed ${seed}`).toBe(next);
    const shares = labels.oneHot(3).float();
    const again = new Mix({ alpha }).forward(images, shares, { generator: new Generator(seed) });
    compare(name, again, out, `${name} of shares`);
  }
});

test("everything that torchvision was asked is among them", () => {
  expect(names.length).toBeGreaterThan(28);
  expect(record.functions.length + record.transforms.length + record.mixes.length).toBeGreaterThan(1100);
});
