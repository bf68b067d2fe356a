// What becomes of the process when a program ends without dispose.
import { spawnSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { adapterMissing } from "../support/adapter.ts";

const backend = new URL("../../src/index.ts", import.meta.url);
const program = (end: string) => `
  import { webgpu } from ${JSON.stringify(backend.href)};
  import { add, registerBackend, tensor } from "@flambeau/tensor";
  registerBackend(await webgpu());
  const x = tensor([1, 2, 3], { device: "webgpu" });
  let y = x;
  for (let i = 0; i < 600; i++) y = add(y, 1); // more than two batches, which nothing waits for
  ${end}`;

function run(end: string): { status: number | null; stdout: string } {
  const flags = ["--conditions=source", "--input-type=module", "-e", program(end)];
  return spawnSync(process.execPath, flags, { cwd: import.meta.dirname, encoding: "utf8", timeout: 300_000 });
}

describe.skipIf(await adapterMissing())("the process ends by itself", () => {
  it.each([
    ["with work under way", "", 0],
    ["by process.exit in the middle of a read", "y.data(); process.exit(3);", 3],
    ["by an exception", 'throw new Error("thrown");', 1],
  ])("%s", (_, end, status) => {
    expect(run(end).status).toBe(status);
  });
  it("after a read that nobody awaits", () => {
    expect(run("y.data().then((values) => console.log(values.join()));")).toMatchObject({
      status: 0,
      stdout: "601,602,603\n",
    });
  });
});
