// A program as a project of its own, in a zip.
import { strToU8, zipSync } from "fflate";

const manifest = (name: string, version: string) => ({
  name,
  private: true,
  type: "module",
  scripts: { start: "node main.ts" },
  dependencies: { flambeau: version },
  engines: { node: ">=24" },
});

const readme = (name: string) => `# ${name}

\`\`\`sh
npm install
npm start
\`\`\`

\`show.ts\` is where pictures go: put a function into \`screen.show\` and draw them as you like.
`;

/** The files of a project that runs a program in Node, as a zip. */
export function project(name: string, code: string, show: string, version: string): Blob {
  const files = {
    "main.ts": code,
    "show.ts": show,
    "package.json": `${JSON.stringify(manifest(name, version), null, 2)}\n`,
    "README.md": readme(name),
  };
  const entries = Object.entries(files).map(([file, text]) => [`${name}/${file}`, strToU8(text)] as const);
  const bytes = zipSync(Object.fromEntries(entries));
  return new Blob([new Uint8Array(bytes)], { type: "application/zip" });
}
