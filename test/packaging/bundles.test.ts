// What a page downloads that bundles the published packages (not the sources, which bundlers drop by modules): sizes under ceilings, no
// kernels of the CPU for who computes on the GPU alone, and the right names in what a minified program prints.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { type BuildResult, build } from "esbuild";
import { beforeAll, expect, test } from "vitest";
import { quietly } from "../../scripts/setup/exec.mjs";
import { ceilings } from "../../scripts/toolchains/table.ts";
import { closureOf, install } from "./install.ts";

let folder = "";
beforeAll(async () => {
  folder = await install("bundles", closureOf("flambeau"));
}, 600_000);

async function bundle(contents: string): Promise<BuildResult<{ write: false; metafile: true }>> {
  return build({
    absWorkingDir: folder,
    stdin: { contents, resolveDir: folder, loader: "js" },
    outdir: "out",
    bundle: true,
    minify: true,
    splitting: true,
    write: false,
    metafile: true,
    format: "esm",
    platform: "neutral",
    target: "es2024",
    mainFields: ["module", "main"],
    external: ["node:*"],
    logLevel: "silent",
  });
}
/** What loads at the start (not what is imported when it is asked for), in kB (1,000 bytes), min + gzip. */
function kilobytes({ outputFiles, metafile }: Awaited<ReturnType<typeof bundle>>): number {
  const start = new Set<string>();
  const visit = (path: string): void => {
    if (start.has(path)) return;
    start.add(path);
    for (const each of metafile.outputs[path]?.imports ?? []) if (each.kind !== "dynamic-import") visit(each.path);
  };
  visit("out/stdin.js");
  const files = outputFiles.filter(({ path }) => [...start].some((name) => path.endsWith(name)));
  return files.reduce((sum, { contents }) => sum + gzipSync(contents, { level: 9 }).length, 0) / 1000;
}

const training = (entry: string, start: string) => `
  import { losses, nn, optim, randn, registerBackend, webgpu } from "${entry}";
  ${start}
  const model = new nn.Sequential(new nn.Linear(3, 16), new nn.ReLU(), new nn.Linear(16, 1));
  const optimizer = new optim.Adam(model.parameters(), { lr: 0.02 });
  for (let step = 0; step < 3; step++) {
    const loss = losses.mse(model.forward(randn([64, 3])), randn([64, 1]));
    optimizer.zeroGrad();
    loss.backward();
    optimizer.step();
  }
  console.log(String(model), String(optimizer), String(new losses.MSELoss()));`;
const gpu = "registerBackend(await webgpu());";

// raised from 17 for what levels of transforms, tapes and profiles ask of the door
test(`${ceilings.op.program} stays under ${ceilings.op.kB} kB`, async () => {
  const code = 'import { add, tensor } from "@flambeau/tensor/functional"; console.log(add(tensor([1]), tensor([2])));';
  expect(kilobytes(await bundle(code))).toBeLessThan(ceilings.op.kB);
});
// who imports `nn` of the umbrella has all of its layers, which bundlers cannot take apart (raised from 255 with attention, Transformers, packed
// sequences, lazy layers, parametrizations, pruning and summaries, from 295 with linear algebra, draws, selections, small planes and masks in the kernels of the
// cpu); `@flambeau/nn` brings what is used
test(`${ceilings.training.program} stays under ${ceilings.training.kB} kB`, async () => {
  expect(kilobytes(await bundle(training("flambeau", "")))).toBeLessThan(ceilings.training.kB);
});
// raised from 192 with attention under masks and draws by kernels
test("one from flambeau/webgpu has no kernels of the CPU", async () => {
  const result = await bundle(training("flambeau/webgpu", gpu));
  expect(kilobytes(result)).toBeLessThan(ceilings.gpu.kB);
  const inputs = Object.keys(result.metafile.inputs);
  expect(inputs.some((path) => path.includes("@flambeau/backend-webgpu/"))).toBe(true);
  expect(inputs.filter((path) => path.includes("backend-cpu-wasm"))).toEqual([]);
});
test("none has the CUDA backend: one that asks for it is told that the platform is another", async () => {
  const asking = 'import { cudaNative } from "flambeau"; console.log(await cudaNative.unavailableReason());';
  const result = await bundle(asking);
  const inputs = Object.keys(result.metafile.inputs).filter((path) => path.includes("backend-cuda-native"));
  expect(inputs.map((path) => path.slice(path.lastIndexOf("/dist/")))).toEqual(["/dist/elsewhere.js"]);
  for (const { path, contents } of result.outputFiles)
    writeFileSync(join(folder, path.split("/").at(-1) ?? ""), contents);
  const printed = await quietly("the program", process.execPath, ["stdin.js"], { cwd: folder });
  expect(printed).toContain("cuda: NVIDIA cards are reached from Node, on Linux; this is another platform");
});
test("a minified program prints the names of its layers, losses and optimizer", async () => {
  const { outputFiles } = await bundle(training("flambeau", ""));
  for (const { path, contents } of outputFiles) writeFileSync(join(folder, path.split("/").at(-1) ?? ""), contents);
  const printed = await quietly("the program", process.execPath, ["stdin.js"], { cwd: folder });
  for (const name of ["Sequential(", "Linear(in_features=3", "ReLU(", "Adam (", "MSELoss("])
    expect(printed).toContain(name);
});
