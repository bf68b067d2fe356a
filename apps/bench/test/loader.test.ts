import { expect, test } from "vitest";
import { Pictures } from "../src/loader/images.ts";
import { loaderCells, tooSlow } from "../src/loader/run.ts";

test("a picture is decoded into normalized planes", async () => {
  const [planes, label] = await new Pictures(20).get(13);
  expect([planes.shape, label]).toEqual([[3, 128, 128], 3]);
  const range = [planes.min().item(), planes.max().item()];
  expect(range[0]).toBeGreaterThan(-2.2); // black, (0 - 0.485) / 0.229 and the like
  expect(range[1]).toBeLessThan(2.7);
});

test("the table shows the gain, and too little of it is a failure", () => {
  const figures = [
    { numWorkers: 0, samplesPerSecond: 100 },
    { numWorkers: 1, samplesPerSecond: 98 },
    { numWorkers: 2, samplesPerSecond: 150 },
  ];
  expect(loaderCells(figures).slice(1)).toEqual([
    ["the loader itself", "100", "1.00"],
    ["numWorkers: 1", "98", "0.98"],
    ["numWorkers: 2", "150", "1.50"],
  ]);
  expect(tooSlow(figures)).toEqual(["two workers load 1.50 times as fast, expected 1.6"]);
  expect(tooSlow([figures[0], { numWorkers: 2, samplesPerSecond: 190 }])).toEqual([]);
});
