import { join } from "node:path";
import { type DefaultTheme, defineConfig } from "vitepress";
import { gallery } from "../examples/list.ts";
import { apiMenu } from "../src/site/api-menu.ts";
import { sections } from "../src/site/map.ts";
import { app, staged } from "../src/site/places.ts";
import { slug } from "../src/site/slugs.ts";

const group = (text: string, items: DefaultTheme.SidebarItem[], collapsed?: boolean): DefaultTheme.SidebarItem => ({
  text,
  items,
  collapsed,
});

const [start, guides, comingFrom, backend, reference, packages] = sections.map(({ title, entries }) =>
  group(
    title,
    entries.map(({ title: text, route }) => ({ text, link: `/${route}` })),
  ),
);
const changes = { text: "Changes", link: "/reference/changelog" };
const main = [
  start,
  guides,
  comingFrom,
  backend,
  { ...reference, items: [...(reference?.items ?? []), changes] },
  packages,
].filter((each) => each !== undefined);

// main.ts names them
const { DOCS_BASE: base = "/", DOCS_OUT: outDir = join(app, "dist") } = process.env;

export default defineConfig({
  title: "Flambeau",
  description:
    "PyTorch's programming model for TypeScript: tensors, autograd, modules, losses and optimizers on WebAssembly and WebGPU.",
  lang: "en",
  srcDir: staged,
  outDir,
  cacheDir: join(staged, "../cache"),
  cleanUrls: true,
  // a page loads itself alone, not all that it links to
  router: { prefetchLinks: false },
  head: [["link", { rel: "icon", href: `${base}flame.svg`, type: "image/svg+xml" }]],
  base,
  markdown: {
    theme: { light: "github-light-high-contrast", dark: "github-dark-high-contrast" },
    // GitHub's anchors: the pages are read there, too
    anchor: { slugify: slug },
  },
  themeConfig: {
    logo: "/flame.svg",
    search: { provider: "local" },
    nav: [
      { text: "Start", link: "/start/install", activeMatch: "/start/" },
      { text: "Guides", link: "/guides/tensors", activeMatch: "/guides/" },
      { text: "Examples", link: "/examples/", activeMatch: "/examples/" },
      { text: "API", link: "/api/", activeMatch: "/api/" },
      { text: "Reference", link: "/reference/ops", activeMatch: "/reference/" },
      { text: "Try it", link: "/try" },
    ],
    sidebar: {
      "/api/": apiMenu(),
      "/examples/": [
        group("Examples", [
          { text: "All", link: "/examples/" },
          ...gallery.map(({ name, title }) => ({ text: title, link: `/examples/${name}` })),
          { text: "Your own", link: "/try" },
        ]),
      ],
      "/": main,
    },
    outline: { level: [2, 3] },
    docFooter: { prev: "Before", next: "Next" },
  },
  vite: {
    server: { fs: { allow: [join(app, "../..")] } },
    build: { chunkSizeWarningLimit: 4000 },
  },
});
