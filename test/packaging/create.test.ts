// `npm create flambeau` as its reader has it: the packed command makes each of the projects, which is checked, tested, built and run.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, inject, test } from "vitest";
import { chromium, softwareAdapter } from "../../scripts/setup/browser.mjs";
import { quietly } from "../../scripts/setup/exec.mjs";
import { bringTools, closureOf, home, install } from "./install.ts";
import { isolation, served, visit } from "./page.ts";

let command = "";
beforeAll(async () => {
  command = join(await install("create", ["create-flambeau"]), "node_modules/.bin/create-flambeau");
});

const run = (folder: string, name: string, args: readonly string[]) =>
  quietly(`${name} ${args.join(" ")}`, name, [...args], {
    cwd: folder,
    env: {
      PATH: process.env.PATH,
      HOME: home,
      npm_config_user_agent: "pnpm/12.0.0 npm/? node/v24.0.0",
      ...softwareAdapter(true),
    },
  });

/** Makes a project and installs what it names: Flambeau's packages from the tarballs, tools from this workspace. */
async function made(template: string, device: string): Promise<string> {
  const name = `${template}-${device}`;
  const said = await run(home, command, [name, "--template", template, "--device", device]);
  expect(said).toContain(`cd ${name}\n  pnpm install\n  pnpm run start\n  pnpm run test`);
  const folder = join(home, name);
  const manifest = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  const { flambeau, ...others } = { ...manifest.dependencies, ...manifest.devDependencies };
  const tarballs = inject("tarballs");
  expect(tarballs.flambeau).toContain(`flambeau-${flambeau.replace("^", "")}.tgz`);
  const local = Object.fromEntries(closureOf("flambeau").map((each) => [each, `file:${tarballs[each]}`]));
  writeFileSync(
    join(folder, "package.json"),
    JSON.stringify({ ...manifest, dependencies: local, devDependencies: {} }),
  );
  await run(folder, "npm", ["install", "--offline", "--no-audit", "--no-fund", "--ignore-scripts"]);
  bringTools(folder, Object.keys(others));
  return folder;
}

describe.each([
  ["node", "cpu"],
  ["node", "webgpu"],
  ["page", "cpu"],
  ["page", "webgpu"],
])("a project for %s on %s", (template, device) => {
  let folder = "";
  beforeAll(async () => {
    folder = await made(template, device);
  });

  test("has types and a test that hold", async () => {
    await run(folder, "npm", ["run", "check"]);
    await run(folder, "npm", ["test", "--", "--reporter=json", "--outputFile=report.json"]);
    const { numPassedTests, numTotalTests } = JSON.parse(readFileSync(join(folder, "report.json"), "utf8"));
    expect([numPassedTests, numTotalTests]).toEqual([1, 1]);
  });

  if (template === "node")
    test("runs from its sources, and built", async () => {
      const wanted = Object.keys(softwareAdapter(true)).length ? device : expect.stringMatching(/cpu|webgpu/);
      for (const args of [["start"], ["run", "build"]]) {
        const said = await run(folder, "npm", args);
        if (args[0] !== "start") continue;
        expect(said.match(/Training on (\w+)/)?.[1]).toEqual(wanted);
        expect(said).toContain("epoch 5: ");
      }
      expect(await run(folder, process.execPath, ["dist/main.js"])).toContain("epoch 5: ");
      expect(existsSync(join(folder, "digits.safetensors"))).toBe(true);
    });
  else
    test.skipIf(!chromium())("is built, and trains in a browser", async () => {
      await run(folder, "npm", ["run", "build"]);
      const [status, ...rows] = await served({ folder: join(folder, "dist"), headers: isolation }, (url) =>
        visit(url, async (page) => {
          await page.getByRole("button", { name: "Train" }).click();
          await page.getByText(/: done|failed/).waitFor({ timeout: 300_000 });
          return [
            await page.getByRole("status").textContent(),
            ...(await page.locator("td:last-child").allTextContents()),
          ];
        }),
      );
      expect(status).toBe(`Training on ${device}: done`);
      expect(rows).toHaveLength(5);
      expect(Number(rows[4]?.replace(" %", ""))).toBeGreaterThan(85);
    });
});
