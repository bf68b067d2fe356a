import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { defaultClientConditions, defineConfig, type Plugin } from "vite";

/** With both, a page is cross-origin isolated and may share memory between threads. */
const isolation = {
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Embedder-Policy": "require-corp",
};

// Kernels are compiled WebAssembly, threads start from a Blob; nothing else than the page's own files is loaded or run.
const policy = [
  "default-src 'none'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "worker-src 'self' blob:",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
].join("; ");

/** Writes the policy into the built page, for hosts that send none; the development server needs inline styles and a socket. */
const contentSecurityPolicy = (): Plugin => ({
  name: "content-security-policy",
  apply: "build",
  transformIndexHtml: () => [
    { tag: "meta", attrs: { "http-equiv": "Content-Security-Policy", content: policy }, injectTo: "head-prepend" },
  ],
});

const root = dirname(fileURLToPath(import.meta.url));
const pages = ["index", "names", "gpt"];

/** Puts in what the pages have in common: `<!-- part: name -->` stands for parts/name.html. */
const parts = (): Plugin => ({
  name: "parts",
  transformIndexHtml: {
    order: "pre",
    handler: (html, { path }) =>
      html.replace(/<!-- part: (\w+) -->/g, (_, name: string) => {
        const part = readFileSync(join(root, "parts", `${name}.html`), "utf8");
        return name === "pages" ? part.replace(`href=".${path}"`, `href=".${path}" aria-current="page"`) : part;
      }),
  },
});

export default defineConfig({
  root,
  base: "./",
  // the packages' sources: nothing has to be built first
  resolve: { conditions: ["source", ...defaultClientConditions] },
  plugins: [parts(), contentSecurityPolicy()],
  worker: {
    format: "es",
    rolldownOptions: {
      output: {
        chunkFileNames: ({ facadeModuleId }) =>
          facadeModuleId?.includes("backend-webgpu") ? "assets/webgpu-[hash].js" : "assets/[name]-[hash].js",
      },
    },
  },
  build: {
    target: "es2022",
    modulePreload: { polyfill: false },
    rolldownOptions: { input: pages.map((page) => join(root, `${page}.html`)) },
  },
  server: { headers: isolation },
  // a worker goes by its own response's policy, not by the page's
  preview: { headers: { ...isolation, "Content-Security-Policy": policy } },
});
