import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

// what a copy of the first layout of the shared context had put there: fields that go by other names now, and none of the new ones
const program = `
  const older = {
    layout: 1, backends: new Map(), defaultDevice: "cpu", defaultDType: "float64", tracer: null, stack: null,
    gradEnabled: true, inference: false, fused: true, scope: null, generator: null, captureSites: false,
  };
  globalThis[Symbol.for("flambeau/context@2")] = older;
  const { captureCreationSites, leakReport, manualSeed, randn, tensor } = await import("flambeau");
  captureCreationSites(true);
  const x = tensor([1, 2], { requiresGrad: true });
  x.mul(x).sum().backward();
  manualSeed(0);
  const { context } = await import("@flambeau/tensor/plugin");
  console.log(JSON.stringify([context === older, x.dtype, x.grad.tolist(), randn([1]).item(), leakReport().length > 0]));`;

test("a copy joins the context of an older one: what is there stays, what it knows beyond comes beside it", () => {
  const { stdout, stderr } = spawnSync(
    process.execPath,
    ["--conditions=source", "--disable-warning=ExperimentalWarning", "--input-type=module", "-e", program],
    { encoding: "utf8", cwd: fileURLToPath(new URL("..", import.meta.url)), env: { PATH: process.env.PATH } },
  );
  // randn of float64 for seed 0, as PyTorch draws it
  expect(stderr).toBe("");
  expect(JSON.parse(stdout)).toEqual([true, "float64", [2, 4], expect.closeTo(1.5409961, 4), true]);
});
