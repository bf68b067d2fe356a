// What the next release holds: in which order, in which versions, and what keeps it back.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type Manifest, manifestOf, type Package } from "../workspace.ts";

/** A package of the next release. */
export interface Planned extends Package {
  readonly from: string;
  readonly to: string;
}

/** The packages, each behind those that it depends on: whoever installs one while the others go out finds what it needs. */
export function inOrder<P extends Pick<Package, "name" | "dependencies">>(packages: readonly P[]): P[] {
  const order: P[] = [];
  const visit = (each: P, above: readonly string[]): void => {
    if (order.includes(each)) return;
    if (above.includes(each.name))
      throw new Error(`packages depend on each other: ${[...above, each.name].join(" → ")}`);
    for (const other of packages) if (each.dependencies.includes(other.name)) visit(other, [...above, each.name]);
    order.push(each);
  };
  for (const each of packages) visit(each, []);
  return order;
}

/** What the packages are and what changesets make of them, in the order of their release. */
export function planned(before: readonly Package[], after: readonly Package[]): Planned[] {
  const versions = new Map(before.map(({ name, path }) => [name, manifestOf(path).version]));
  return inOrder(after).map((each) => {
    const to = manifestOf(each.path).version;
    return { ...each, from: versions.get(each.name) ?? to, to };
  });
}

/** Packages that nothing versions while others get a new one, and versions that differ: all of them share one. */
export function unversioned(plan: readonly Pick<Planned, "name" | "from" | "to">[]): string[] {
  const moves = plan.filter(({ from, to }) => from !== to);
  if (!moves.length) return [];
  const [{ to: version } = { to: "" }] = moves;
  return plan
    .filter(({ to }) => to !== version)
    .map(
      ({ name, to }) =>
        `${name} stays at ${to} while others go to ${version}: add it to "fixed" in .changeset/config.json`,
    );
}

/** The files that the exports of a package lead to and that its tarball does not hold. */
function outside({ exports, publishConfig, files = [] }: Manifest): string[] {
  const leads = (to: unknown): string[] =>
    typeof to === "string" ? [to] : Object.values(to as Record<string, unknown>).flatMap(leads); // exports nest so
  const held = (file: string) => files.some((name) => file === `./${name}` || file.startsWith(`./${name}/`));
  return [...new Set(leads(publishConfig?.exports ?? exports))].filter((file) => !held(file));
}

/** What is wrong in a package.json, or missing beside it, for a package that anyone may install. */
export function problems(manifest: Manifest, path: string): string[] {
  const readme = existsSync(join(path, "README.md")) ? readFileSync(join(path, "README.md"), "utf8") : "";
  const own = (name: string) => /^(@flambeau\/|flambeau$)/.test(name);
  const others = Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies }).filter((name) => !own(name));
  const wrong: [boolean, string][] = [
    [!manifest.description, "no description"],
    [manifest.license !== "MIT", `the licence is ${manifest.license}, not MIT`],
    [manifest.publishConfig?.access !== "public", 'publishConfig.access is not "public"'],
    [manifest.publishConfig?.provenance !== true, "publishConfig.provenance is not true"],
    [!manifest.engines?.node, "engines.node does not say which Node it needs"],
    ...outside(manifest).map((file): [boolean, string] => [true, `files do not hold ${file}`]),
    [existsSync(join(path, "NOTICE.md")) && !manifest.files?.includes("NOTICE.md"), "files do not hold NOTICE.md"],
    [!readme, "no README.md"],
    ...others.map((name): [boolean, string] => [
      !readme.includes(name),
      `its README does not say why it depends on ${name}`,
    ]),
  ];
  return wrong.filter(([is]) => is).map(([, text]) => `${manifest.name}: ${text}`);
}
