// A page for each example of the gallery, made from its program.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gallery } from "../../examples/list.ts";
import { examples } from "./places.ts";

export const program = (name: string): string => readFileSync(join(examples, `${name}.ts`), "utf8");

interface Page {
  readonly route: string;
  readonly text: string;
}

/** The gallery's pages. Where scripts do not run, they show the programs. */
export function examplePages(): Page[] {
  const pages = gallery.map(({ name, title, about }) => ({
    route: `examples/${name}`,
    text: `---\naside: false\n---\n\n# ${title}\n\n${about}\n\n<RunExample name="${name}">\n\n\`\`\`ts\n${program(name)}\`\`\`\n\n</RunExample>\n`,
  }));
  const cards = gallery.map(({ name, title, about }) => `- [**${title}**](/examples/${name})\n  ${about}`);
  const text = [
    "---\naside: false\n---\n\n# Examples",
    "Programs that run in the page, on WebAssembly or on WebGPU. Change them and run them again; a link takes a program along.",
    `<div class="gallery">\n\n${cards.join("\n")}\n\n</div>`,
    "",
  ].join("\n\n");
  return [{ route: "examples/index", text }, ...pages];
}
