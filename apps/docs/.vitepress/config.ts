import { join } from "node:path";
import { defineConfig } from "vitepress";
import { told } from "../src/site/settings.ts";
import { slug } from "../src/site/slugs.ts";

const { base, pages, out, menus } = told();

export default defineConfig({
  title: "Flambeau",
  description:
    "PyTorch's programming model for TypeScript: tensors, autograd, modules, losses and optimizers on WebAssembly and WebGPU.",
  lang: "en",
  srcDir: pages,
  outDir: out,
  cacheDir: join(pages, "../cache"),
  base,
  cleanUrls: true,
  // a page loads itself alone, not all that it links to
  router: { prefetchLinks: false },
  head: [["link", { rel: "icon", href: `${base}flame.svg`, type: "image/svg+xml" }]],
  markdown: {
    theme: { light: "github-light-high-contrast", dark: "github-dark-high-contrast" },
    // GitHub's anchors: the pages are read there, too
    anchor: { slugify: slug },
    config(md) {
      // two braces in a page are two braces, and nothing for Vue to compute
      const { text } = md.renderer.rules;
      md.renderer.rules.text = (...args) => (text?.(...args) ?? "").replaceAll("{{", "&#123;&#123;");
    },
  },
  themeConfig: {
    logo: "/flame.svg",
    search: { provider: "local" },
    nav: [
      { text: "Start", link: "/start/install", activeMatch: "/start/" },
      { text: "Guides", link: "/guides/tensors", activeMatch: "/guides/" },
      { text: "Examples", link: "/examples/", activeMatch: "/examples/" },
      ...(menus["/api/"] ? [{ text: "API", link: "/api/", activeMatch: "/api/" }] : []),
      { text: "Reference", link: "/reference/ops", activeMatch: "/reference/" },
      { text: "Try it", link: "/try" },
    ],
    sidebar: menus,
    outline: { level: [2, 3] },
    docFooter: { prev: "Before", next: "Next" },
  },
  vite: {
    // pages that describe much are large
    build: { chunkSizeWarningLimit: 8000 },
    resolve: { conditions: ["source"] },
  },
});
