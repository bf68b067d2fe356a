// The release of all packages. `npm run release -- --dry-run` versions, builds, packs and checks them in a copy, and publishes nothing;
// with --plan it ends before it builds. Without --dry-run it publishes, from the release workflow alone.
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { build, packWhole } from "./pack.ts";
import { audit } from "./release/audit.ts";
import { changesets, copyContents, copyManifests, setRepository, version } from "./release/copy.ts";
import { type Planned, planned, problems, unversioned } from "./release/plan.ts";
import { publish, refusal, repository } from "./release/publish.ts";
import { contentsOf } from "./release/tarball.ts";
import { quietly } from "./setup/exec.mjs";
import { root } from "./setup/paths.mjs";
import { attw, publint } from "./tools.ts";
import { manifestOf, packages } from "./workspace.ts";

const say = (text: string) => process.stdout.write(`${text}\n`);

/** Rows under each other, the first of which names the columns. */
function table(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, i) => Math.max(...rows.map((row) => row[i]?.length ?? 0)));
  return rows.map((row) => `  ${row.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join("  ")}`.trimEnd()).join("\n");
}

async function checked(plan: readonly Planned[], copy: string, dry: boolean): Promise<Map<string, string>> {
  say("Building");
  await build();
  copyContents(copy);
  const tarballs = new Map<string, string>();
  const absent = (text: string) => {
    if (!dry) throw new Error(`a release has the addons of all platforms, and ${text}`);
    say(`SKIPPED: ${text}`);
  };
  const rows = [["package", "version", "kB", "files", "publint", "attw"]];
  for (const each of plan) {
    for (const [name, tarball] of await packWhole(each, join(copy, "packs"), absent)) {
      tarballs.set(name, tarball);
      const { bytes, files } = await contentsOf(name, tarball);
      await publint(tarball);
      const typed = name === each.name; // an addon has no types
      if (typed) await attw(tarball);
      rows.push([name, each.to, (bytes / 1000).toFixed(1), String(files.length), "ok", typed ? "ok" : "-"]);
    }
    say(`  ${plan.indexOf(each) + 1} of ${plan.length}: ${each.name}`);
  }
  say(`\n${table(rows)}\n`);
  await quietly("The ceilings of sizes", process.execPath, [
    join(root, "node_modules/vitest/vitest.mjs"),
    ...["run", "--project=unit", "test/sizes.test.ts"],
  ]);
  say("Sizes of bundles: under their ceilings");
  const skipped = (reason: string) =>
    say(`AUDIT SKIPPED: the registry could not be asked, so nothing is known of the libraries (${reason})`);
  const found = await audit(plan, join(copy, "audit"), skipped);
  if (found) say(`Audit: ${found}`);
  return tarballs;
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { "dry-run": { type: "boolean", default: false }, plan: { type: "boolean", default: false } },
  });
  const waiting = changesets();
  const refused = values["dry-run"] ? undefined : refusal(process.env, waiting);
  if (refused) throw new Error(refused);

  const copy = mkdtempSync(join(tmpdir(), "flambeau-release-"));
  try {
    copyManifests(copy);
    if (waiting.length) await version(copy);
    const plan = planned(packages(), packages(copy));
    const wrong = [
      ...plan.flatMap(({ folder }) => {
        const path = join(root, "packages", folder);
        return problems(manifestOf(path), path);
      }),
      ...unversioned(plan),
    ];
    if (wrong.length) throw new Error(`Not ready:\n${wrong.map((line) => `  ${line}`).join("\n")}`);
    say(`${waiting.length} changesets, ${plan.length} packages, in this order:\n`);
    const moved = ({ from, to }: Planned) => (from === to ? to : `${from} → ${to}`);
    say(`${table([["package", "version"], ...plan.map((each) => [each.name, moved(each)])])}\n`);
    if (values.plan) return;
    const remote = spawnSync("git", ["remote", "get-url", "origin"], { cwd: root, encoding: "utf8" }).stdout ?? "";
    const url = repository(process.env, remote);
    if (url) setRepository(copy, url);
    say(
      url ? `Provenance: from ${url}` : "Provenance: this checkout has no address; the release workflow writes its own",
    );
    const tarballs = await checked(plan, copy, values["dry-run"]);
    if (values["dry-run"]) say("\nA dry run: nothing was published, and nothing changed here.");
    else await publish(plan[0]?.to ?? "", tarballs); // all have the same version
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}

try {
  await main();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : error}\n`);
  process.exitCode = 1;
}
