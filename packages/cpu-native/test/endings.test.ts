import { createRequire } from "node:module";
import { expect, it } from "vitest";
import { interrupted, loadedAnew } from "../../../test/support/interrupted.ts";

const { path, reason } = createRequire(import.meta.url)("../index.cjs") as { path?: string; reason?: string };
if (path === undefined) console.warn(`SKIPPED: threads that end while they load native kernels: ${reason}`);

it.skipIf(path === undefined)("a thread may end while it loads the kernels", () => {
  const turn = `${loadedAnew(path ?? "")}
    const { buffer } = new WebAssembly.Memory({ initial: 20, maximum: 100, shared: true });
    const heap = new addon.Heap(new Uint8Array(buffer), addon.isas[0], 4096);
    heap.kernels;
    heap.operations;`;
  expect(interrupted(turn, 100)).toEqual({ status: 0, signal: null, stderr: "" });
});
