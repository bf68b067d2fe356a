// What the command says and writes; test/packaging/create.test.ts installs and runs the projects.
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { root } from "../../../scripts/setup/paths.mjs";
import { create, devices, filesOf, type Project, templates, version } from "../src/create.ts";
import { main, type Surroundings } from "../src/main.ts";
import { managerOf } from "../src/manager.ts";
import { wrongName } from "../src/names.ts";

let cwd = "";
beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), "flambeau create "));
});
afterEach(() => rmSync(cwd, { recursive: true, force: true }));

/** What the command does with a command line: its exit code, what it says and what it complains of. */
async function command(args: readonly string[], around: Partial<Surroundings> = {}) {
  let said = "";
  let complained = "";
  const code = await main(args, {
    cwd,
    manager: managerOf(undefined),
    say: (text) => {
      said += text;
    },
    complain: (text) => {
      complained += text;
    },
    ...around,
  });
  return { code, said, complained };
}
const manifest = (folder: string) => JSON.parse(readFileSync(join(cwd, folder, "package.json"), "utf8"));

describe("a command line", () => {
  test("that says all makes a project and shows what to do next", async () => {
    const { code, said, complained } = await command(["my-app", "--template=page", "--device", "webgpu"]);
    expect([code, complained]).toEqual([0, ""]);
    expect(said).toBe(
      `The project stands in ${join(cwd, "my-app")}. Next:\n\n  cd my-app\n  npm install\n  npm run start\n  npm run test\n`,
    );
    expect(manifest("my-app")).toMatchObject({ name: "my-app", dependencies: { flambeau: `^${version()}` } });
    expect(readdirSync(join(cwd, "my-app"))).toContain(".gitignore");
  });
  test("with --yes takes node and cpu, and --name another name than the folder's", async () => {
    expect((await command(["My Apps/one", "--yes", "--name", "@me/one"])).said).toContain('cd "My Apps/one"');
    expect(manifest("My Apps/one").name).toBe("@me/one");
    expect(existsSync(join(cwd, "My Apps/one/src/main.ts"))).toBe(true);
  });
  test.each([
    [[], /In which folder\?/],
    [["a", "b"], /One folder, not 2: a, b/],
    [["app"], /no terminal to ask in: give --template and --device, or --yes/],
    [["app", "--template", "node"], /give --device, or/],
    [["app", "--templat", "node"], /Unknown option '--templat'. --help shows what there is/],
    [["app", "--template", "react"], /--template takes node or page, not "react"/],
    [["app", "--device", "cuda"], /--device takes cpu or webgpu, not "cuda"/],
    [["app", "--device"], /argument missing/],
    [["app", "--yes=no"], /does not take an argument/],
    [["My App", "--yes"], /no package with the name "My App": .*URL-friendly.*capital/],
    [["node_modules", "--yes"], /no package with the name "node_modules"/],
    [["fs", "--yes"], /no package with the name "fs": .*core module/],
    [["full", "--yes"], /full is not empty \(a, b, c, \.\.\.\)/],
    [["full/a", "--yes"], /is a file/],
  ] as const)("%j is refused", async (args, message) => {
    mkdirSync(join(cwd, "full"));
    for (const name of ["a", "b", "c", "d"]) writeFileSync(join(cwd, "full", name), "");
    const { code, said, complained } = await command(args);
    expect([code, said]).toEqual([2, ""]);
    expect(complained).toMatch(message);
    expect(complained).not.toMatch(/at .*\.ts/);
    expect(readdirSync(cwd)).toEqual(["full"]);
  });
  test("in a terminal: what is left out is asked for, with what is given", async () => {
    const asked: unknown[] = [];
    const ask: Surroundings["ask"] = async (given) => {
      asked.push([given.folder, given.template, given.device]);
      return { folder: "asked", name: "asked", template: "node", device: "webgpu" };
    };
    await command(["--template", "node"], { ask });
    expect(asked).toEqual([[undefined, "node", undefined]]);
    expect(manifest("asked").dependencies).toHaveProperty("webgpu");
    await command(["whole", "--template", "page", "--device", "cpu"], { ask });
    await command(["quick", "--yes"], { ask });
    expect(asked).toHaveLength(1);
    expect(await command(["left"], { ask: async () => undefined })).toEqual({ code: 1, said: "", complained: "" });
    expect(existsSync(join(cwd, "left"))).toBe(false);
  });
  test("--help and --version write nothing", async () => {
    expect((await command(["--help"])).said).toMatch(/^Usage: npm create flambeau/);
    expect((await command(["-v"])).said).toBe(`${version()}\n`);
    expect(readdirSync(cwd)).toEqual([]);
  });
});

test("a folder with a repository in it is empty enough, also the one that it stands in", async () => {
  mkdirSync(join(cwd, ".git"));
  const { said } = await command([".", "--yes", "--name", "here"]);
  expect(said).not.toContain("cd ");
  expect(manifest(".").name).toBe("here");
});

test.each([
  ["npm/11.0.0 node/v24.0.0 linux x64", {}, "npm install", "npm run test"],
  ["pnpm/12.0.0 npm/? node/v24.0.0 linux x64", {}, "pnpm install", "pnpm run test"],
  ["yarn/4.0.0 npm/? node/v24.0.0 linux x64", {}, "yarn install", "yarn run test"],
  ["bun/1.4.5 npm/? node/v24.0.0 linux x64", {}, "bun install", "bun run test"],
  ["deno/2.9.6 npm/? deno/2.9.6 linux x86_64", {}, "deno install", "deno task test"],
  ["constructor/1.0.0", {}, "npm install", "npm run test"],
  [undefined, { node: "24.0.0" }, "npm install", "npm run test"],
  [undefined, { node: "24.0.0", deno: "2.9.6" }, "deno install", "deno task test"],
  [undefined, { node: "24.0.0", bun: "1.4.5" }, "bun install", "bun run test"],
])("started by %s in %j", (agent, runtime, install, run) => {
  const manager = managerOf(agent, runtime);
  expect([manager.install, manager.run("test")]).toEqual([install, run]);
});

test("programs get typed errors, too", () => {
  const project = { folder: join(cwd, "app"), name: "app", template: "node", device: "cpu" } as const;
  expect(() => create({ ...project, template: "vue" as "node" })).toThrow(/no template vue: take node or page/);
  expect(() => create({ ...project, device: "tpu" as "cpu" })).toThrow(/no device tpu/);
  expect(() => create({ ...project, name: "a b" })).toThrow(expect.objectContaining({ name: "UsageError" }));
  expect(wrongName("@me/app")).toBeUndefined();
});

test("the projects name the versions that this repository is tested with", () => {
  const ours = JSON.parse(readFileSync(join(root, "package.json"), "utf8")).devDependencies;
  for (const template of templates)
    for (const device of devices) {
      const files = filesOf({ name: "app", template, device } satisfies Omit<Project, "folder">);
      const { dependencies, devDependencies } = JSON.parse(files.get("package.json") ?? "");
      for (const [name, range] of Object.entries<string>({ ...dependencies, ...devDependencies }))
        if (name !== "flambeau") expect(`${name} ${range}`).toBe(`${name} ^${ours[name]}`);
    }
});
