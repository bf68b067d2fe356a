import { fileURLToPath } from "node:url";
import { afterEach, expect, test } from "vitest";
import { Child } from "../src/child.ts";

const fake = fileURLToPath(new URL("fake-rival.ts", import.meta.url));
let child: Child | undefined;
const start = (...args: string[]) => {
  child = new Child({ file: process.execPath, args: [fake, ...args] });
  return child;
};
afterEach(() => child?.close());

test("hello, answers, and an end when the input ends", async () => {
  const rival = start("steady", "0.25");
  expect(await rival.hello()).toEqual({ ready: { version: "1.2.3", threads: 2 } });
  expect(await rival.ask({ run: "add_us", iterations: 8 })).toEqual({ ms: 2, note: "made up", loss: 0.5 });
  expect(await rival.ask({ run: "absent_us", iterations: 8 })).toEqual({ unsupported: "not written for this rival" });
  await rival.close();
  await rival.close();
});

test("a rival that is not installed says why", async () => {
  expect(await start("missing").hello()).toEqual({ unavailable: "not installed" });
});

test("a rival that dies at the start is reported with its code and last words", async () => {
  expect(await start("crash").hello()).toEqual({ unavailable: "ended with code 3: no such module: rival" });
});

test("a program that does not exist is reported", async () => {
  child = new Child({ file: "no-such-program-of-ours", args: [] });
  expect(await child.hello()).toMatchObject({ unavailable: expect.stringContaining("ENOENT") });
});

test("a rival that dies while measuring answers every later request with the reason", async () => {
  const rival = start("dies");
  await rival.hello();
  for (let i = 0; i < 4; i++) expect(await rival.ask({ run: "add_us", iterations: 1 })).toHaveProperty("ms");
  const lost = { unsupported: "ended with code 7" };
  expect(await rival.ask({ run: "add_us", iterations: 1 })).toEqual(lost);
  expect(await rival.ask({ run: "add_us", iterations: 1 })).toEqual(lost);
});

test("answers that keep to no protocol are no figures", async () => {
  expect(await start("chatter").hello()).toEqual({ unavailable: "printed a line that is no JSON: welcome to rival" });
  const rival = start("liar");
  await rival.hello();
  expect(await rival.ask({ run: "add_us", iterations: 1 })).toEqual({ unsupported: 'answered {"ms":"fast"}' });
});
