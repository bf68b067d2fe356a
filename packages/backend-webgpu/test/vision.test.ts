// Transforms of images on the device, against what torchvision makes of the same images (packages/vision/test/figures/transforms.py).
import "@flambeau/autograd";
import { Generator, registerBackend, type Tensor } from "flambeau";
import * as vision from "flambeau/vision";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Held, record, tensorOf } from "../../vision/test/figures/record.ts";
import type { WebGpuBackend } from "../src/index.ts";
import { adapterMissing, openBackend } from "./support/adapter.ts";

const named: { readonly [name: string]: unknown } = vision;
type Callable = (...args: unknown[]) => Tensor | Tensor[];
const given = (args: readonly unknown[], options: object) => (Object.keys(options).length ? [...args, options] : args);
/** Bytes and floats. */
const images = new Set(["rgb8", "rgb"]);

/** Bytes may differ by 1 in a few places, where the device rounds the last digit of a half or of a whole number otherwise. */
function compare(y: Tensor | Tensor[], out: readonly Held[], what: string): void {
  const all = [y].flat();
  expect(all.length, what).toBe(out.length);
  all.forEach((each, i) => {
    expect([each.device, each.dtype, each.shape], what).toEqual(["webgpu", out[i].dtype, out[i].shape]);
    const got = each.to("cpu").to("float64").dataSync() as Float64Array;
    const wanted = tensorOf(out[i]).to("float64").dataSync() as Float64Array;
    const most = wanted.reduce((max, v) => Math.max(max, Math.abs(v)), 1);
    const bytes = each.dtype === "uint8" || each.dtype === "int16";
    let strays = 0;
    for (let k = 0; k < got.length; k++) {
      const off = Math.abs(got[k] - wanted[k]);
      if (bytes ? off > 1 : off > 2e-5 * most) expect.fail(`${what} [${k}]: ${got[k]}, not ${wanted[k]}`);
      if (bytes && off > 0) strays++;
    }
    expect(strays, what).toBeLessThanOrEqual(Math.ceil(got.length / 20));
  });
}

describe.skipIf(await adapterMissing())("transforms of images", () => {
  let backend: WebGpuBackend;
  beforeAll(async () => {
    backend = await openBackend();
    registerBackend(backend);
  });
  afterAll(() => backend.dispose());

  const calls = record.functions.filter(
    ({ image, options, args }) =>
      images.has(image) && ![...args, ...Object.values(options)].some((each) => each === "float64" || each === "int64"),
  );
  it.each([...new Set(calls.map(({ name }) => name))])("%s", (name) => {
    for (const { image, args, options, out } of calls.filter((each) => each.name === name)) {
      const x = tensorOf(record.images[image], "webgpu");
      compare((named[name] as Callable)(x, ...given(args, options)), out, `${name}(${image}, ${JSON.stringify(args)})`);
    }
  });

  it("random ones, with the draws of the cpu", () => {
    const nested = ["Compose", "RandomApply", "RandomChoice", "RandomOrder"];
    for (const { name, image, args, options, seed, out } of record.transforms) {
      if (seed > 0 || nested.includes(name)) continue;
      const made = named[name] as new (...args: unknown[]) => { forward(x: Tensor, o: object): Tensor | Tensor[] };
      const x = tensorOf(record.images[image], "webgpu");
      const y = new made(...given(args, options)).forward(x, { generator: new Generator(seed) });
      compare(y, out, `${name}(${image}, ${JSON.stringify(args)}, ${JSON.stringify(options)})`);
    }
  });
});
