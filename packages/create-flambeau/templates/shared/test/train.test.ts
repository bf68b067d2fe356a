import { expect, test } from "vitest";
import { chooseDevice } from "../src/device.ts";
import { type Progress, train } from "../src/train.ts";

test("after five epochs it reads more than 85 of 100 new digits, and the loss has fallen", async () => {
  const told: Progress[] = [];
  await train(await chooseDevice(), { epochs: 5 }, (progress) => told.push(progress));
  expect(told.map(({ epoch }) => epoch)).toEqual([1, 2, 3, 4, 5]);
  const [first, , , , last] = told;
  expect(last?.loss).toBeLessThan((first?.loss ?? 0) / 4);
  expect(last?.accuracy).toBeGreaterThan(0.85);
}, 120_000);
