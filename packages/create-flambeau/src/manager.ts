// Which package manager started this: it says so in the environment, and its commands are those to show.

/** The commands of a package manager. */
export interface Manager {
  readonly name: string;
  readonly install: string;
  /** How it runs a script of package.json. */
  run(script: string): string;
}

const manager = (name: string, install: string, run: string): Manager => ({
  name,
  install,
  run: (script) => `${run} ${script}`,
});

const managers = {
  npm: manager("npm", "npm install", "npm run"),
  pnpm: manager("pnpm", "pnpm install", "pnpm run"),
  yarn: manager("yarn", "yarn install", "yarn run"),
  bun: manager("bun", "bun install", "bun run"),
  deno: manager("deno", "deno install", "deno task"),
};

/** The manager that `npm_config_user_agent` names ("pnpm/12.0.0 npm/? node/v24.0.0 linux x64"), else the runtime's own, else npm. */
export function managerOf(
  userAgent: string | undefined,
  runtime: Readonly<Record<string, string | undefined>> = {},
): Manager {
  const name = userAgent?.split("/")[0] ?? (runtime.deno ? "deno" : runtime.bun ? "bun" : "npm");
  return Object.hasOwn(managers, name) ? managers[name as keyof typeof managers] : managers.npm;
}
