// Pages with these headers share memory between threads, which the CPU then computes on; the server that the page is put on needs them, too.
const headers = {
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Embedder-Policy": "require-corp",
};

export default {
  base: "./",
  build: { target: "es2024" },
  worker: { format: "es" },
  server: { headers },
  preview: { headers },
};
