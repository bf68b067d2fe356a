import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { open } from "../src/against/session.ts";

const fake = fileURLToPath(new URL("fake-rival.ts", import.meta.url));
const session = (...args: string[]) => open({ command: () => ({ file: process.execPath, args: [fake, ...args] }) }, 1);

test("a process that gives no figure is replaced before the next request", async () => {
  const dying = await session("dies", "0.5");
  const ask = () => dying.ask({ run: "add_us", iterations: 2 });
  for (let i = 0; i < 4; i++) expect(await ask()).toMatchObject({ ms: 1 });
  expect(await ask()).toEqual({ unsupported: "ended with code 7" });
  expect(await ask()).toMatchObject({ ms: 1 });
  await dying.close();
});
test("one that cannot start says why to each request", async () => {
  const missing = await session("missing");
  for (let i = 0; i < 2; i++) {
    expect(await missing.ask({ run: "add_us", iterations: 1 })).toEqual({ unsupported: "not installed" });
  }
  await missing.close();
});
