// The site: `npm run docs` serves it and follows changes, `npm run docs -- build` writes it to apps/docs/dist.
import { watch } from "node:fs";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { build, createServer, serve } from "vitepress";
import { root } from "../../../scripts/setup/paths.mjs";
import { menus } from "./site/menu.ts";
import { app, staged } from "./site/places.ts";
import { bundleRuntime } from "./site/runtime.ts";
import { tell } from "./site/settings.ts";
import { clear, stage } from "./site/stage.ts";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    port: { type: "string", default: "5173" },
    base: { type: "string", default: "/" },
    out: { type: "string" },
    "no-api": { type: "boolean", default: false },
  },
});
const [task = "dev"] = positionals;
const port = Number(values.port);
const out = resolve(values.out ?? join(app, "dist"));
const settle = () => tell({ base: values.base, pages: staged, out, menus: menus() });

async function prepare(): Promise<void> {
  clear();
  stage();
  await bundleRuntime();
  if (!values["no-api"]) await (await import("./site/api.ts")).writeApi(); // TypeDoc takes a while to load, too
  settle();
}

/** Stages pages again when one of them, or an example, changes. */
function follow(): void {
  let due: ReturnType<typeof setTimeout> | undefined;
  for (const folder of ["docs", "packages", "apps/docs/examples", "apps/docs/pages"])
    watch(join(root, folder), { recursive: true }, (_, name) => {
      if (!name || !/\.(md|ts)$/.test(name) || name.includes("node_modules")) return;
      clearTimeout(due);
      due = setTimeout(() => {
        try {
          stage();
        } catch (error) {
          process.stderr.write(`${error}\n`); // a page that is being written may be wrong for a while
        }
      }, 100);
    });
}

if (task === "build") {
  await prepare();
  await build(app);
} else if (task === "preview") {
  settle();
  await serve({ root: app, port });
} else if (task === "dev") {
  await prepare();
  const server = await createServer(app, { port });
  await server.listen();
  server.printUrls();
  follow();
} else {
  process.stderr.write(
    "Usage: npm run docs [-- build | preview] [--port N] [--base /path/] [--out FOLDER] [--no-api]\n",
  );
  process.exitCode = 2;
}
