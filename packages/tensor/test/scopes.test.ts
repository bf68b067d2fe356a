import { cpuWasm } from "@flambeau/backend-cpu-wasm";
import { beforeAll, expect, test } from "vitest";
import {
  enableGrad,
  inferenceMode,
  memory,
  memoryScope,
  noGrad,
  registerBackend,
  tensor,
  tidy,
  withDevice,
  zeros,
} from "../src/index.ts";
import { context, withInterpreter } from "../src/plugin.ts";

beforeAll(() => {
  registerBackend(cpuWasm({ threads: 1 }));
});
const turn = () => new Promise((resolve) => setTimeout(resolve));
const live = () => memory().cpu?.tensors ?? 0;

test("scopes of async functions that overlap are told, and the stack of scopes recovers", async () => {
  const before = live();
  const told: unknown[] = [];
  const request = async (turns: number) => {
    const scope = memoryScope();
    const x = tensor([turns]).mul(2);
    for (let i = 0; i < turns; i++) await turn();
    const y = x.disposed ? null : x.add(1).item();
    try {
      scope.end();
    } catch (error) {
      told.push(error);
    }
    return y;
  };
  // the first ends while the second, opened inside it, is still open
  expect(await Promise.all([request(1), request(3)])).toEqual([3, 7]);
  expect(told).toEqual([
    expect.objectContaining({ name: "FlambeauError", message: expect.stringMatching(/in reverse order/) }),
  ]);
  expect(context.scope).toBeNull();
  // from here on scopes free what is theirs, and what is made outside them is the collector's
  const held = live();
  tidy(() => zeros([4]).add(1).mul(2));
  const scope = memoryScope();
  zeros([4]).add(1);
  scope.end();
  scope.end(); // once is enough
  expect(live()).toBe(held + 1); // tidy's result
  expect(held - before).toBeLessThanOrEqual(2); // what the first scope owned waits for the collector
  expect(zeros([1]).owner).toBeNull();
});

test("what a scope hands to its parent goes past one that has ended", () => {
  const outer = memoryScope();
  const middle = memoryScope();
  const inner = memoryScope();
  expect(() => middle.end()).toThrow(/reverse order/);
  const x = tidy(() => tensor([1]).add(1));
  expect(x.owner).toBe(inner);
  inner.end();
  expect(x.disposed).toBe(true);
  expect(context.scope).toBe(outer);
  outer.end();
  expect(context.scope).toBeNull();
});

test("asynchronous functions are refused by the types and at run time, and what becomes of them disturbs nobody", async () => {
  const unhandled: unknown[] = [];
  const note = (reason: unknown) => unhandled.push(reason);
  process.on("unhandledRejection", note);
  const failing = async () => {
    await turn();
    throw new Error("later");
  };
  const refused = { name: "FlambeauError", message: expect.stringContaining("takes a synchronous function") };
  // @ts-expect-error: no mode spans an await
  expect(() => noGrad(failing)).toThrow(expect.objectContaining(refused));
  // @ts-expect-error
  expect(() => enableGrad(failing)).toThrow(expect.objectContaining(refused));
  // @ts-expect-error
  expect(() => inferenceMode(failing)).toThrow(expect.objectContaining(refused));
  // @ts-expect-error
  expect(() => withDevice("meta", failing)).toThrow(expect.objectContaining(refused));
  // @ts-expect-error
  expect(() => tidy(failing)).toThrow(expect.objectContaining(refused));
  // @ts-expect-error
  expect(() => withInterpreter({ op: (call) => call.next() }, failing)).toThrow(expect.objectContaining(refused));
  await turn();
  await turn();
  process.off("unhandledRejection", note);
  expect(unhandled).toEqual([]);
  expect([context.gradEnabled, context.inference, context.defaultDevice, context.stack, context.scope]).toEqual([
    true,
    false,
    "cpu",
    null,
    null,
  ]);
});
