// The plan of a release: its order, its versions, what holds it back, and from where it may go out.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { builtIn, others } from "../scripts/release/audit.ts";
import { changesets, copyManifests, setRepository, version } from "../scripts/release/copy.ts";
import { inOrder, planned, problems, unversioned } from "../scripts/release/plan.ts";
import { refusal, repository } from "../scripts/release/publish.ts";
import { root } from "../scripts/setup/paths.mjs";
import { manifestOf, packages } from "../scripts/workspace.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "flambeau release "));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe("the order", () => {
  const named = (name: string, ...dependencies: string[]) => ({ name, dependencies });
  test("puts packages behind what they depend on", () => {
    const all = [named("c", "b", "a"), named("a"), named("d"), named("b", "a")];
    expect(inOrder(all).map(({ name }) => name)).toEqual(["a", "b", "c", "d"]);
  });
  test("refuses a circle, with the way around it", () => {
    expect(() => inOrder([named("a", "b"), named("b", "c"), named("c", "a")])).toThrow(/a → b → c → a/);
  });
  test("holds for the packages of this repository", () => {
    const order = inOrder(packages());
    expect(order).toHaveLength(packages().length);
    for (const [i, { name, dependencies }] of order.entries())
      for (const other of dependencies)
        expect(
          order.findIndex((each) => each.name === other),
          `${name} needs ${other}`,
        ).toBeLessThan(i);
  });
});

describe("the versions", () => {
  test("are one for all, made in a copy that leaves the checkout as it is", async () => {
    const waiting = changesets();
    copyManifests(folder);
    if (waiting.length) await version(folder);
    const plan = planned(packages(), packages(folder));
    expect(new Set(plan.map(({ to }) => to)).size).toBe(1);
    if (waiting.length) expect(plan.filter(({ from, to }) => from === to)).toEqual([]);
    expect(changesets()).toEqual(waiting);
    expect(plan.map(({ from }) => from)).toEqual(
      plan.map(({ folder: name }) => manifestOf(join(root, "packages", name)).version),
    );
    setRepository(folder, "https://example.org/a/b");
    expect(packages(folder).map(({ path }) => manifestOf(path).repository)).toContainEqual({
      type: "git",
      url: "git+https://example.org/a/b.git",
      directory: "packages/tensor",
    });
  });
  test("a package that no changeset reaches is named", () => {
    const plan = [
      { name: "a", from: "0.1.0", to: "0.2.0" },
      { name: "b", from: "0.1.0", to: "0.1.0" },
    ];
    expect(unversioned(plan)).toEqual([expect.stringMatching(/^b stays at 0.1.0 while others go to 0.2.0/)]);
    expect(unversioned(plan.slice(0, 1))).toEqual([]);
    expect(unversioned(plan.slice(1))).toEqual([]); // nothing is released
  });
  test("a changeset that names no package of ours stops the release", async () => {
    copyManifests(folder);
    writeFileSync(join(folder, ".changeset/wrong.md"), '---\n"@flambeau/gone": minor\n---\n\nText.\n');
    await expect(version(folder)).rejects.toThrow(/@flambeau\/gone/);
  });
});

describe("what keeps a package back", () => {
  test("nothing, here", () => {
    expect(packages().flatMap(({ path }) => problems(manifestOf(path), path))).toEqual([]);
  });
  test("each thing that is missing, by name", () => {
    mkdirSync(join(folder, "bad"));
    writeFileSync(join(folder, "bad/NOTICE.md"), "");
    writeFileSync(join(folder, "bad/README.md"), "needs nothing");
    const manifest = {
      name: "bad",
      version: "1.0.0",
      license: "GPL",
      exports: { ".": { types: "./dist/index.d.ts", default: "./dist/index.js" } },
      files: ["disk"],
      dependencies: { lodash: "4", "@flambeau/nn": "1" },
    };
    expect(problems(manifest, join(folder, "bad"))).toEqual([
      "bad: no description",
      "bad: the licence is GPL, not MIT",
      'bad: publishConfig.access is not "public"',
      "bad: publishConfig.provenance is not true",
      "bad: engines.node does not say which Node it needs",
      "bad: files do not hold ./dist/index.d.ts",
      "bad: files do not hold ./dist/index.js",
      "bad: files do not hold NOTICE.md",
      "bad: its README does not say why it depends on lodash",
    ]);
  });
  test("libraries that are built in are those that are installed", () => {
    for (const { path, folder: name } of packages())
      for (const [library, held] of Object.entries(builtIn(path))) {
        const { devDependencies = {} } = JSON.parse(readFileSync(join(path, "package.json"), "utf8"));
        if (devDependencies[library])
          expect(`${name}: ${library} ${held}`).toBe(`${name}: ${library} ${devDependencies[library]}`);
      }
    expect(Object.keys(others(packages()))).toEqual(
      expect.arrayContaining([
        "papaparse",
        "jpeg-js",
        "@clack/prompts",
        "validate-npm-package-name",
        "webgpu",
        "vitest",
      ]),
    );
  });
});

describe("publishing", () => {
  const workflow = {
    GITHUB_ACTIONS: "true",
    GITHUB_REF: "refs/heads/main",
    GITHUB_WORKFLOW_REF: "a/b/.github/workflows/release.yml@refs/heads/main",
    ACTIONS_ID_TOKEN_REQUEST_URL: "https://token",
  };
  test.each([
    [{}, [], /come from the workflow/],
    [{ ...workflow, GITHUB_REF: "refs/heads/other" }, [], /come from the workflow/],
    [
      { ...workflow, GITHUB_WORKFLOW_REF: "a/b/.github/workflows/ci.yml@refs/heads/main" },
      [],
      /come from the workflow/,
    ],
    [{ ...workflow, ACTIONS_ID_TOKEN_REQUEST_URL: undefined }, [], /id-token: write/],
    [workflow, ["new.md"], /1 changesets wait \(new.md/],
  ])("is refused in %j with %j waiting", (env, waiting, message) => expect(refusal(env, waiting)).toMatch(message));
  test("is allowed in the release workflow", () => expect(refusal(workflow, [])).toBeUndefined());
  test.each([
    [{ GITHUB_SERVER_URL: "https://github.com", GITHUB_REPOSITORY: "a/b" }, "", "https://github.com/a/b"],
    [{}, "git@example.org:a/b.git\n", "https://example.org/a/b"],
    [{}, "https://user:secret@example.org/a/b.git", "https://example.org/a/b"],
    [{}, "ssh://git@example.org/a/b", "https://example.org/a/b"],
    [{}, "/some/folder", undefined],
    [{}, "", undefined],
  ])("says where the sources are: %j, %j", (env, remote, url) => expect(repository(env, remote)).toBe(url));
});
