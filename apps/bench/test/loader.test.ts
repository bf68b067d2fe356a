import { expect, test } from "vitest";
import { type Decoder, Pictures } from "../src/loader/images.ts";
import { loaderCells, tooSlow } from "../src/loader/run.ts";

test("a picture is decoded into normalized planes", async () => {
  const [planes, label] = await new Pictures(20).get(13);
  expect([planes.shape, label]).toEqual([[3, 128, 128], 3]);
  const range = [planes.min().item(), planes.max().item()];
  expect(range[0]).toBeGreaterThan(-2.2); // black, (0 - 0.485) / 0.229 and the like
  expect(range[1]).toBeLessThan(2.7);
});

test("the table shows the gain by decoder, and too little of it is a failure", () => {
  const of = (decoder: Decoder, rates: readonly number[]) =>
    rates.map((samplesPerSecond, numWorkers) => ({ decoder, numWorkers, samplesPerSecond }));
  const [slow, fast] = [of("jpeg-js", [100, 98, 150]), of("libjpeg-turbo", [300, 290, 570])];
  expect(loaderCells([...slow, ...fast]).slice(1)).toEqual([
    ["jpeg-js", "the loader itself", "100", "1.00"],
    ["jpeg-js", "numWorkers: 1", "98", "0.98"],
    ["jpeg-js", "numWorkers: 2", "150", "1.50"],
    ["libjpeg-turbo", "the loader itself", "300", "1.00"],
    ["libjpeg-turbo", "numWorkers: 1", "290", "0.97"],
    ["libjpeg-turbo", "numWorkers: 2", "570", "1.90"],
  ]);
  expect(tooSlow([...slow, ...fast])).toEqual(["two workers with jpeg-js load 1.50 times as fast, expected 1.6"]);
  expect(tooSlow(fast)).toEqual(["two workers with jpeg-js were not measured"]);
  expect(tooSlow([...of("jpeg-js", [100, 98, 190]), ...fast])).toEqual([]);
});
