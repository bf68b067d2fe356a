// Two copies of @flambeau/tensor, as when two versions are installed: they work together, and say once that they are two.
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { closureOf, install } from "./install.ts";

const program = `
import { strict as assert } from "node:assert";
import * as root from "@flambeau/tensor";
import { FlambeauError, Generator, grad, losses, manualSeed, MemoryError, nn, ones, optim, randn, ShapeError, tensor, Tensor } from "flambeau";
import { nested, failing } from "nested";

assert.notEqual(nested.Tensor, Tensor);
// tensors, generators and errors of either are those of the other
const [a, b] = [tensor([1, 2]), nested.tensor([3, 4])];
assert.ok(a instanceof nested.Tensor && b instanceof Tensor && !({} instanceof Tensor));
assert.deepEqual(a.add(b).tolist(), [4, 6]);
assert.deepEqual(nested.mul(a, b).tolist(), [3, 8]);
assert.deepEqual(root.maximum(a, b).max(b).tolist(), [3, 4]);
assert.deepEqual(nested.tensor(a).tolist(), [1, 2]);
assert.ok(new nested.Generator(0) instanceof Generator);
assert.deepEqual(randn([2], { generator: new nested.Generator(0) }).tolist(), nested.randn([2], { generator: new Generator(0) }).tolist());
assert.throws(failing, ShapeError);
assert.throws(failing, FlambeauError);
assert.throws(failing, (error) => !(error instanceof MemoryError));
class Own extends ShapeError {}
assert.throws(failing, (error) => !(error instanceof Own));
// one graph goes through both, and a model of one learns with the optimizer of the other
manualSeed(0);
const x = randn([64, 3]);
const y = x.sum(1, { keepdim: true });
const model = new nested.nn.Sequential(new nested.nn.Linear(3, 16), new nn.ReLU(), new nn.Linear(16, 1));
const optimizer = new optim.Adam(model.parameters(), { lr: 0.02 });
let first = 0, last = 0;
for (let step = 0; step < 100; step++) {
  const loss = nested.add(losses.mse(model.forward(x), y), 0);
  optimizer.zeroGrad();
  loss.backward();
  optimizer.step();
  last = loss.item();
  if (step === 0) first = last;
}
assert.ok(last < first / 50, \`the loss fell from \${first} to \${last}\`);
const w = nested.ones([2], { requiresGrad: true });
assert.deepEqual(grad(nested.mul(w, w).sum(), w)[0].tolist(), [2, 2]);
console.log("works");
`;

test("work together and warn once, with both places", async () => {
  const folder = await install("copies", closureOf("flambeau"));
  const below = join(folder, "node_modules/nested");
  for (const name of ["tensor", "nn"]) {
    mkdirSync(join(below, "node_modules/@flambeau"), { recursive: true });
    cpSync(join(folder, "node_modules/@flambeau", name), join(below, "node_modules/@flambeau", name), {
      recursive: true,
    });
  }
  writeFileSync(join(below, "package.json"), JSON.stringify({ name: "nested", type: "module", exports: "./index.js" }));
  const lines = [
    'import * as nn from "@flambeau/nn";',
    'import * as tensor from "@flambeau/tensor";',
    "export const nested = { ...tensor, nn };",
    "export const failing = () => tensor.ones([2]).add(tensor.ones([3]));",
  ];
  writeFileSync(join(below, "index.js"), lines.join("\n"));
  writeFileSync(join(folder, "program.mjs"), program);
  const { stdout, stderr } = spawnSync(process.execPath, ["program.mjs"], {
    cwd: folder,
    encoding: "utf8",
    env: { PATH: process.env.PATH },
  });
  expect(stderr.match(/two copies of @flambeau\/tensor/g), stderr).toHaveLength(1);
  expect(stderr).toContain("node_modules/@flambeau/tensor/dist");
  expect(stderr).toContain("nested/node_modules/@flambeau/tensor/dist");
  expect(stdout.trim()).toBe("works");
});
