// What GitHub reads of this repository: that it parses, that the commands in it exist, and that only a release may sign.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { tasks } from "../scripts/run.mjs";
import { root } from "../scripts/setup/paths.mjs";

const read = (path: string) => parse(readFileSync(join(root, path), "utf8"));
const workflows = readdirSync(join(root, ".github/workflows"));
const forms = readdirSync(join(root, ".github/ISSUE_TEMPLATE")).filter((name) => name !== "config.yml");
const scripts: Readonly<Record<string, string>> = JSON.parse(readFileSync(join(root, "package.json"), "utf8")).scripts;

interface Step {
  readonly run?: string;
  readonly uses?: string;
  readonly with?: Readonly<Record<string, unknown>>;
}
interface Job {
  readonly "runs-on": string;
  readonly "timeout-minutes": number;
  readonly permissions?: Readonly<Record<string, string>>;
  readonly strategy?: { readonly matrix: { readonly node: readonly number[] } };
  readonly steps: readonly Step[];
}

/** What the steps of a job run, with what the action for changesets is told to run. */
const commands = ({ steps }: Job): string[] =>
  steps.flatMap((step) =>
    [step.run, step.with?.version, step.with?.publish].filter((each) => typeof each === "string"),
  );

/** Why a command cannot run: a script or a file that is not there. */
function missing(command: string): string | undefined {
  const [program = "", ...rest] = command.split(/\s+/);
  if (program === "npm") {
    const name = rest[0] === "run" ? rest[1] : rest[0];
    if (!name || !scripts[name]) return `package.json has no script ${name}`;
    const [, task] = /^node scripts\/run\.mjs (\S+)$/.exec(scripts[name]) ?? [];
    if (task && !Object.hasOwn(tasks, task)) return `scripts/run.mjs has no task ${task}`;
  } else if (program.includes("/") && !existsSync(join(root, program))) return `${program} is not there`;
  return rest
    .filter((each) => /^packages\/.*\.ts$/.test(each) && !existsSync(join(root, each)))
    .map((each) => `${each} is not there`)[0];
}

test("a command that is not there is noticed", () => {
  expect(missing("npm run chek")).toBe("package.json has no script chek");
  expect(missing(".ci/go")).toBe(".ci/go is not there");
  expect(missing("npm test -- packages/tensor/test/gone.test.ts")).toBe(
    "packages/tensor/test/gone.test.ts is not there",
  );
});

describe.each(workflows)("the workflow %s", (name) => {
  const workflow = read(`.github/workflows/${name}`);
  const jobs: Job[] = Object.values(workflow.jobs);

  test("runs commands that exist, from actions with a version", () => {
    expect(jobs.flatMap(commands).map(missing).filter(Boolean)).toEqual([]);
    for (const { steps } of jobs)
      for (const { uses } of steps) if (uses !== undefined) expect(uses).toMatch(/^[\w-]+\/[\w-]+@v\d+$/);
  });
  test("may read, and ends", () => {
    expect(workflow.permissions).toEqual({ contents: "read" });
    for (const job of jobs) expect(job["timeout-minutes"]).toBeGreaterThan(0);
  });
});

test("pushes to main and pull requests run .ci/run, and older Nodes set themselves up", () => {
  const { on, jobs } = read(".github/workflows/ci.yml");
  expect(on).toEqual({ push: { branches: ["main"] }, pull_request: null });
  expect(commands(jobs.all)).toContain(".ci/run");
  expect(jobs["set-up"].strategy.matrix.node).toEqual([18, 20, 24]);
});

test("only the release may sign, and comes from main", () => {
  const { on, jobs } = read(".github/workflows/release.yml");
  expect(on).toEqual({ push: { branches: ["main"] } });
  expect(jobs.release.permissions["id-token"]).toBe("write");
  expect(commands(jobs.release)).toEqual([
    'git config --global --add safe.directory "$GITHUB_WORKSPACE"',
    "apt-get update -qq && apt-get install -y -qq --no-install-recommends g++-aarch64-linux-gnu",
    "npm run release -- --dry-run",
    "npm run changeset -- version",
    "npm run release",
  ]);
  expect(readFileSync(join(root, ".github/workflows/ci.yml"), "utf8")).not.toContain("id-token");
});

test.each(forms)("the issue form %s has what GitHub asks of one", (name) => {
  const form = read(`.github/ISSUE_TEMPLATE/${name}`);
  expect(form).toMatchObject({ name: expect.stringMatching(/./), description: expect.stringMatching(/./) });
  const ids = new Set<string>();
  for (const { type, id, attributes, validations } of form.body) {
    expect(["markdown", "textarea", "input", "dropdown", "checkboxes"]).toContain(type);
    if (type === "markdown") {
      expect(attributes.value).toMatch(/./);
      for (const [, path = ""] of attributes.value.matchAll(/\]\(\.\.\/blob\/main\/([^)]+)\)/g))
        expect(existsSync(join(root, path)), path).toBe(true);
      continue;
    }
    expect(id).toMatch(/^[\w-]+$/);
    expect(ids.has(id)).toBe(false);
    ids.add(id);
    expect(attributes.label).toMatch(/./);
    if (type === "dropdown") expect(attributes.options.length).toBeGreaterThan(1);
    if (validations) expect(Object.keys(validations)).toEqual(["required"]);
  }
});

test("what else GitHub looks for is there, and parses", () => {
  for (const path of [
    "CODE_OF_CONDUCT.md",
    "SECURITY.md",
    "CONTRIBUTING.md",
    "LICENSE",
    ".github/PULL_REQUEST_TEMPLATE.md",
  ])
    expect(existsSync(join(root, path)), path).toBe(true);
  expect(read(".github/dependabot.yml").version).toBe(2);
  expect(read(".github/ISSUE_TEMPLATE/config.yml")).toEqual({ blank_issues_enabled: false });
});
