// The part that cannot be taken back: packages go to npm, from the release workflow alone.
import { spawnSync } from "node:child_process";
import { exec } from "../setup/exec.mjs";

type Environment = Readonly<Record<string, string | undefined>>;

/** Why nothing may be published from here; undefined in the release workflow. */
export function refusal(env: Environment, waiting: readonly string[]): string | undefined {
  const here =
    env.GITHUB_ACTIONS === "true" &&
    env.GITHUB_REF === "refs/heads/main" &&
    /\/\.github\/workflows\/release\.yml@/.test(env.GITHUB_WORKFLOW_REF ?? "");
  if (!here)
    return "Releases come from the workflow .github/workflows/release.yml on main, so that npm can say where a package was built. Here: npm run release -- --dry-run";
  if (!env.ACTIONS_ID_TOKEN_REQUEST_URL)
    return "The workflow has no identity to sign with: its job needs `permissions: id-token: write`.";
  if (waiting.length)
    return `${waiting.length} changesets wait (${waiting.slice(0, 3).join(", ")}...): merge the pull request that makes versions of them first.`;
  return undefined;
}

/** Where the sources are, as the workflow says, else as git knows; undefined where neither does. */
export function repository(env: Environment, remote: string): string | undefined {
  if (env.GITHUB_SERVER_URL && env.GITHUB_REPOSITORY) return `${env.GITHUB_SERVER_URL}/${env.GITHUB_REPOSITORY}`;
  const [, host, path] =
    /^(?:https?:\/\/(?:[^@/]*@)?|(?:ssh:\/\/)?git@)([^/:]+)[/:](.+?)(?:\.git)?\/?$/.exec(remote.trim()) ?? [];
  return host && path ? `https://${host}/${path}` : undefined;
}

const there = (name: string, version: string): boolean =>
  spawnSync("npm", ["view", `${name}@${version}`, "version"], { encoding: "utf8" }).stdout.trim() === version;

/** Publishes the tarballs that npm does not have yet, in order; a release that stopped half-way goes on with the rest. */
export async function publish(version: string, tarballs: ReadonlyMap<string, string>): Promise<void> {
  for (const [name, tarball] of tarballs) {
    if (there(name, version)) {
      process.stdout.write(`  ${name} ${version} is there\n`);
      continue;
    }
    const code = await exec("npm", ["publish", tarball, "--provenance", "--access", "public"]);
    if (code) throw new Error(`${name} ${version} was not published; what comes after it was not tried`);
    process.stdout.write(`New tag: ${name}@${version}\n`); // by which the workflow makes releases on GitHub
  }
}
