// The npm packages in other programs than Node and browsers, in test runners, and under Node's restrictions.
import { spawnSync } from "node:child_process";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { root } from "../../scripts/setup/paths.mjs";
import { tested } from "../../scripts/toolchains/table.ts";
import { bunProgram, closureOf, install } from "./install.ts";

const program = `
import { data, io, losses, nn, ones, optim, tensor } from "flambeau";
const model = new nn.Linear(2, 1);
const optimizer = new optim.Adam(model.parameters());
for await (const [x] of new data.DataLoader(new data.TensorDataset(ones([4, 2])), { batchSize: 2 })) {
  optimizer.zeroGrad();
  losses.mse(model.forward(x), ones([2, 1])).backward();
  optimizer.step();
}
await io.save(model.stateDict(), "weights.safetensors");
const x = ones([512, 512]);
x.matmul(x);
for (let i = 0; i < 20; i++) await new Promise((resolve) => setTimeout(resolve, 10));
const { weight: w } = await io.load("weights.safetensors");
console.log(JSON.stringify({ sum: x.matmul(x).sum().item() / 512 ** 3, shape: w.shape, info: x.backend.info }));
`;
/** What makes Vitest and Jest compare tensors by their values, as docs/toolchains.md has it. */
const tester = `
import { Tensor } from "flambeau";
export function sameTensors(a, b) {
  if (!(a instanceof Tensor && b instanceof Tensor)) return undefined;
  return a.dtype === b.dtype && this.equals(a.tolist(), b.tolist());
}
`;
const comparing = `
expect.addEqualityTesters([sameTensors]);
test("tensors", () => {
  expect(tensor([1, 2]).add(1)).toEqual(tensor([2, 3]));
  expect({ x: tensor([1, NaN]) }).toEqual({ x: tensor([1, NaN]) });
  expect(tensor([1, 2])).not.toEqual(tensor([1, 3]));
  expect(tensor([1, 2])).not.toEqual(tensor([[1, 2]]));
  expect(tensor([1, 2])).not.toEqual(tensor([1, 2], { dtype: "int32" }));
});
`;

describe("the npm packages", () => {
  let folder = "";
  const run = (command: string, args: readonly string[], env: NodeJS.ProcessEnv = {}) => {
    const { stdout, stderr, error } = spawnSync(command, args, {
      cwd: folder,
      encoding: "utf8",
      env: { PATH: process.env.PATH, HOME: folder, ...env },
      timeout: 120_000,
    });
    return { stdout: stdout.trim(), stderr, error };
  };
  const answer = (command: string, args: readonly string[]) => {
    const { stdout, stderr, error } = run(command, args);
    try {
      return {
        ...JSON.parse(stdout.split("\n").at(-1) ?? ""),
        warned: stderr.match(/workers could not start/g)?.length ?? 0,
      };
    } catch {
      throw new Error(`${command} ${args.join(" ")} said: ${stdout}\n${stderr}`, { cause: error });
    }
  };
  const right = { sum: 1, shape: [1, 2], info: expect.stringMatching(/thread/), warned: 0 };

  beforeAll(async () => {
    folder = await install("runtimes", closureOf("flambeau"));
    writeFileSync(join(folder, "program.mjs"), program);
  });

  test(tested("deno"), () => {
    const deno = join(root, "node_modules/deno/bin.cjs");
    const args = [deno, "run", "--allow-all", "--no-lock", "--node-modules-dir=manual", "program.mjs"];
    expect(answer(process.execPath, args)).toEqual(right);
  });

  test(tested("bun"), ({ skip }) => {
    const bun = bunProgram();
    if (bun === null) return skip("Bun's package for this platform is not installed");
    expect(answer(bun, ["program.mjs"])).toEqual(right);
  });

  test(tested("permission", "without --allow-worker one thread, which is said once"), () => {
    const flags = ["--permission", "--allow-fs-read=*", "--allow-fs-write=*"];
    const info = expect.stringMatching(/^1 thread, .*--allow-worker/);
    expect(answer(process.execPath, [...flags, "program.mjs"])).toEqual({ ...right, info, warned: 1 });
    expect(answer(process.execPath, [...flags, "--allow-worker", "program.mjs"])).toEqual(right);
  });

  test(tested("require"), () => {
    writeFileSync(join(folder, "plain.cjs"), 'console.log(require("flambeau").tensor([1, 2]).sum().item());');
    expect(run(process.execPath, ["plain.cjs"]).stdout).toBe("3");
  });

  describe("in test runners", () => {
    beforeAll(() => {
      mkdirSync(join(folder, "runners"));
      writeFileSync(join(folder, "runners/testers.mjs"), tester);
      for (const name of ["jest", "vitest"])
        symlinkSync(join(root, "node_modules", name), join(folder, "node_modules", name));
      const imports = 'import { tensor } from "flambeau";\nimport { sameTensors } from "./testers.mjs";\n';
      writeFileSync(join(folder, "runners/modules.jest.mjs"), imports + comparing);
      writeFileSync(
        join(folder, "runners/modules.vitest.mjs"),
        `import { expect, test } from "vitest";\n${imports}${comparing}`,
      );
      const plain =
        'const { tensor } = require("flambeau");\ntest("sums", () => expect(tensor([1, 2]).sum().item()).toBe(3));';
      writeFileSync(join(folder, "runners/plain.jest.cjs"), plain);
    });
    const jest = (file: string, env?: NodeJS.ProcessEnv) => {
      const config = {
        rootDir: folder,
        testMatch: [`**/${file}`],
        transform: {},
        moduleFileExtensions: ["js", "mjs", "cjs"],
      };
      const args = [join(root, "node_modules/jest/bin/jest.js"), "--config", JSON.stringify(config), "--no-cache"];
      return run(process.execPath, args, env).stderr;
    };
    const modules = { NODE_OPTIONS: "--experimental-vm-modules" };

    test(tested("vitest", "tensors compared by value"), () => {
      const args = [join(root, "node_modules/vitest/vitest.mjs"), "run", "--root", folder];
      writeFileSync(
        join(folder, "vitest.config.mjs"),
        'export default { test: { include: ["runners/*.vitest.mjs"] } };',
      );
      expect(run(process.execPath, args).stdout).toMatch(/1 passed/);
    });
    test(tested("jest", "tensors compared by value"), () => {
      expect(jest("modules.jest.mjs", modules)).toMatch(/1 passed/);
    });
    test("Jest by require: works in its module mode, else Jest says what to do", () => {
      expect(jest("plain.jest.cjs")).toMatch(/Must use import to load ES Module/);
      const major = Number(process.versions.node.split(".")[0]);
      if (major >= 24) expect(jest("plain.jest.cjs", modules)).toMatch(/1 passed/);
    });
  });
});
