// The API's pages from the docstrings of the packages, by TypeDoc. It reads all sources, which takes a while: what it gave is kept for as
// long as they stay as they are.
import { createHash } from "node:crypto";
import { cpSync, existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join, relative } from "node:path";
import {
  Application,
  Comment,
  type Context,
  Converter,
  type DeclarationReflection,
  DeclarationReflection as Reflection,
  ReflectionKind,
} from "typedoc";
import { cache, root } from "../../../../scripts/setup/paths.mjs";
import { packages } from "../../../../scripts/workspace.ts";
import { filesBelow } from "../../../../test/support/examples.ts";
import { app, staged } from "./places.ts";

const made = join(cache, "docs/api");
const stamp = join(cache, "docs/api.sha256");
/** Entries that hold what another entry of their package holds. */
const again = new Set(["./functional", "./ops", "./webgpu"]);

/** Each public entry: what programs import, and its file. The umbrella only hands on what the parts hold. */
function entryPoints(): Map<string, string> {
  const all = packages().filter(({ name }) => name !== "flambeau");
  return new Map(
    all.flatMap(({ name, path, entries }) =>
      entries
        .filter((entry) => !again.has(entry))
        .map((entry) => {
          const stem = join(path, "src", entry === "." ? "index" : entry);
          return [
            `${name}${entry.slice(1)}`,
            existsSync(`${stem}.ts`) ? `${stem}.ts` : join(stem, "index.ts"),
          ] as const;
        }),
    ),
  );
}

function sourcesHash(): string {
  const hash = createHash("sha256").update(readFileSync(join(app, "src/site/api.ts")));
  for (const file of filesBelow("packages", (path) => /^packages\/[^/]+\/src\/.*\.ts$/.test(path)))
    hash.update(file).update(readFileSync(join(root, file)));
  return hash.digest("hex");
}

/** A page of more than this is read by nobody: an entry of more gets a page for each of its rooms. */
const mostOfAPage = 60;

/** The room that a declaration stands in: of tensor's ops the folder below `ops`, elsewhere the folder or the file. */
function roomOf(file: string): string {
  const [, , , ...path] = relative(root, file).split("/");
  const [first = "", second] = path;
  const room = (first === "ops" && second ? second : first).replace(/\.ts$/, "");
  return room === "index" ? "indexing" : room; // an index is a folder's first page
}

/** Where a tensor's methods are declared, each with the docstring of its function. */
const methodsFile = "/methods/interface.ts";

/** Gives the large entries a module for each room, and takes out the methods that repeat a function's docstring. */
function arrange(context: Context): void {
  const { project } = context;
  const fileOf = (reflection: DeclarationReflection) =>
    context.getSymbolFromReflection(reflection)?.declarations?.[0]?.getSourceFile().fileName ?? "";
  for (const entry of project.children ?? []) {
    for (const each of entry.children ?? []) {
      // what a class inherits is described where it stands, and a tensor's methods where the functions are
      const own = fileOf(each);
      const members = (each.children ?? []).filter((member) => !member.kindOf(ReflectionKind.Constructor));
      const others = members.filter((member) => {
        const file = fileOf(member);
        return file.endsWith(methodsFile) || (each.kind === ReflectionKind.Class && file !== own);
      });
      const hasMethods = others.some((member) => fileOf(member).endsWith(methodsFile));
      for (const member of others) project.removeReflection(member);
      if (!hasMethods) continue;
      each.comment ??= new Comment();
      const text = "\n\nThe functions that take a tensor first are its methods: they are described there.";
      each.comment.summary.push({ kind: "text", text });
    }
    // a namespace has a page of its own as it is
    const apart = ReflectionKind.Reference | ReflectionKind.Namespace;
    const children = (entry.children ?? []).filter((each) => !each.kindOf(apart));
    if (children.length <= mostOfAPage) continue;
    const rooms = new Map<string, DeclarationReflection>();
    for (const each of children) {
      const name = roomOf(fileOf(each)) || "other";
      const room = rooms.get(name) ?? new Reflection(name, ReflectionKind.Module, entry);
      if (!rooms.has(name)) {
        rooms.set(name, room);
        project.registerReflection(room, undefined, undefined);
        entry.addChild(room);
      }
      entry.removeChild(each);
      each.parent = room;
      room.addChild(each);
    }
  }
}

async function generate(): Promise<void> {
  rmSync(made, { recursive: true, force: true });
  const entries = entryPoints();
  const options = {
    plugin: [createRequire(import.meta.url).resolve("typedoc-plugin-markdown")],
    entryPoints: [...entries.values()],
    tsconfig: join(app, "tsconfig.api.json"),
    skipErrorChecking: true, // the type check is a check of its own
    excludeInternal: true,
    excludePrivate: true,
    disableSources: true,
    disableGit: true,
    readme: "none",
    name: "API",
    logLevel: "Error" as const,
    outputs: [{ name: "markdown", path: made }],
    // of the plugin
    router: "module",
    entryFileName: "index",
    sanitizeComments: true,
    useHTMLAnchors: true, // of two things of one name TypeDoc and VitePress number the headings each in its way
    hidePageHeader: true,
    hideBreadcrumbs: true,
    useCodeBlocks: true,
    expandObjects: false,
    parametersFormat: "table",
    propertiesFormat: "table",
    interfacePropertiesFormat: "table",
    formatWithPrettier: false,
  };
  const typedoc = await Application.bootstrapWithPlugins(
    options as Parameters<typeof Application.bootstrapWithPlugins>[0],
  );
  typedoc.converter.on(Converter.EVENT_RESOLVE_BEGIN, arrange);
  const names = new Map([...entries].map(([name, file]) => [relative(root, file), name]));
  typedoc.converter.on(Converter.EVENT_CREATE_DECLARATION, (context, reflection) => {
    if (reflection.kind !== ReflectionKind.Module) return;
    const file = context.getSymbolFromReflection(reflection)?.declarations?.[0]?.getSourceFile().fileName;
    reflection.name = names.get(relative(root, file ?? "")) ?? reflection.name;
  });
  const project = await typedoc.convert();
  if (!project) throw new Error("TypeDoc found nothing to describe");
  await typedoc.generateOutputs(project);
}

/** Puts the API's pages among the others. */
export async function writeApi(): Promise<void> {
  const hash = sourcesHash();
  if (!existsSync(stamp) || readFileSync(stamp, "utf8") !== hash || !existsSync(made)) {
    await generate();
    writeFileSync(stamp, hash);
  }
  cpSync(made, join(staged, "api"), { recursive: true });
}
